/*
 * options.c - reading options (see options.h).
 */
#include "options.h"

#include <string.h>
#include <strings.h>

const char *
gs2_option_text(const sasl_utils_t *utils, const char *name)
{
    const char *text = NULL;

    if (utils->getopt(utils->getopt_context, "gs2", name, &text, NULL) !=
        SASL_OK)
        return NULL;
    return text;
}

gs2_status
gs2_option_parse_bool(const char *text, bool unset, bool *value_out,
                      struct gs2_error *err)
{
    static const char *const yes[] = { "yes", "true", "on", "1" };
    static const char *const no[] = { "no", "false", "off", "0" };
    char quoted[64];

    *value_out = unset;
    if (text == NULL)
        return GS2_OK;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        *value_out = strcasecmp(text, yes[i]) == 0;
        if (*value_out || strcasecmp(text, no[i]) == 0)
            return GS2_OK;
    }
    return gs2_fail(err, GS2_BADCONFIG, "\"%s\" is not yes or no",
                    gs2_escape(quoted, sizeof(quoted), text, strlen(text)));
}

bool
gs2_option_lists(const char *list, const struct gs2_mech *mech)
{
    return list != NULL ? gs2_mechs_named(list, mech->name)
                        : !mech->on_request;
}
