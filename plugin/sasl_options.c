/*
 * sasl_options.c - reading options (see sasl_options.h).
 */
#include "sasl_options.h"

const char *
gs2_option_text(const sasl_utils_t *utils, const char *name)
{
    const char *text = NULL;

    if (utils->getopt(utils->getopt_context, "gs2", name, &text, NULL) !=
        SASL_OK)
        return NULL;
    return text;
}
