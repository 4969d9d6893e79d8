/*
 * sasl_error.c - codes and error texts (see sasl_error.h).
 */
#include "sasl_error.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

int
gs2_sasl_error_code(enum gs2_side side, gs2_status status)
{
    switch (status) {
    case GS2_OK:
        return SASL_OK;
    case GS2_BADPROT:
        return SASL_BADPROT;
    case GS2_BADBINDING:
    case GS2_NOBINDING:
        return SASL_BADBINDING;
    case GS2_BADAUTH:
    case GS2_REFUSED:
        return side == GS2_INITIATOR ? SASL_BADSERV : SASL_BADAUTH;
    case GS2_NOAUTHZ:
        return SASL_NOAUTHZ;
    case GS2_TOOWEAK:
        return SASL_TOOWEAK;
    case GS2_BADCONFIG:
        return SASL_CONFIGERR;
    case GS2_NOMEM:
        return SASL_NOMEM;
    default:
        return SASL_FAIL;
    }
}

int
gs2_sasl_error_canon(int code, const char *name, unsigned flags,
                     struct gs2_error *why)
{
    char quoted[128];

    if (code == SASL_OK)
        return code;
    (void)gs2_fail(why, GS2_FAIL,
                   "the application cannot use the %s identity \"%s\" "
                   "(canon_user: SASL code %d)",
                   flags & SASL_CU_AUTHID ? "authentication" : "authorization",
                   gs2_escape(quoted, sizeof(quoted), name, strlen(name)),
                   code);
    return code > SASL_OK ? SASL_FAIL : code; /* never CONTINUE or INTERACT */
}

/* True if the text before text + at ends in word. */
static bool
is_behind(const char *text, size_t at, const char *word)
{
    const size_t len = strlen(word);

    return at >= len && memcmp(text + at - len, word, len) == 0;
}

/* Does a path begin at text + at?  "host/name" is not a path. */
static bool
begins_path(const char *text, size_t at)
{
    if (is_behind(text, at, "FILE:") || is_behind(text, at, "DIR:") ||
        is_behind(text, at, "SRVTAB:"))
        return true;
    return text[at] == '/' &&
           (at == 0 || (!isalnum((unsigned char)text[at - 1]) &&
                        strchr("._-)", text[at - 1]) == NULL));
}

/* Octets of the file name that begins at text + at; 0 for none.  krb5 says
 * "file 'NAME'", and then the name may hold anything. */
static size_t
path_length(const char *text, size_t at)
{
    const char *end;

    if (is_behind(text, at, "file ") && text[at] == '\'') {
        end = strrchr(text + at + 1, '\'');
        return end != NULL ? (size_t)(end - text) - at + 1 : strlen(text + at);
    }
    return begins_path(text, at) ? strcspn(text + at, " '\",;)") : 0;
}

/* Writes text to out (GS2_TEXT_MAX octets) with "(path)" for each path. */
static void
hide_paths(char *out, const char *text)
{
    size_t at = 0, i = 0, n;

    while (text[i] != '\0' && at + sizeof("(path)") < GS2_TEXT_MAX) {
        n = path_length(text, i);
        if (n > 0) {
            memcpy(out + at, "(path)", sizeof("(path)") - 1);
            at += sizeof("(path)") - 1;
            i += n;
        } else {
            out[at++] = text[i++];
        }
    }
    out[at] = '\0';
}

void
gs2_sasl_error_set_public(const sasl_utils_t *utils, const char *text)
{
    char shown[GS2_TEXT_MAX];

    hide_paths(shown, text);
    gs2_sasl_error_set(utils, shown);
}

void
gs2_sasl_error_set(const sasl_utils_t *utils, const char *text)
{
    utils->seterror(utils->conn, SASL_NOLOG, "%s", text);
}

int
gs2_sasl_error_nomem(const sasl_utils_t *utils)
{
    gs2_sasl_error_set(utils, "out of memory");
    return SASL_NOMEM;
}
