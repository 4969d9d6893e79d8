/*
 * channel_binding.c - channel bindings (see channel_binding.h).
 */
#include "channel_binding.h"

#include <string.h>

#include <sys/random.h>

#include <openssl/err.h>
#include <openssl/x509.h>

bool
channel_binding_make(const char *type, struct channel_binding *binding_out,
                     struct gs2_error *err)
{
    memset(binding_out, 0, sizeof(*binding_out));
    if (type == NULL || strcmp(type, "none") == 0)
        return true;
    if (strlen(type) >= sizeof(binding_out->type)) {
        gs2_error_set(err, "the name of the channel binding is too long");
        return false;
    }
    if (getrandom(binding_out->octets, 32, 0) != 32) {
        gs2_error_set(err, "the system has no random octets");
        return false;
    }
    memcpy(binding_out->type, type, strlen(type) + 1);
    binding_out->len = 32;
    return true;
}

/* RFC 9266 section 2. */
static bool
take_exporter(SSL *ssl, struct channel_binding *binding)
{
    static const char label[] = "EXPORTER-Channel-Binding";

    binding->len = 32;
    return SSL_export_keying_material(ssl, binding->octets, binding->len,
                                      label, sizeof(label) - 1, NULL, 0,
                                      0) == 1;
}

/* RFC 5929 section 3: the first Finished message, of which a resumed session,
 * which we never ask for, would have the server's. */
static bool
take_unique(SSL *ssl, struct channel_binding *binding)
{
    binding->len = SSL_get_finished(ssl, binding->octets,
                                    sizeof(binding->octets));
    return binding->len > 0 && binding->len <= sizeof(binding->octets);
}

/* RFC 5929 section 4.1: the hash of the certificate, by the hash function of
 * its signature, but no weaker one than SHA-256. */
static bool
take_end_point(SSL *ssl, struct channel_binding *binding)
{
    X509 *certificate = SSL_get1_peer_certificate(ssl);
    int hash = NID_undef, key;
    unsigned len = 0;
    bool good;

    if (certificate == NULL)
        return false;
    (void)OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &hash,
                              &key);
    if (hash == NID_md5 || hash == NID_sha1 || hash == NID_undef)
        hash = NID_sha256;
    good = X509_digest(certificate, EVP_get_digestbynid(hash),
                       binding->octets, &len) == 1;
    binding->len = len;
    X509_free(certificate);
    return good;
}

bool
channel_binding_of_tls(SSL *ssl, const char *type,
                       struct channel_binding *binding_out,
                       struct gs2_error *err)
{
    static const struct {
        const char *type;
        bool (*take)(SSL *ssl, struct channel_binding *binding);
    } types[] = {
        { "tls-exporter", take_exporter },
        { "tls-unique", take_unique },
        { "tls-server-end-point", take_end_point },
    };

    memset(binding_out, 0, sizeof(*binding_out));
    if (type == NULL)
        type = SSL_version(ssl) >= TLS1_3_VERSION ? "tls-exporter"
                                                  : "tls-unique";
    if (strcmp(type, "none") == 0)
        return true;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i].type, type) != 0)
            continue;
        memcpy(binding_out->type, type, strlen(type) + 1);
        if (types[i].take(ssl, binding_out))
            return true;
        gs2_error_set(err, "this connection has no channel binding %s", type);
        return false;
    }
    gs2_error_set(err, "the channel bindings of TLS are tls-exporter, "
                  "tls-unique and tls-server-end-point; %s is none", type);
    return false;
}

int
channel_binding_set(sasl_conn_t *conn, const struct channel_binding *binding,
                    sasl_channel_binding_t *holder)
{
    if (binding->type[0] == '\0')
        return SASL_OK;
    holder->name = binding->type;
    holder->critical = 0;
    holder->len = (unsigned long)binding->len;
    holder->data = binding->octets;
    return sasl_setprop(conn, SASL_CHANNEL_BINDING, holder);
}
