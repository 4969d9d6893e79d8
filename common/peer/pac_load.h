/*
 * pac_load.h - the decoder of PACs (common/pac.h): a module that
 * gs2_pac_decoder names, loaded when the plugin is and never later, since a
 * server may have changed its root by then.
 */
#ifndef GS2_PAC_LOAD_H
#define GS2_PAC_LOAD_H

#include "common/pac.h"
#include "common/text/error.h"

struct gs2_pac_module;

/*
 * Loads the module at path; NULL for none.  Gives *module_out, to be freed
 * with gs2_pac_load_close(); NULL where path is.  GS2_OK, also where the
 * module cannot be used: gs2_pac_load_get() then says why.  Or GS2_NOMEM.
 *
 * What is loaded runs with all that the server may do.  So the path is
 * absolute, and the file and each directory above it are root's or ours, and
 * nobody else can write them (a directory with the sticky bit will do).
 */
GS2_MUST_USE gs2_status gs2_pac_load_open(const char *path,
                                          struct gs2_pac_module **module_out);

/* NULL is nothing. */
void gs2_pac_load_close(struct gs2_pac_module *module);

/*
 * The decoder of a configuration whose gs2_pac_decoder is path, NULL for none.
 * Borrows *calls_out from loaded, which may be NULL.  GS2_OK, with NULL where
 * path is, or GS2_BADCONFIG: what is wrong with the module, or that it is not
 * the one that was loaded.
 */
GS2_MUST_USE gs2_status
gs2_pac_load_get(const struct gs2_pac_module *loaded, const char *path,
                 const struct gs2_pac_decoder **calls_out,
                 struct gs2_error *err);

#endif
