/*
 * as_user.c - what another user can do with files (see as_user.h).
 */
#include "as_user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "document.h"
#include "print.h"

#define ANSWER_MAX (1 << 20) /* octets that a child may say */

char *
as_user_find(const char *name, const char *root, bool one_group,
             struct as_user *user_out)
{
    const struct passwd *entry = getpwnam(name);
    char *why = NULL;

    if (entry == NULL) {
        if (asprintf(&why, "there is no user %s", name) < 0)
            return need(NULL);
        return why;
    }
    if (geteuid() != 0) {
        if (asprintf(&why, "only root can look as %s", name) < 0)
            return need(NULL);
        return why;
    }
    *user_out = (struct as_user){
        .name = name, .root = root, .uid = entry->pw_uid,
        .gid = entry->pw_gid, .groups = { entry->pw_gid }, .group_count = 1,
    };
    if (!one_group) {
        user_out->group_count = AS_USER_GROUPS_MAX;
        if (getgrouplist(name, entry->pw_gid, user_out->groups,
                         &user_out->group_count) < 0)
            return need(strdup("the user is in too many groups"));
    }
    return NULL;
}

/* --- in a child ----------------------------------------------------------- */

static bool
enter(const char *root)
{
    return root == NULL || (chroot(root) == 0 && chdir("/") == 0);
}

bool
as_user_become(const struct as_user *user)
{
    const struct rlimit none = { 0, 0 };
    const gid_t gid = user->gid;

    return enter(user->root) &&
           setrlimit(RLIMIT_FSIZE, &none) == 0 &&
           setrlimit(RLIMIT_CORE, &none) == 0 &&
           setgroups((size_t)user->group_count, user->groups) == 0 &&
           setresgid(gid, gid, gid) == 0 &&
           setresuid(user->uid, user->uid, user->uid) == 0 &&
           (user->uid == 0 || setuid(0) != 0);
}

/* The first directory on the way to path that the caller may not search, or
 * null. */
static json_t *
find_closed(const char *path)
{
    json_t *found = NULL;
    char *folder;

    for (size_t i = 1; path[i] != '\0' && found == NULL; i++) {
        if (path[i] != '/')
            continue;
        folder = need(strndup(path, i));
        if (access(folder, X_OK) != 0 && errno == EACCES)
            found = document_text(folder);
        free(folder);
    }
    return found != NULL ? found : json_null();
}

void
as_user_try(const char *path, json_t *document)
{
    document_set(document, "closed", find_closed(path));
    document_set(document, "denied", json_boolean(access(path, R_OK) != 0 &&
                                                  errno == EACCES));
}

/* With the rights of root. */
static bool
look_at(const struct as_user *user, const char *path, json_t *document)
{
    struct stat st;

    if (!enter(user->root) || stat(path, &st) != 0)
        return false;
    document_set(document, "uid", json_integer((json_int_t)st.st_uid));
    document_set(document, "gid", json_integer((json_int_t)st.st_gid));
    document_set(document, "mode",
                 json_integer((json_int_t)(st.st_mode & 07777)));
    return true;
}

/* Sends it all at once; the reader does not accept a part. */
static void
send_to(int fd, const json_t *document)
{
    char *text = need(json_dumps(document, JSON_COMPACT));

    (void)!write(fd, text, strlen(text));
    free(text);
}

/* Reads a document from a pipe, up to a bound.  Gives; NULL if it is no
 * document. */
static json_t *
receive(int fd)
{
    char *text = need(malloc(ANSWER_MAX));
    json_t *document;
    size_t len = 0;
    ssize_t n;

    while ((n = read(fd, text + len, ANSWER_MAX - len)) > 0)
        len += (size_t)n;
    document = json_loadb(text, len, 0, NULL);
    free(text);
    return document;
}

json_t *
as_user_ask(as_user_work *work, const struct as_user *user, const char *what)
{
    json_t *document;
    int ends[2];
    pid_t pid;

    if (pipe(ends) != 0)
        return NULL;
    (void)fflush(stdout); /* so that it has nothing to write */
    pid = fork();
    if (pid == 0) {
        document = need(json_object());
        if (work(user, what, document))
            send_to(ends[1], document);
        _exit(0);
    }
    (void)close(ends[1]);
    document = pid > 0 ? receive(ends[0]) : NULL;
    (void)close(ends[0]);
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
    return document;
}

json_t *
as_user_look(const struct as_user *user, const char *path)
{
    return as_user_ask(look_at, user, path);
}

/* --- what helps ----------------------------------------------------------- */

json_t *
as_user_group(gid_t gid)
{
    const struct group *entry = getgrgid(gid);

    return entry != NULL ? document_text(entry->gr_name)
                         : need(json_sprintf("%u", (unsigned)gid));
}

static json_int_t
number(const json_t *file, const char *name)
{
    return json_integer_value(json_object_get(file, name));
}

/* What lets the user read a file or search a directory.  For the owner only
 * the owner's rights count, not those of the group.  Gives. */
static char *
let_in(const struct as_user *user, const json_t *file, const char *path,
       char right)
{
    const char *root = user->root != NULL ? user->root : "";
    const bool owns = number(file, "uid") == (json_int_t)user->uid;
    json_t *group = as_user_group(user->gid);
    char *text;
    int length;

    if (owns || number(file, "gid") == (json_int_t)user->gid)
        length = asprintf(&text, "chmod %c+%c %s%s", owns ? 'u' : 'g', right,
                          root, path);
    else
        length = asprintf(&text, "chgrp %s %s%s && chmod g+%c %s%s",
                          json_string_value(group), root, path, right, root,
                          path);
    json_decref(group);
    return length < 0 ? need(NULL) : text;
}

char *
as_user_cure(const struct as_user *user, const char *path, const json_t *file,
             const json_t *tried)
{
    const char *closed = document_get(tried, "closed");
    json_t *folder;
    char *cure;

    if (closed != NULL) {
        folder = as_user_look(user, closed);
        cure = let_in(user, folder, closed, 'x');
        json_decref(folder);
        return cure;
    }
    if (file != NULL && json_is_true(json_object_get(tried, "denied")))
        return let_in(user, file, path, 'r');
    return NULL;
}
