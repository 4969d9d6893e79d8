/*
 * imap.c - a client of an IMAP server (see imap.h).
 */
#include "imap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mech_name.h"
#include "print.h"

#define ANSWER_LINES_MAX 1000

bool
imap_parse(const char *text, struct imap *imap_out, struct gs2_error *err)
{
    const char *rest = text, *end;

    memset(imap_out, 0, sizeof(*imap_out));
    imap_out->starttls = strncasecmp(text, "imap://", 7) == 0;
    if (imap_out->starttls || strncasecmp(text, "imaps://", 8) == 0)
        rest = strchr(text, '/') + 2;
    end = rest[0] == '[' ? strchr(rest, ']') : rest + strcspn(rest, ":/");
    /* Without a host there is nothing to hold the certificate against. */
    if (end == NULL || end == rest || end == rest + (rest[0] == '[')) {
        gs2_error_set(err, "%s is no HOST[:PORT]", text);
        return false;
    }
    imap_out->host = need(rest[0] == '['
                          ? strndup(rest + 1, (size_t)(end - rest - 1))
                          : strndup(rest, (size_t)(end - rest)));
    end += *end == ']';
    imap_out->port = need(*end == ':'
                          ? strndup(end + 1, strcspn(end + 1, "/"))
                          : strdup(imap_out->starttls ? "143" : "993"));
    return true;
}

void
imap_free(struct imap *imap)
{
    channel_close(imap->channel);
    free(imap->offers);
    free(imap->host);
    free(imap->port);
    memset(imap, 0, sizeof(*imap));
}

/* --- capabilities --------------------------------------------------------- */

/* Adds the word behind AUTH= of a capability to what the server offers. */
static void
add_offer(struct imap *imap, const char *mech, size_t len)
{
    char *offers;

    if (asprintf(&offers, "%s%s%.*s", imap->offers,
                 imap->offers[0] != '\0' ? " " : "", (int)len, mech) < 0)
        offers = need(NULL);
    free(imap->offers);
    imap->offers = offers;
}

/* Capabilities: a list of words, up to a "]" where it is in a response code.
 * A name of a mechanism goes to libsasl: one that has other letters than RFC
 * 4422 section 3.1 allows is left out. */
static void
take_capabilities(struct imap *imap, const char *list)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t len;

    free(imap->offers);
    imap->offers = need(strdup(""));
    imap->has_starttls = imap->initial = false;
    for (; *list != '\0' && *list != ']'; list += len) {
        list += strspn(list, " ");
        len = strcspn(list, " ]");
        if (len > 5 && strncasecmp(list, "AUTH=", 5) == 0 &&
            strspn(list + 5, letters) == len - 5 &&
            mech_name_is_gs2(list + 5, len - 5))
            add_offer(imap, list + 5, len - 5);
        else if (len == 8 && strncasecmp(list, "STARTTLS", len) == 0)
            imap->has_starttls = true;
        else if (len == 7 && strncasecmp(list, "SASL-IR", len) == 0)
            imap->initial = true;
    }
}

/* --- commands ------------------------------------------------------------- */

bool
imap_answer(struct imap *imap, const char *tag, const char **line_out,
            struct gs2_error *err)
{
    static const char capability[] = "* CAPABILITY ";
    const size_t len = strlen(tag);
    const char *line;

    *line_out = NULL;
    for (unsigned n = 0; n < ANSWER_LINES_MAX; n++) {
        if (!channel_get(imap->channel, &line, err))
            return false;
        if (strncmp(line, tag, len) == 0 && line[len] == ' ')
            *line_out = line + len + 1;
        else if (line[0] == '+')
            *line_out = line;
        if (*line_out != NULL)
            return true;
        if (strncasecmp(line, capability, sizeof(capability) - 1) == 0)
            take_capabilities(imap, line + sizeof(capability) - 1);
    }
    gs2_error_set(err, "%s answers with more than %d lines", imap->host,
                  ANSWER_LINES_MAX);
    return false;
}

bool
imap_command(struct imap *imap, const char *tag, const char *name,
             struct gs2_error *err)
{
    const char *answer;
    char text[64], shown[256];

    (void)snprintf(text, sizeof(text), "%s %s\r\n", tag, name);
    if (!channel_put(imap->channel, text, err) ||
        !imap_answer(imap, tag, &answer, err))
        return false;
    if (strncasecmp(answer, "OK", 2) == 0)
        return true;
    gs2_error_set(err, "%s refuses %s: %s", imap->host, name,
                  gs2_escape(shown, sizeof(shown), answer, strlen(answer)));
    return false;
}

static bool
start_tls(struct imap *imap, struct gs2_error *err)
{
    if (!imap->has_starttls) {
        gs2_error_set(err, "%s offers no STARTTLS: nothing is said without "
                      "TLS", imap->host);
        gs2_error_detail(err, "imaps://%s", imap->host);
        return false;
    }
    if (!imap_command(imap, "t1", "STARTTLS", err) ||
        !channel_start_tls(imap->channel, err))
        return false;
    /* What was said before TLS, anybody may have said (RFC 9051 section
     * 6.2.1). */
    take_capabilities(imap, "");
    return imap_command(imap, "c2", "CAPABILITY", err);
}

bool
imap_open(struct imap *imap, struct gs2_error *err)
{
    const char *greeting;

    take_capabilities(imap, "");
    return channel_open(imap->host, imap->port, &imap->channel, err) &&
           (imap->starttls || channel_start_tls(imap->channel, err)) &&
           channel_greet(imap->channel, &greeting, err) &&
           imap_command(imap, "c1", "CAPABILITY", err) &&
           (!imap->starttls || start_tls(imap, err));
}
