/*
 * config_file.c - asking libsasl for its own configuration file (see
 * config_file.h).  sasl_utils_t has no function for that.
 */
#include "config_file.h"

#include <stddef.h>
#include <string.h>

#include "libsasl.h"

typedef const char *getstring(const char *key, const char *otherwise);

static getstring *
find_getstring(const sasl_utils_t *utils)
{
    return (getstring *)(size_t)gs2_libsasl_find(utils,
                                                 "sasl_config_getstring");
}

/* True where the getopt says SASL_OK and gives no value. */
static bool
is_silent(const sasl_utils_t *utils, const char *option,
          const char **text_out)
{
    *text_out = NULL;
    if (utils->getopt(utils->getopt_context, "gs2", option, text_out,
                      NULL) == SASL_OK)
        return *text_out == NULL;
    *text_out = NULL;
    return false;
}

const char *
gs2_config_file_text(const sasl_utils_t *utils, const char *option,
                     bool *lost)
{
    getstring *get;
    const char *text;

    /* An application that gives no value to keytab, the GSSAPI plugin's
     * option, means it. */
    if (!is_silent(utils, option, &text) ||
        strcmp(option, gs2_options_name(GS2_OPT_GSSAPI_KEYTAB)) == 0)
        return text;
    get = find_getstring(utils);
    if (get != NULL)
        return get(option, NULL);
    *lost = true;
    return NULL;
}

void
gs2_config_file_announce(const char *family, const sasl_utils_t *utils)
{
    const char *text;
    size_t i = 0;

    while (i < GS2_OPTIONS &&
           !is_silent(utils, gs2_options_name((enum gs2_option)i), &text))
        i++;
    if (i < GS2_OPTIONS)
        utils->log(utils->conn, SASL_LOG_NOTE,
                   "%s: the application does not know the gs2_ options: those "
                   "in libsasl's configuration file for it count", family);
}
