/*
 * protocol_imap.c - logins to an IMAP server (RFC 9051), with their first
 * message in the command where the server has SASL-IR (RFC 4959).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lines.h"

/* Capabilities: a list of words, up to a "]" where it is in a response
 * code. */
static void
take_capabilities(struct remote *remote, const char *list)
{
    size_t len;

    remote_forget(remote);
    for (; *list != '\0' && *list != ']'; list += len) {
        list += strspn(list, " ");
        len = strcspn(list, " ]");
        if (len > 5 && strncasecmp(list, "AUTH=", 5) == 0)
            remote_add_offer(remote, list + 5, len - 5);
        else if (len == 8 && strncasecmp(list, "STARTTLS", len) == 0)
            remote->has_starttls = true;
        else if (len == 7 && strncasecmp(list, "SASL-IR", len) == 0)
            remote->initial = true;
    }
}

/* A command, behind the next tag. */
static bool
put(struct remote *remote, const char *command, const void *token, size_t len,
    struct gs2_error *err)
{
    char text[128];

    (void)snprintf(text, sizeof(text), "a%u %s", ++remote->number, command);
    return token != NULL ? lines_put_token(remote, text, token, len, err)
                         : lines_put(remote, text, err);
}

/* Reads up to the last command's result, or to the first line that begins with
 * "+", which *line_out is then.  Borrows. */
static bool
get(struct remote *remote, const char **line_out, struct gs2_error *err)
{
    static const char capability[] = "* CAPABILITY ";
    char tag[16];
    const int len = snprintf(tag, sizeof(tag), "a%u ", remote->number);
    const char *line;

    *line_out = NULL;
    for (unsigned n = 0; n < LINES_MAX; n++) {
        if (!channel_get(remote->channel, &line, err))
            return false;
        if (strncmp(line, tag, (size_t)len) == 0)
            *line_out = line + len;
        else if (line[0] == '+')
            *line_out = line;
        if (*line_out != NULL)
            return true;
        if (strncasecmp(line, capability, sizeof(capability) - 1) == 0)
            take_capabilities(remote, line + sizeof(capability) - 1);
    }
    return lines_too_many(remote, err);
}

static bool
is_ok(const char *line)
{
    return strncasecmp(line, "OK", 2) == 0;
}

/* A command of one line, to which the server says OK. */
static bool
command(struct remote *remote, const char *name, struct gs2_error *err)
{
    const char *line;

    if (!put(remote, name, NULL, 0, err) || !get(remote, &line, err))
        return false;
    return is_ok(line) || remote_refuses(remote, name, line, err);
}

/* --- the operations ------------------------------------------------------- */

static bool
capabilities(struct remote *remote, struct gs2_error *err)
{
    return command(remote, "CAPABILITY", err);
}

static bool
greet(struct remote *remote, struct gs2_error *err)
{
    const char *line;

    if (!channel_greet(remote->channel, &line, err))
        return false;
    if (strncasecmp(line, "* BYE", 5) == 0)
        return remote_refuses(remote, "to serve", line, err);
    return capabilities(remote, err);
}

static bool
starttls(struct remote *remote, struct gs2_error *err)
{
    return command(remote, "STARTTLS", err);
}

static bool
takes_initial(const struct remote *remote, const char *mech, size_t len)
{
    (void)mech;
    (void)len;
    return remote->initial;
}

static bool
authenticate(struct remote *remote, const char *mech, const void *initial,
             size_t len, struct gs2_error *err)
{
    char text[96];

    (void)snprintf(text, sizeof(text), "AUTHENTICATE %s%s", mech,
                   initial != NULL ? " " : "");
    return put(remote, text, initial, len, err);
}

static bool
answer(struct remote *remote, struct answer *answer_out,
       struct gs2_error *err)
{
    const char *line;

    memset(answer_out, 0, sizeof(*answer_out));
    if (!get(remote, &line, err))
        return false;
    if (line[0] == '+')
        return lines_take_token(line + 1, answer_out, err);
    answer_out->kind = is_ok(line) ? ANSWER_SUCCESS : ANSWER_REFUSAL;
    (void)snprintf(answer_out->text, sizeof(answer_out->text), "%s", line);
    return true;
}

static void
leave(struct remote *remote)
{
    struct gs2_error ignored;

    (void)command(remote, "LOGOUT", &ignored);
}

/* Cyrus IMAP has tls-unique, with TLS 1.3 as well. */
const struct protocol protocol_imap = {
    .name = "imap", .port = "143", .tls_port = "993",
    .bindings = { "tls-unique", "tls-exporter", "tls-server-end-point" },
    .greet = greet, .starttls = starttls, .capabilities = capabilities,
    .takes_initial = takes_initial, .authenticate = authenticate,
    .respond = lines_respond, .answer = answer, .leave = leave,
};
