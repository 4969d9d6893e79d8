/*
 * attack_play.c - what the attack tests do with a server and a client, what
 * they demand of the outcome, and the report of it (see attack.h).
 */
#include "attack.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/octets.h"

/* --- the report -------------------------------------------------------- */

void
attack_row(const char *function, const char *words)
{
    const size_t len = strlen(function);
    const bool suffix = len > 3 && strcmp(function + len - 3, "_fn") == 0;

    snprintf(attack.name, sizeof(attack.name), "%.*s",
             (int)(suffix ? len - 3 : len), function);
    dprintf(STDOUT_FILENO, "# row %s: %s\n", attack.name, words);
}

/* One line of the report. */
static void
say(const char *kind, char *words)
{
    for (char *c = words; *c != '\0'; c++) {
        if (*c < ' ' || *c > '~')
            *c = '?';
    }
    dprintf(STDOUT_FILENO, "# %s %s: %s\n", kind, attack.name, words);
}

void
attack_saw(const char *format, ...)
{
    char words[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    say("saw", words);
}

void
attack_fault(const char *format, ...)
{
    const size_t used = strlen(attack.faults);
    char words[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    say("fault", words);
    snprintf(attack.faults + used, sizeof(attack.faults) - used, "%s%s",
             used > 0 ? "; " : "", words);
}

const char *
attack_code_name(int code)
{
    static const struct {
        int code;
        const char *name;
    } names[] = {
        { SASL_OK, "SASL_OK" },
        { SASL_CONTINUE, "SASL_CONTINUE" },
        { SASL_INTERACT, "SASL_INTERACT" },
        { SASL_FAIL, "SASL_FAIL" },
        { SASL_NOMEM, "SASL_NOMEM" },
        { SASL_NOMECH, "SASL_NOMECH" },
        { SASL_BADPROT, "SASL_BADPROT" },
        { SASL_NOTDONE, "SASL_NOTDONE" },
        { SASL_BADPARAM, "SASL_BADPARAM" },
        { SASL_BADSERV, "SASL_BADSERV" },
        { SASL_BADAUTH, "SASL_BADAUTH" },
        { SASL_NOAUTHZ, "SASL_NOAUTHZ" },
        { SASL_NOUSER, "SASL_NOUSER" },
        { SASL_CONFIGERR, "SASL_CONFIGERR" },
        { SASL_BADBINDING, "SASL_BADBINDING" },
    };

    for (size_t i = 0; i < COUNT(names); i++) {
        if (names[i].code == code)
            return names[i].name;
    }
    return "another code";
}

/* --- messages to the server -------------------------------------------- */

int
attack_start(const char *mech, const void *data, size_t len)
{
    char *copy = exact_copy(data, len);
    int code;

    attack.server_out = NULL;
    attack.server_out_len = 0;
    code = sasl_server_start(attack.server, mech, copy, (unsigned)len,
                             &attack.server_out, &attack.server_out_len);
    free(copy);
    return code;
}

int
attack_step(const void *data, size_t len)
{
    char *copy = exact_copy(data, len);
    int code;

    attack.server_out = NULL;
    attack.server_out_len = 0;
    code = sasl_server_step(attack.server, copy, (unsigned)len,
                            &attack.server_out, &attack.server_out_len);
    free(copy);
    return code;
}

int
attack_raw(const struct raw_ask *ask)
{
    char *message;
    size_t len;
    int code;

    raw_message(ask, &message, &len);
    code = attack_start("GS2-KRB5", message, len);
    free(message);
    return code;
}

int
attack_try(const struct raw_ask *ask)
{
    const int code = attack_raw(ask);

    return code == SASL_CONTINUE ? attack_step("", 0) : code;
}

int
attack_login(const char *header, const char *data)
{
    const struct raw_ask ask = { .header = header,
                                 .header_len = strlen(header), .data = data };

    return attack_try(&ask);
}

int
attack_plain(bool right_password)
{
    return right_password ? attack_start("PLAIN", OCTETS("\0carol\0right"))
                          : attack_start("PLAIN", OCTETS("\0carol\0wrong"));
}

/* --- the client -------------------------------------------------------- */

static void
answer_prompts(sasl_interact_t *prompt)
{
    for (; prompt != NULL && prompt->id != SASL_CB_LIST_END; prompt++) {
        prompt->result = prompt->id == SASL_CB_USER && attack.authzid != NULL
                         ? attack.authzid : "";
        prompt->len = (unsigned)strlen(prompt->result);
    }
}

int
attack_client_start(void)
{
    sasl_interact_t *prompts = NULL;
    const char *mech;
    int code = SASL_INTERACT;

    for (int i = 0; code == SASL_INTERACT && i < 4; i++) {
        answer_prompts(prompts);
        code = sasl_client_start(attack.client, "GS2-KRB5", &prompts,
                                 &attack.client_out, &attack.client_out_len,
                                 &mech);
    }
    return code;
}

int
attack_client_step(const char *in, size_t len)
{
    char *copy = in != NULL ? exact_copy(in, len) : NULL;
    int code;

    code = sasl_client_step(attack.client, copy, (unsigned)len, NULL,
                            &attack.client_out, &attack.client_out_len);
    free(copy);
    return code;
}

int
attack_dialogue(void)
{
    int client = attack_client_start(), server = SASL_CONTINUE;

    for (int i = 0; server == SASL_CONTINUE && i < 16; i++) {
        if (client != SASL_OK && client != SASL_CONTINUE)
            break;
        server = i == 0 ? attack_start("GS2-KRB5", attack.client_out,
                                       attack.client_out_len)
                        : attack_step(attack.client_out,
                                      attack.client_out_len);
        if (server == SASL_CONTINUE || attack.server_out_len > 0)
            client = attack_client_step(attack.server_out,
                                        attack.server_out_len);
    }
    return client == SASL_OK ? server : client;
}

/* --- what comes out of it ---------------------------------------------- */

const char *
attack_text(sasl_conn_t *conn)
{
    const char *text = sasl_errdetail(conn);

    return text != NULL ? text : "";
}

const char *
attack_user(sasl_conn_t *conn)
{
    const void *user = NULL;

    if (sasl_getprop(conn, SASL_USERNAME, &user) != SASL_OK || user == NULL)
        return "nobody";
    return user;
}

static void
must(sasl_conn_t *conn, int code, int wanted, const char *part)
{
    const char *text = attack_text(conn);

    if (code == SASL_OK)
        attack_saw("%s, as %s", attack_code_name(code), attack_user(conn));
    else
        attack_saw("%s, %s", attack_code_name(code), text);
    CHECK(code == wanted, "%s, not %s", attack_code_name(code),
          attack_code_name(wanted));
    CHECK(part == NULL || code != wanted || strstr(text, part) != NULL,
          "no \"%s\" in the text \"%s\"", part, text);
    CHECK(strstr(text, "(Success)") == NULL, "an empty reason: %s", text);
}

void
attack_server_must(int code, int wanted, const char *part)
{
    must(attack.server, code, wanted, part);
    if (code == SASL_OK || code == SASL_CONTINUE)
        return;
    CHECK(attack.server_out_len == 0,
          "%u octets are left to send after a failure",
          attack.server_out_len);
    attack_user_must("nobody");
}

void
attack_client_must(int code, int wanted, const char *part)
{
    must(attack.client, code, wanted, part);
}

void
attack_user_must(const char *wanted)
{
    const char *user = attack_user(attack.server);

    CHECK(strcmp(user, wanted) == 0, "the user is %s, not %s", user, wanted);
}

void
attack_nothing_called(void)
{
    CHECK(attack.accepts == 0 && attack.canons == 0 && attack.policies == 0,
          "called: gss_accept_sec_context %d, canon_user %d, proxy policy %d",
          attack.accepts, attack.canons, attack.policies);
}

void
attack_no_layer(sasl_conn_t *conn)
{
    const void *value = NULL;
    sasl_ssf_t ssf;

    ck_assert_int_eq(sasl_getprop(conn, SASL_SSF, &value), SASL_OK);
    ssf = *(const sasl_ssf_t *)value;
    attack_saw("then a security layer of SSF %u", ssf);
    CHECK(ssf == 0, "a security layer of SSF %u", ssf);
}

void
attack_stands_alone(void)
{
    int code = attack_start("GS2-KRB5", OCTETS("any data"));

    attack_saw("then GS2-KRB5 with any data: %s, as %s",
               attack_code_name(code), attack_user(attack.server));
    CHECK(code == SASL_BADPROT, "GS2-KRB5 with any data: %s, as %s",
          attack_code_name(code), attack_user(attack.server));
    code = attack_plain(false);
    attack_saw("then PLAIN with a wrong password: %s",
               attack_code_name(code));
    /* Here libsasl's own plugin leaves the name that was tried. */
    CHECK(code == SASL_BADAUTH || code == SASL_NOUSER,
          "PLAIN with a wrong password: %s, as %s", attack_code_name(code),
          attack_user(attack.server));
}
