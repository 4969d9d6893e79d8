/*
 * sasl_options.c - reading options (see sasl_options.h).
 */
#include "sasl_options.h"

#include <string.h>

#include "config_file.h"

const char *
gs2_sasl_options_text(const sasl_utils_t *utils, enum gs2_option option)
{
    const char *text = NULL;

    if (utils->getopt(utils->getopt_context, "gs2", gs2_options_name(option),
                      &text, NULL) != SASL_OK)
        return NULL;
    return text;
}

/* A getopt may reuse its result at the next call. */
static gs2_status
copy(const sasl_utils_t *utils, const char *option, char **copy_out,
     bool *lost, struct gs2_error *err)
{
    const char *text = gs2_config_file_text(utils, option, lost);

    if (text == NULL)
        return GS2_OK;
    *copy_out = strdup(text);
    return *copy_out != NULL ? GS2_OK : gs2_fail_nomem(err);
}

/* A list that cannot be parsed is refused later, together with other
 * errors. */
static gs2_status
read_roles(const sasl_utils_t *utils, char *texts[GS2_TEXTS], bool *lost,
           struct gs2_error *err)
{
    const char *at = texts[GS2_OPT_ROLES], *name;
    char option[GS2_ROLE_OPTION_SIZE];
    gs2_status status = GS2_OK;
    size_t len;

    for (size_t i = GS2_OPTIONS; i < GS2_TEXTS && status == GS2_OK; i++) {
        name = at != NULL ? gs2_roles_next(&at, &len) : NULL;
        if (name == NULL)
            break;
        if (gs2_roles_option(name, len, option))
            status = copy(utils, option, &texts[i], lost, err);
    }
    return status;
}

gs2_status
gs2_sasl_options_read(const sasl_utils_t *utils, char *texts[GS2_TEXTS],
                      bool *lost_out, struct gs2_error *err)
{
    gs2_status status = GS2_OK;

    *lost_out = false;
    memset(texts, 0, GS2_TEXTS * sizeof(texts[0]));
    for (size_t i = 0; i < GS2_OPTIONS && status == GS2_OK; i++)
        status = copy(utils, gs2_options_name((enum gs2_option)i), &texts[i],
                      lost_out, err);
    return status == GS2_OK ? read_roles(utils, texts, lost_out, err) : status;
}
