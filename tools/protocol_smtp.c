/*
 * protocol_smtp.c - logins to a submission server (RFC 5321, RFC 3207, RFC
 * 4954).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lines.h"

/* RFC 5321 section 4.5.3.1.4: of a command, with its end.  A first message that
 * would make AUTH longer must not go with it (RFC 4954 section 4). */
#define COMMAND_MAX 512

/* A line of what EHLO is answered, behind its code. */
static void
take_capability(struct remote *remote, const char *line)
{
    size_t len = strcspn(line, " ");

    if (len == 8 && strncasecmp(line, "STARTTLS", len) == 0)
        remote->has_starttls = true;
    if (len != 4 || strncasecmp(line, "AUTH", len) != 0)
        return;
    for (line += len; *line != '\0'; line += len) {
        line += strspn(line, " ");
        len = strcspn(line, " ");
        remote_add_offer(remote, line, len);
    }
}

/* A reply: its lines, each behind a code and "-", but the last one, which
 * *last_out is with its code, and borrows.  Each goes to take, if there is
 * one. */
static bool
get(struct remote *remote, const char *first,
    void (*take)(struct remote *remote, const char *line),
    const char **last_out, struct gs2_error *err)
{
    const char *line = first;

    *last_out = NULL;
    for (unsigned n = 0; n < LINES_MAX; n++) {
        if (line == NULL && !channel_get(remote->channel, &line, err))
            return false;
        if (strspn(line, "0123456789") != 3 ||
            (line[3] != '-' && line[3] != ' ' && line[3] != '\0')) {
            gs2_error_set(err, "%s does not speak SMTP", remote->host);
            return false;
        }
        if (take != NULL && line[3] != '\0')
            take(remote, line + 4);
        if (line[3] != '-') {
            *last_out = line;
            return true;
        }
        line = NULL;
    }
    return lines_too_many(remote, err);
}

/* A command, to which the server says yes: 2xx. */
static bool
command(struct remote *remote, const char *name, const char *rest,
        void (*take)(struct remote *remote, const char *line),
        struct gs2_error *err)
{
    const char *line;
    char text[64];

    (void)snprintf(text, sizeof(text), "%s%s", name, rest);
    if (!lines_put(remote, text, err) ||
        !get(remote, NULL, take, &line, err))
        return false;
    return line[0] == '2' || remote_refuses(remote, name, line, err);
}

/* --- the operations ------------------------------------------------------- */

static bool
capabilities(struct remote *remote, struct gs2_error *err)
{
    remote_forget(remote);
    return command(remote, "EHLO", " gs2-inspect", take_capability, err);
}

static bool
greet(struct remote *remote, struct gs2_error *err)
{
    const char *line;

    if (!channel_greet(remote->channel, &line, err) ||
        !get(remote, line, NULL, &line, err))
        return false;
    if (line[0] != '2')
        return remote_refuses(remote, "to serve", line, err);
    return capabilities(remote, err);
}

static bool
starttls(struct remote *remote, struct gs2_error *err)
{
    return command(remote, "STARTTLS", "", NULL, err);
}

static bool
takes_initial(const struct remote *remote, const char *mech, size_t len)
{
    (void)remote;
    return strlen("AUTH  ") + strlen(mech) + lines_size(len) <= COMMAND_MAX;
}

static bool
authenticate(struct remote *remote, const char *mech, const void *initial,
             size_t len, struct gs2_error *err)
{
    char text[96];

    (void)snprintf(text, sizeof(text), "AUTH %s%s", mech,
                   initial != NULL ? " " : "");
    return initial != NULL ? lines_put_token(remote, text, initial, len, err)
                           : lines_put(remote, text, err);
}

static bool
answer(struct remote *remote, struct answer *answer_out,
       struct gs2_error *err)
{
    const char *line;

    memset(answer_out, 0, sizeof(*answer_out));
    if (!get(remote, NULL, NULL, &line, err))
        return false;
    if (strncmp(line, "334", 3) == 0)
        return lines_take_token(line + 3, answer_out, err);
    answer_out->kind = strncmp(line, "235", 3) == 0 ? ANSWER_SUCCESS
                                                    : ANSWER_REFUSAL;
    (void)snprintf(answer_out->text, sizeof(answer_out->text), "%s", line);
    return true;
}

static void
leave(struct remote *remote)
{
    struct gs2_error ignored;

    (void)command(remote, "QUIT", "", NULL, &ignored);
}

/* In the order of RFC 9266 section 3. */
const struct protocol protocol_smtp = {
    .name = "smtp", .port = "587", .tls_port = "465",
    .bindings = { "tls-exporter", "tls-unique", "tls-server-end-point" },
    .greet = greet, .starttls = starttls, .capabilities = capabilities,
    .takes_initial = takes_initial, .authenticate = authenticate,
    .respond = lines_respond, .answer = answer, .leave = leave,
};
