/*
 * login.c - the roles of a login (see login.h).
 *
 * The properties that say them (libgs2(5), PROPERTIES) are to be believed only
 * where the login was by a plugin of ours: a name that was requested once
 * stays requested, and after a login by another mechanism an auxprop plugin
 * may have filled it with what a user could have written.
 */
#include "login.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <sasl/prop.h>

#include "groups.h"
#include "mechanism.h"
#include "message.h"

/* No header declares it.  A libsasl newer than 2.1.28 may not export it: its
 * address is null then. */
__attribute__((weak)) const char *
sasl_config_getstring(const char *key, const char *otherwise);

/* Says at the first login by a mechanism of another's file why it has no roles:
 * once for what Cyrus SASL's file for GSSAPI serves, and once for GS2. */
static void
tell_of_other(const char *mech, bool is_gssapi)
{
    static atomic_flag done[] = { ATOMIC_FLAG_INIT, ATOMIC_FLAG_INIT };

    if (!atomic_flag_test_and_set(&done[is_gssapi]))
        gs2_slapd_message("libsasl has %s from a file that is not of "
                          "cyrus-sasl-gs2, so its logins have no roles", mech);
}

/* Whether one of our plugins has logged somebody in.  The name of the
 * mechanism is not enough: it may be that of one that only began (SECURITY.md,
 * libsasl), but then there is no name of GSS.  Nor is there one after a login by
 * GSSAPI of Cyrus SASL's file. */
static bool
is_ours(sasl_conn_t *sasl)
{
    const void *mech = NULL, *peer = NULL;
    bool is_gssapi, ours;

    if (sasl_getprop(sasl, SASL_MECHNAME, &mech) != SASL_OK || mech == NULL)
        return false;
    (void)sasl_getprop(sasl, SASL_GSS_PEER_NAME, &peer);
    is_gssapi = strcmp(mech, "GSSAPI") == 0 || strcmp(mech, "GSS-SPNEGO") == 0;
    if (peer == NULL && !is_gssapi)
        return false;
    ours = gs2_slapd_mechanism_is_ours(mech);
    if (!ours)
        tell_of_other(mech, is_gssapi);
    return ours && peer != NULL;
}

static bool
has_word(const char *text, const char *word)
{
    const size_t len = strlen(word);

    while (*text != '\0') {
        const size_t found = strcspn(text, " \t");

        if (found == len && memcmp(text, word, len) == 0)
            return true;
        text += found;
        text += strspn(text, " \t");
    }
    return false;
}

/* Says at the first login which roles of the configuration nobody can have, or
 * that this cannot be found out. */
static void
check_roles(void)
{
    static atomic_flag done = ATOMIC_FLAG_INIT;
    const char *names;

    if (atomic_flag_test_and_set(&done))
        return;
    if (sasl_config_getstring == NULL) {
        gs2_slapd_message("this libsasl does not tell gs2_roles, so it is not "
                          "known whether that names the groups' roles");
        return;
    }
    names = sasl_config_getstring("gs2_roles", "");
    for (const struct gs2_slapd_group *group = gs2_slapd_groups();
         group != NULL; group = group->next) {
        if (!has_word(names, group->role))
            gs2_slapd_message("gs2_roles does not have \"%s\", so nobody is a "
                              "member of \"%s\"",
                              group->role, group->dn);
    }
}

/* When the context ends.  False where that is not known. */
static bool
read_end(const struct propval *value, time_t *end_out)
{
    char *rest;
    long long end;

    if (value->values == NULL || value->values[0] == NULL)
        return false;
    *end_out = GS2_SLAPD_NEVER;
    if (strcmp(value->values[0], "never") == 0)
        return true;
    errno = 0;
    end = strtoll(value->values[0], &rest, 10);
    *end_out = (time_t)end;
    return errno == 0 && rest != value->values[0] && *rest == '\0';
}

bool
gs2_slapd_login_read(sasl_conn_t *sasl, struct gs2_slapd_login *login_out)
{
    static const char *names[] = {"*gs2-roles", "*gs2-expires", NULL};
    struct propval values[sizeof(names) / sizeof(names[0])] = {{0}};
    struct propctx *const properties = sasl_auxprop_getctx(sasl);

    memset(login_out, 0, sizeof(*login_out));
    if (!is_ours(sasl) || properties == NULL)
        return false;
    check_roles();
    if (prop_getnames(properties, names, values) != 2 ||
        values[0].values == NULL || !read_end(&values[1], &login_out->end))
        return false;
    login_out->roles = values[0].values;
    login_out->count = values[0].nvalues;
    return true;
}
