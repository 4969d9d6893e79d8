/*
 * kdc-inject.c - a kdcauthdata module of MIT krb5's KDC that puts attributes
 * of our choice into tickets, so that real tickets have them.
 *
 * $GS2_KDC_INJECT names a file, which is read anew for each ticket:
 *
 *     CLIENT attribute NAME VALUE    AD-KDC-ISSUED (RFC 4120 section 5.2.6.2)
 *                                    which asserted.c reads
 *     CLIENT asserted NAME VALUE     the same as it is, which proves nothing:
 *                                    so a KDC copies what a client asks for
 *                                    (RFC 4120 section 5.4.1)
 *     CLIENT indicator VALUE         AD-AUTHENTICATION-INDICATOR in a CAMMAC
 *                                    (RFC 8129, RFC 7751)
 *
 * CLIENT is a principal with its realm; a word is what spaces delimit.
 *
 * The header of this interface is not installed: its table, and two structures
 * that libkrb5 can encode, are declared here as krb5 1.19 and later have them.
 */
#include <krb5/krb5.h>
#include <krb5/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asserted.h"

#define AD_CAMMAC         96
#define AD_AUTH_INDICATOR 97
#define KEYUSAGE_CAMMAC   64
#define VALUES_MAX        16
#define OCTETS_MAX        100 /* of a value: one octet of DER length */

typedef krb5_error_code
handle_fn(krb5_context context, void *module, unsigned flags, void *client,
          void *server, void *tgs, krb5_keyblock *client_key,
          krb5_keyblock *server_key, krb5_keyblock *tgs_key, krb5_data *packet,
          krb5_kdc_req *request, krb5_const_principal for_user,
          krb5_enc_tkt_part *in, krb5_enc_tkt_part *reply);

struct kdcauthdata_vtable {
    const char *name;
    void (*init)(void), (*fini)(void);
    handle_fn *handle;
};

struct verifier_mac {
    krb5_principal princ;
    krb5_kvno kvno;
    krb5_enctype enctype;
    krb5_checksum checksum;
};

struct cammac {
    krb5_authdata **elements;
    struct verifier_mac *kdc_verifier, *svc_verifier, **other_verifiers;
};

krb5_error_code encode_krb5_authdata(krb5_authdata *const *list,
                                     krb5_data **out);
krb5_error_code encode_krb5_cammac(const struct cammac *cammac,
                                   krb5_data **out);
krb5_error_code kdcauthdata_inject_initvt(krb5_context context, int major,
                                          int minor, krb5_plugin_vtable table);

struct attributes {
    krb5_authdata *list[VALUES_MAX + 1]; /* ended by NULL */
    size_t count;
};

/* What one ticket gets. */
struct gifts {
    struct attributes issued, asserted;
    unsigned char indicators[2 + VALUES_MAX * (OCTETS_MAX + 2)];
    size_t indicator_octets; /* behind the first two */
};

static void
take_attribute(struct attributes *taken, const char *name, const char *value)
{
    const size_t name_len = strlen(name), value_len = strlen(value);
    krb5_authdata *ad = calloc(1, sizeof(*ad));

    if (ad == NULL || taken->count == VALUES_MAX)
        abort();
    ad->ad_type = ASSERTED_TYPE;
    ad->length = (unsigned)(name_len + 1 + value_len);
    ad->contents = malloc(ad->length);
    if (ad->contents == NULL)
        abort();
    memcpy(ad->contents, name, name_len + 1);
    memcpy(ad->contents + name_len + 1, value, value_len);
    taken->list[taken->count++] = ad;
}

/* One UTF8String more. */
static void
take_indicator(struct gifts *gifts, const char *value)
{
    const size_t len = strlen(value);
    unsigned char *at = gifts->indicators + 2 + gifts->indicator_octets;

    if (len > OCTETS_MAX || gifts->indicator_octets + 2 + len > OCTETS_MAX)
        abort();
    at[0] = 0x0c;
    at[1] = (unsigned char)len;
    memcpy(at + 2, value, len);
    gifts->indicator_octets += 2 + len;
}

static void
read_gifts(struct gifts *gifts, const char *client)
{
    const char *path = getenv("GS2_KDC_INJECT");
    FILE *in = path != NULL ? fopen(path, "r") : NULL;
    char line[512], *rest, *who, *kind, *name, *value;

    memset(gifts, 0, sizeof(*gifts));
    while (in != NULL && fgets(line, sizeof(line), in) != NULL) {
        who = strtok_r(line, " \n", &rest);
        if (who == NULL || strcmp(who, client) != 0)
            continue;
        kind = strtok_r(NULL, " \n", &rest);
        name = strtok_r(NULL, " \n", &rest);
        value = strtok_r(NULL, " \n", &rest);
        if (kind == NULL || name == NULL)
            continue;
        if (value != NULL && strcmp(kind, "attribute") == 0)
            take_attribute(&gifts->issued, name, value);
        else if (value != NULL && strcmp(kind, "asserted") == 0)
            take_attribute(&gifts->asserted, name, value);
        else if (strcmp(kind, "indicator") == 0)
            take_indicator(gifts, name);
    }
    if (in != NULL)
        fclose(in);
}

static void
free_attributes(struct attributes *taken)
{
    for (size_t i = 0; i < taken->count; i++) {
        free(taken->list[i]->contents);
        free(taken->list[i]);
    }
}

/* Puts a list, in AD-IF-RELEVANT, behind what the ticket has. */
static krb5_error_code
append(krb5_context context, krb5_enc_tkt_part *reply,
       krb5_authdata *const *list)
{
    krb5_authdata **wrapped = NULL, **merged = NULL;
    krb5_error_code code;

    code = krb5_encode_authdata_container(
        context, KRB5_AUTHDATA_IF_RELEVANT, list, &wrapped);
    if (code == 0)
        code = krb5_merge_authdata(context, reply->authorization_data, wrapped,
                                   &merged);
    if (code == 0) {
        krb5_free_authdata(context, reply->authorization_data);
        reply->authorization_data = merged;
    }
    krb5_free_authdata(context, wrapped);
    return code;
}

static krb5_error_code
give_attributes(krb5_context context, const struct gifts *gifts,
                krb5_enc_tkt_part *reply)
{
    krb5_authdata **issued = NULL;
    krb5_error_code code;

    if (gifts->issued.count == 0)
        return 0;
    code = krb5_make_authdata_kdc_issued(context, reply->session, NULL,
                                         gifts->issued.list, &issued);
    if (code == 0)
        code = append(context, reply, issued);
    krb5_free_authdata(context, issued);
    return code;
}

/* A CAMMAC that the service can verify, around one element. */
static krb5_error_code
wrap_in_cammac(krb5_context context, krb5_authdata *element,
               krb5_keyblock *service_key, krb5_data **der_out)
{
    krb5_authdata *elements[] = { element, NULL };
    struct verifier_mac verifier = { 0 };
    struct cammac cammac = { elements, NULL, &verifier, NULL };
    krb5_data *der = NULL;
    krb5_error_code code;

    code = encode_krb5_authdata(elements, &der);
    if (code == 0)
        code = krb5_c_make_checksum(context, 0, service_key, KEYUSAGE_CAMMAC,
                                    der, &verifier.checksum);
    if (code == 0)
        code = encode_krb5_cammac(&cammac, der_out);
    krb5_free_checksum_contents(context, &verifier.checksum);
    krb5_free_data(context, der);
    return code;
}

static krb5_error_code
give_indicators(krb5_context context, struct gifts *gifts,
                krb5_keyblock *service_key, krb5_enc_tkt_part *reply)
{
    krb5_authdata element = { .ad_type = AD_AUTH_INDICATOR,
                              .contents = gifts->indicators };
    krb5_authdata cammac = { .ad_type = AD_CAMMAC };
    krb5_authdata *list[] = { &cammac, NULL };
    krb5_data *der = NULL;
    krb5_error_code code;

    if (gifts->indicator_octets == 0)
        return 0;
    gifts->indicators[0] = 0x30;
    gifts->indicators[1] = (unsigned char)gifts->indicator_octets;
    element.length = (unsigned)gifts->indicator_octets + 2;
    code = wrap_in_cammac(context, &element, service_key, &der);
    if (code != 0)
        return code;
    cammac.length = der->length;
    cammac.contents = (krb5_octet *)der->data;
    code = append(context, reply, list);
    krb5_free_data(context, der);
    return code;
}

static krb5_error_code
handle(krb5_context context, void *module, unsigned flags, void *client,
       void *server, void *tgs, krb5_keyblock *client_key,
       krb5_keyblock *server_key, krb5_keyblock *tgs_key, krb5_data *packet,
       krb5_kdc_req *request, krb5_const_principal for_user,
       krb5_enc_tkt_part *in, krb5_enc_tkt_part *reply)
{
    struct gifts gifts;
    krb5_error_code code;
    char *name;

    (void)module, (void)flags, (void)client, (void)server, (void)tgs;
    (void)client_key, (void)tgs_key, (void)packet, (void)request;
    (void)for_user, (void)in;
    code = krb5_unparse_name(context, reply->client, &name);
    if (code != 0)
        return code;
    read_gifts(&gifts, name);
    krb5_free_unparsed_name(context, name);
    code = give_attributes(context, &gifts, reply);
    if (code == 0 && gifts.asserted.count > 0)
        code = append(context, reply, gifts.asserted.list);
    if (code == 0)
        code = give_indicators(context, &gifts, server_key, reply);
    free_attributes(&gifts.issued);
    free_attributes(&gifts.asserted);
    return code;
}

krb5_error_code
kdcauthdata_inject_initvt(krb5_context context, int major, int minor,
                          krb5_plugin_vtable table)
{
    struct kdcauthdata_vtable *vtable = (struct kdcauthdata_vtable *)table;

    (void)context;
    (void)minor;
    if (major != 1)
        return KRB5_PLUGIN_VER_NOTSUPP;
    vtable->name = "inject";
    vtable->handle = handle;
    return 0;
}
