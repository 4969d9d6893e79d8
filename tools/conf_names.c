/*
 * conf_names.c - the names of options in a configuration (see conf_names.h).
 * The options are those of common/options.h, which the plugin itself uses.
 */
#include "conf_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "near.h"
#include "print.h"

#define OURS "gs2_"
#define ROLE_OPTION "gs2_role_"
#define PREFIX "sasl_"

const char *
conf_names_option(size_t n)
{
    return n < GS2_OPTION_NAMES ? gs2_options_name((enum gs2_option)n) : NULL;
}

/* The nth of those that have our name in theirs. */
static const char *
nth_of_ours(size_t n)
{
    const char *name;

    for (size_t i = 0; (name = conf_names_option(i)) != NULL; i++) {
        if (strncmp(name, OURS, strlen(OURS)) == 0 && n-- == 0)
            return name;
    }
    return NULL;
}

const char *
conf_names_base(const char *key, size_t *service_len_out)
{
    const char *at = strstr(key, "_" PREFIX);

    *service_len_out = 0;
    if (strncmp(key, PREFIX, strlen(PREFIX)) == 0)
        return key + strlen(PREFIX);
    if (at == NULL)
        return key;
    *service_len_out = (size_t)(at - key);
    return at + strlen("_" PREFIX);
}

bool
conf_names_is_ours(const struct conf_line *line)
{
    size_t service_len;
    const char *base = conf_names_base(line->key, &service_len);

    return strstr(base, "gs2") != NULL ||
           near_find(base, nth_of_ours, 2) != NULL;
}

static bool
is_role_option(const char *base)
{
    return strncmp(base, ROLE_OPTION, strlen(ROLE_OPTION)) == 0;
}

static bool
is_known(const char *base)
{
    if (is_role_option(base))
        return true;
    for (size_t i = 0; conf_names_option(i) != NULL; i++) {
        if (strcmp(conf_names_option(i), base) == 0)
            return true;
    }
    return false;
}

static bool
has_service(const struct conf_file *conf, const char *name, size_t len)
{
    for (size_t i = 0; i < conf->service_count; i++) {
        if (strncmp(conf->services[i], name, len) == 0 &&
            conf->services[i][len] == '\0')
            return true;
    }
    return conf->service_count == 0; /* not known */
}

/* The option exists and has the right form. */
static void
explain_known(const struct conf_file *conf, const struct conf_line *line,
              const char *base, char text[GS2_TEXT_MAX])
{
    const struct conf_line *counts = conf_file_find(conf, base);

    if (counts != NULL && counts != line)
        (void)snprintf(text, GS2_TEXT_MAX, "%s is set in line %u%s%s already, "
                       "and that one counts", base, counts->number,
                       counts->path != line->path ? " of " : "",
                       counts->path != line->path ? counts->path : "");
    else if (is_role_option(base))
        (void)snprintf(text, GS2_TEXT_MAX, "%s has no effect: gs2_roles does "
                       "not name the role", base);
    else
        (void)snprintf(text, GS2_TEXT_MAX, "%s is not read", line->key);
}

static void
explain_unknown(const char *key, const char *base, bool imapd,
                char text[GS2_TEXT_MAX])
{
    const char *guess = near_find(base, nth_of_ours, 3);

    (void)snprintf(text, GS2_TEXT_MAX, "there is no option %s%s%s%s%s", key,
                   guess != NULL ? "; did you mean " : "",
                   guess != NULL && imapd ? PREFIX : "",
                   guess != NULL ? guess : "", guess != NULL ? "?" : "");
}

void
conf_names_explain(const struct conf_file *conf, const struct conf_line *line,
                   char text[GS2_TEXT_MAX])
{
    struct conf_file service = *conf;
    size_t service_len;
    const char *base = conf_names_base(line->key, &service_len);
    const bool bare = base == line->key;
    /* Of the file in which the names have no prefix. */
    const bool imapd = conf->imapd && (conf->fallback.path_count == 0 ||
                                       line->path != conf->fallback.paths[0]);
    char *name = need(strndup(line->key, service_len));

    if (service_len > 0)
        service.service = name;
    if (line->ignored != NULL)
        (void)snprintf(text, GS2_TEXT_MAX, "%s", line->ignored);
    else if (!is_known(base))
        explain_unknown(line->key, base, imapd, text);
    else if (imapd && bare)
        (void)snprintf(text, GS2_TEXT_MAX, "%s is not read: in imapd.conf it "
                       "is " PREFIX "%s", line->key, base);
    else if (!imapd && !bare)
        (void)snprintf(text, GS2_TEXT_MAX, "%s is not read: but for "
                       "imapd.conf it is %s", line->key, base);
    else if (service_len > 0 && !has_service(conf, line->key, service_len))
        (void)snprintf(text, GS2_TEXT_MAX, "cyrus.conf has no service %s",
                       name);
    else
        explain_known(&service, line, base, text);
    free(name);
}
