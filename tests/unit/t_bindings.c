/*
 * t_bindings.c - the channel bindings that both sides give to GSS (RFC 5801
 * section 5.1, RFC 5056); B1 and B6 are the requirements.
 */
#include "common/gss/bindings.h"
#include "tests/lib/octets.h"
#include "tests/lib/suite.h"

static struct gs2_error err;

/* A message, binding data of the application, and the octets to be bound. */
static const struct {
    const char *message;
    size_t message_len;
    const char *data;
    size_t data_len;
    const char *bound;
    size_t bound_len;
} cases[] = {
    { OCTETS("n,,token"), NULL, 0, OCTETS("n,,") },
    { OCTETS("y,,token"), NULL, 0, OCTETS("y,,") },
    { OCTETS("n,a=bob,token"), NULL, 0, OCTETS("n,a=bob,") },
    /* As it went over the wire: escapes stay. */
    { OCTETS("y,a=b=2Cb=3D\xc3\xa9,token"), NULL, 0,
      OCTETS("y,a=b=2Cb=3D\xc3\xa9,") },
    /* Without F,. */
    { OCTETS("F,n,,token"), NULL, 0, OCTETS("n,,") },
    { OCTETS("F,p=tls-exporter,a=bob,token"), OCTETS("data"),
      OCTETS("p=tls-exporter,a=bob,data") },
    /* Data of any octets and any length, bare, behind p alone. */
    { OCTETS("p=tls-unique,,token"), OCTETS("\x00\x01,\xff\x00"),
      OCTETS("p=tls-unique,,\x00\x01,\xff\x00") },
    { OCTETS("p=tls-unique,,token"), OCTETS("tls-unique:data"),
      OCTETS("p=tls-unique,,tls-unique:data") },
    { OCTETS("p=tls-unique,,"), OCTETS("x"), OCTETS("p=tls-unique,,x") },
    { OCTETS("p=tls-unique,,token"), OCTETS(""), OCTETS("p=tls-unique,,") },
    { OCTETS("p=tls-unique,,token"), NULL, 0, OCTETS("p=tls-unique,,") },
    { OCTETS("n,,token"), OCTETS("data"), OCTETS("n,,") },
    { OCTETS("y,a=bob,token"), OCTETS("data"), OCTETS("y,a=bob,") },
    { OCTETS("F,y,,token"), OCTETS("data"), OCTETS("y,,") },
};

static const struct gss_channel_bindings_struct empty;

START_TEST(b1_header_as_sent_and_data_behind_p_alone)
{
    struct gss_channel_bindings_struct bindings;
    struct gs2_header hdr;
    char *wire, *data = NULL;

    ck_assert_int_eq(gs2_header_decode(cases[_i].message,
                                       cases[_i].message_len, &hdr, &err),
                     GS2_OK);
    wire = exact_copy(cases[_i].message, hdr.length);
    if (cases[_i].data != NULL)
        data = exact_copy(cases[_i].data, cases[_i].data_len);
    memset(&bindings, 0xff, sizeof(bindings));
    ck_assert_int_eq(gs2_bindings_fill(&bindings, &hdr, wire, data,
                                       cases[_i].data_len, &err), GS2_OK);
    free(wire);
    free(data);

    ck_assert_uint_eq(bindings.initiator_addrtype, 0);
    ck_assert_uint_eq(bindings.acceptor_addrtype, 0);
    ck_assert_uint_eq(bindings.initiator_address.length, 0);
    ck_assert_ptr_null(bindings.initiator_address.value);
    ck_assert_uint_eq(bindings.acceptor_address.length, 0);
    ck_assert_ptr_null(bindings.acceptor_address.value);
    ck_assert_uint_eq(bindings.application_data.length, cases[_i].bound_len);
    ck_assert_mem_eq(bindings.application_data.value, cases[_i].bound,
                     cases[_i].bound_len);

    gs2_bindings_free(&bindings);
    ck_assert_mem_eq(&bindings, &empty, sizeof(empty));
    gs2_bindings_free(&bindings);
    gs2_header_free(&hdr);
}
END_TEST

/* What the client encodes and the server decodes binds the same octets. */
START_TEST(b1_both_sides_bind_the_same)
{
    struct gs2_header sent = { .cb_flag = GS2_CB_USED }, got;
    struct gss_channel_bindings_struct ours, theirs;
    char cb_name[] = "tls-exporter", authzid[] = "b,=\xc3\xa9";
    char *wire;

    sent.nonstd = _i != 0;
    sent.cb_name = cb_name;
    sent.authzid = authzid;
    ck_assert_int_eq(gs2_header_encode(&sent, &wire, &err), GS2_OK);
    ck_assert_int_eq(gs2_header_decode(wire, sent.length, &got, &err), GS2_OK);
    ck_assert_int_eq(gs2_bindings_fill(&ours, &sent, wire, "\0\1", 2, &err),
                     GS2_OK);
    ck_assert_int_eq(gs2_bindings_fill(&theirs, &got, wire, "\0\1", 2, &err),
                     GS2_OK);
    ck_assert_uint_eq(ours.application_data.length,
                      theirs.application_data.length);
    ck_assert_mem_eq(ours.application_data.value,
                     theirs.application_data.value,
                     ours.application_data.length);
    ck_assert_mem_eq(ours.application_data.value, "p=tls-exporter,a=b=2C=3D",
                     24);
    gs2_bindings_free(&ours);
    gs2_bindings_free(&theirs);
    gs2_header_free(&got);
    free(wire);
}
END_TEST

START_TEST(b6_data_of_a_mebibyte)
{
    struct gss_channel_bindings_struct bindings;
    const size_t len = (size_t)1 << 20;
    struct gs2_header hdr;
    char *data = malloc(len);

    memset(data, 'x', len);
    ck_assert_int_eq(gs2_header_decode("p=a,,", 5, &hdr, &err), GS2_OK);
    ck_assert_int_eq(gs2_bindings_fill(&bindings, &hdr, "p=a,,", data, len,
                                       &err), GS2_OK);
    ck_assert_uint_eq(bindings.application_data.length, 5 + len);
    ck_assert(memcmp((char *)bindings.application_data.value + 5, data, len) ==
              0);
    gs2_bindings_free(&bindings);
    gs2_header_free(&hdr);
    free(data);
}
END_TEST

SUITE("bindings",
      TABLE(b1_header_as_sent_and_data_behind_p_alone, cases),
      TIMES(b1_both_sides_bind_the_same, 2),
      TEST(b6_data_of_a_mebibyte))
