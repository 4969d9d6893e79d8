/*
 * conf_reader.c - which files of a configuration the server's user can read
 * (see conf_reader.h).
 */
#include "conf_reader.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "as_user.h"
#include "document.h"
#include "print.h"
#include "server_environment.h"

struct reader {
    char *name;           /* the server's user; NULL: not known */
    char *why;            /* why the caller cannot look as them; NULL: they can */
    bool is_caller;
    struct as_user user;
};

static bool
is_caller(const char *name)
{
    const struct passwd *entry = getpwnam(name);

    return entry != NULL && entry->pw_uid == geteuid();
}

static void
find_reader(const struct conf_file *conf, struct reader *reader_out)
{
    const struct server_row *server = conf->server;

    memset(reader_out, 0, sizeof(*reader_out));
    reader_out->name = server_environment_user(conf, &reader_out->why);
    if (reader_out->name != NULL) {
        reader_out->is_caller = is_caller(reader_out->name);
        reader_out->why = as_user_find(reader_out->name, NULL,
                                       server->one_group, &reader_out->user);
    } else if (reader_out->why == NULL && geteuid() != 0) {
        reader_out->is_caller = true; /* whoever starts it */
    } else if (reader_out->why == NULL &&
               asprintf(&reader_out->why, "it is not known as whom %s runs: "
                        "run this command as that user", server->name) < 0) {
        reader_out->why = need(NULL);
    }
}

/* Whether everybody can read the file at this path, as far as its mode and those
 * of the directories say. */
static bool
is_open(const char *path)
{
    char *folder = need(strdup(path));
    struct stat st;
    bool open = stat(path, &st) == 0 && (st.st_mode & 0444) == 0444;

    for (size_t i = 1; folder[i] != '\0' && open; i++) {
        if (path[i] != '/')
            continue;
        folder[i] = '\0';
        open = stat(folder, &st) == 0 && (st.st_mode & 0111) == 0111;
        folder[i] = '/';
    }
    free(folder);
    return open;
}

/* The same of a path that may lead to another one. */
static bool
is_open_at_its_end(const char *path)
{
    char *end = realpath(path, NULL);
    const bool open = end != NULL && is_open(end) && is_open(path);

    free(end);
    return open;
}

/* In a child. */
static bool
try_as(const struct as_user *user, const char *path, json_t *document)
{
    if (!as_user_become(user))
        return false;
    as_user_try(path, document);
    return true;
}

static void
set_unsure(struct conf_lines *lines, const char *path, const char *why)
{
    if (lines->unsure == NULL &&
        asprintf(&lines->unsure, "not everybody can read %s, and %s", path,
                 why) < 0)
        lines->unsure = need(NULL);
}

/* Libsasl's file has no lines then; of Cyrus' own those that are read before are
 * looked at all the same. */
static void
set_unread(const struct conf_file *conf, struct conf_lines *lines,
           const char *path, const struct as_user *user, const json_t *tried)
{
    const bool cyrus_own = conf->imapd && lines == &conf->lines;
    json_t *file = as_user_look(user, path);
    char *cure = as_user_cure(user, path, file, tried), *why;

    json_decref(file);
    if (asprintf(&why, "%s cannot read %s, and %s", user->name, path,
                 cyrus_own ? "no server starts with this file"
                           : "libsasl goes on without it") < 0)
        why = need(NULL);
    if (!cyrus_own)
        conf_lines_free(lines);
    lines->unread = why;
    lines->cure = cure;
}

/* Looks at one file of those that the lines are from. */
static void
look_at(const struct conf_file *conf, struct conf_lines *lines,
        const char *path, const struct reader *reader)
{
    json_t *tried = NULL;
    const char *why = reader->why;

    if (reader->is_caller)
        return;
    if (why == NULL) {
        tried = as_user_ask(try_as, &reader->user, path);
        if (tried == NULL)
            why = "it could not be tried whether the server's user can";
    }
    if (tried != NULL && json_is_true(json_object_get(tried, "denied")))
        set_unread(conf, lines, path, &reader->user, tried);
    else if (why != NULL && !is_open_at_its_end(path))
        set_unsure(lines, path, why);
    json_decref(tried);
}

static void
look_at_each(const struct conf_file *conf, struct conf_lines *lines,
             const struct reader *reader)
{
    /* What has comments alone says nothing. */
    const size_t count = lines->count > 0 ? lines->path_count : 0;

    for (size_t i = 0; i < count && lines->unread == NULL; i++) {
        char *path = need(strdup(lines->paths[i])); /* they may go */

        look_at(conf, lines, path, reader);
        free(path);
    }
}

void
conf_reader_apply(struct conf_file *conf)
{
    struct reader reader;

    if (conf->server == NULL || conf->server->reads_as_root ||
        !(conf->by_name || server_environment_is_its_own(conf)))
        return;
    find_reader(conf, &reader);
    look_at_each(conf, &conf->lines, &reader);
    look_at_each(conf, &conf->fallback, &reader);
    free(reader.name);
    free(reader.why);
}
