/*
 * conf_file.c - a server's configuration file (see conf_file.h).
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

#include "print.h"

/* libsasl reads a line into 4,096 octets, its end and a NUL included. */
#define LINE_MAX_OCTETS 4094
#define PREFIX "sasl_"
#define PROC(function) ((int (*)(void))(void (*)(void))(function))

/* Servers that say themselves where theirs is. */
static const struct {
    const char *name, *path;
} places[] = {
    { "imapd", "/etc/imapd.conf" },
    { "slapd", "/etc/ldap/sasl2/slapd.conf" }, /* Debian's */
    { "smtpd", "/etc/postfix/sasl/smtpd.conf" },
};

struct search {
    char *path;  /* of the first file that is there, or NULL */
    char *where; /* directories that were looked into before, a colon list */
};

static void
look_at(struct search *search, const char *path)
{
    const size_t len = (size_t)(strrchr(path, '/') - path);
    char *where;

    if (search->path != NULL)
        return;
    if (access(path, F_OK) == 0) {
        search->path = need(strdup(path));
        return;
    }
    if (asprintf(&where, "%s%s%.*s", search->where,
                 search->where[0] != '\0' ? ":" : "", (int)len, path) < 0)
        where = need(NULL);
    free(search->where);
    search->where = where;
}

/* libsasl asks here about each file before it reads it, which it must not. */
static int
take_file(void *context, const char *path, sasl_verify_type_t type)
{
    if (type == SASL_VRFY_CONF)
        look_at(context, path);
    return SASL_CONTINUE;
}

/* Where libsasl looks, that which is installed knows best. */
static void
look_as_libsasl(struct search *search, const char *name)
{
    const sasl_callback_t callbacks[] = {
        { SASL_CB_VERIFYFILE, PROC(take_file), search },
        { SASL_CB_LIST_END, NULL, NULL },
    };

    (void)sasl_server_init(callbacks, name);
    sasl_server_done();
}

/* A directory may be called as an application is. */
static bool
is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

static char *
find(const char *what, struct gs2_error *err)
{
    struct search search = { NULL, need(strdup("")) };

    if (strchr(what, '/') != NULL || is_file(what)) {
        search.path = need(strdup(what));
    } else {
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
            if (strcmp(places[i].name, what) == 0)
                look_at(&search, places[i].path);
        }
        look_as_libsasl(&search, what);
    }
    if (search.path == NULL)
        gs2_error_set(err, "there is no %s.conf in %s; name the file itself, "
                      "or its directory in SASL_CONF_PATH", what,
                      search.where);
    free(search.where);
    return search.path;
}

/* What libsasl refuses, and where the value is. */
static void
split(struct conf_file_line *line)
{
    char *at = line->text + strspn(line->text, " \t"), *end;
    const size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    line->key = need(strndup(at, len));
    for (char *p = line->key; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    if (at[len] != ':') {
        line->fault = "a name and a colon expected";
        return;
    }
    at += len + 1;
    at += strspn(at, " \t");
    for (end = at + strlen(at); end > at && isspace((unsigned char)end[-1]);)
        end--;
    *end = '\0';
    if (end == at)
        line->fault = "the option has no value";
    else
        line->value = at;
}

static void
add_line(struct conf_file *file, unsigned number, const char *text, size_t len)
{
    struct conf_file_line *line;

    if (text[strspn(text, " \t\r")] == '#' ||
        strspn(text, " \t\r") >= len)
        return;
    file->lines = need(reallocarray(file->lines, file->count + 1,
                                            sizeof(*file->lines)));
    line = &file->lines[file->count++];
    memset(line, 0, sizeof(*line));
    line->number = number;
    line->text = need(strndup(text, len));
    split(line);
    if (len > LINE_MAX_OCTETS)
        line->fault = "the line is longer than the 4,094 octets that libsasl "
                      "takes for one";
}

/* Takes "sasl_" off the key, and in imapd.conf, before one of our options, the
 * name of a service that stands before that. */
static void
look_at_prefix(const struct conf_file *file, struct conf_file_line *line)
{
    const size_t n = strlen(PREFIX);
    char *at = strstr(line->key, "_" PREFIX "gs2_");
    bool has;

    line->of_service = file->imapd && at != NULL;
    if (line->of_service)
        memmove(line->key, at + 1, strlen(at + 1) + 1);
    has = strncmp(line->key, PREFIX, n) == 0;
    line->misplaced = has != file->imapd;
    if (has)
        memmove(line->key, line->key + n, strlen(line->key + n) + 1);
}

/* imapd.conf always has this option, which no application of libsasl's has;
 * there libsasl's options begin with "sasl_". */
static void
look_at_prefixes(struct conf_file *file)
{
    for (size_t i = 0; i < file->count; i++)
        file->imapd |= strcmp(file->lines[i].key, "configdirectory") == 0;
    for (size_t i = 0; i < file->count; i++)
        look_at_prefix(file, &file->lines[i]);
}

/* False, and errno is set, where it cannot be read to its end. */
static bool
read_lines(struct conf_file *file)
{
    char *text = NULL;
    unsigned number = 0;
    size_t size = 0;
    ssize_t len;
    int error;
    FILE *in = fopen(file->path, "re");

    if (in == NULL)
        return false;
    while ((len = getline(&text, &size, in)) >= 0) {
        if (len > 0 && text[len - 1] == '\n')
            text[--len] = '\0';
        add_line(file, ++number, text, strlen(text));
    }
    error = ferror(in) != 0 ? errno : 0; /* of a directory, for one */
    free(text);
    (void)fclose(in);
    errno = error;
    return error == 0;
}

bool
conf_file_read(const char *what, struct conf_file *file_out,
               struct gs2_error *err)
{
    memset(file_out, 0, sizeof(*file_out));
    file_out->path = find(what, err);
    if (file_out->path == NULL)
        return false;
    if (!read_lines(file_out)) {
        gs2_error_set(err, "cannot read %s: %s", file_out->path,
                      strerror(errno));
        conf_file_free(file_out);
        return false;
    }
    look_at_prefixes(file_out);
    return true;
}

void
conf_file_free(struct conf_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        free(file->lines[i].text);
        free(file->lines[i].key);
    }
    free(file->lines);
    free(file->path);
    memset(file, 0, sizeof(*file));
}

const struct conf_file_line *
conf_file_find(const struct conf_file *file, const char *key)
{
    for (size_t i = 0; i < file->count; i++) {
        if (!file->lines[i].misplaced && !file->lines[i].of_service &&
            strcmp(file->lines[i].key, key) == 0)
            return &file->lines[i];
    }
    return NULL;
}

const char *
conf_file_option(const struct conf_file *file, const char *key)
{
    const struct conf_file_line *line = conf_file_find(file, key);

    return line != NULL ? line->value : NULL;
}

/* A list of roles that cannot be parsed is another's to refuse. */
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
