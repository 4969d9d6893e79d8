/*
 * keytab.c - the keytab as the server's user reads it (see keytab.h).
 */
#include "keytab.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "as_user.h"
#include "document.h"
#include "keytab_keys.h"
#include "print.h"

#define NO_CHANGE " (no key is changed)"

/* --- as the server's user ------------------------------------------------- */

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

/* In a child: what is in the file.  The krb5.conf that the server sees says
 * which keytab is the default one. */
static bool
read_as(const struct as_user *user, const char *name, json_t *document)
{
    const char *path;

    if (unsetenv("KRB5_TRACE") != 0 || !as_user_become(user))
        return false;
    keytab_keys_read(name, document);
    document_set(document, "realm", keytab_keys_realm());
    path = path_of(document);
    if (path != NULL)
        as_user_try(path, document);
    return true;
}

/* --- what is said of it --------------------------------------------------- */

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
    document_set(said, "group", as_user_group(
                     (gid_t)json_integer_value(json_object_get(file, "gid"))));
    document_set(said, "mode", need(json_sprintf("%04o", (unsigned)mode)));
}

/* What makes it readable; null where it is not a matter of rights.  file is
 * what root sees, seen what the user does; file may be NULL. */
static json_t *
find_cure(const struct as_user *user, const json_t *file, const json_t *seen)
{
    const char *root = user->root != NULL ? user->root : "";
    const char *path = path_of(seen);
    char *command = as_user_cure(user, path, file, seen);
    json_t *group, *cure = NULL;

    if (command != NULL) {
        cure = need(json_sprintf("%s" NO_CHANGE, command));
    } else if (path != NULL && file == NULL && root[0] != '\0' &&
               access(path, F_OK) == 0) {
        group = as_user_group(user->gid);
        cure = need(json_sprintf("the server runs in %s: install -D -g %s -m "
                                 "640 %s %s%s" NO_CHANGE, root,
                                 json_string_value(group), path, root, path));
        json_decref(group);
    }
    free(command);
    return cure != NULL ? cure : json_null();
}

/* Names of users of the default realm come without it, so each login needs to
 * know the default realm. */
static void
say_no_realm(const struct as_user *user, json_t *said)
{
    const char *paths = getenv("KRB5_CONFIG");
    char *conf = need(strdup(paths != NULL ? paths : "/etc/krb5.conf"));

    conf[strcspn(conf, ":")] = '\0';
    document_set(said, "why", document_text(
                     "krb5 has no default realm there, which a login needs "
                     "unless gs2_authid is full"));
    document_set(said, "cure", need(json_sprintf(
                     "the server runs in %s: install -D -m 644 %s %s%s"
                     NO_CHANGE, user->root, conf, user->root, conf)));
    free(conf);
}

/* The keytab as the server's user reads it; NULL where that cannot be told,
 * which is said. */
static json_t *
look_as(const struct as_user *user, const char *name, json_t *said)
{
    json_t *seen = as_user_ask(read_as, user, name), *file = NULL;
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
        file = as_user_look(user, path);
    document_set(said, "readable", json_boolean(error == NULL));
    document_set(said, "why", is_unknown(seen)
                 ? need(json_sprintf("krb5.conf cannot be used: %s", error))
                 : document_text(error));
    if (error != NULL)
        document_set(said, "cure", find_cure(user, file, seen));
    else if (user->root != NULL && document_get(seen, "realm") == NULL)
        say_no_realm(user, said);
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
    struct as_user user = { .name = NULL };
    char *why;

    if (place->user != NULL) {
        said = need(json_pack("{s:o, s:o, s:n, s:n, s:n, s:n, s:n, s:n, s:n}",
                              "user", document_text(place->user),
                              "chroot", document_text(place->root),
                              "readable", "why", "cure", "realm", "owner",
                              "group", "mode"));
        why = as_user_find(place->user, place->root, place->one_group, &user);
        if (why != NULL)
            document_set(said, "why", document_text(why));
        else
            document = look_as(&user, name, said);
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
