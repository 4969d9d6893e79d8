/*
 * marked.c - the mark of each plugin that this library is linked into.
 */
#include "common/mark.h"

GS2_MARK(gs2_mark_plugin, GS2_MARK_PLUGIN);
