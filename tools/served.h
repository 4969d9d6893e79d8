/*
 * served.h - which file of this machine's libsasl serves a mechanism: ours,
 * whose logins ask the rules, or another.  The files are read for that, and
 * none of them is loaded.
 */
#ifndef SERVED_H
#define SERVED_H

#include <limits.h>
#include <stdbool.h>

/* In the order in which one of them goes before another. */
enum served_by {
    SERVED_BY_NONE,  /* libsasl has no file for it */
    SERVED_BY_US,    /* one that has our mark (common/mark.h), and no other */
    SERVED_UNKNOWN,  /* there is a file of which that cannot be told */
    SERVED_BY_OTHER  /* one without a mark, alone or beside ours */
};

struct served {
    enum served_by by;
    char path[PATH_MAX]; /* of that file; "" without one */
    const char *why;     /* SERVED_UNKNOWN: "which ...", of the file */
};

/*
 * Looks for the mechanism of this name, with or without -PLUS, through the files
 * that libsasl would load where the environment is as now.  Fills the caller's
 * *served_out.  What a file without a mark serves is told by what is written in
 * it: the name, or, for a mechanism of GS2, the call by which such a plugin
 * learns its names.  What cannot be loaded, libsasl goes past, and so does
 * this.  A file that the caller cannot read may serve any mechanism.
 *
 * For the first time before libsasl is started in this process: what is read
 * then is kept.
 */
void served_find(const char *name, struct served *served_out);

/* Whether logins by this mechanism ask our rules: SERVED_BY_US. */
bool served_by_us(const char *name);

#endif
