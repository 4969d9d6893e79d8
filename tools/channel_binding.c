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
    memcpy(binding_out->name, type, strlen(type) + 1);
    binding_out->len = 32;
    return true;
}

/* Each adds its octets; false, with a reason or without one. */

/* RFC 9266 section 2. */
static bool
take_exporter(SSL *ssl, struct channel_binding *binding,
              struct gs2_error *err)
{
    static const char label[] = "EXPORTER-Channel-Binding";

    (void)err;
    binding->len = 32;
    return SSL_export_keying_material(ssl, binding->octets, binding->len,
                                      label, sizeof(label) - 1, NULL, 0,
                                      0) == 1;
}

/* RFC 5929 section 3: the first Finished message, which would be the server's
 * in a resumed session; we never ask for one. */
static bool
take_unique(SSL *ssl, struct channel_binding *binding, struct gs2_error *err)
{
    unsigned char finished[EVP_MAX_MD_SIZE];
    const size_t len = SSL_get_finished(ssl, finished, sizeof(finished));

    (void)err;
    if (len == 0 || len > sizeof(finished))
        return false;
    memcpy(binding->octets + binding->len, finished, len);
    binding->len += len;
    return true;
}

/* RFC 5929 section 4.1: the hash of the certificate's signature, but never less
 * than SHA-256; nothing is defined for a signature without one hash, such as
 * Ed25519's. */
static const EVP_MD *
end_point_hash(X509 *certificate, struct gs2_error *err)
{
    int hash = NID_undef;

    if (X509_get_signature_info(certificate, &hash, NULL, NULL, NULL) != 1)
        hash = NID_undef;
    if (hash == NID_md5 || hash == NID_sha1)
        hash = NID_sha256;
    if (hash == NID_undef)
        gs2_error_set(err, "RFC 5929 defines no tls-server-end-point for a "
                      "certificate that is signed by %s",
                      OBJ_nid2ln(X509_get_signature_nid(certificate)));
    return EVP_get_digestbynid(hash);
}

static bool
take_end_point(SSL *ssl, struct channel_binding *binding,
               struct gs2_error *err)
{
    X509 *certificate = SSL_get1_peer_certificate(ssl);
    const EVP_MD *hash = certificate != NULL
                         ? end_point_hash(certificate, err) : NULL;
    unsigned len = 0;
    const bool good = hash != NULL &&
                      X509_digest(certificate, hash,
                                  binding->octets + binding->len, &len) == 1;

    binding->len += len;
    X509_free(certificate);
    return good;
}

static const struct type {
    const char *word, *name;
    const char *before; /* what the octets begin with; NULL: not libldap's */
    bool (*take)(SSL *ssl, struct channel_binding *binding,
                 struct gs2_error *err);
} types[] = {
    { "tls-endpoint", "ldap", "tls-server-end-point:", take_end_point },
    { "tls-unique", "ldap", "tls-unique:", take_unique },
    { "tls-exporter", "tls-exporter", NULL, take_exporter },
    { "tls-unique", "tls-unique", NULL, take_unique },
    { "tls-server-end-point", "tls-server-end-point", NULL, take_end_point },
};

static const struct type *
find_type(const char *word, bool is_libldap)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if ((is_libldap || types[i].before == NULL) &&
            strcmp(types[i].word, word) == 0)
            return &types[i];
    }
    return NULL;
}

bool
channel_binding_of_tls(SSL *ssl, const char *word, bool is_libldap,
                       struct channel_binding *binding_out,
                       struct gs2_error *err)
{
    const struct type *type = find_type(word, is_libldap);

    memset(binding_out, 0, sizeof(*binding_out));
    if (strcmp(word, "none") == 0)
        return true;
    if (type == NULL) {
        gs2_error_set(err, "there is no channel binding %s; there are %s"
                      "tls-exporter, tls-unique, tls-server-end-point and "
                      "none", word, is_libldap ? "tls-endpoint, " : "");
        return false;
    }
    memcpy(binding_out->type, type->word, strlen(type->word) + 1);
    memcpy(binding_out->name, type->name, strlen(type->name) + 1);
    if (type->before != NULL) {
        binding_out->len = strlen(type->before);
        memcpy(binding_out->octets, type->before, binding_out->len);
    }
    gs2_error_set(err, "this connection has no channel binding %s", word);
    return type->take(ssl, binding_out, err);
}

int
channel_binding_set(sasl_conn_t *conn, const struct channel_binding *binding,
                    sasl_channel_binding_t *holder)
{
    if (binding->type[0] == '\0')
        return SASL_OK;
    holder->name = binding->name;
    holder->critical = 0;
    holder->len = (unsigned long)binding->len;
    holder->data = binding->octets;
    return sasl_setprop(conn, SASL_CHANNEL_BINDING, holder);
}
