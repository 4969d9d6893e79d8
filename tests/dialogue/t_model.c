/*
 * t_model.c - no two principals have one identity (SECURITY.md, "From the
 * ticket to the application"): some thousand names through a real
 * sasl_server_start(), with each gs2_authid, with and without a user_realm.
 * Which names collide is found here, not listed: whoever comes second for an
 * identity ends the test.
 *
 * Kerberos principals are in t_model_krb5.c.  Here are names of a mechanism
 * without realms.
 */
#include "t_model.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/lib/must.h"
#include "tests/lib/scripted.h"

const struct gs2_octets model_words[] = {
    /* characters that separate, and what quotes them */
    GS2_OCTETS("carol"), GS2_OCTETS("carol@OTHER.TEST"),
    GS2_OCTETS("carol@other.test"), GS2_OCTETS("carol@EXAMPLE.TEST"),
    GS2_OCTETS("carol@THIRD.TEST"), GS2_OCTETS("@OTHER.TEST"),
    GS2_OCTETS("carol/admin"), GS2_OCTETS("carol\\"), GS2_OCTETS("\\"),
    GS2_OCTETS("\\@OTHER.TEST"), GS2_OCTETS("carol\\@OTHER.TEST"),
    GS2_OCTETS("carol\\/admin"), GS2_OCTETS("@"), GS2_OCTETS("/"),
    GS2_OCTETS("admin"), GS2_OCTETS("OTHER.TEST"),
    GS2_OCTETS("carol@EXAMPLE.TEST@OTHER.TEST"),
    /* who nobody is */
    GS2_OCTETS("anonymous"), GS2_OCTETS("WELLKNOWN"), GS2_OCTETS("ANONYMOUS"),
    GS2_OCTETS("WELLKNOWN/ANONYMOUS"), GS2_OCTETS("anonymous@OTHER.TEST"),
    /* blanks */
    GS2_OCTETS("carol "), GS2_OCTETS(" carol"), GS2_OCTETS(" "),
    GS2_OCTETS(""), GS2_OCTETS("carol dave"),
    /* --- from here on, not in pairs: case */
    GS2_OCTETS("Carol"), GS2_OCTETS("CAROL"),
    /* control characters */
    GS2_OCTETS("carol\t"), GS2_OCTETS("carol\n"), GS2_OCTETS("\ncarol"),
    GS2_OCTETS("carol\r"), GS2_OCTETS("carol\b"), GS2_OCTETS("carol\v"),
    GS2_OCTETS("carol\f"), GS2_OCTETS("ca\0rol"), GS2_OCTETS("carol\0"),
    GS2_OCTETS("ca\x1b[2Jrol"), GS2_OCTETS("carol\x7f"),
    GS2_OCTETS("carol\xc2\x80"), GS2_OCTETS("carol\xc2\x85"),
    GS2_OCTETS("ca\xc2\x9brol"), GS2_OCTETS("carol\xe2\x80\xa8"),
    GS2_OCTETS("carol\xe2\x80\xa9"),
    /* UTF-8, well-formed: spaces, an octet A0, two forms, invisible ones */
    GS2_OCTETS("carol\xc2\xa0"), GS2_OCTETS("carol\xe3\x80\x80"),
    GS2_OCTETS("car\xc3\xa0"), GS2_OCTETS("caf\xc3\xa9"),
    GS2_OCTETS("cafe\xcc\x81"), GS2_OCTETS("\xef\xbb\xbf""carol"),
    GS2_OCTETS("ca\xe2\x80\x8drol"), GS2_OCTETS("ca\xe2\x80\xaerol"),
    /* and ill-formed */
    GS2_OCTETS("car\xc3"), GS2_OCTETS("car\xa0"), GS2_OCTETS("carol\x85"),
    GS2_OCTETS("caf\xe9"), GS2_OCTETS("carol\xff"),
    GS2_OCTETS("carol\xc0\x80"), GS2_OCTETS("carol\xed\xa0\x80"),
};
const size_t model_words_count = COUNT(model_words), model_pairs = 27;

const char *const model_user_realms[] = {
    NULL, "OTHER.TEST", "other.test", "EXAMPLE.TEST", "example.test",
};
const size_t model_user_realms_count = COUNT(model_user_realms);

/* --- who has which identity ---------------------------------------------- */

struct claim {
    char *identity, *owner;
    bool exact;
};

static void *claims;
static size_t claim_count;

/* As a mail server does it: case counts before the "@". */
static int
compare_mail(const char *a, const char *b)
{
    const size_t user = strcspn(a, "@");
    const int order = strncmp(a, b, user);

    return order != 0 ? order : strcasecmp(a + user, b + user);
}

static int
compare(const void *a, const void *b)
{
    const struct claim *one = a, *other = b;

    if (one->exact != other->exact)
        return one->exact ? 1 : -1;
    return one->exact ? strcmp(one->identity, other->identity)
                      : compare_mail(one->identity, other->identity);
}

static void
free_claim(void *data)
{
    struct claim *claim = data;

    free(claim->identity);
    free(claim->owner);
    free(claim);
}

const char *
model_claim(const char *identity, const char *owner, bool exact)
{
    struct claim *claim = malloc(sizeof(*claim));
    struct claim **found;

    MUST(claim != NULL);
    *claim = (struct claim){ strdup(identity), strdup(owner), exact };
    MUST(claim->identity != NULL && claim->owner != NULL);
    found = tsearch(claim, &claims, compare);
    MUST(found != NULL);
    if (*found == claim) {
        claim_count += exact;
        return NULL;
    }
    free_claim(claim);
    return strcmp((*found)->owner, owner) != 0 ? (*found)->owner : NULL;
}

size_t
model_forget(void)
{
    const size_t count = claim_count;

    tdestroy(claims, free_claim);
    claims = NULL;
    claim_count = 0;
    return count;
}

/* --- logins --------------------------------------------------------------- */

void
model_begin(struct gs2_dialogue *d, const char *mech, const char *user_realm)
{
    gs2_dialogue_init(d);
    d->mech = mech;
    d->user_realm = user_realm;
    d->raw_client_count = 2;
    gs2_dialogue_set(d->server_options, "gs2_accept_anonymous", "yes");
    gs2_dialogue_begin(d);
}

/* Not by the code that is tested: each character that must not be there. */
static bool
may_be_seen(const char *identity)
{
    static const char *const never[] = { "\xe2\x80\xa8", "\xe2\x80\xa9",
                                         "\x7f", "\xff", "\xc0\x80",
                                         "\xed\xa0\x80" };
    const size_t len = strlen(identity);

    if (len == 0 || len > 1024 || identity[0] == ' ' ||
        identity[len - 1] == ' ')
        return false;
    for (size_t i = 0; i < COUNT(never); i++) {
        if (strstr(identity, never[i]) != NULL)
            return false;
    }
    for (const char *p = identity; *p != '\0'; p++) {
        if ((unsigned char)*p < ' ' ||
            (*p == '\xc2' && (unsigned char)p[1] < 0xa0))
            return false;
    }
    return true;
}

char *
model_log_in(struct gs2_dialogue *d)
{
    char *identity = NULL;

    d->exchange[0] = d->server_log[0] = d->canon_users[0] = '\0';
    gs2_dialogue_connect(d);
    gs2_dialogue_run(d);
    if (d->server_code == SASL_OK) {
        identity = strdup(gs2_dialogue_property(d->server, SASL_USERNAME));
        MUST(identity != NULL);
        ck_assert_msg(may_be_seen(identity), "an application sees \"%s\"",
                      identity);
        ck_assert_str_eq(identity,
                         gs2_dialogue_property(d->server, SASL_AUTHUSER));
    }
    gs2_dialogue_disconnect(d);
    return identity;
}

/* --- a mechanism without realms ------------------------------------------- */

static struct gs2_script script;
static struct gs2_dialogue d;

static const char *const sources[] = { "auto", "full", "local",
                                       "attribute uid" };

/* Whether one of two names is the other with the user_realm behind it: what
 * is without an "@" means that realm, by sasl.h. */
static bool
is_said_by_user_realm(const char *a, const char *b, const char *user_realm)
{
    const size_t len = strlen(a);

    return user_realm != NULL && strchr(a, '@') == NULL &&
           strncmp(a, b, len) == 0 && b[len] == '@' &&
           strcmp(b + len + 1, user_realm) == 0;
}

/* Whether the users have the role admin. */
static bool have_role;

/* Who logs in: the text, and whether with the role. */
static const char *
owner_of(const char *text)
{
    static char owner[256];

    snprintf(owner, sizeof(owner), "%s%s", text,
             have_role ? " as admin" : "");
    return owner;
}

/* The scripted user is called text, by whatever gs2_authid says. */
static void
try_text(struct gs2_octets text, const char *user_realm)
{
    const struct gs2_script_value value = {
        .value = text, .authenticated = true, .complete = true
    };
    const struct gs2_script_attr attrs[] = {
        { .name = GS2_OCTETS("uid"), .values = &value, .count = 1 },
        { .name = GS2_OCTETS("role"), .values = &value, .count = 1 },
    };
    const struct gs2_script_name name = {
        .text = text, .local = text, .attrs = attrs,
        .attr_count = have_role ? 2 : 1
    };
    const char *other;
    char *identity;

    script.source = &name;
    sm->reset();
    sm->install(GS2_OID_A, &script);
    identity = model_log_in(&d);
    if (identity == NULL)
        return;
    ck_assert_uint_eq(strlen(text.data), text.len);
    other = model_claim(identity, owner_of(text.data), true);
    ck_assert_msg(other == NULL ||
                  is_said_by_user_realm(text.data, other, user_realm) ||
                  is_said_by_user_realm(other, text.data, user_realm),
                  "\"%s\" and \"%s\" are both %s", (const char *)text.data,
                  other, identity);
    free(identity);
}

static void
try_pair(const struct gs2_octets *a, char between, const struct gs2_octets *b,
         const char *user_realm)
{
    char text[128];

    memcpy(text, a->data, a->len);
    text[a->len] = between;
    memcpy(text + a->len + 1, b->data, b->len);
    text[a->len + 1 + b->len] = '\0';
    try_text((struct gs2_octets){ text, a->len + 1 + b->len }, user_realm);
}

static void
begin(const char *user_realm)
{
    gs2_script_honest(&script, 2);
    script.acceptor[0].bind = GS2_BIND_IGNORE;
    script.acceptor[0].flags |= GSS_C_CHANNEL_BOUND_FLAG;
    sm->install(GS2_OID_A, &script);
    model_begin(&d, "GS2-SCRIPT", user_realm);
    d.raw_client[0] = (struct gs2_message)GS2_MESSAGE("n,,token 1");
}

static void
try_all(const char *user_realm)
{
    for (size_t i = 0; i < model_words_count; i++) {
        try_text(model_words[i], user_realm);
        for (size_t j = 0; i < model_pairs && j < model_pairs; j++) {
            try_pair(&model_words[i], '@', &model_words[j], user_realm);
            try_pair(&model_words[i], '/', &model_words[j], user_realm);
        }
    }
}

START_TEST(names_without_realms)
{
    const char *source = sources[(size_t)_i % COUNT(sources)];
    const char *user_realm = model_user_realms[(size_t)_i / COUNT(sources)];
    size_t seen;

    begin(user_realm);
    gs2_dialogue_set(d.server_options, "gs2_authid", source);
    have_role = false;
    try_all(user_realm);
    seen = model_forget();
    printf("# gs2_authid %s, user_realm %s: %zu identities\n", source,
           user_realm != NULL ? user_realm : "none", seen);
    ck_assert_uint_gt(seen, 1000);
    gs2_dialogue_close(&d);
    sm->reset();
}
END_TEST

/* Nobody is called as somebody is who has the role (row A7). */
START_TEST(names_with_roles)
{
    const char *user_realm = _i == 0 ? NULL : "OTHER.TEST";
    size_t seen[2];

    begin(user_realm);
    gs2_dialogue_set(d.server_options, "gs2_roles", "admin");
    gs2_dialogue_set(d.server_options, "gs2_role_admin", "role=*");
    gs2_dialogue_set(d.server_options, "gs2_tag", "/");
    have_role = false;
    try_all(user_realm);
    seen[0] = claim_count;
    have_role = true;
    try_all(user_realm);
    seen[1] = model_forget();
    printf("# gs2_tag, user_realm %s: %zu identities, %zu with those of roles\n",
           user_realm != NULL ? user_realm : "none", seen[0], seen[1]);
    ck_assert_uint_gt(seen[0], 100);
    ck_assert_uint_gt(seen[1], seen[0] + 100);
    gs2_dialogue_close(&d);
    sm->reset();
}
END_TEST

SUITE("model",
      PREPARE(scripted_one),
      TIMEOUT(600),
      TIMES(names_without_realms, COUNT(sources) * 2),
      TIMES(names_with_roles, 2),
      MORE(t_model_krb5))
