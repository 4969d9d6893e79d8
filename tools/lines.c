/*
 * lines.c - messages of SASL in lines (see lines.h).
 */
#include "lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text/base64.h"
#include "print.h"

bool
lines_put(struct remote *remote, const char *text, struct gs2_error *err)
{
    char *line;
    bool sent;

    if (asprintf(&line, "%s\r\n", text) < 0)
        line = need(NULL);
    sent = channel_put(remote->channel, line, strlen(line), err);
    free(line);
    return sent;
}

bool
lines_put_token(struct remote *remote, const char *before, const void *token,
                size_t len, struct gs2_error *err)
{
    char *base64 = need(gs2_base64_encode(token != NULL ? token : "", len));
    char *text;
    bool sent;

    if (asprintf(&text, "%s%s", before, base64) < 0)
        text = need(NULL);
    sent = lines_put(remote, text, err);
    free(base64);
    free(text);
    return sent;
}

size_t
lines_size(size_t len)
{
    return (len + 2) / 3 * 4 + strlen("\r\n");
}

bool
lines_take_token(const char *base64, struct answer *answer,
                 struct gs2_error *err)
{
    size_t bad_at;

    base64 += strspn(base64, " ");
    if (gs2_base64_decode(base64, strlen(base64), &answer->token, &answer->len,
                          &bad_at) == GS2_OK)
        return true;
    answer->token = NULL;
    gs2_error_set(err, "the server's challenge is not base64");
    return false;
}

bool
lines_respond(struct remote *remote, const void *token, size_t len,
              struct gs2_error *err)
{
    return lines_put_token(remote, "", token, len, err);
}

bool
lines_too_many(const struct remote *remote, struct gs2_error *err)
{
    gs2_error_set(err, "%s answers with more than %d lines", remote->host,
                  LINES_MAX);
    return false;
}
