/*
 * tag.c - the option gs2_tag (see tag.h); no RFC: the syntax is ours.
 */
#include "tag.h"

#include <string.h>

#define LIKE_MAX 6

/* Each tag, and all characters whose compatibility decomposition has it
 * (Unicode, UAX #15): none other has one of these. */
static const struct {
    char tag;
    const char *like[LIKE_MAX];
} tags[] = {
    { '+', { "\u207A", "\u208A", "\uFB29", "\uFE62", "\uFF0B" } },
    { '/', { "\u2100", "\u2101", "\u2105", "\u2106", "\uFF0F" } },
    { '%', { "\uFE6A", "\uFF05" } },
    { '~', { "\uFF5E" } },
};
#define TAGS (sizeof(tags) / sizeof(tags[0]))

gs2_status
gs2_tag_parse(const char *text, char *tag_out, struct gs2_error *err)
{
    char quoted[64];

    *tag_out = '\0';
    for (size_t i = 0; i < TAGS; i++) {
        if (text[0] == tags[i].tag && text[1] == '\0') {
            *tag_out = text[0];
            return GS2_OK;
        }
    }
    return gs2_fail(err, GS2_BADCONFIG, "\"%s\" is not one of + / %% ~",
                    gs2_escape(quoted, sizeof(quoted), text, strlen(text)));
}

bool
gs2_tag_is_in(char tag, const char *name)
{
    size_t i = 0;

    if (strchr(name, tag) != NULL)
        return true;
    while (i < TAGS - 1 && tags[i].tag != tag)
        i++;
    for (size_t n = 0; n < LIKE_MAX && tags[i].like[n] != NULL; n++) {
        if (strstr(name, tags[i].like[n]) != NULL)
            return true;
    }
    return false;
}
