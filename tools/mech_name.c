/*
 * mech_name.c - which names of SASL mechanisms are GS2's (see mech_name.h).
 */
#include "mech_name.h"

#include <string.h>
#include <strings.h>

#include "common/gss/mechs.h"

bool
mech_name_is_in(const char *ours, const char *name)
{
    static const char *const others[] = {
        "ANONYMOUS", "CRAM-MD5", "DIGEST-MD5", "EXTERNAL", "GSS-SPNEGO",
        "GSSAPI", "LOGIN", "NTLM", "OAUTHBEARER", "OTP", "PASSDSS-3DES-1",
        "PLAIN", "SRP", "XOAUTH2",
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (gs2_mechs_named(name, others[i]))
            return false;
    }
    return ours != NULL && strncasecmp(name, "SCRAM-", strlen("SCRAM-")) != 0 &&
           gs2_mechs_named(ours, name);
}

bool
mech_name_is_gs2(const char *name, size_t len)
{
    static struct gs2_mech mechs[GS2_MECHS_MAX];
    static size_t count;
    struct gs2_error err;
    char word[64] = "";

    if (len > 4 && strncasecmp(name, "GS2-", 4) == 0)
        return true;
    if (len >= sizeof(word))
        return false;
    memcpy(word, name, len);
    if (count == 0)
        (void)!gs2_mechs_list(mechs, &count, &err);
    for (size_t i = 0; i < count; i++) {
        if (gs2_mechs_named(word, mechs[i].name))
            return true;
    }
    return false;
}
