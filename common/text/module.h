/*
 * module.h - modules of code that a server's configuration names by their
 * paths: loaded when the plugin is and never later, since a server may have
 * changed its root by then.
 */
#ifndef GS2_MODULE_H
#define GS2_MODULE_H

#include "error.h"

/* What a module must be. */
struct gs2_module_kind {
    const char *what;   /* "PAC decoder", for texts */
    const char *symbol; /* of its table, which begins with an unsigned abi */
    unsigned abi;       /* that which the plugin has */
};

struct gs2_module;

/*
 * Loads the module at path; NULL for none.  Gives *module_out, to be freed
 * with gs2_module_close(); NULL where path is.  GS2_OK, also where the module
 * cannot be used: gs2_module_get() then says why.  Or GS2_NOMEM.
 *
 * What is loaded runs with all that the server may do.  So the path is
 * absolute, and the file and each directory above it are root's or ours, and
 * nobody else can write them (a directory with the sticky bit will do).
 */
GS2_MUST_USE gs2_status gs2_module_open(const char *path,
                                        const struct gs2_module_kind *kind,
                                        struct gs2_module **module_out);

/* NULL is nothing. */
void gs2_module_close(struct gs2_module *module);

/*
 * The table of the module whose path an option gives, NULL for none.  Borrows
 * *table_out from loaded, which may be NULL.  GS2_OK, with NULL where path is,
 * or GS2_BADCONFIG: what is wrong with the module, or that it is not the one
 * that was loaded.
 */
GS2_MUST_USE gs2_status gs2_module_get(const struct gs2_module *loaded,
                                       const char *path,
                                       const void **table_out,
                                       struct gs2_error *err);

#endif
