/*
 * served.h - which files of this machine's libsasl serve GSSAPI and GSS-SPNEGO.
 */
#ifndef SERVED_H
#define SERVED_H

#include <stdbool.h>

/*
 * Whether name, with or without -PLUS, is GSSAPI or GSS-SPNEGO, and libsasl has
 * it from our file and from no other: of the files that it would load, one has
 * our mark (common/mark.h), and none without a mark has the name in it.  None of
 * them is loaded for that.
 *
 * Not once libsasl was started in this process.
 */
bool served_by_us(const char *name);

#endif
