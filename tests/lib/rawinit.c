/*
 * rawinit.c - messages by bare GSS calls (see rawinit.h; RFC 5801 sections 4
 * and 5.1).
 */
#include "rawinit.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include "octets.h"

/* SPNEGO: 1.3.6.1.5.5.2 */
static gss_OID_desc spnego = { 6, (void *)"\x2b\x06\x01\x05\x05\x02" };

/* The part of a token behind its RFC 2743 3.1 framing. */
static gss_buffer_desc
inner_token(const gss_buffer_desc *token)
{
    const unsigned char *octets = token->value;
    size_t at = 2;

    ck_assert_uint_gt(token->length, 16);
    ck_assert_uint_eq(octets[0], 0x60);
    if (octets[1] & 0x80)
        at += octets[1] & 0x7f;
    ck_assert_uint_eq(octets[at], 0x06);
    at += 2u + octets[at + 1];
    ck_assert_uint_lt(at, token->length);
    return (gss_buffer_desc){ token->length - at,
                              (char *)token->value + at };
}

/* What the token is bound to; the value is freed with free(). */
static gss_buffer_desc
application_data(const struct raw_ask *ask)
{
    const char *header = ask->header, *data = ask->data ? ask->data : "";
    size_t len = ask->header_len;
    gss_buffer_desc bound;

    if (ask->bound != NULL) {
        header = ask->bound;
        len = strlen(header);
    } else if (len >= 2 && memcmp(header, "F,", 2) == 0) {
        header += 2;
        len -= 2;
    }
    bound.length = len + strlen(data);
    bound.value = malloc(bound.length + 1);
    ck_assert_ptr_nonnull(bound.value);
    memcpy(bound.value, header, len);
    memcpy((char *)bound.value + len, data, strlen(data));
    return bound;
}

static gss_name_t
target_name(void)
{
    gss_buffer_desc text = { strlen("imap@localhost"), "imap@localhost" };
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_import_name(&minor, &text,
                                      GSS_C_NT_HOSTBASED_SERVICE, &name),
                      GSS_S_COMPLETE);
    return name;
}

/* The initial context token, framed as GSS gives it. */
static gss_buffer_desc
context_token(const struct raw_ask *ask)
{
    struct gss_channel_bindings_struct bindings = {
        .initiator_addrtype = ask->addrtype, .acceptor_addrtype = ask->addrtype
    };
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    gss_name_t target = target_name();
    OM_uint32 major, minor;

    bindings.application_data = application_data(ask);
    major = gss_init_sec_context(
        &minor, GSS_C_NO_CREDENTIAL, &context, target,
        ask->spnego ? &spnego : gss_mech_krb5,
        ask->flags != 0 ? ask->flags : RAW_FLAGS, 0,
        ask->unbound ? GSS_C_NO_CHANNEL_BINDINGS : &bindings, GSS_C_NO_BUFFER,
        NULL, &token, NULL, NULL);
    ck_assert_msg(!GSS_ERROR(major) && token.length > 0,
                  "the raw initiator has no token: major 0x%08x, minor %u",
                  major, minor);
    gss_delete_sec_context(&minor, &context, NULL);
    gss_release_name(&minor, &target);
    free(bindings.application_data.value);
    return token;
}

void
raw_message(const struct raw_ask *ask, char **message_out, size_t *len_out)
{
    gss_buffer_desc token = context_token(ask), sent = token;
    OM_uint32 minor;
    char *message;

    if (!ask->keep_framing && !ask->spnego)
        sent = inner_token(&token);
    message = malloc(ask->header_len + sent.length);
    ck_assert_ptr_nonnull(message);
    memcpy(message, ask->header, ask->header_len);
    memcpy(message + ask->header_len, sent.value, sent.length);
    *message_out = message;
    *len_out = ask->header_len + sent.length;
    gss_release_buffer(&minor, &token);
}

/* --- several legs -------------------------------------------------------- */

/* IAKERB: 1.3.6.1.5.2.5 */
static gss_OID_desc iakerb = { 6, (void *)"\x2b\x06\x01\x05\x02\x05" };

/* Of the password that realm.py gives alice. */
static gss_cred_id_t
password_credential(void)
{
    gss_buffer_desc user = { strlen("alice"), "alice" };
    gss_buffer_desc password = { strlen("alice.secret.1"), "alice.secret.1" };
    gss_OID_set_desc mechs = { 1, &iakerb };
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_import_name(&minor, &user, GSS_C_NT_USER_NAME,
                                      &name), GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_acquire_cred_with_password(
                          &minor, name, &password, GSS_C_INDEFINITE, &mechs,
                          GSS_C_INITIATE, &cred, NULL, NULL), GSS_S_COMPLETE);
    gss_release_name(&minor, &name);
    return cred;
}

void
raw_iakerb_turn(struct raw_iakerb *raw, const char *header, const void *in,
                size_t in_len, char **message_out, size_t *len_out)
{
    gss_buffer_desc token = { in_len, (void *)(size_t)in }, out, sent;
    const bool first = raw->cred == GSS_C_NO_CREDENTIAL;
    gss_name_t target = target_name();
    OM_uint32 major, minor;

    if (first)
        raw->cred = password_credential();
    major = gss_init_sec_context(&minor, raw->cred, &raw->context, target,
                                 &iakerb, RAW_FLAGS, 0,
                                 GSS_C_NO_CHANNEL_BINDINGS,
                                 in != NULL ? &token : GSS_C_NO_BUFFER, NULL,
                                 &out, NULL, NULL);
    gss_release_name(&minor, &target);
    ck_assert_msg(!GSS_ERROR(major), "the raw initiator fails: 0x%08x", major);
    sent = first ? inner_token(&out) : out;
    *len_out = strlen(header) + sent.length;
    *message_out = malloc(*len_out + 1);
    ck_assert_ptr_nonnull(*message_out);
    memcpy(*message_out, header, strlen(header));
    if (sent.length > 0)
        memcpy(*message_out + strlen(header), sent.value, sent.length);
    gss_release_buffer(&minor, &out);
}

void
raw_iakerb_end(struct raw_iakerb *raw)
{
    OM_uint32 minor;

    gss_delete_sec_context(&minor, &raw->context, NULL);
    gss_release_cred(&minor, &raw->cred);
}

/* --- a cache of another time --------------------------------------------- */

/* The file of KRB5CCNAME, whole; freed with free(). */
static unsigned char *
read_cache(size_t *len_out)
{
    const char *name = getenv("KRB5CCNAME");
    unsigned char *data = malloc(1 << 16);
    FILE *in;

    ck_assert_ptr_nonnull(data);
    ck_assert_ptr_nonnull(name);
    in = fopen(strncmp(name, "FILE:", 5) == 0 ? name + 5 : name, "rb");
    ck_assert_ptr_nonnull(in);
    *len_out = fread(data, 1, 1 << 16, in);
    ck_assert_uint_gt(*len_out, 4);
    ck_assert_uint_lt(*len_out, 1 << 16);
    fclose(in);
    return data;
}

void
raw_shift_clock(const char *copy, int offset)
{
    /* Version 5.4, a header of 12 octets, a DeltaTime field of 8. */
    unsigned char start[16] = { 5, 4, 0, 12, 0, 1, 0, 8 };
    size_t len, body;
    unsigned char *data = read_cache(&len);
    FILE *out = fopen(copy, "wb");

    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(data[0], 5);
    ck_assert_uint_eq(data[1], 4);
    body = 4u + (size_t)(data[2] << 8 | data[3]);
    ck_assert_uint_lt(body, len);
    for (unsigned i = 0; i < 4; i++)
        start[8 + i] = (unsigned char)((unsigned)offset >> (24 - 8 * i));
    ck_assert_uint_eq(fwrite(start, 1, sizeof(start), out), sizeof(start));
    ck_assert_uint_eq(fwrite(data + body, 1, len - body, out), len - body);
    ck_assert_int_eq(fclose(out), 0);
    free(data);
    ck_assert_int_eq(setenv("KRB5CCNAME", copy, 1), 0);
}
