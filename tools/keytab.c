/*
 * keytab.c - the keytab as the server's user reads it (see keytab.h).
 */
#include "keytab.h"

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
#include "keytab_keys.h"
#include "print.h"

#define NO_CHANGE " (no key is changed)"
#define GROUPS_MAX 256
#define ANSWER_MAX (1 << 20) /* octets that a child may say */

/* --- as the server's user ------------------------------------------------- */

struct reader {
    const char *user, *root; /* root: NULL for none */
    uid_t uid;
    gid_t gid, groups[GROUPS_MAX];
    int group_count;
};

/* The path of a keytab of a type that is a file; NULL for others. */
static const char *
path_of(const json_t *document)
{
    const char *name = document_get(document, "name");

    if (strncmp(name, "FILE:", 5) == 0)
        return name + 5;
    return name[0] == '/' ? name : NULL;
}

/* Whether the user cannot even find out which keytab it is, for example
 * because they cannot read krb5.conf. */
static bool
is_unknown(const json_t *document)
{
    return strcmp(document_get(document, "name"), KEYTAB_KEYS_UNKNOWN) == 0;
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

/* Gives up all rights of the caller, and the right to make a file grow. */
static bool
become(const struct reader *reader)
{
    const struct rlimit none = { 0, 0 };
    const gid_t gid = reader->gid;

    return setrlimit(RLIMIT_FSIZE, &none) == 0 &&
           setrlimit(RLIMIT_CORE, &none) == 0 &&
           setgroups((size_t)reader->group_count, reader->groups) == 0 &&
           setresgid(gid, gid, gid) == 0 &&
           setresuid(reader->uid, reader->uid, reader->uid) == 0 &&
           (reader->uid == 0 || setuid(0) != 0);
}

static bool
enter(const char *root)
{
    return root == NULL || (chroot(root) == 0 && chdir("/") == 0);
}

/* In a child with the rights of root: what the file is. */
static bool
look_at(const struct reader *reader, const char *path, json_t *document)
{
    struct stat st;

    if (!enter(reader->root) || stat(path, &st) != 0)
        return false;
    document_set(document, "uid", json_integer((json_int_t)st.st_uid));
    document_set(document, "gid", json_integer((json_int_t)st.st_gid));
    document_set(document, "mode",
                 json_integer((json_int_t)(st.st_mode & 07777)));
    return true;
}

/* In a child without them: what is in the file.  The krb5.conf that the server
 * sees says which keytab is the default one. */
static bool
read_as(const struct reader *reader, const char *name, json_t *document)
{
    const char *path;

    if (unsetenv("KRB5_TRACE") != 0 || !enter(reader->root) ||
        !become(reader))
        return false;
    keytab_keys_read(name, document);
    document_set(document, "realm", keytab_keys_realm());
    path = path_of(document);
    if (path == NULL)
        return true;
    document_set(document, "closed", find_closed(path));
    document_set(document, "denied", json_boolean(access(path, R_OK) != 0 &&
                                                  errno == EACCES));
    return true;
}

typedef bool child_work(const struct reader *reader, const char *name,
                  json_t *document);

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

/* Lets a child do some work.  Gives its document; NULL where it has none. */
static json_t *
ask_child(child_work *work, const struct reader *reader, const char *name)
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
        if (work(reader, name, document))
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

/* --- what is said of it --------------------------------------------------- */

/* Why it cannot be told what the user reads; NULL where it can.  Gives. */
static char *
find_reader(const struct server_place *place, struct reader *reader_out)
{
    const struct passwd *entry = getpwnam(place->user);
    char *why = NULL;

    if (entry == NULL) {
        if (asprintf(&why, "there is no user %s", place->user) < 0)
            return need(NULL);
        return why;
    }
    if (geteuid() != 0) {
        if (asprintf(&why, "only root can look as %s", place->user) < 0)
            return need(NULL);
        return why;
    }
    *reader_out = (struct reader){
        .user = place->user, .root = place->root, .uid = entry->pw_uid,
        .gid = entry->pw_gid, .groups = { entry->pw_gid }, .group_count = 1,
    };
    if (!place->one_group) {
        reader_out->group_count = GROUPS_MAX;
        if (getgrouplist(place->user, entry->pw_gid, reader_out->groups,
                         &reader_out->group_count) < 0)
            return need(strdup("the user is in too many groups"));
    }
    return NULL;
}

/* Gives. */
static json_t *
name_of_group(gid_t gid)
{
    const struct group *entry = getgrgid(gid);

    return entry != NULL ? document_text(entry->gr_name)
                         : need(json_sprintf("%u", (unsigned)gid));
}

static json_t *
name_of_user(uid_t uid)
{
    const struct passwd *entry = getpwuid(uid);

    return entry != NULL ? document_text(entry->pw_name)
                         : need(json_sprintf("%u", (unsigned)uid));
}

static void
set_owner(json_t *said, const json_t *file)
{
    const json_int_t mode = json_integer_value(json_object_get(file, "mode"));

    document_set(said, "owner", name_of_user(
                     (uid_t)json_integer_value(json_object_get(file, "uid"))));
    document_set(said, "group", name_of_group(
                     (gid_t)json_integer_value(json_object_get(file, "gid"))));
    document_set(said, "mode", need(json_sprintf("%04o", (unsigned)mode)));
}

static json_int_t
number(const json_t *file, const char *name)
{
    return json_integer_value(json_object_get(file, name));
}

/* What lets the user read a file or search a directory.  For the owner only
 * the owner's rights count, not those of the group. */
static json_t *
let_in(const struct reader *reader, const char *group, const json_t *file,
       const char *path, char right)
{
    const char *root = reader->root != NULL ? reader->root : "";
    const bool owns = number(file, "uid") == (json_int_t)reader->uid;

    if (owns || number(file, "gid") == (json_int_t)reader->gid)
        return need(json_sprintf("chmod %c+%c %s%s" NO_CHANGE,
                                 owns ? 'u' : 'g', right, root, path));
    return need(json_sprintf("chgrp %s %s%s && chmod g+%c %s%s" NO_CHANGE,
                             group, root, path, right, root, path));
}

/* What makes it readable; null where it is not a matter of rights.  file is
 * what root sees, seen what the user does; file may be NULL. */
static json_t *
find_cure(const struct reader *reader, const json_t *file, const json_t *seen)
{
    const char *root = reader->root != NULL ? reader->root : "";
    const char *path = path_of(seen), *closed = document_get(seen, "closed");
    json_t *group = name_of_group(reader->gid), *cure = NULL, *folder;
    const char *name = json_string_value(group);

    if (closed != NULL) {
        folder = ask_child(look_at, reader, closed);
        cure = let_in(reader, name, folder, closed, 'x');
        json_decref(folder);
    } else if (file != NULL && json_is_true(json_object_get(seen, "denied"))) {
        cure = let_in(reader, name, file, path, 'r');
    } else if (path != NULL && file == NULL && root[0] != '\0' &&
               access(path, F_OK) == 0) {
        cure = need(json_sprintf("the server runs in %s: install -D -g %s -m "
                                 "640 %s %s%s" NO_CHANGE, root, name, path,
                                 root, path));
    }
    json_decref(group);
    return cure != NULL ? cure : json_null();
}

/* Names of users of the default realm come without it, so each login needs to
 * know the default realm. */
static void
say_no_realm(const struct reader *reader, json_t *said)
{
    const char *paths = getenv("KRB5_CONFIG");
    char *conf = need(strdup(paths != NULL ? paths : "/etc/krb5.conf"));

    conf[strcspn(conf, ":")] = '\0';
    document_set(said, "why", document_text(
                     "krb5 has no default realm there, which a login needs "
                     "unless gs2_authid is full"));
    document_set(said, "cure", need(json_sprintf(
                     "the server runs in %s: install -D -m 644 %s %s%s"
                     NO_CHANGE, reader->root, conf, reader->root, conf)));
    free(conf);
}

/* The keytab as the server's user reads it; NULL where that cannot be told,
 * which is said. */
static json_t *
look_as(const struct reader *reader, const char *name, json_t *said)
{
    json_t *seen = ask_child(read_as, reader, name), *file = NULL;
    const char *path = seen != NULL ? path_of(seen) : NULL;
    const char *error = seen != NULL ? document_get(seen, "error") : NULL;

    if (seen == NULL || (path == NULL && !is_unknown(seen))) {
        document_set(said, "why", document_text(
                         seen != NULL ? "the keytab is no file"
                                      : "it could not be tried"));
        json_decref(seen);
        return NULL;
    }
    if (path != NULL)
        file = ask_child(look_at, reader, path);
    document_set(said, "readable", json_boolean(error == NULL));
    document_set(said, "why", is_unknown(seen)
                 ? need(json_sprintf("krb5.conf cannot be used: %s", error))
                 : document_text(error));
    if (error != NULL)
        document_set(said, "cure", find_cure(reader, file, seen));
    else if (reader->root != NULL && document_get(seen, "realm") == NULL)
        say_no_realm(reader, said);
    document_set(said, "realm", document_text(document_get(seen, "realm")));
    if (file != NULL)
        set_owner(said, file);
    json_decref(file);
    (void)json_object_del(seen, "realm");
    (void)json_object_del(seen, "closed");
    (void)json_object_del(seen, "denied");
    return seen;
}

/* --- both ----------------------------------------------------------------- */

json_t *
keytab_read(const struct server_place *place, const char *name)
{
    json_t *document = NULL, *said = NULL;
    struct reader reader = { .user = NULL };
    char *why;

    if (place->user != NULL) {
        said = need(json_pack("{s:o, s:o, s:n, s:n, s:n, s:n, s:n, s:n, s:n}",
                              "user", document_text(place->user),
                              "chroot", document_text(place->root),
                              "readable", "why", "cure", "realm", "owner",
                              "group", "mode"));
        why = find_reader(place, &reader);
        if (why != NULL)
            document_set(said, "why", document_text(why));
        else
            document = look_as(&reader, name, said);
        free(why);
    }
    if (document == NULL) {
        document = need(json_object());
        keytab_keys_read(name, document);
    }
    document_set(document, "reader", said != NULL ? said : json_null());
    return document;
}

bool
keytab_is_readable(const json_t *keytab)
{
    return !json_is_false(json_object_get(json_object_get(keytab, "reader"),
                                          "readable"));
}
