/*
 * fuzz_krb5.c - krb5 without a KDC (see fuzz_krb5.h).
 */
#include "fuzz_krb5.h"

#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_krb5.h>

#include "tests/lib/forge.h"
#include "tests/lib/must.h"

#define REALM "EXAMPLE.TEST"

static const char conf[] =
    "[libdefaults]\n"
    " default_realm = " REALM "\n"
    " dns_lookup_kdc = false\n"
    " dns_lookup_realm = false\n"
    " dns_canonicalize_hostname = false\n"
    "[domain_realm]\n"
    " host.script.test = " REALM "\n";

static gss_name_t target;

void
fuzz_krb5_begin(void)
{
    gss_buffer_desc text = { strlen(FUZZ_SERVICE), (void *)FUZZ_SERVICE };
    krb5_context context;
    krb5_principal user;
    krb5_ccache cache;
    OM_uint32 minor;
    char *name;

    context = gs2_forge_set_up("test/host.script.test@" REALM, conf);
    atexit(gs2_forge_tear_down);
    MUST(krb5_parse_name(context, FUZZ_USER, &user) == 0);
    cache = gs2_forge_cache(user);
    krb5_free_principal(context, user);
    MUST(krb5_cc_get_full_name(context, cache, &name) == 0);
    setenv("KRB5CCNAME", name, 1);
    krb5_free_string(context, name);
    MUST(krb5_cc_close(context, cache) == 0);
    MUST(gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &target) ==
         GSS_S_COMPLETE);
}

gss_name_t
fuzz_krb5_target(void)
{
    return target;
}

void
fuzz_krb5_contexts(gss_ctx_id_t *initiator_out, gss_ctx_id_t *acceptor_out)
{
    const OM_uint32 flags = GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG |
                            GSS_C_REPLAY_FLAG | GSS_C_INTEG_FLAG |
                            GSS_C_CONF_FLAG;
    gss_buffer_desc token, reply, none;
    OM_uint32 minor;

    *initiator_out = *acceptor_out = GSS_C_NO_CONTEXT;
    MUST(gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, initiator_out,
                              target, (gss_OID)gss_mech_krb5, flags, 0,
                              GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL,
                              &token, NULL, NULL) == GSS_S_CONTINUE_NEEDED);
    MUST(gss_accept_sec_context(&minor, acceptor_out, GSS_C_NO_CREDENTIAL,
                                &token, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL,
                                &reply, NULL, NULL, NULL) == GSS_S_COMPLETE);
    MUST(gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, initiator_out,
                              target, (gss_OID)gss_mech_krb5, flags, 0,
                              GSS_C_NO_CHANNEL_BINDINGS, &reply, NULL, &none,
                              NULL, NULL) == GSS_S_COMPLETE);
    gss_release_buffer(&minor, &token);
    gss_release_buffer(&minor, &reply);
    gss_release_buffer(&minor, &none);
}
