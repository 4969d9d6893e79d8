/*
 * t_model_krb5.c - the principals of t_model.c: tickets of libkrb5's own for
 * each, as a KDC makes them (forge.h), so that names are quoted, parsed and
 * mapped (auth_to_local) by krb5 itself.
 *
 * Here, EXAMPLE.TEST is the default realm; all others are foreign realms that
 * it trusts.  What holds for all of them holds for one or two of them.
 */
#include "t_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_krb5.h>
#include <krb5/krb5.h>

#include "common/wire/framing.h"
#include "tests/lib/forge.h"
#include "tests/lib/must.h"

#define SERVICE "test/host.script.test@EXAMPLE.TEST"

static const char *const realms[] = {
    "EXAMPLE.TEST", "OTHER.TEST", "THIRD.TEST", "example.test", "other.test",
    "X@OTHER.TEST", "OTHER.TEST/X", "OTHER\\@TEST", " OTHER.TEST ", "X\n",
};
static const size_t default_realm = 0, pair_realms = 3;

/* DEFAULT is for the users of our own realm.  Those of two others keep their
 * realm: no two principals are mapped to one name. */
static const char krb5_conf[] =
    "[libdefaults]\n"
    " default_realm = EXAMPLE.TEST\n"
    " dns_lookup_kdc = false\n"
    " dns_lookup_realm = false\n"
    " dns_canonicalize_hostname = false\n"
    "[realms]\n"
    " EXAMPLE.TEST = {\n"
    "  auth_to_local = RULE:[1:$1@$0](.*@OTHER\\.TEST)\n"
    "  auth_to_local = RULE:[2:$1/$2@$0](.*@OTHER\\.TEST)\n"
    "  auth_to_local = RULE:[1:$1@$0](.*@THIRD\\.TEST)%s\n"
    "  auth_to_local = RULE:[2:$1/$2@$0](.*@EXAMPLE\\.TEST)"
    "s/@EXAMPLE\\.TEST$//\n"
    "  auth_to_local = DEFAULT\n"
    " }\n";

/* --- a service, and tokens for it ----------------------------------------- */

static krb5_context context;

/* third is how the names of THIRD.TEST are changed; "" for not at all. */
static void
set_up(const char *third)
{
    char conf[sizeof(krb5_conf) + 64];

    MUST(snprintf(conf, sizeof(conf), krb5_conf, third) < (int)sizeof(conf));
    context = gs2_forge_set_up(SERVICE, conf);
}

/* Gives the token of whoever owns the cache, bound to the header "n,,". */
static gss_buffer_desc
make_token(krb5_ccache cache)
{
    struct gss_channel_bindings_struct bindings = {
        .application_data = { 3, (void *)"n,," }
    };
    gss_buffer_desc text = { strlen(SERVICE), (void *)SERVICE };
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t gss = GSS_C_NO_CONTEXT;
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    gss_name_t target;
    OM_uint32 minor;

    MUST(gss_krb5_import_cred(&minor, cache, NULL, NULL, &cred) ==
         GSS_S_COMPLETE);
    MUST(gss_import_name(&minor, &text,
                         (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME, &target) ==
         GSS_S_COMPLETE);
    MUST(gss_init_sec_context(&minor, cred, &gss, target,
                              (gss_OID)gss_mech_krb5,
                              GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG, 0,
                              &bindings, GSS_C_NO_BUFFER, NULL, &token, NULL,
                              NULL) == GSS_S_CONTINUE_NEEDED);
    gss_delete_sec_context(&minor, &gss, NULL);
    gss_release_cred(&minor, &cred);
    gss_release_name(&minor, &target);
    return token;
}

/* --- principals ---------------------------------------------------------- */

static struct user {
    char *owner; /* who it is, by components, whatever krb5 makes of it */
    char *local; /* what auth_to_local says; NULL: nothing */
    bool foreign;
    char *message;
    size_t len;
} users[4096];
static size_t user_count;

/* What a principal consists of, as hexadecimal digits: a text of no doubt. */
static char *
describe(krb5_principal user)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    MUST(out != NULL);
    for (krb5_int32 i = 0; i < user->length; i++) {
        fprintf(out, "%s", i > 0 ? " " : "");
        for (unsigned j = 0; j < user->data[i].length; j++) {
            const unsigned char c = (unsigned char)user->data[i].data[j];

            fprintf(out, c > ' ' && c < 0x7f ? "%c" : "{%02x}", c);
        }
        fprintf(out, "|");
    }
    fprintf(out, " in ");
    for (unsigned j = 0; j < user->realm.length; j++)
        fprintf(out, "%c", user->realm.data[j]);
    MUST(fclose(out) == 0);
    return text;
}

static void
add_user(krb5_principal user, bool foreign)
{
    krb5_ccache cache = gs2_forge_cache(user);
    gss_buffer_desc token = make_token(cache);
    struct user *u = &users[user_count++];
    char local[2048];
    const void *inner;
    OM_uint32 minor;
    size_t len;

    MUST(user_count < COUNT(users));
    MUST(gs2_framing_strip(token.value, token.length, gss_mech_krb5->elements,
                           gss_mech_krb5->length, &inner, &len, NULL) ==
         GS2_OK);
    u->owner = describe(user);
    u->foreign = foreign;
    if (krb5_aname_to_localname(context, user, sizeof(local), local) == 0)
        u->local = strdup(local);
    u->len = 3 + len;
    u->message = malloc(u->len);
    MUST(u->message != NULL);
    memcpy(u->message, "n,,", 3);
    memcpy(u->message + 3, inner, len);
    gss_release_buffer(&minor, &token);
    MUST(krb5_cc_destroy(context, cache) == 0);
}

static void
add_principal(size_t realm, const struct gs2_octets *first,
              const struct gs2_octets *second)
{
    const char *name = realms[realm];
    const unsigned len = (unsigned)strlen(name);
    krb5_principal user;

    if (second == NULL)
        MUST(krb5_build_principal_ext(context, &user, len, name,
                                      (unsigned)first->len, first->data,
                                      0) == 0);
    else
        MUST(krb5_build_principal_ext(context, &user, len, name,
                                      (unsigned)first->len, first->data,
                                      (unsigned)second->len, second->data,
                                      0) == 0);
    add_user(user, realm != default_realm);
    krb5_free_principal(context, user);
}

/* krb5_build_principal_ext() takes a component of no octets for the end of
 * the list: the set has none of these. */
static bool
is_usable(const struct gs2_octets *word)
{
    return word->len > 0;
}

static void
add_principals(void)
{
    for (size_t realm = 0; realm < COUNT(realms); realm++) {
        for (size_t i = 0; i < model_words_count; i++) {
            if (!is_usable(&model_words[i]))
                continue;
            add_principal(realm, &model_words[i], NULL);
            for (size_t j = 0; i < model_pairs && realm < pair_realms &&
                 j < model_pairs; j++) {
                if (is_usable(&model_words[j]))
                    add_principal(realm, &model_words[i], &model_words[j]);
            }
        }
    }
}

static void
forget_principals(void)
{
    for (size_t i = 0; i < user_count; i++) {
        free(users[i].owner);
        free(users[i].local);
        free(users[i].message);
    }
    user_count = 0;
}

/* --- logins --------------------------------------------------------------- */

static struct gs2_dialogue d;

static const char *const sources[] = { "auto", "full", "local" };

/* Who owns a principal's identity: those who are anonymous are nobody. */
static const char *
owner_of(const struct user *u)
{
    return strncmp(u->owner, "WELLKNOWN| ANONYMOUS|", 21) == 0 ? "nobody"
                                                               : u->owner;
}

/* Logs a user in, whose identity must be nobody else's.  Where libsasl appends
 * a realm to our own names, a foreign user must not be one of us even for an
 * application to which "@other.test" is "@OTHER.TEST". */
static void
try_user(const struct user *u, bool appends)
{
    const char *owner = owner_of(u), *other, *alike = NULL;
    char *identity;

    d.raw_client[0] = (struct gs2_message){ u->message, u->len };
    identity = model_log_in(&d);
    if (identity == NULL)
        return;
    ck_assert_msg(owner == u->owner ||
                  strncmp(identity, "anonymous", strlen("anonymous")) == 0,
                  "%s gets in as \"%s\"", u->owner, identity);
    other = model_claim(identity, owner, true);
    ck_assert_msg(other == NULL, "%s and %s are both \"%s\"", owner, other,
                  identity);
    if (appends && u->foreign && owner == u->owner)
        alike = model_claim(identity, owner, false);
    else if (appends)
        (void)model_claim(identity, "ours", false);
    ck_assert_msg(alike == NULL || strcmp(alike, "ours") != 0,
                  "%s is \"%s\", as one of our own", owner, identity);
    free(identity);
}

START_TEST(principals)
{
    const char *source = sources[(size_t)_i % COUNT(sources)];
    const char *user_realm = model_user_realms[(size_t)_i / COUNT(sources)];
    size_t seen;

    set_up("");
    add_principals();
    model_begin(&d, "GS2-KRB5", user_realm);
    gs2_dialogue_set(d.server_options, "gs2_authid", source);
    for (size_t i = 0; i < user_count; i++)
        try_user(&users[i], user_realm != NULL && strcmp(source, "full") != 0);
    seen = model_forget();
    printf("# gs2_authid %s, user_realm %s: %zu principals, %zu identities\n",
           source, user_realm != NULL ? user_realm : "none", user_count, seen);
    ck_assert_uint_gt(user_count, 2000);
    ck_assert_uint_gt(seen, strcmp(source, "local") == 0 ? 20 : 1000);
    gs2_dialogue_close(&d);
    forget_principals();
    gs2_forge_tear_down();
}
END_TEST

/* What the administrator wants to be one is one, and nothing else. */
START_TEST(mapped_to_one)
{
    const char *other;
    char *identity;
    size_t mapped = 0;

    set_up("s/@THIRD\\.TEST$//");
    add_principals();
    model_begin(&d, "GS2-KRB5", NULL);
    gs2_dialogue_set(d.server_options, "gs2_authid", "local");
    for (size_t i = 0; i < user_count; i++) {
        d.raw_client[0] = (struct gs2_message){ users[i].message,
                                                users[i].len };
        identity = model_log_in(&d);
        if (identity == NULL)
            continue;
        other = model_claim(identity, owner_of(&users[i]), true);
        mapped += other != NULL;
        ck_assert_msg(other == NULL ||
                      (strstr(users[i].owner, "| in THIRD.TEST") != NULL &&
                       strcmp(identity, users[i].local) == 0),
                      "%s and %s are both \"%s\"", users[i].owner, other,
                      identity);
        free(identity);
    }
    printf("# %zu of another realm are mapped to ours\n", mapped);
    ck_assert_uint_gt(mapped, 10);
    (void)model_forget();
    gs2_dialogue_close(&d);
    forget_principals();
    gs2_forge_tear_down();
}
END_TEST

TESTS(t_model_krb5,
      TIMES(principals, (int)(COUNT(sources) * model_user_realms_count)),
      TEST(mapped_to_one))
