/*
 * forge.c - makes a ticket whose PAC has a bad signature, as whoever has the
 * service's key can: decrypts the tickets of a cache that the keytab has keys
 * for, changes one octet of the signature, encrypts them again.
 *
 *     forge KEYTAB        from and to the cache of KRB5CCNAME
 *
 * libkrb5 exports the functions that encode and encrypt tickets, but no header
 * declares them.
 */
#include <krb5/krb5.h>

#include <stdio.h>
#include <stdlib.h>

krb5_error_code krb5_encrypt_tkt_part(krb5_context context,
                                      const krb5_keyblock *key,
                                      krb5_ticket *ticket);
krb5_error_code encode_krb5_ticket(const krb5_ticket *ticket, krb5_data **out);

#define CREDS_MAX 32

static krb5_context context;

static int
trouble(const char *what, krb5_error_code code)
{
    const char *text = krb5_get_error_message(context, code);

    fprintf(stderr, "forge: %s: %s\n", what, text);
    krb5_free_error_message(context, text);
    return 0;
}

/* A number of a PAC, least significant octet first. */
static size_t
number_at(const krb5_authdata *pac, size_t at)
{
    const krb5_octet *o = pac->contents + at;

    return at + 4 <= pac->length
           ? o[0] | (size_t)o[1] << 8 | (size_t)o[2] << 16 | (size_t)o[3] << 24
           : 0;
}

/* Changes an octet of the service's signature, and no more.  A PAC begins with
 * the number of its buffers and a version; 16 octets for each buffer follow:
 * type, length, place (8). */
static int
spoil_pac(krb5_authdata *pac)
{
    size_t place;

    for (size_t i = 0; i < number_at(pac, 0); i++) {
        place = number_at(pac, 8 + 16 * i + 8);
        if (number_at(pac, 8 + 16 * i) == KRB5_PAC_SERVER_CHECKSUM &&
            place + 4 < pac->length) {
            pac->contents[place + 4] ^= 1; /* behind the checksum's type */
            return 1;
        }
    }
    return 0;
}

static krb5_authdata **
spoil(krb5_authdata **inner, int *spoiled)
{
    for (size_t i = 0; inner[i] != NULL; i++)
        if (inner[i]->ad_type == KRB5_AUTHDATA_WIN2K_PAC)
            *spoiled += spoil_pac(inner[i]);
    return inner;
}

/* Puts the element of a list in the place of another, and frees both rests. */
static void
replace(krb5_authdata **place, krb5_authdata **list)
{
    free((*place)->contents);
    free(*place);
    *place = list[0];
    free(list);
}

/* Spoils the PACs in the containers of a ticket. */
static krb5_error_code
spoil_ticket(krb5_enc_tkt_part *part, int *spoiled)
{
    krb5_authdata **list = part->authorization_data;
    krb5_authdata **inner, **wrapped;
    krb5_error_code code = 0;

    for (size_t i = 0; list != NULL && list[i] != NULL && code == 0; i++) {
        if (list[i]->ad_type != KRB5_AUTHDATA_IF_RELEVANT)
            continue;
        code = krb5_decode_authdata_container(
            context, KRB5_AUTHDATA_IF_RELEVANT, list[i], &inner);
        if (code != 0)
            return code;
        code = krb5_encode_authdata_container(
            context, KRB5_AUTHDATA_IF_RELEVANT, spoil(inner, spoiled),
            &wrapped);
        krb5_free_authdata(context, inner);
        if (code == 0)
            replace(&list[i], wrapped);
    }
    return code;
}

/* Encrypts a ticket again, into the credential. */
static krb5_error_code
seal(krb5_keytab keytab, krb5_ticket *ticket, krb5_creds *creds)
{
    krb5_keytab_entry entry;
    krb5_data *der = NULL;
    krb5_error_code code;

    code = krb5_kt_get_entry(context, keytab, ticket->server,
                             ticket->enc_part.kvno, ticket->enc_part.enctype,
                             &entry);
    if (code != 0)
        return code;
    free(ticket->enc_part.ciphertext.data);
    ticket->enc_part.ciphertext.data = NULL;
    code = krb5_encrypt_tkt_part(context, &entry.key, ticket);
    if (code == 0)
        code = encode_krb5_ticket(ticket, &der);
    if (code == 0) {
        free(creds->ticket.data);
        creds->ticket = *der;
        free(der);
    }
    krb5_free_keytab_entry_contents(context, &entry);
    return code;
}

/* Forges one credential, if it is a ticket for a key that we have; true if it
 * was. */
static int
forge(krb5_keytab keytab, krb5_creds *creds)
{
    krb5_ticket *ticket = NULL;
    krb5_error_code code = 0;
    int spoiled = 0;

    /* Others are tickets for the KDC, or a piece of configuration. */
    if (krb5_decode_ticket(&creds->ticket, &ticket) == 0 &&
        krb5_server_decrypt_ticket_keytab(context, keytab, ticket) == 0) {
        code = spoil_ticket(ticket->enc_part2, &spoiled);
        if (code == 0 && spoiled)
            code = seal(keytab, ticket, creds);
    }
    krb5_free_ticket(context, ticket);
    return code != 0 ? trouble("ticket", code) : spoiled;
}

/* Takes the credentials out of a cache, forged; how many there are. */
static size_t
take_out(krb5_keytab keytab, krb5_ccache cache, krb5_creds creds[CREDS_MAX],
         int *forged)
{
    krb5_cc_cursor cursor;
    size_t count = 0;

    if (krb5_cc_start_seq_get(context, cache, &cursor) != 0)
        return 0;
    while (count < CREDS_MAX &&
           krb5_cc_next_cred(context, cache, &cursor, &creds[count]) == 0) {
        *forged += forge(keytab, &creds[count]);
        count++;
    }
    (void)krb5_cc_end_seq_get(context, cache, &cursor);
    return count;
}

/* How many credentials of a cache were forged. */
static int
forge_cache(krb5_keytab keytab, krb5_ccache cache)
{
    krb5_creds creds[CREDS_MAX];
    krb5_principal owner = NULL;
    size_t count;
    int forged = 0;

    if (krb5_cc_get_principal(context, cache, &owner) != 0)
        return 0;
    count = take_out(keytab, cache, creds, &forged);
    if (krb5_cc_initialize(context, cache, owner) != 0)
        forged = 0;
    for (size_t i = 0; i < count; i++) {
        if (krb5_cc_store_cred(context, cache, &creds[i]) != 0)
            forged = 0;
        krb5_free_cred_contents(context, &creds[i]);
    }
    krb5_free_principal(context, owner);
    return forged;
}

int
main(int argc, char **argv)
{
    krb5_keytab keytab = NULL;
    krb5_ccache cache = NULL;
    int forged = 0;

    if (argc != 2 || krb5_init_context(&context) != 0)
        return 2;
    if (krb5_kt_resolve(context, argv[1], &keytab) == 0 &&
        krb5_cc_default(context, &cache) == 0)
        forged = forge_cache(keytab, cache);
    printf("%d forged\n", forged);
    if (cache != NULL)
        (void)krb5_cc_close(context, cache);
    if (keytab != NULL)
        (void)krb5_kt_close(context, keytab);
    krb5_free_context(context);
    return forged > 0 ? 0 : 1;
}
