/*
 * protocol_ldap.c - logins to an LDAP server (RFC 4511, RFC 4513), as libldap
 * does them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ldap_message.h"
#include "print.h"
#include "remote.h"

#define ANSWERS_MAX 1000 /* entries of a search for one */
#define ROOM 128         /* for all of a request but a message of SASL */

enum { SUCCESS = 0, SASL_BIND_IN_PROGRESS = 14 };

/* What most answers are. */
struct result {
    unsigned long code;
    char text[GS2_TEXT_MAX];         /* with the code in front */
    struct ldap_elements credentials; /* at: NULL where there are none */
};

static const char mechanisms[] = "supportedSASLMechanisms";

/* --- requests and answers ------------------------------------------------- */

/* Sends what is in a writer as the next request, and frees it. */
static bool
put(struct remote *remote, int operation, struct ldap_writer *writer,
    struct gs2_error *err)
{
    const unsigned char number = (unsigned char)++remote->number;
    bool sent;

    ldap_wrap(writer, operation, writer->size);
    ldap_put_element(writer, LDAP_INTEGER, &number, 1);
    ldap_wrap(writer, LDAP_SEQUENCE, writer->size);
    sent = channel_put(remote->channel, writer->octets + writer->at,
                       writer->size - writer->at, err);
    free(writer->octets);
    return sent;
}

static bool
take_result(struct ldap_elements content, struct result *result_out)
{
    struct ldap_elements name, text, referral;
    char shown[GS2_TEXT_MAX - 32];

    memset(result_out, 0, sizeof(*result_out));
    if (!ldap_take_number(&content, LDAP_ENUMERATED, &result_out->code) ||
        !ldap_take(&content, LDAP_OCTETS, &name) ||
        !ldap_take(&content, LDAP_OCTETS, &text))
        return false;
    (void)ldap_take(&content, LDAP_SASL, &referral); /* the same tag */
    (void)ldap_take(&content, LDAP_SERVER_CREDENTIALS,
                    &result_out->credentials);
    (void)snprintf(shown, sizeof(shown), "%.*s", (int)text.left,
                   (const char *)text.at);
    (void)snprintf(result_out->text, sizeof(result_out->text), "result %lu%s%s",
                   result_out->code, shown[0] != '\0' ? ": " : "", shown);
    return true;
}

static bool
is_strange(const struct remote *remote, struct gs2_error *err)
{
    gs2_error_set(err, "%s sends an answer that is not of LDAP", remote->host);
    return false;
}

/* An answer to the last request; the caller frees message_out->octets. */
static bool
get(struct remote *remote, struct ldap_message *message_out,
    struct gs2_error *err)
{
    struct result result;

    if (!ldap_read(remote->channel, remote->host, message_out, err))
        return false;
    if (message_out->number == remote->number)
        return true;
    /* A Notice of Disconnection (section 4.4.1). */
    if (message_out->number == 0 &&
        message_out->operation == LDAP_EXTENDED_RESPONSE &&
        take_result(message_out->content, &result))
        (void)remote_refuses(remote, "to go on", result.text, err);
    else
        (void)is_strange(remote, err);
    free(message_out->octets);
    return false;
}

/* An answer that is a result; *message_out has the octets that it borrows. */
static bool
get_result(struct remote *remote, int operation,
           struct ldap_message *message_out, struct result *result_out,
           struct gs2_error *err)
{
    if (!get(remote, message_out, err))
        return false;
    if (message_out->operation == operation &&
        take_result(message_out->content, result_out))
        return true;
    free(message_out->octets);
    return is_strange(remote, err);
}

/* --- the operations ------------------------------------------------------- */

/* The values of supportedSASLMechanisms of an entry. */
static void
take_entry(struct remote *remote, struct ldap_elements content)
{
    struct ldap_elements name, attributes, attribute, type, values, value;

    if (!ldap_take(&content, LDAP_OCTETS, &name) ||
        !ldap_take(&content, LDAP_SEQUENCE, &attributes))
        return;
    while (ldap_take(&attributes, LDAP_SEQUENCE, &attribute)) {
        if (!ldap_take(&attribute, LDAP_OCTETS, &type) ||
            !ldap_take(&attribute, LDAP_SET, &values) ||
            type.left != sizeof(mechanisms) - 1 ||
            strncasecmp((const char *)type.at, mechanisms, type.left) != 0)
            continue;
        while (ldap_take(&values, LDAP_OCTETS, &value))
            remote_add_offer(remote, (const char *)value.at, value.left);
    }
}

/* A search for the root DSE (section 5.1 of RFC 4512). */
static bool
ask_for_mechanisms(struct remote *remote, struct gs2_error *err)
{
    static const unsigned char limits[] = {
        LDAP_ENUMERATED, 1, 0, /* the base object alone */
        LDAP_ENUMERATED, 1, 0, /* no aliases */
        LDAP_INTEGER, 1, 0, LDAP_INTEGER, 1, 0, LDAP_BOOLEAN, 1, 0,
    };
    struct ldap_writer writer;
    size_t end;

    ldap_begin(&writer, ROOM);
    end = writer.at;
    ldap_put_element(&writer, LDAP_OCTETS, mechanisms, strlen(mechanisms));
    ldap_wrap(&writer, LDAP_SEQUENCE, end);
    ldap_put_element(&writer, LDAP_PRESENT, "objectClass",
                     strlen("objectClass"));
    ldap_put(&writer, limits, sizeof(limits));
    ldap_put_element(&writer, LDAP_OCTETS, "", 0);
    return put(remote, LDAP_SEARCH, &writer, err);
}

static bool
capabilities(struct remote *remote, struct gs2_error *err)
{
    struct ldap_message message;
    struct result result;
    bool good;

    remote_forget(remote);
    if (!ask_for_mechanisms(remote, err))
        return false;
    for (unsigned n = 0; n < ANSWERS_MAX; n++) {
        if (!get(remote, &message, err))
            return false;
        if (message.operation == LDAP_SEARCH_DONE) {
            good = take_result(message.content, &result)
                   ? result.code == SUCCESS ||
                     remote_refuses(remote, "to name its mechanisms",
                                    result.text, err)
                   : is_strange(remote, err);
            free(message.octets);
            return good;
        }
        if (message.operation == LDAP_ENTRY)
            take_entry(remote, message.content);
        free(message.octets);
    }
    gs2_error_set(err, "%s answers with more than %d entries", remote->host,
                  ANSWERS_MAX);
    return false;
}

/* The client speaks first, and asks for TLS without knowing whether there
 * is. */
static bool
greet(struct remote *remote, struct gs2_error *err)
{
    remote->has_starttls = true;
    return remote->starttls || capabilities(remote, err);
}

static bool
starttls(struct remote *remote, struct gs2_error *err)
{
    static const char oid[] = "1.3.6.1.4.1.1466.20037";
    struct ldap_writer writer;
    struct ldap_message message;
    struct result result;

    ldap_begin(&writer, ROOM);
    ldap_put_element(&writer, LDAP_EXTENDED_NAME, oid, strlen(oid));
    if (!put(remote, LDAP_EXTENDED, &writer, err) ||
        !get_result(remote, LDAP_EXTENDED_RESPONSE, &message, &result, err))
        return false;
    free(message.octets);
    return result.code == SUCCESS ||
           remote_refuses(remote, "StartTLS", result.text, err);
}

static bool
takes_initial(const struct remote *remote, const char *mech, size_t len)
{
    (void)remote;
    (void)mech;
    (void)len;
    return true;
}

/* A bind of this mechanism, which libldap names as libsasl names it to clients,
 * without -PLUS: slapd has the name in the DN of the user. */
static bool
bind_by(struct remote *remote, const char *mech, const void *token, size_t len,
        struct gs2_error *err)
{
    static const unsigned char version = 3;
    struct ldap_writer writer;
    size_t end, mech_len = strlen(mech);

    if (mech_len > 5 && strcmp(mech + mech_len - 5, "-PLUS") == 0)
        mech_len -= 5;
    ldap_begin(&writer, ROOM + mech_len + len);
    end = writer.at;
    if (token != NULL)
        ldap_put_element(&writer, LDAP_OCTETS, token, len);
    ldap_put_element(&writer, LDAP_OCTETS, mech, mech_len);
    ldap_wrap(&writer, LDAP_SASL, end);
    ldap_put_element(&writer, LDAP_OCTETS, "", 0);
    ldap_put_element(&writer, LDAP_INTEGER, &version, 1);
    return put(remote, LDAP_BIND, &writer, err);
}

static bool
authenticate(struct remote *remote, const char *mech, const void *initial,
             size_t len, struct gs2_error *err)
{
    (void)snprintf(remote->mech, sizeof(remote->mech), "%s", mech);
    return bind_by(remote, mech, initial, len, err);
}

static bool
respond(struct remote *remote, const void *token, size_t len,
        struct gs2_error *err)
{
    return bind_by(remote, remote->mech, token, len, err);
}

static bool
answer(struct remote *remote, struct answer *answer_out,
       struct gs2_error *err)
{
    struct ldap_message message;
    struct result result;

    memset(answer_out, 0, sizeof(*answer_out));
    if (!get_result(remote, LDAP_BIND_RESPONSE, &message, &result, err))
        return false;
    answer_out->kind = result.code == SUCCESS ? ANSWER_SUCCESS
                       : result.code == SASL_BIND_IN_PROGRESS
                       ? ANSWER_CHALLENGE : ANSWER_REFUSAL;
    memcpy(answer_out->text, result.text, sizeof(answer_out->text));
    if (result.credentials.at != NULL) {
        answer_out->len = result.credentials.left;
        answer_out->token = need(calloc(1, answer_out->len + 1));
        memcpy(answer_out->token, result.credentials.at, answer_out->len);
    }
    free(message.octets);
    return true;
}

static void
leave(struct remote *remote)
{
    struct ldap_writer writer;
    struct gs2_error ignored;

    ldap_begin(&writer, ROOM);
    (void)put(remote, LDAP_UNBIND, &writer, &ignored);
}

/* slapd has what its sasl-cbinding says. */
const struct protocol protocol_ldap = {
    .name = "ldap", .port = "389", .tls_port = "636", .is_libldap = true,
    .bindings = { "tls-endpoint", "tls-unique", "tls-exporter",
                  "tls-server-end-point" },
    .greet = greet, .starttls = starttls, .capabilities = capabilities,
    .takes_initial = takes_initial, .authenticate = authenticate,
    .respond = respond, .answer = answer, .leave = leave,
};
