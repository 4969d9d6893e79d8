/*
 * t_loop_server.c - the table of the server: RFC 7546 sections 2.4 to 2.6 and
 * 3, and rows S, G and I of doc/gs2.md, the step tables of plugin/server.c.
 */
#include "t_loop.h"

static const struct row rows[] = {
    /* --- 2.5: COMPLETE and no token (row G1) ----------------------------- */
#define SOURCE "RFC 7546 2.5: COMPLETE, token empty: no further actions"
    { SOURCE, "server", "first", "COMPLETE, none", 1,
      .seen = "C: OK [n,,token 1+27]; S: OK -", .calls = 1 },
    { SOURCE, "server", "middle", "COMPLETE, none", 3,
      .seen = C1 S2 "; C: OK [token 3]; S: OK -", .calls = 2 },
    { SOURCE, "server", "last", "COMPLETE, none", 5,
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: OK -", .calls = 3 },
    { SOURCE, "server", "last", "COMPLETE, none", 7,
      .seen = C1 S2 C3 S4 C5 S6 "; C: OK [token 7]; S: OK -", .calls = 4 },
    { SOURCE, "server", "last", "COMPLETE, none; SASL_SUCCESS_DATA", 3,
      .success_data = true, .seen = C1 S2 "; C: OK [token 3]; S: OK -" },
    { SOURCE, "server", "last", "COMPLETE, an empty one", 3,
      .edits = { A(2, .token = "") },
      .seen = C1 S2 "; C: OK [token 3]; S: OK -" },
#undef SOURCE

    /* --- COMPLETE and a token (rows G2 and G8) --------------------------- */
#define SOURCE "RFC 7546 2.5: COMPLETE, a token: must be sent"
    { SOURCE, "server", "first", "COMPLETE, token 2", 2,
      .seen = C1 S2 LAST_RESPONSE, .calls = 1 },
    { SOURCE, "server", "middle", "COMPLETE, token 4", 4,
      .seen = C1 S2 C3 S4 LAST_RESPONSE, .calls = 2 },
    { SOURCE, "server", "last", "COMPLETE, token 6", 6,
      .seen = C1 S2 C3 S4 C5 S6 LAST_RESPONSE, .calls = 3 },
    { SOURCE, "server", "last", "COMPLETE, token 8", 8,
      .seen = C1 S2 C3 S4 C5 S6 "; C: CONTINUE [token 7]"
              "; S: CONTINUE [token 8]" LAST_RESPONSE, .calls = 4 },
    { SOURCE, "server", "first", "the same with SASL_SUCCESS_DATA", 2,
      .success_data = true, .seen = C1 "; S: OK [token 2]; C: OK []" },
    { SOURCE, "server", "middle", "the same with SASL_SUCCESS_DATA", 4,
      .success_data = true, .seen = C1 S2 C3 "; S: OK [token 4]; C: OK []" },
    { SOURCE, "server", "last", "the same with SASL_SUCCESS_DATA", 6,
      .success_data = true,
      .seen = C1 S2 C3 S4 C5 "; S: OK [token 6]; C: OK []" },
#undef SOURCE

    /* --- CONTINUE (rows G3 and G4) --------------------------------------- */
#define SOURCE "RFC 7546 2.5: CONTINUE, token empty: should be transmitted"
    { SOURCE, "server", "first", "CONTINUE, an empty one", 4,
      .edits = { A(1, .token = "") },
      .seen = C1 "; S: CONTINUE []" C3 S4 LAST_RESPONSE },
    { SOURCE, "server", "first", "CONTINUE, none", 4,
      .edits = { A(1, .token = NO_TOKEN) },
      .seen = C1 "; S: CONTINUE []" C3 S4 LAST_RESPONSE },
    { SOURCE, "server", "middle", "CONTINUE, an empty one", 6,
      .edits = { A(2, .token = "") },
      .seen = C1 S2 C3 "; S: CONTINUE []" C5 S6 LAST_RESPONSE },
    { SOURCE, "server", "last", "CONTINUE, none", 7,
      .edits = { A(3, .token = NO_TOKEN) },
      .seen = C1 S2 C3 S4 C5 "; S: CONTINUE []; C: OK [token 7]; S: OK -" },
    { SOURCE, "server", "all", "CONTINUE, none, three times", 7,
      .edits = { A(1, .token = NO_TOKEN), A(2, .token = NO_TOKEN),
                 A(3, .token = NO_TOKEN) },
      .seen = C1 "; S: CONTINUE []" C3 "; S: CONTINUE []" C5
              "; S: CONTINUE []; C: OK [token 7]; S: OK -" },
#undef SOURCE

    /* --- errors (rows G5, G6 and I12) ------------------------------------ */
#define SOURCE "RFC 7546 2.5: an error token should be sent"
    { SOURCE, "server", "first", "FAILURE, a token; the client goes on", 4,
      .edits = { A(1, .major = SAYS(GSS_S_FAILURE), .token = "sorry") },
      .calls = 1, .why = "GSS acceptor",
      .seen = C1 "; S: CONTINUE [sorry]; C: CONTINUE [token 3]; S: BADAUTH -"
    },
    { SOURCE, "server", "middle", "BAD_MIC, a token; then a step", 6,
      .edits = { A(2, .major = SAYS(GSS_S_BAD_MIC), .token = "sorry"),
                 I(3, .major = SAYS(GSS_S_DEFECTIVE_TOKEN), .token = "") },
      .step_again = true, .step_len = 9, .calls = 2,
      .why = "Integrity Check",
      .seen = C1 S2 C3 "; S: CONTINUE [sorry]; C: BADSERV -; S: BADAUTH -" },
    { SOURCE, "server", "last", "FAILURE, a token; then an empty step", 6,
      .edits = { A(3, .major = SAYS(GSS_S_FAILURE), .token = "sorry"),
                 I(4, .major = SAYS(GSS_S_FAILURE)) },
      .step_again = true, .calls = 3, .why = "GSS acceptor",
      .seen = C1 S2 C3 S4 C5
              "; S: CONTINUE [sorry]; C: BADSERV -; S: BADAUTH -" },
    { SOURCE, "server", "first", "FAILURE, a token; SASL_SUCCESS_DATA", 2,
      .edits = { A(1, .major = SAYS(GSS_S_FAILURE), .token = "sorry"),
                 I(2, .major = SAYS(GSS_S_FAILURE)) },
      .success_data = true, .step_again = true, .why = "GSS acceptor",
      .seen = C1 "; S: CONTINUE [sorry]; C: BADSERV -; S: BADAUTH -" },
    { SOURCE, "server", "first", "FAILURE, a token; the client says OK", 2,
      .edits = { A(1, .major = SAYS(GSS_S_FAILURE), .token = "sorry") },
      .why = "GSS acceptor",
      .seen = C1 "; S: CONTINUE [sorry]; C: OK []; S: BADAUTH -" },
#undef SOURCE
#define SOURCE "row G5: gs2_error_tokens: no"
    { SOURCE, "server", "first", "FAILURE, a token", 4,
      .edits = { A(1, .major = SAYS(GSS_S_FAILURE), .token = "sorry") },
      .server_option = { "gs2_error_tokens", "no" }, .why = "GSS acceptor",
      .seen = C1 "; S: BADAUTH -" },
    { SOURCE, "server", "last", "FAILURE, a token", 6,
      .edits = { A(3, .major = SAYS(GSS_S_FAILURE), .token = "sorry") },
      .server_option = { "gs2_error_tokens", "no" }, .why = "GSS acceptor",
      .seen = C1 S2 C3 S4 C5 "; S: BADAUTH -" },
#undef SOURCE
#define SOURCE "RFC 7546 2.5: any other value: has failed"
    { SOURCE, "server", "first", "FAILURE, none; then a step", 4,
      .edits = { A(1, .major = SAYS(GSS_S_FAILURE), .token = NO_TOKEN) },
      .step_again = true, .step_len = 9, .calls = 1, .why = "had failed",
      .seen = C1 "; S: BADAUTH -; S: FAIL -" },
    { SOURCE, "server", "middle", "FAILURE, an empty one", 6,
      .edits = { A(2, .major = SAYS(GSS_S_FAILURE), .token = "") },
      .why = "GSS acceptor", .seen = C1 S2 C3 "; S: BADAUTH -" },
    { SOURCE, "server", "last", "NO_CRED, none", 5,
      .edits = { A(3, .major = SAYS(GSS_S_NO_CRED)) },
      .why = "the server cannot accept a GSS token; its log says why",
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: FAIL -" },
    { SOURCE, "server", "last", "CREDENTIALS_EXPIRED, none", 3,
      .edits = { A(2, .major = SAYS(GSS_S_CREDENTIALS_EXPIRED)) },
      .why = "the server cannot accept a GSS token; its log says why",
      .seen = C1 S2 "; C: OK [token 3]; S: FAIL -" },
    { SOURCE, "server", "middle", "a calling error, none", 6,
      .edits = { A(2, .major = SAYS(GSS_S_CALL_BAD_STRUCTURE),
                   .token = NO_TOKEN) },
      .why = "GSS acceptor", .seen = C1 S2 C3 "; S: BADAUTH -" },
    { SOURCE, "server", "first", "BAD_BINDINGS, none", 2,
      .edits = { A(1, .major = SAYS(GSS_S_BAD_BINDINGS), .token = NO_TOKEN) },
      .why = "channel bindings", .seen = C1 "; S: BADBINDING -" },
#undef SOURCE
#define SOURCE "row S1: error bits win over CONTINUE"
    { SOURCE, "server", "first", "FAILURE and CONTINUE, none", 4,
      .edits = { A(1, .major = SAYS(GSS_S_FAILURE | GSS_S_CONTINUE_NEEDED),
                   .token = NO_TOKEN) },
      .why = "GSS acceptor", .seen = C1 "; S: BADAUTH -" },
    { SOURCE, "server", "middle", "FAILURE and CONTINUE, a token", 6,
      .edits = { A(2, .major = SAYS(GSS_S_FAILURE | GSS_S_CONTINUE_NEEDED),
                   .token = "sorry"),
                 I(3, .major = SAYS(GSS_S_FAILURE)) },
      .step_again = true, .why = "GSS acceptor",
      .seen = C1 S2 C3 "; S: CONTINUE [sorry]; C: BADSERV -; S: BADAUTH -" },
    { SOURCE, "server", "last", "FAILURE, OLD_TOKEN and CONTINUE, none", 5,
      .edits = { A(3, .major = SAYS(GSS_S_FAILURE | GSS_S_CONTINUE_NEEDED |
                                    GSS_S_OLD_TOKEN)) },
      .why = "GSS acceptor",
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: BADAUTH -" },
#undef SOURCE

    /* --- supplementary bits (rows A1, S2 and S4) ------------------------- */
#define SOURCE "row S2: supplementary bits never decide"
    { SOURCE, "server", "middle", "CONTINUE and DUPLICATE_TOKEN", 6,
      .edits = { A(2, .major = SAYS(GSS_S_CONTINUE_NEEDED |
                                    GSS_S_DUPLICATE_TOKEN)) },
      .seen = C1 S2 C3 S4 C5 S6 LAST_RESPONSE },
    { SOURCE, "server", "middle", "CONTINUE and all of them", 6,
      .edits = { A(2, .major = SAYS(GSS_S_CONTINUE_NEEDED |
                                    ALL_SUPPLEMENTARY)) },
      .seen = C1 S2 C3 S4 C5 S6 LAST_RESPONSE },
    { SOURCE, "server", "middle", "COMPLETE and OLD_TOKEN, none", 3,
      .edits = { A(2, .major = SAYS(GSS_S_OLD_TOKEN)) },
      .seen = C1 S2 "; C: OK [token 3]; S: OK -" },
    { SOURCE, "server", "last", "COMPLETE and DUPLICATE_TOKEN, none", 5,
      .edits = { A(3, .major = SAYS(GSS_S_DUPLICATE_TOKEN)) },
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: OK -" },
    { SOURCE, "server", "last", "COMPLETE and UNSEQ_TOKEN, a token", 6,
      .edits = { A(3, .major = SAYS(GSS_S_UNSEQ_TOKEN)) },
      .seen = C1 S2 C3 S4 C5 S6 LAST_RESPONSE },
    { SOURCE, "server", "last", "COMPLETE and GAP_TOKEN, none", 5,
      .edits = { A(3, .major = SAYS(GSS_S_GAP_TOKEN)) },
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: OK -" },
    { SOURCE, "server", "last", "COMPLETE and all; SASL_SUCCESS_DATA", 4,
      .edits = { A(2, .major = SAYS(ALL_SUPPLEMENTARY)) },
      .success_data = true, .seen = C1 S2 C3 "; S: OK [token 4]; C: OK []" },
    { SOURCE, "server", "last", "COMPLETE and all, but not mutual", 5,
      .edits = { A(3, .major = SAYS(ALL_SUPPLEMENTARY), .flags = SAYS(0)) },
      .why = "no mutual authentication",
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: BADAUTH -" },
#undef SOURCE
#define SOURCE "row S3: a context that is gone is a failure"
    { SOURCE, "server", "first", "COMPLETE and OLD_TOKEN (the glue drops it)",
      2, .edits = { A(1, .major = SAYS(GSS_S_OLD_TOKEN)) },
      .why = "gave up the security context", .seen = C1 "; S: BADAUTH -" },
    { SOURCE, "server", "first", "CONTINUE and OLD_TOKEN (the glue drops it)",
      4, .edits = { A(1, .major = SAYS(GSS_S_CONTINUE_NEEDED |
                                       GSS_S_OLD_TOKEN)) },
      .why = "gave up the security context", .seen = C1 "; S: BADAUTH -" },
    { SOURCE, "server", "first", "CONTINUE, dropped: found at the next call",
      4, .edits = { A(1, .drops = true) }, .why = "GSS acceptor",
      .seen = C1 S2 C3 "; S: BADAUTH -" },
    { SOURCE, "server", "middle", "CONTINUE, dropped: found at the next call",
      6, .edits = { A(2, .drops = true) }, .why = "GSS acceptor",
      .seen = C1 S2 C3 S4 C5 "; S: BADAUTH -" },
    { SOURCE, "server", "last", "COMPLETE and OLD_TOKEN, a token, dropped", 6,
      .edits = { A(3, .major = SAYS(GSS_S_OLD_TOKEN), .drops = true) },
      .why = "the security context is not usable",
      .seen = C1 S2 C3 S4 C5 "; S: BADAUTH -" },
    { SOURCE, "server", "last", "FAILURE, a token, dropped", 6,
      .edits = { A(3, .major = SAYS(GSS_S_FAILURE), .token = "sorry",
                   .drops = true), I(4, .major = SAYS(GSS_S_FAILURE)) },
      .step_again = true, .why = "GSS acceptor",
      .seen = C1 S2 C3 S4 C5
              "; S: CONTINUE [sorry]; C: BADSERV -; S: BADAUTH -" },
#undef SOURCE

    /* --- section 3: flags, mechanism (rows A2, S6 and U1) ---------------- */
#define SOURCE "RFC 7546 3: a necessary flag not set: destroy the context"
    { SOURCE, "server", "first", "COMPLETE, a token, no MUTUAL", 2,
      .edits = { A(1, .flags = SAYS(0)) },
      .why = "no mutual authentication", .seen = C1 "; S: BADAUTH -" },
    { SOURCE, "server", "middle", "COMPLETE, a token, no MUTUAL", 4,
      .edits = { A(2, .flags = SAYS(GSS_C_SEQUENCE_FLAG)) },
      .success_data = true, .why = "no mutual authentication",
      .seen = C1 S2 C3 "; S: BADAUTH -" },
    { SOURCE, "server", "last", "MUTUAL in all calls but the last", 5,
      .edits = { A(1, .flags = SAYS(MUTUAL)), A(2, .flags = SAYS(MUTUAL)),
                 A(3, .flags = SAYS(GSS_C_SEQUENCE_FLAG)) },
      .why = "no mutual authentication",
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: BADAUTH -" },
    { SOURCE, "server", "last", "MUTUAL and nothing else", 5,
      .edits = { A(3, .flags = SAYS(MUTUAL)) },
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: OK -" },
    { SOURCE, "server", "first", "unbound, the acceptor takes it as krb5", 2,
      .edits = { I(1, .bind = SAYS(GS2_BIND_SEND_NONE)),
                 A(1, .bind = SAYS(GS2_BIND_LAX)) },
      .why = "not bound to the GS2 header",
      .seen = "C: CONTINUE [n,,token 1+4]; S: BADBINDING -" },
    { SOURCE, "server", "last", "unbound, the acceptor takes it as krb5", 6,
      .edits = { I(1, .bind = SAYS(GS2_BIND_SEND_NONE)),
                 A(1, .bind = SAYS(GS2_BIND_LAX)) },
      .why = "not bound to the GS2 header",
      .seen = "C: CONTINUE [n,,token 1+4]" S2 C3 S4 C5 "; S: BADBINDING -" },
    { SOURCE, "server", "first", "unbound, the acceptor minds", 2,
      .edits = { I(1, .bind = SAYS(GS2_BIND_SEND_NONE)),
                 A(1, .token = NO_TOKEN) },
      .why = "the channel bindings differ",
      .seen = "C: CONTINUE [n,,token 1+4]; S: BADBINDING -" },
    { SOURCE, "server", "first", "bound, the acceptor takes it as krb5", 2,
      .edits = { A(1, .bind = SAYS(GS2_BIND_LAX)) },
      .seen = C1 S2 LAST_RESPONSE },
    { SOURCE, "server", "last", "verified without the flag", 3,
      .edits = { A(1, .bind = SAYS(GS2_BIND_SILENT)) },
      .why = "not bound to the GS2 header",
      .seen = C1 S2 "; C: OK [token 3]; S: BADBINDING -" },
#undef SOURCE
#define SOURCE "row U3: gs2_binding_verified_by"
    { SOURCE, "server", "last", "verified without the flag", 3,
      .edits = { A(1, .bind = SAYS(GS2_BIND_SILENT)) },
      .server_option = { "gs2_binding_verified_by", "GS2-X GS2-SCRIPT" },
      .seen = C1 S2 "; C: OK [token 3]; S: OK -" },
    { SOURCE, "server", "last", "the same, another is named", 3,
      .edits = { A(1, .bind = SAYS(GS2_BIND_SILENT)) },
      .server_option = { "gs2_binding_verified_by", "GS2-SCRIP GS2-SCRIPTS" },
      .why = "not bound to the GS2 header",
      .seen = C1 S2 "; C: OK [token 3]; S: BADBINDING -" },
    { SOURCE, "server", "first", "named, but nothing was bound", 2,
      .edits = { I(1, .bind = SAYS(GS2_BIND_SEND_NONE)),
                 A(1, .bind = SAYS(GS2_BIND_SILENT), .token = NO_TOKEN) },
      .server_option = { "gs2_binding_verified_by", "GS2-SCRIPT" },
      .why = "the channel bindings differ",
      .seen = "C: CONTINUE [n,,token 1+4]; S: BADBINDING -" },
#undef SOURCE
#define SOURCE "row S6: the mechanism must be the one negotiated"
    { SOURCE, "server", "first", "COMPLETE, a token, mech_type of another", 2,
      .edits = { A(1, .mech_type = GS2_MECH_OTHER) },
      .why = "is of mechanism 1.3.6.1.4.1.32473.1.2, not of GS2-SCRIPT",
      .seen = C1 "; S: BADAUTH -" },
    { SOURCE, "server", "last", "COMPLETE, mech_type of another", 5,
      .edits = { A(3, .mech_type = GS2_MECH_OTHER) },
      .why = "not of GS2-SCRIPT as negotiated",
      .seen = C1 S2 C3 S4 "; C: OK [token 5]; S: BADAUTH -" },
#undef SOURCE
    { "row S5: prot_ready is never used", "server", "middle",
      "CONTINUE with PROT_READY and MUTUAL", 6,
      .edits = { A(2, .flags = SAYS(GSS_C_PROT_READY_FLAG | MUTUAL)) },
      .seen = C1 S2 C3 S4 C5 S6 LAST_RESPONSE, .calls = 3 },

    /* --- 3.2: additional tokens (row I9) --------------------------------- */
#define SOURCE "RFC 7546 3.2: extra tokens, then GSS_Inquire_context"
#define EXTRA .has_extra = true, .tamper = { 3, GS2_MESSAGE("extra") }
    { SOURCE, "server", "last", "a good one", 2, EXTRA,
      .seen = C1 S2 LAST_RESPONSE },
    { SOURCE, "server", "last", "a good one after six tokens", 6,
      .has_extra = true, .tamper = { 7, GS2_MESSAGE("extra") },
      .seen = C1 S2 C3 S4 C5 S6 LAST_RESPONSE },
    { SOURCE, "server", "last", "one that leaves the context closed", 2, EXTRA,
      .extra = { .closes = true }, .why = "deleted the security context",
      .seen = C1 S2 "; C: OK []; S: BADAUTH -" },
    { SOURCE, "server", "last", "a deletion token (NO_CONTEXT)", 2, EXTRA,
      .extra = { .drops_context = true },
      .why = "the security context is not usable",
      .seen = C1 S2 "; C: OK []; S: BADAUTH -" },
    { SOURCE, "server", "last", "one that takes MUTUAL away", 2, EXTRA,
      .extra = { .clear_flags = MUTUAL }, .why = "no mutual authentication",
      .seen = C1 S2 "; C: OK []; S: BADAUTH -" },
    { SOURCE, "server", "last", "one that takes CHANNEL_BOUND away", 2, EXTRA,
      .extra = { .clear_flags = GSS_C_CHANNEL_BOUND_FLAG },
      .why = "not bound", .seen = C1 S2 "; C: OK []; S: BADBINDING -" },
    { SOURCE, "server", "last", "one that takes another flag away", 2, EXTRA,
      .extra = { .clear_flags = GSS_C_SEQUENCE_FLAG },
      .seen = C1 S2 LAST_RESPONSE },
    { SOURCE, "server", "last", "a failing one", 2, EXTRA,
      .extra = { .major = GSS_S_FAILURE },
      .why = "a token after the end of the negotiation",
      .seen = C1 S2 "; C: OK []; S: BADAUTH -" },
    { SOURCE, "server", "last", "one that the mechanism does not know", 2,
      .tamper = { 3, GS2_MESSAGE("extra") },
      .why = "a token after the end of the negotiation",
      .seen = C1 S2 "; C: OK []; S: BADAUTH -" },
    { SOURCE, "server", "last", "a good one; then the login is done", 2, EXTRA,
      .step_again = true, .seen = C1 S2 LAST_RESPONSE "; S: FAIL -",
      .why = "" },
#undef SOURCE
#undef EXTRA

    /* --- 2.4, and rows I1 to I3, I7 and I8 ------------------------------- */
#define SOURCE "rows I1 and I2: start"
    { SOURCE, "server", "first", "a message of no octets", 2,
      .tamper = { 1, GS2_MESSAGE("") }, .why = "empty initial response",
      .seen = C1 "; S: BADPROT -" },
    { SOURCE, "server", "first", "no message (libsasl asks for one itself)",
      2, .tamper = { 1, { NULL, 0 } }, .why = "",
      .seen = C1 "; S: CONTINUE []; C: BADSERV -" },
    { SOURCE, "server", "first", "a header and nothing after it", 2,
      .tamper = { 1, GS2_MESSAGE("n,,") },
      .why = "no token after the GS2 header", .seen = C1 "; S: BADPROT -" },
    { SOURCE, "server", "first", "a header with an authzid, nothing after", 2,
      .tamper = { 1, GS2_MESSAGE("n,a=bob,") },
      .why = "no token after the GS2 header", .seen = C1 "; S: BADPROT -" },
    { SOURCE, "server", "first", "a token without a header", 2,
      .tamper = { 1, GS2_MESSAGE("token 1") }, .why = "",
      .seen = C1 "; S: BADPROT -" },
#undef SOURCE
#define SOURCE "row I7: waiting, empty: hand it to GSS"
    { SOURCE, "server", "middle", "a message of no octets", 5,
      .edits = { I(2, .token = "") },
      .seen = C1 S2 "; C: CONTINUE []" S4 "; C: OK [token 5]; S: OK -",
      .calls = 3 },
    { SOURCE, "server", "last", "a message of no octets", 3,
      .edits = { I(2, .token = "") },
      .seen = C1 S2 "; C: OK []; S: OK -", .calls = 2 },
    { SOURCE, "server", "middle", "no message (NULL)", 5,
      .edits = { I(2, .token = "") }, .tamper = { 3, { NULL, 0 } },
      .seen = C1 S2 "; C: CONTINUE []" S4 "; C: OK [token 5]; S: OK -",
      .calls = 3 },
    { SOURCE, "server", "middle", "one that the mechanism does not expect", 5,
      .tamper = { 3, GS2_MESSAGE("") },
      .why = "not the token that the script expects",
      .seen = C1 S2 C3 "; S: BADAUTH -", .calls = 2 },
#undef SOURCE
#define SOURCE "row I8: the client's last word"
    { SOURCE, "server", "last", "no message (NULL)", 2,
      .tamper = { 3, { NULL, 0 } }, .seen = C1 S2 LAST_RESPONSE, .calls = 1 },
#undef SOURCE
    { "RFC 7546 2.4: a token that was not expected", "server", "last",
      "one more after OK", 3, .step_again = true, .step_len = 9,
      .seen = C1 S2 "; C: OK [token 3]; S: OK -; S: FAIL -", .why = "" },
};

START_TEST(server)
{
    t_loop_row(&rows[_i]);
}
END_TEST

TESTS(t_loop_server,
      TABLE(server, rows))
