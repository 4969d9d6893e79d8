/*
 * t_loop_client.c - the table of the client: RFC 7546 sections 2.1 to 2.3, 2.7
 * and 3, and rows S, G and I of doc/gs2.md, the step tables of
 * plugin/client.c.
 */
#include "t_loop.h"

#define ANON GSS_C_ANON_FLAG

/* A first message whose token is another than "token 1" has the same
 * bindings behind it. */
static const struct row rows[] = {
    /* --- 2.2: COMPLETE (rows G1 and G2) ---------------------------------- */
#define SOURCE "RFC 7546 2.2: COMPLETE, token empty: no further actions"
    { SOURCE, "client", "first", "COMPLETE, none: the header goes out", 1,
      .edits = { I(1, .token = NO_TOKEN, .bind = SAYS(GS2_BIND_IGNORE)) },
      .why = "", .seen = "C: OK [n,,]; S: BADPROT -" },
    { SOURCE, "client", "middle", "COMPLETE, none", 2,
      .seen = C1 S2 LAST_RESPONSE, .calls = 2 },
    { SOURCE, "client", "last", "COMPLETE, none", 4,
      .seen = C1 S2 C3 S4 LAST_RESPONSE, .calls = 3 },
    { SOURCE, "client", "last", "COMPLETE, none", 6,
      .seen = C1 S2 C3 S4 C5 S6 LAST_RESPONSE, .calls = 4 },
    { SOURCE, "client", "last", "COMPLETE, an empty one", 4,
      .edits = { I(3, .token = "") },
      .seen = C1 S2 C3 S4 LAST_RESPONSE, .calls = 3 },
#undef SOURCE
#define SOURCE "RFC 7546 2.2: COMPLETE, a token: must be sent"
    { SOURCE, "client", "first", "COMPLETE, token 1", 1,
      .seen = "C: OK [n,,token 1+27]; S: OK -", .calls = 1 },
    { SOURCE, "client", "middle", "COMPLETE, token 3", 3,
      .seen = C1 S2 "; C: OK [token 3]; S: OK -", .calls = 2 },
    { SOURCE, "client", "last", "COMPLETE, token 5", 5,
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: OK -", .calls = 3 },
    { SOURCE, "client", "last", "COMPLETE, token 7", 7,
      .seen = C1 S2 C3 S4 C5 S6 "; C: OK [token 7]; S: OK -", .calls = 4 },
#undef SOURCE

    /* --- CONTINUE (rows G3 and G4) --------------------------------------- */
#define SOURCE "RFC 7546 2.2: CONTINUE, a token: send and await"
    { SOURCE, "client", "first", "CONTINUE, token 1", 2,
      .seen = C1 S2 LAST_RESPONSE, .calls = 2 },
    { SOURCE, "client", "middle", "CONTINUE, token 3", 8,
      .seen = C1 S2 C3 S4 C5 S6 "; C: CONTINUE [token 7]"
              "; S: CONTINUE [token 8]" LAST_RESPONSE, .calls = 5 },
#undef SOURCE
#define SOURCE "RFC 7546 2.2: CONTINUE, token empty: should transmit"
    { SOURCE, "client", "first", "CONTINUE, none: the header goes out", 4,
      .edits = { I(1, .token = NO_TOKEN, .bind = SAYS(GS2_BIND_IGNORE)) },
      .why = "", .seen = "C: CONTINUE [n,,]; S: BADPROT -" },
    { SOURCE, "client", "middle", "CONTINUE, an empty one", 5,
      .edits = { I(2, .token = "") },
      .seen = C1 S2 "; C: CONTINUE []" S4 "; C: OK [token 5]; S: OK -" },
    { SOURCE, "client", "last", "CONTINUE, none", 6,
      .edits = { I(3, .token = NO_TOKEN) },
      .seen = C1 S2 C3 S4 "; C: CONTINUE []" S6 LAST_RESPONSE },
#undef SOURCE

    /* --- errors (rows G5, G6 and G9) ------------------------------------- */
#define SOURCE "RFC 7546 2.2: an error token; row G5: never sent, the failure"
    { SOURCE, "client", "first", "FAILURE, a token", 4,
      .edits = { I(1, .major = SAYS(GSS_S_FAILURE), .token = "sorry") },
      .why = "GSS initiator", .seen = "C: FAIL -", .calls = 1 },
    { SOURCE, "client", "middle", "FAILURE, a token", 5,
      .edits = { I(2, .major = SAYS(GSS_S_FAILURE), .token = "sorry") },
      .why = "GSS initiator", .seen = C1 S2 "; C: BADSERV -", .calls = 2 },
    { SOURCE, "client", "last", "BAD_MIC, a token", 5,
      .edits = { I(3, .major = SAYS(GSS_S_BAD_MIC), .token = "sorry") },
      .why = "Integrity Check", .seen = C1 S2 C3 S4 "; C: BADSERV -" },
    { SOURCE, "client", "last", "FAILURE, a token, at the server's success", 4,
      .edits = { I(3, .major = SAYS(GSS_S_FAILURE), .token = "sorry") },
      .success_data = true, .why = "GSS initiator",
      .seen = C1 S2 C3 "; S: OK [token 4]; C: BADSERV -" },
#undef SOURCE
#define SOURCE "RFC 7546 2.2: any other value: has failed"
    { SOURCE, "client", "first", "FAILURE, none", 4,
      .edits = { I(1, .major = SAYS(GSS_S_FAILURE), .token = NO_TOKEN) },
      .why = "GSS initiator", .seen = "C: FAIL -", .calls = 1 },
    { SOURCE, "client", "first", "NO_CRED, none, and no password", 4,
      .edits = { I(1, .major = SAYS(GSS_S_NO_CRED), .token = NO_TOKEN) },
      .why = "GSS initiator: scripted minor", .seen = "C: FAIL -",
      .calls = 1 },
    { SOURCE, "client", "middle", "CREDENTIALS_EXPIRED, none", 5,
      .edits = { I(2, .major = SAYS(GSS_S_CREDENTIALS_EXPIRED),
                   .token = NO_TOKEN) },
      .why = "expired", .seen = C1 S2 "; C: BADSERV -" },
    { SOURCE, "client", "last", "FAILURE, none", 6,
      .edits = { I(4, .major = SAYS(GSS_S_FAILURE)) },
      .why = "GSS initiator", .seen = C1 S2 C3 S4 C5 S6 "; C: BADSERV -" },
    { SOURCE, "client", "middle", "a calling error, a token", 5,
      .edits = { I(2, .major = SAYS(GSS_S_CALL_BAD_STRUCTURE)) },
      .why = "GSS initiator", .seen = C1 S2 "; C: BADSERV -" },
#undef SOURCE
#define SOURCE "row S1: error bits win over CONTINUE"
    { SOURCE, "client", "first", "FAILURE and CONTINUE, a token", 4,
      .edits = { I(1, .major = SAYS(GSS_S_FAILURE | GSS_S_CONTINUE_NEEDED)) },
      .why = "GSS initiator", .seen = "C: FAIL -" },
    { SOURCE, "client", "middle", "FAILURE and CONTINUE, a token", 5,
      .edits = { I(2, .major = SAYS(GSS_S_FAILURE | GSS_S_CONTINUE_NEEDED)) },
      .why = "GSS initiator", .seen = C1 S2 "; C: BADSERV -" },
    { SOURCE, "client", "last", "FAILURE, GAP_TOKEN and CONTINUE, none", 6,
      .edits = { I(4, .major = SAYS(GSS_S_FAILURE | GSS_S_CONTINUE_NEEDED |
                                    GSS_S_GAP_TOKEN)) },
      .why = "GSS initiator", .seen = C1 S2 C3 S4 C5 S6 "; C: BADSERV -" },
#undef SOURCE

    /* --- supplementary bits (rows A1, S2 and S4) ------------------------- */
#define SOURCE "row S2: supplementary bits never decide"
    { SOURCE, "client", "middle", "CONTINUE and DUPLICATE_TOKEN", 5,
      .edits = { I(2, .major = SAYS(GSS_S_CONTINUE_NEEDED |
                                    GSS_S_DUPLICATE_TOKEN)) },
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: OK -" },
    { SOURCE, "client", "middle", "CONTINUE and all of them", 6,
      .edits = { I(3, .major = SAYS(GSS_S_CONTINUE_NEEDED |
                                    ALL_SUPPLEMENTARY)) },
      .seen = C1 S2 C3 S4 C5 S6 LAST_RESPONSE },
    { SOURCE, "client", "last", "COMPLETE and OLD_TOKEN, a token", 5,
      .edits = { I(3, .major = SAYS(GSS_S_OLD_TOKEN)) },
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: OK -" },
    { SOURCE, "client", "last", "COMPLETE and UNSEQ_TOKEN, none", 6,
      .edits = { I(4, .major = SAYS(GSS_S_UNSEQ_TOKEN)) },
      .seen = C1 S2 C3 S4 C5 S6 LAST_RESPONSE },
    { SOURCE, "client", "last", "COMPLETE and all, but not mutual", 5,
      .edits = { I(3, .major = SAYS(ALL_SUPPLEMENTARY), .flags = SAYS(0)) },
      .why = "no mutual authentication", .seen = C1 S2 C3 S4 "; C: BADSERV -"
    },
#undef SOURCE
#define SOURCE "row S3: a context that is gone is a failure"
    { SOURCE, "client", "first", "CONTINUE and OLD_TOKEN (the glue drops it)",
      4, .edits = { I(1, .major = SAYS(GSS_S_CONTINUE_NEEDED |
                                       GSS_S_OLD_TOKEN)) },
      .why = "gave up the security context", .seen = "C: BADSERV -" },
    { SOURCE, "client", "first", "COMPLETE and GAP_TOKEN (the glue drops it)",
      1, .edits = { I(1, .major = SAYS(GSS_S_GAP_TOKEN)) },
      .why = "gave up the security context", .seen = "C: BADSERV -" },
    { SOURCE, "client", "last", "COMPLETE and OLD_TOKEN, a token, dropped", 5,
      .edits = { I(3, .major = SAYS(GSS_S_OLD_TOKEN), .drops = true) },
      .why = "the security context is not usable",
      .seen = C1 S2 C3 S4 "; C: BADSERV -" },
#undef SOURCE

    /* --- 2.1: anonymity (row S7) ----------------------------------------- */
#define SOURCE "RFC 7546 2.1: anon_state verified before a token is sent"
#define ASK .client_option = { "gs2_anonymous", "yes" }
    { SOURCE, "client", "first", "CONTINUE, a token, not granted", 5, ASK,
      .why = "does not keep the user anonymous", .seen = "C: FAIL -" },
    { SOURCE, "client", "first", "COMPLETE, a token, not granted", 1, ASK,
      .why = "does not keep the user anonymous", .seen = "C: FAIL -" },
    { SOURCE, "client", "middle", "CONTINUE, a token, not granted", 5, ASK,
      .edits = { I(1, .flags = SAYS(ANON)) },
      .why = "does not keep the user anonymous", .seen = C1 S2 "; C: BADSERV -"
    },
    { SOURCE, "client", "last", "COMPLETE, a token, not granted", 5, ASK,
      .edits = { I(1, .flags = SAYS(ANON)), I(2, .flags = SAYS(ANON)) },
      .why = "does not keep the user anonymous",
      .seen = C1 S2 C3 S4 "; C: BADSERV -" },
    { SOURCE, "client", "middle", "CONTINUE and OLD_TOKEN, not granted", 5,
      ASK, .edits = { I(1, .flags = SAYS(ANON)),
                      I(2, .major = SAYS(GSS_S_CONTINUE_NEEDED |
                                         GSS_S_OLD_TOKEN)) },
      .why = "does not keep the user anonymous", .seen = C1 S2 "; C: BADSERV -"
    },
    { SOURCE, "client", "all", "granted in every call", 5, ASK,
      .edits = { I(1, .flags = SAYS(ANON)), I(2, .flags = SAYS(ANON)),
                 I(3, .flags = SAYS(ANON | MUTUAL)) },
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: OK -" },
    { SOURCE, "client", "all", "not asked for: not minded", 5,
      .edits = { I(1, .flags = SAYS(ANON)) },
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: OK -" },
#undef SOURCE
#undef ASK

    /* --- section 3 (rows A2 and S6) -------------------------------------- */
#define SOURCE "RFC 7546 3: the initiator must verify the flags it needs"
    { SOURCE, "client", "first", "COMPLETE, a token, no MUTUAL", 1,
      .edits = { I(1, .flags = SAYS(0)) },
      .why = "no mutual authentication", .seen = "C: BADSERV -" },
    { SOURCE, "client", "middle", "COMPLETE, a token, no MUTUAL", 3,
      .edits = { I(2, .flags = SAYS(GSS_C_SEQUENCE_FLAG)) },
      .why = "no mutual authentication", .seen = C1 S2 "; C: BADSERV -" },
    { SOURCE, "client", "last", "MUTUAL in all calls but the last", 4,
      .edits = { I(1, .flags = SAYS(MUTUAL)), I(2, .flags = SAYS(MUTUAL)),
                 I(3, .flags = SAYS(GSS_C_SEQUENCE_FLAG)) },
      .why = "no mutual authentication", .seen = C1 S2 C3 S4 "; C: BADSERV -"
    },
    { SOURCE, "client", "last", "MUTUAL and nothing else", 4,
      .edits = { I(3, .flags = SAYS(MUTUAL)) },
      .seen = C1 S2 C3 S4 LAST_RESPONSE },
    { "row S6: the mechanism must be the one negotiated", "client",
      "last", "COMPLETE, mech_type of another", 4,
      .edits = { I(3, .mech_type = GS2_MECH_OTHER) },
      .why = "not of GS2-SCRIPT as negotiated",
      .seen = C1 S2 C3 S4 "; C: BADSERV -" },
    { "row S5: prot_ready is never used", "client", "middle",
      "CONTINUE with PROT_READY and MUTUAL", 6,
      .edits = { I(2, .flags = SAYS(GSS_C_PROT_READY_FLAG | MUTUAL)) },
      .seen = C1 S2 C3 S4 C5 S6 LAST_RESPONSE, .calls = 4 },
#undef SOURCE

    /* --- 2.7, and rows I6, I7 and I10 ------------------------------------ */
#define SOURCE "row I6: waiting, NULL: BADSERV, no GSS call"
    { SOURCE, "client", "first", "no challenge (NULL)", 2,
      .tamper = { 2, { NULL, 0 } }, .calls = 1,
      .why = "claims success before it has proved who it is",
      .seen = C1 S2 "; C: BADSERV -" },
    { SOURCE, "client", "middle", "no challenge (NULL)", 6,
      .tamper = { 4, { NULL, 0 } }, .calls = 2,
      .why = "claims success before it has proved who it is",
      .seen = C1 S2 C3 S4 "; C: BADSERV -" },
    { SOURCE, "client", "first", "the server says OK at once", 4,
      .edits = { A(1, .major = SAYS(GSS_S_COMPLETE), .token = NO_TOKEN,
                   .flags = SAYS(MUTUAL)) },
      .null_at_success = true, .calls = 1,
      .why = "claims success before it has proved who it is",
      .seen = C1 "; S: OK -; C: BADSERV -" },
    { SOURCE, "client", "middle", "the server says OK too soon", 6,
      .edits = { A(2, .major = SAYS(GSS_S_COMPLETE), .token = NO_TOKEN,
                   .flags = SAYS(MUTUAL)) },
      .null_at_success = true, .calls = 2,
      .why = "claims success before it has proved who it is",
      .seen = C1 S2 C3 "; S: OK -; C: BADSERV -" },
#undef SOURCE
    { "row I10: established, success without data", "client", "last",
      "the server says OK", 3, .null_at_success = true, .seen = C1 S2
      "; C: OK [token 3]; S: OK -; C: OK []", .calls = 2 },
#define SOURCE "row I7: waiting, empty: hand it to GSS"
    { SOURCE, "client", "first", "a challenge of no octets", 4,
      .edits = { A(1, .token = "") },
      .seen = C1 "; S: CONTINUE []" C3 S4 LAST_RESPONSE, .calls = 3 },
    { SOURCE, "client", "last", "a challenge of no octets", 5,
      .edits = { A(2, .token = "") },
      .seen = C1 S2 C3 "; S: CONTINUE []; C: OK [token 5]; S: OK -",
      .calls = 3 },
    { SOURCE, "client", "first", "one that the mechanism does not expect", 4,
      .tamper = { 2, GS2_MESSAGE("") }, .calls = 2,
      .why = "not the token that the script expects",
      .seen = C1 S2 "; C: BADSERV -" },
    { SOURCE, "client", "middle", "a challenge of other octets", 6,
      .tamper = { 4, GS2_MESSAGE("token 5") }, .calls = 3,
      .why = "not the token that the script expects",
      .seen = C1 S2 C3 S4 "; C: BADSERV -" },
#undef SOURCE

    /* --- 3.2: additional tokens (row I9) --------------------------------- */
#define SOURCE "RFC 7546 3.2: extra tokens, then GSS_Inquire_context"
/* The client is complete after its second call; the server has one more. */
#define EXTRA                                                                 \
    .edits = { I(2, .major = SAYS(GSS_S_COMPLETE), .flags = SAYS(MUTUAL)),    \
               A(2, .token = "extra"), I(3, .token = "") },                   \
    .calls = 2
    { SOURCE, "client", "last", "a good one", 5, EXTRA, .has_extra = true,
      .seen = C1 S2 "; C: OK [token 3]; S: CONTINUE [extra]" LAST_RESPONSE },
    { SOURCE, "client", "last", "one that leaves the context closed", 5, EXTRA,
      .has_extra = true, .extra = { .closes = true },
      .why = "deleted the security context",
      .seen = C1 S2 "; C: OK [token 3]; S: CONTINUE [extra]; C: BADSERV -" },
    { SOURCE, "client", "last", "a deletion token (NO_CONTEXT)", 5, EXTRA,
      .has_extra = true, .extra = { .drops_context = true },
      .why = "the security context is not usable",
      .seen = C1 S2 "; C: OK [token 3]; S: CONTINUE [extra]; C: BADSERV -" },
    { SOURCE, "client", "last", "one that takes MUTUAL away", 5, EXTRA,
      .has_extra = true, .extra = { .clear_flags = MUTUAL },
      .why = "no mutual authentication",
      .seen = C1 S2 "; C: OK [token 3]; S: CONTINUE [extra]; C: BADSERV -" },
    { SOURCE, "client", "last", "a failing one", 5, EXTRA, .has_extra = true,
      .extra = { .major = GSS_S_FAILURE },
      .why = "a token after the end of the negotiation",
      .seen = C1 S2 "; C: OK [token 3]; S: CONTINUE [extra]; C: BADSERV -" },
    { SOURCE, "client", "last", "one that the mechanism does not know", 5,
      EXTRA, .why = "a token after the end of the negotiation",
      .seen = C1 S2 "; C: OK [token 3]; S: CONTINUE [extra]; C: BADSERV -" },
    { SOURCE, "client", "last", "one with the server's success", 4,
      .edits = { I(2, .major = SAYS(GSS_S_COMPLETE), .flags = SAYS(MUTUAL)) },
      .success_data = true, .has_extra = true,
      .extra = { .closes = true }, .calls = 2,
      .why = "deleted the security context",
      .seen = C1 S2 "; C: OK [token 3]; S: OK [token 4]; C: BADSERV -" },
#undef SOURCE
#undef EXTRA
};

START_TEST(client)
{
    t_loop_row(&rows[_i]);
}
END_TEST

TESTS(t_loop_client,
      TABLE(client, rows))
