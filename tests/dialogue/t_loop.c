/*
 * t_loop.c - the negotiation loop by the book: RFC 7546 sections 2 and 3, and
 * rows S, G, I and U of doc/gs2.md (the step tables of plugin/server.c and
 * plugin/client.c), with both ends driven through libsasl and a mechanism that
 * plays scripts.
 *
 * Each test prints one comment:  source | role | leg | script | exchange seen
 * The exchange is in the words of dialogue.h.  The tables are in
 * t_loop_server.c and t_loop_client.c; what a row cannot say is in
 * t_loop_more.c, t_loop_first.c and t_loop_size.c.
 */
#include "t_loop.h"

#include <stdio.h>
#include <string.h>

#include "tests/lib/suite.h"
#include "t_loop_more.h"

struct gs2_script script;
struct gs2_dialogue d;

static struct gs2_octets
octets(const char *token)
{
    if (strcmp(token, NO_TOKEN) == 0)
        return (struct gs2_octets){ NULL, 0 };
    return (struct gs2_octets){ token, strlen(token) };
}

/* The other side must not mind the token that an edit sends. */
static void
edit_token(const struct edit *e, struct gs2_script_leg *leg)
{
    struct gs2_script_leg *peer = e->side == INITIATOR
                                  ? &script.acceptor[e->leg - 1]
                                  : &script.initiator[e->leg];

    leg->token = octets(e->token);
    peer->expect = leg->token;
    if (peer->expect.data == NULL)
        peer->expect.data = "";
}

void
t_loop_edit(const struct edit *e)
{
    struct gs2_script_leg *leg;

    if (e->leg == 0)
        return;
    leg = e->side == INITIATOR ? &script.initiator[e->leg - 1]
                               : &script.acceptor[e->leg - 1];
    if (e->major != 0)
        leg->major = (OM_uint32)e->major;
    if (e->flags != 0)
        leg->flags = (OM_uint32)e->flags;
    if (e->bind != 0)
        leg->bind = (enum gs2_script_bind)(unsigned)e->bind;
    if (e->token != NULL)
        edit_token(e, leg);
    leg->drops_context = e->drops;
    leg->mech_type = e->mech_type;
}

/* What holds at the end of any dialogue whatever: inputs were fixed (RFC 7546
 * section 2), no deletion token was asked for (3.2), a refused login left
 * nothing (rows S8, S10 and G7). */
void
t_loop_end(void)
{
    const struct gs2_call *call;
    struct gs2_script_live live;

    if (strstr(d.exchange, "S: OK") == NULL) {
        ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_USERNAME), "-");
        ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_AUTHUSER), "-");
        ck_assert(!gs2_dialogue_has(d.server, SASL_GSS_PEER_NAME));
    }
    if (d.client_code < SASL_OK) {
        ck_assert_str_eq(gs2_dialogue_property(d.client, SASL_USERNAME), "-");
        ck_assert_str_eq(gs2_dialogue_property(d.client, SASL_AUTHUSER), "-");
        ck_assert(!gs2_dialogue_has(d.client, SASL_GSS_PEER_NAME));
        ck_assert(!gs2_dialogue_has(d.client, SASL_GSS_LOCAL_NAME));
    }
    gs2_dialogue_close(&d);
    for (unsigned i = 1; i <= 2; i++)
        ck_assert_ptr_null(sm->varied_input(i));
    for (unsigned i = 1;
         (call = sm->call(GS2_CALL_DELETE_CONTEXT, i)) != NULL; i++)
        ck_assert(!call->output_token);
    live = sm->live();
    ck_assert_uint_eq(live.contexts, 0);
    ck_assert_uint_eq(live.creds, 0);
    ck_assert_uint_eq(live.names, 0);
    sm->reset();
}

void
t_loop_start(unsigned tokens)
{
    sm->reset();
    gs2_script_honest(&script, tokens);
    sm->install(GS2_OID_A, &script);
    gs2_dialogue_init(&d);
}

void
t_loop_print(const char *source, const char *role, const char *leg,
             const char *what, const char *seen)
{
    printf("# %s | %s | %s | %s | %s\n", source, role, leg, what, seen);
    fflush(stdout);
}

static void
set_up(const struct row *row)
{
    t_loop_start(row->tokens);
    for (size_t i = 0; i < sizeof(row->edits) / sizeof(row->edits[0]); i++)
        t_loop_edit(&row->edits[i]);
    script.other_oid = GS2_OID_B;
    script.extras[0] = row->extra;
    script.extra_count = row->has_extra;
    if (row->server_option.name != NULL)
        d.server_options[0] = row->server_option;
    if (row->client_option.name != NULL)
        d.client_options[0] = row->client_option;
    d.tampers[0] = row->tamper;
    d.success_data = row->success_data;
    d.null_at_success = row->null_at_success;
}

void
t_loop_row(const struct row *row)
{
    const bool server = strcmp(row->role, "server") == 0;

    set_up(row);
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    if (row->step_again) {
        gs2_dialogue_say(&d, "once more", row->step_len);
        (void)gs2_dialogue_server_step(&d);
    }
    t_loop_print(row->source, row->role, row->leg, row->script, d.exchange);
    ck_assert_str_eq(d.exchange, row->seen);
    if (row->why == NULL)
        ck_assert_int_eq(d.server_code, SASL_OK);
    else
        ck_assert_msg(strstr(server ? d.server_error : d.client_error,
                             row->why) != NULL,
                      "\"%s\" is not in \"%s\"", row->why,
                      server ? d.server_error : d.client_error);
    if (row->calls > 0)
        ck_assert_uint_eq(sm->count(server ? GS2_CALL_ACCEPT : GS2_CALL_INIT),
                          row->calls);
    t_loop_end();
}

SUITE("loop",
      PREPARE(scripted_all),
      TIMEOUT(60),
      MORE(t_loop_server),
      MORE(t_loop_client),
      MORE(t_loop_more),
      MORE(t_loop_first),
      MORE(t_loop_size))
