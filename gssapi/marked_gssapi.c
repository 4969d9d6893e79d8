/*
 * marked_gssapi.c - the mark of the file that has GSSAPI and GSS-SPNEGO.
 */
#include "common/mark.h"

GS2_MARK(gs2_mark_gssapi, GS2_MARK_GSSAPI);
