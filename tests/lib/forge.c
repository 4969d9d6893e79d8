/*
 * forge.c - tickets that were made with the service's key (see forge.h).
 *
 * libkrb5 exports the functions that encode and encrypt tickets, but no header
 * declares them.
 */
#include "forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

krb5_error_code krb5_encrypt_tkt_part(krb5_context context,
                                      const krb5_keyblock *key,
                                      krb5_ticket *ticket);
krb5_error_code encode_krb5_ticket(const krb5_ticket *ticket, krb5_data **out);

#define KEYTAB "MEMORY:gs2_forge"

static krb5_context context;
static krb5_principal service;
static krb5_keyblock key;
static krb5_keytab keytab;
static char conf_path[64];

static void
write_conf(const char *conf)
{
    FILE *out;
    int fd;

    strcpy(conf_path, "/tmp/gs2-forge.XXXXXX");
    fd = mkstemp(conf_path);
    MUST(fd >= 0);
    out = fdopen(fd, "w");
    MUST(out != NULL);
    fputs(conf, out);
    MUST(fclose(out) == 0);
    setenv("KRB5_CONFIG", conf_path, 1);
    setenv("KRB5_KTNAME", KEYTAB, 1);
    setenv("KRB5RCACHENAME", "none:", 1);
    unsetenv("KRB5CCNAME");
}

krb5_context
gs2_forge_set_up(const char *principal, const char *conf)
{
    krb5_keytab_entry entry = { 0 };

    write_conf(conf);
    MUST(krb5_init_context(&context) == 0);
    MUST(krb5_parse_name(context, principal, &service) == 0);
    MUST(krb5_c_make_random_key(context, ENCTYPE_AES128_CTS_HMAC_SHA1_96,
                                &key) == 0);
    MUST(krb5_kt_resolve(context, KEYTAB, &keytab) == 0);
    entry.principal = service;
    entry.vno = 1;
    entry.key = key;
    MUST(krb5_kt_add_entry(context, keytab, &entry) == 0);
    return context;
}

void
gs2_forge_tear_down(void)
{
    krb5_kt_close(context, keytab);
    krb5_free_keyblock_contents(context, &key);
    krb5_free_principal(context, service);
    krb5_free_context(context);
    MUST(unlink(conf_path) == 0);
}

/* Gives the ticket of a user whose session key is session. */
static krb5_data *
make_ticket(krb5_principal user, krb5_keyblock *session,
            const krb5_ticket_times *times)
{
    krb5_enc_tkt_part part = {
        .flags = TKT_FLG_TRANSIT_POLICY_CHECKED, .session = session,
        .client = user, .times = *times,
        .transited = { .tr_type = KRB5_DOMAIN_X500_COMPRESS },
    };
    krb5_ticket ticket = { .server = service, .enc_part2 = &part };
    krb5_data *der = NULL;

    ticket.enc_part.kvno = 1;
    MUST(krb5_encrypt_tkt_part(context, &key, &ticket) == 0);
    MUST(encode_krb5_ticket(&ticket, &der) == 0);
    krb5_free_data_contents(context, &ticket.enc_part.ciphertext);
    return der;
}

krb5_ccache
gs2_forge_cache(krb5_principal user)
{
    const krb5_timestamp now = (krb5_timestamp)time(NULL);
    krb5_creds creds = { .client = user, .server = service };
    krb5_ccache cache;
    krb5_data *der;

    creds.times = (krb5_ticket_times){ now, now, now + GS2_FORGE_SECONDS, 0 };
    creds.ticket_flags = TKT_FLG_TRANSIT_POLICY_CHECKED;
    MUST(krb5_c_make_random_key(context, ENCTYPE_AES128_CTS_HMAC_SHA1_96,
                                &creds.keyblock) == 0);
    der = make_ticket(user, &creds.keyblock, &creds.times);
    creds.ticket = *der;
    MUST(krb5_cc_new_unique(context, "MEMORY", NULL, &cache) == 0);
    MUST(krb5_cc_initialize(context, cache, user) == 0);
    MUST(krb5_cc_store_cred(context, cache, &creds) == 0);
    krb5_free_data(context, der);
    krb5_free_keyblock_contents(context, &creds.keyblock);
    return cache;
}
