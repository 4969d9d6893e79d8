/*
 * safe_path.h - paths that nobody but root and this process' user can change,
 * for what a server loads, or keeps, by a path of its configuration.
 */
#ifndef GS2_SAFE_PATH_H
#define GS2_SAFE_PATH_H

#include "error.h"

/*
 * Gives *real_out, freed with free(): where path leads, without symbolic links.
 * It is absolute, and what is there and each directory above it are root's or
 * ours, and nobody else can write them (a directory with the sticky bit will
 * do): so it goes on to lead there.
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADCONFIG with the path and the reason, which are
 * for the log.
 */
GS2_MUST_USE gs2_status gs2_safe_path_resolve(const char *path,
                                              char **real_out,
                                              struct gs2_error *err);

#endif
