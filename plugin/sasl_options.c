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

gs2_status
gs2_sasl_options_read(const sasl_utils_t *utils, char *texts[GS2_OPTIONS],
                      struct gs2_error *err)
{
    const char *text;

    memset(texts, 0, GS2_OPTIONS * sizeof(texts[0]));
    for (size_t i = 0; i < GS2_OPTIONS; i++) {
        /* A getopt may reuse its result at the next call. */
        text = gs2_config_file_text(utils, (enum gs2_option)i);
        if (text != NULL && (texts[i] = strdup(text)) == NULL)
            return gs2_fail_nomem(err);
    }
    return GS2_OK;
}
