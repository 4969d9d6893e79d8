/*
 * probe.c - which binding a server takes, what a refusal is about (see
 * probe.h).
 *
 * Servers hardly say why they refuse.  If they pass on libsasl's words, these
 * tell at least whether a login failed before the rules were asked, as with a
 * wrong binding, or by the rules.  The rest is found out by trying what gets
 * in.
 */
#include "probe.h"

#include <stdio.h>
#include <string.h>

#include "print.h"

struct search {
    struct remote *remote;
    const struct arguments *arguments;
    struct probe *probe;
    size_t next;   /* of the protocol's bindings */
    bool bindings; /* whether one is at fault is to be found out */
};

/* --- what a server says --------------------------------------------------- */

static bool
is_refused(const struct attempt *attempt)
{
    return !attempt->outcome.in && attempt->outcome.by_server &&
           attempt->outcome.code != SASL_NOMECH;
}

static bool
says_binding(const struct attempt *attempt)
{
    return is_refused(attempt) && attempt_is_of_binding(attempt->outcome.text);
}

/* libsasl's words for SASL_BADAUTHZ, which come after the exchange: whatever
 * the binding is, it was right. */
static bool
says_authorization(const struct attempt *attempt)
{
    return is_refused(attempt) &&
           strcasestr(attempt->outcome.text, "authorization fail") != NULL;
}

/* There is no such binding, not even on this connection. */
static bool
is_undefined(const struct attempt *attempt)
{
    return attempt->tls != NULL && attempt->outcome.mech[0] == '\0' &&
           !attempt->outcome.by_server && !attempt->outcome.in;
}

const char *
probe_word(const struct attempt *attempt)
{
    if (attempt->outcome.in)
        return "logged in";
    if (is_undefined(attempt))
        return "not defined for this certificate";
    if (says_binding(attempt))
        return "refused, by the channel binding";
    if (says_authorization(attempt))
        return "refused, by a rule or policy";
    return is_refused(attempt) ? "refused" : "no login";
}

/* --- logins --------------------------------------------------------------- */

/* Makes one more login; NULL if it did not come to one. */
static struct attempt *
try(struct search *search, const char *type, const char *authzid)
{
    struct probe *probe = search->probe;
    struct attempt *attempt = &probe->attempts[probe->count++];

    probe->told = attempt;
    attempt->mech = search->arguments->mech;
    attempt->type = type;
    attempt->authzid = authzid;
    return attempt_make(search->remote, attempt) ? attempt : NULL;
}

/* The next type to try, NULL for none more. */
static const char *
next_type(struct search *search)
{
    if (search->arguments->binding != NULL ||
        search->next == PROTOCOL_BINDINGS)
        return NULL;
    return search->remote->protocol->bindings[search->next++];
}

/* Nothing is left to find out about bindings. */
static bool
is_clear(const struct attempt *attempt)
{
    return attempt != NULL &&
           (!is_refused(attempt) || says_authorization(attempt));
}

/* A login with a binding that there is. */
static struct attempt *
try_first(struct search *search)
{
    const char *type = search->arguments->binding != NULL
                       ? search->arguments->binding : next_type(search);
    struct attempt *first = NULL;

    while (first == NULL && type != NULL) {
        first = try(search, type, search->arguments->authzid);
        type = first == NULL && is_undefined(search->probe->told)
               ? next_type(search) : NULL;
    }
    return first;
}

/* Logins without the authzid, by each type of binding and then by none, until
 * one gets in, or fails at something else.  The last of them. */
static const struct attempt *
look_for_binding(struct search *search, const struct attempt *first)
{
    const struct attempt *found = first;
    const char *type = first->type;

    if (first->authzid != NULL)
        found = try(search, type, NULL);
    if (!search->bindings)
        return found;
    while (first->outcome.bound && !is_clear(found) &&
           (type = next_type(search)) != NULL)
        found = try(search, type, NULL);
    return is_clear(found) || search->arguments->mech != NULL
           ? found : try(search, "none", NULL);
}

/* --- the cause ------------------------------------------------------------ */

/* Whether each login that was bound failed by its binding, as far as the server
 * says. */
static bool
all_say_binding(const struct probe *probe)
{
    for (size_t i = 0; i < probe->count; i++) {
        if (probe->attempts[i].outcome.bound &&
            !says_binding(&probe->attempts[i]))
            return false;
    }
    return true;
}

/* Why a binding is not defined for this connection; NULL: all are. */
static const char *
why_undefined(const struct probe *probe)
{
    for (size_t i = 0; i < probe->count; i++) {
        if (is_undefined(&probe->attempts[i]))
            return probe->attempts[i].outcome.text;
    }
    return NULL;
}

static void
set_cause(struct outcome *outcome, const char *cause, const char *next)
{
    outcome->cause = cause;
    (void)snprintf(outcome->next, sizeof(outcome->next), "%s", next);
}

#define LOG "the server's log says why"
#define PROXY "TLS probably ends at a proxy before the server: let it pass " \
              "TLS on, "

/* A login that could have been bound was refused, and the server did not offer
 * -PLUS.  lets_in: a login that could not be bound was not refused. */
static void
explain_list(const struct attempt *first, bool lets_in,
             struct outcome *outcome)
{
    if (lets_in || says_binding(first))
        set_cause(outcome, "binding", "the server can bind, but its list came "
                  "without -PLUS: find the proxy, or the attacker, that took "
                  "it out");
    else
        set_cause(outcome, NULL, LOG);
}

/* All bindings were refused.  lets_in: a login without one was not. */
static void
explain_bindings(const struct search *search, bool lets_in,
                 struct outcome *outcome)
{
    if (why_undefined(search->probe) != NULL)
        set_cause(outcome, "binding", "give the server a certificate that is "
                  "signed with a hash (RSA, ECDSA), or another type of "
                  "channel binding");
    else if (lets_in)
        set_cause(outcome, "tls-proxy", "the server lets in without a channel "
                  "binding. " PROXY "or use -b none");
    else if (all_say_binding(search->probe))
        set_cause(outcome, "tls-proxy", "no channel binding is right. " PROXY
                  "or do not demand a binding of its users");
    else
        set_cause(outcome, NULL, "with each channel binding and without: "
                  LOG);
}

/* The server refuses; found is the last login that looked for the binding. */
static void
explain(const struct search *search, const struct attempt *first,
        const struct attempt *found, struct outcome *outcome)
{
    const bool lets_in = found != NULL && found->outcome.in;
    const bool by_rule = says_authorization(first) ||
                         (found != NULL && found->outcome.bound &&
                          says_authorization(found));

    if (lets_in && first->authzid != NULL)
        set_cause(outcome, "authzid", "the user gets in, but not as another "
                  "one: look at the server's proxy policy and its "
                  "gs2_proxy_require");
    else if (by_rule)
        set_cause(outcome, "rule", "a rule of the server (gs2_require) or its "
                  "access policy keeps this login out: its log says which "
                  "comparison is not met");
    else if (search->bindings && first->outcome.bound)
        explain_bindings(search, lets_in, outcome);
    else if (search->bindings)
        explain_list(first, lets_in, outcome);
    else if (says_binding(first))
        set_cause(outcome, "binding", "without -b each type of channel "
                  "binding is tried");
    else
        set_cause(outcome, NULL, LOG);
}

bool
probe_server(struct remote *remote, const struct arguments *arguments,
             struct probe *probe_out)
{
    struct search search = { remote, arguments, probe_out, 0, false };
    struct attempt *first;
    const struct attempt *found;

    memset(probe_out, 0, sizeof(*probe_out));
    first = try_first(&search);
    if (first == NULL)
        return false;
    if (first->outcome.code == SASL_NOMECH && first->outcome.by_server)
        set_cause(&first->outcome, NULL, "gs2-inspect mechs on the server says "
                  "why: there is no key, no plugin, or a rule that demands a "
                  "channel binding, and TLS ends before the server");
    if (!is_refused(first))
        return true;
    search.bindings = arguments->binding == NULL &&
                      !says_authorization(first);
    found = look_for_binding(&search, first);
    if (found != NULL && found != first && found->outcome.bound &&
        found->type != first->type &&
        (found->outcome.in || says_authorization(found))) {
        if (arguments->authzid != NULL && found->outcome.in)
            (void)try(&search, found->type, arguments->authzid);
    } else {
        probe_out->told = first;
    }
    if (!probe_out->told->outcome.in)
        explain(&search, first, found, &probe_out->told->outcome);
    return true;
}

void
probe_free(struct probe *probe)
{
    for (size_t i = 0; i < probe->count; i++)
        attempt_free(&probe->attempts[i]);
    probe->count = 0;
}
