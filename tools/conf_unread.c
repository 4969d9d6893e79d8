/*
 * conf_unread.c - which lines of a configuration the server does not read (see
 * conf_check.h).
 */
#include "conf_check.h"

#include "conf_names.h"

static bool
is_read_by(const struct conf_file *view, const struct conf_line *line)
{
    const char *at = conf_file_option(view, gs2_options_name(GS2_OPT_ROLES));
    char option[GS2_ROLE_OPTION_SIZE];
    const char *name;
    size_t len;

    for (size_t i = 0; (name = conf_names_option(i)) != NULL; i++) {
        if (conf_file_find(view, name) == line)
            return true;
    }
    while (at != NULL && (name = gs2_roles_next(&at, &len)) != NULL) {
        if (gs2_roles_option(name, len, option) &&
            conf_file_find(view, option) == line)
            return true;
    }
    return false;
}

static bool
look_at_others(const struct conf_file *view, const struct conf_lines *lines,
               const char *path, struct findings *errors)
{
    bool any = false;

    for (size_t i = 0; i < lines->count; i++) {
        const struct conf_line *line = &lines->list[i];

        if (line->ignored != NULL || !conf_names_is_ours(line) ||
            !is_read_by(view, line))
            continue;
        (void)findings_add(errors, CONF_NOT_IN_FORCE, line, 1,
                           "libsasl has GS2 from %s, which is not of "
                           "cyrus-sasl-gs2 and reads no such option", path);
        any = true;
    }
    return any;
}

bool
conf_unread_by_others(const struct conf_file *view, const char *path,
                      struct findings *errors)
{
    const bool any = look_at_others(view, &view->lines, path, errors);

    return look_at_others(view, &view->fallback, path, errors) || any;
}

static bool
is_read(const struct conf_check *check, const struct conf_file *conf,
        const struct conf_line *line)
{
    struct conf_file view = *conf;

    view.service = NULL;
    if (is_read_by(&view, line))
        return true;
    for (size_t i = 0; i < check->service_count; i++) {
        view.service = check->services[i];
        if (is_read_by(&view, line))
            return true;
    }
    return false;
}

static void
look_at_lines(struct conf_check *check, const struct conf_file *conf,
              const struct conf_lines *lines)
{
    char why[GS2_TEXT_MAX];

    for (size_t i = 0; i < lines->count; i++) {
        const struct conf_line *line = &lines->list[i];

        if (line->fault != NULL || is_read(check, conf, line) ||
            (line->ignored == NULL && !conf_names_is_ours(line)) ||
            (conf->imapd && lines == &conf->lines && line->ignored == NULL &&
             conf_file_line(lines, line->key) != line))
            continue; /* of the last one check_twice() has told */
        conf_names_explain(conf, line, why);
        (void)findings_add(&check->errors, CONF_NOT_IN_FORCE, line, 1, "%s",
                           why);
    }
}

void
conf_unread_find(struct conf_check *check, const struct conf_file *conf)
{
    look_at_lines(check, conf, &conf->lines);
    look_at_lines(check, conf, &conf->fallback);
}
