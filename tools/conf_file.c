/*
 * conf_file.c - a server's configuration (see conf_file.h).
 */
#include "conf_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sasl/sasl.h>

#include "cyrus_conf.h"
#include "near.h"
#include "postfix_conf.h"
#include "print.h"

#define PREFIX "sasl_"
#define PROC(function) ((int (*)(void))(void (*)(void))(function))

/* --- where it is ---------------------------------------------------------- */

struct search {
    char *path;  /* of the first file that is there, or may be, or NULL */
    char *where; /* directories that were looked into before, a colon list */
};

static void
look_at(struct search *search, const char *path)
{
    const size_t len = (size_t)(strrchr(path, '/') - path);
    char *where;

    if (search->path != NULL)
        return;
    if (access(path, F_OK) == 0 || errno == EACCES) {
        search->path = need(strdup(path));
        return;
    }
    if (asprintf(&where, "%s%s%.*s", search->where,
                 search->where[0] != '\0' ? ":" : "", (int)len, path) < 0)
        where = need(NULL);
    free(search->where);
    search->where = where;
}

/* Looks at each path of a colon list. */
static void
look_at_each(struct search *search, const char *paths)
{
    size_t len;
    char *path;

    for (; *paths != '\0'; paths += len + (paths[len] == ':')) {
        len = strcspn(paths, ":");
        path = need(strndup(paths, len));
        look_at(search, path);
        free(path);
    }
}

/* libsasl asks here before it reads a file; the answer is that it must not. */
static int
take_file(void *context, const char *path, sasl_verify_type_t type)
{
    if (type == SASL_VRFY_CONF)
        look_at(context, path);
    return SASL_CONTINUE;
}

/* Asks the installed libsasl where it looks. */
static void
look_as_libsasl(struct search *search, const char *app)
{
    const sasl_callback_t callbacks[] = {
        { SASL_CB_VERIFYFILE, PROC(take_file), search },
        { SASL_CB_LIST_END, NULL, NULL },
    };

    (void)sasl_server_init(callbacks, app);
    sasl_server_done();
}

/* A directory may have the name of an application. */
static bool
is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

static const char *
last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static const char *
nth_server(size_t n)
{
    const struct server_row *row = server_table_row((unsigned)n);

    return row != NULL ? row->name : NULL;
}

/* Says that an application has no file, or has none where its server looks: in
 * places of its own, or where libsasl does. */
static void
set_no_file(const struct server_row *server, const char *app, bool own,
            const char *where, struct gs2_error *err)
{
    const char *meant = server == NULL ? near_find(app, nth_server, 2) : NULL;

    gs2_error_set(err, "there is no %s.conf in %s; name the file itself%s%s%s"
                  "%s", server != NULL && server->imapd ? "imapd" : app, where,
                  own ? "" : ", or its directory in SASL_CONF_PATH (in "
                             "SASL_CONFDIR after libsasl 2.1.28)",
                  meant != NULL ? "; did you mean " : "",
                  meant != NULL ? meant : "", meant != NULL ? "?" : "");
}

char *
conf_file_places(const struct server_row *server)
{
    if (server->starter == SERVER_STARTED_BY_POSTFIX)
        return postfix_conf_sasl_places(server->paths);
    return server->paths != NULL ? need(strdup(server->paths)) : NULL;
}

/* Sets path and server, where there is the file. */
static bool
find(struct conf_file *file, const char *what, struct gs2_error *err)
{
    struct search search = { NULL, need(strdup("")) };
    const bool is_path = strchr(what, '/') != NULL || is_file(what);
    const char *app = what;
    char *places = NULL;

    file->server = server_table_find(is_path ? last_part(what) : what);
    if (file->server != NULL) {
        app = file->server->app;
        places = conf_file_places(file->server);
    }
    file->by_name = !is_path;
    if (is_path)
        search.path = need(strdup(what));
    else if (places != NULL)
        look_at_each(&search, places);
    else
        look_as_libsasl(&search, app);
    if (search.path == NULL)
        set_no_file(file->server, app, places != NULL, search.where, err);
    free(places);
    free(search.where);
    file->path = search.path;
    return file->path != NULL;
}

/* --- reading it ----------------------------------------------------------- */

/* Reads libsasl's own file, which is asked last. */
static bool
read_fallback(struct conf_file *file, struct gs2_error *err)
{
    struct search search = { NULL, need(strdup("")) };
    bool good = true;

    look_as_libsasl(&search, "Cyrus");
    if (search.path != NULL)
        good = conf_lines_read(search.path, false, &file->fallback, err);
    free(search.where);
    free(search.path);
    return good;
}

/* Cyrus does not start without this option, which no application of libsasl's
 * has: so a file with it is an imapd.conf, whatever its name is.  So is one that
 * may have it in a file that cannot be told, unless another server reads it. */
static bool
read_lines(struct conf_file *file, struct gs2_error *err)
{
    if (!conf_lines_read(file->path, true, &file->lines, err))
        return false;
    file->imapd = (file->server != NULL && file->server->imapd) ||
                  strcmp(last_part(file->path), "imapd.conf") == 0 ||
                  conf_file_line(&file->lines, "configdirectory") != NULL ||
                  (file->server == NULL && file->lines.unsure != NULL);
    if (file->imapd) {
        if (file->server == NULL || !file->server->imapd)
            file->server = server_table_find("imapd");
        cyrus_conf_services(file->path, NULL, &file->services,
                            &file->service_count);
        return read_fallback(file, err);
    }
    conf_lines_free(&file->lines);
    return conf_lines_read(file->path, false, &file->lines, err);
}

bool
conf_file_read(const char *what, struct conf_file *file_out,
               struct gs2_error *err)
{
    memset(file_out, 0, sizeof(*file_out));
    if (find(file_out, what, err) && read_lines(file_out, err))
        return true;
    conf_file_free(file_out);
    return false;
}

void
conf_file_free(struct conf_file *file)
{
    conf_lines_free(&file->lines);
    conf_lines_free(&file->fallback);
    cyrus_conf_free(file->services, file->service_count);
    free(file->path);
    free(file->unsure);
    memset(file, 0, sizeof(*file));
}

/* --- what the server takes from it ---------------------------------------- */

/* Whether key is these parts, one behind the other; NULL for none. */
static bool
is_made_of(const char *key, const char *const parts[4])
{
    for (size_t i = 0; i < 4; i++) {
        const size_t len = parts[i] != NULL ? strlen(parts[i]) : 0;

        if (strncmp(key, parts[i] != NULL ? parts[i] : "", len) != 0)
            return false;
        key += len;
    }
    return *key == '\0';
}

static const struct conf_line *
find_parts(const struct conf_lines *lines, const char *const parts[4])
{
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->list[i].ignored == NULL &&
            is_made_of(lines->list[i].key, parts))
            return &lines->list[i];
    }
    return NULL;
}

const struct conf_line *
conf_file_line(const struct conf_lines *lines, const char *key)
{
    return find_parts(lines, (const char *[]){ key, NULL, NULL, NULL });
}

/* Of imapd.conf, with the name of the plugin, or NULL, before that of the
 * option: for the service, or for all. */
static const struct conf_line *
find_overflow(const struct conf_file *file, const char *plugin,
              const char *key)
{
    const struct conf_line *line = NULL;
    char *start;

    if (file->service != NULL) {
        if (asprintf(&start, "%s_" PREFIX, file->service) < 0)
            start = need(NULL);
        line = find_parts(&file->lines,
                          (const char *[]){ start, plugin, key, NULL });
        free(start);
    }
    if (line == NULL)
        line = find_parts(&file->lines,
                          (const char *[]){ PREFIX, plugin, key, NULL });
    return line;
}

/* Whether a plugin asks for the option, not libsasl itself. */
static bool
is_of_plugin(const char *key)
{
    return strncmp(key, "gs2_", 4) == 0 ||
           strcmp(key, gs2_options_name(GS2_OPT_GSSAPI_KEYTAB)) == 0;
}

const struct conf_line *
conf_file_find(const struct conf_file *file, const char *key)
{
    const struct conf_line *line = NULL;

    if (!file->imapd)
        return conf_file_line(&file->lines, key);
    if (is_of_plugin(key))
        line = find_overflow(file, "gs2_", key);
    if (line == NULL)
        line = find_overflow(file, NULL, key);
    return line != NULL ? line : conf_file_line(&file->fallback, key);
}

const char *
conf_file_option(const struct conf_file *file, const char *key)
{
    const struct conf_line *line = conf_file_find(file, key);

    return line != NULL ? line->value : NULL;
}

/* A list of roles that cannot be parsed is refused elsewhere. */
static void
add_roles(const struct conf_file *file, struct gs2_config *config)
{
    const char *at = config->texts[GS2_OPT_ROLES], *name, *value;
    char option[GS2_ROLE_OPTION_SIZE];
    size_t len;

    for (size_t i = GS2_OPTIONS; at != NULL && i < GS2_TEXTS; i++) {
        name = gs2_roles_next(&at, &len);
        if (name == NULL)
            return;
        if (!gs2_roles_option(name, len, option))
            continue;
        value = conf_file_option(file, option);
        if (value != NULL)
            config->texts[i] = need(strdup(value));
    }
}

void
conf_file_config(const struct conf_file *file, struct gs2_config *config_out)
{
    const char *value;

    memset(config_out, 0, sizeof(*config_out));
    for (size_t i = 0; i < GS2_OPTIONS; i++) {
        value = conf_file_option(file, gs2_options_name((enum gs2_option)i));
        if (value != NULL)
            config_out->texts[i] = need(strdup(value));
    }
    add_roles(file, config_out);
}
