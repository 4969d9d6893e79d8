/*
 * fuzz_layer.c - fuzz harness of a security layer (gssapi/layer.c; RFC 4752
 * section 3.3, RFC 4422 section 3.7): a stream of messages made of the input,
 * over a pair of real krb5 contexts.
 *
 *   octet 0  1: sealed; 2: the acceptor sends; 4, 8: the receiver's size;
 *            16, 32: how much a message may carry
 *   2 octets what is done, and a number; what follows belongs to it:
 *     send n, send 4 n        a message of so many octets
 *     raw n                   so many octets of the input, up to 15
 *     lie n, octet            a message whose length is wrong by the octet
 *     again                   the last message once more
 *     lose n                  a message that does not arrive
 *     change n, octet         octet n of what waits, by exclusive or
 *     other n                 a message of the other kind of protection
 *     mic n                   a MIC in the place of a message
 *     back n                  a message that the receiver itself has made
 *     cut n, octet            a message without its last octets
 *     deliver n, deliver 64 n so many octets of what waits, in one call
 *
 * At the end the rest is delivered.  What is received is what was sent, in its
 * order, up to the first message that is not the next one; from there on the
 * layer refuses.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>
#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "fuzz.h"
#include "fuzz_input.h"
#include "fuzz_krb5.h"
#include "gssapi/layer.h"
#include "gssapi/ssf.h"

#define STREAM_MAX 65536u
#define MESSAGES_MAX 128u

/* --- the two ends -------------------------------------------------------- */

static struct end {
    gss_ctx_id_t context;
    struct gs2_layer layer;
    sasl_out_params_t oparams;
    bool sent; /* a message of this input */
} ends[2]; /* initiator, acceptor */

static struct end *from, *to;
static bool sealed;
static unsigned max, plain_max;

/* The functions of libsasl allow for no other names of these. */
static void *
allocate(size_t size)
{
    return malloc(size);
}

static void *
resize(void *p, size_t size)
{
    return realloc(p, size);
}

static void
release(void *p)
{
    free(p);
}

static char said[256];

static void
say(sasl_conn_t *conn, unsigned flags, const char *format, ...)
{
    va_list rest;

    (void)conn;
    (void)flags;
    va_start(rest, format);
    (void)vsnprintf(said, sizeof(said), format, rest);
    va_end(rest);
}

static sasl_utils_t utils;

static void
prepare(struct end *end, unsigned own, unsigned peer, unsigned carries)
{
    const struct gs2_layer_sizes sizes = { peer, own, carries };
    struct gs2_error err;

    memset(&end->layer, 0, sizeof(end->layer));
    MUST(gs2_layer_prepare(&end->layer, end->context, sealed, &sizes, GS2_FAIL,
                           &err) == GS2_OK);
    gs2_layer_install(&end->layer, &utils, sealed ? 256 : 1, &end->oparams);
}

/* Whatever was made and not delivered: from now on the next message is the
 * next one again. */
static void
make_up(struct end *sender, struct end *receiver)
{
    gss_buffer_desc in = { 1, (void *)"." }, wrapped, text;
    OM_uint32 minor;

    if (!sender->sent)
        return;
    MUST(gss_wrap(&minor, sender->context, 0, GSS_C_QOP_DEFAULT, &in, NULL,
                  &wrapped) == GSS_S_COMPLETE);
    MUST(!GSS_ERROR(gss_unwrap(&minor, receiver->context, &wrapped, &text,
                               NULL, NULL)));
    gss_release_buffer(&minor, &wrapped);
    gss_release_buffer(&minor, &text);
    sender->sent = false;
}

/* --- what is sent --------------------------------------------------------- */

static uint8_t stream[STREAM_MAX];
static size_t made, delivered, last, last_len;

/* The messages that may be received, in their order, and what they carry. */
static struct message {
    uint8_t *token;
    size_t len, plain_len;
} messages[MESSAGES_MAX];
static size_t count;
static bool closed; /* whatever follows is behind a gap */
static uint8_t plain[STREAM_MAX];
static size_t plain_len;
static uint8_t counter;

static void
append(const void *octets, size_t len)
{
    MUST(len <= STREAM_MAX - made);
    if (len > 0)
        memcpy(stream + made, octets, len);
    made += len;
}

static void
append_frame(const gss_buffer_desc *token, size_t said_len)
{
    const uint8_t length[4] = {
        (uint8_t)(said_len >> 24), (uint8_t)(said_len >> 16),
        (uint8_t)(said_len >> 8), (uint8_t)said_len };

    last = made;
    last_len = sizeof(length) + token->length;
    append(length, sizeof(length));
    append(token->value, token->length);
}

/* The token is the next one that may be received, if none is missing. */
static void
keep(const void *token, size_t len, const uint8_t *text, size_t text_len)
{
    struct message *m = &messages[count];

    if (closed)
        return;
    m->token = malloc(len);
    MUST(m->token != NULL);
    memcpy(m->token, token, len);
    m->len = len;
    m->plain_len = text_len;
    memcpy(plain + plain_len, text, text_len);
    plain_len += text_len;
    count++;
}

static void
fill(uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        text[i] = counter++;
}

static gss_buffer_desc
wrap(struct end *end, const uint8_t *text, size_t len, bool seal)
{
    gss_buffer_desc in = { len, (void *)text }, out;
    OM_uint32 minor;

    MUST(gss_wrap(&minor, end->context, seal, GSS_C_QOP_DEFAULT, &in, NULL,
                  &out) == GSS_S_COMPLETE);
    end->sent = true;
    return out;
}

/* A message by sasl_encode() where it fits, in two pieces; else as a peer that
 * does not care. */
static void
send_message(const uint8_t *text, size_t len)
{
    const size_t first = len / 3;
    struct iovec pieces[] = { { (void *)text, first },
                              { (void *)(text + first), len - first } };
    gss_buffer_desc token;
    const char *frame;
    unsigned frame_len;
    OM_uint32 minor;

    if (len > from->layer.sender.max) {
        token = wrap(from, text, len, sealed);
        append_frame(&token, token.length);
        keep(token.value, token.length, text, len);
        gss_release_buffer(&minor, &token);
        return;
    }
    from->sent = true;
    MUST(from->oparams.encode(&from->layer, pieces, 2, &frame, &frame_len) ==
         SASL_OK);
    MUST(frame_len > GS2_LAYER_LENGTH_OCTETS &&
         frame_len - GS2_LAYER_LENGTH_OCTETS <= max);
    last = made;
    last_len = frame_len;
    append(frame, frame_len);
    keep(frame + GS2_LAYER_LENGTH_OCTETS, frame_len - GS2_LAYER_LENGTH_OCTETS,
         text, len);
}

/* --- what is received ----------------------------------------------------- */

static size_t got;
static bool failed;

static void
deliver(size_t len)
{
    uint8_t *exact;
    const char *out = "";
    unsigned out_len = 1;
    int code;

    if (len > made - delivered)
        len = made - delivered;
    exact = malloc(len);
    MUST(exact != NULL || len == 0);
    if (len > 0)
        memcpy(exact, stream + delivered, len);
    delivered += len;
    said[0] = '\0';
    code = to->oparams.decode(&to->layer, (const char *)exact, (unsigned)len,
                              &out, &out_len);
    free(exact);
    MUST(code == SASL_OK || code == SASL_FAIL);
    MUST(!failed || code == SASL_FAIL);
    MUST((out == NULL) == (out_len == 0));
    MUST(code == SASL_OK || (out == NULL && said[0] != '\0'));
    MUST(out_len <= plain_len - got);
    MUST(out_len == 0 || (memcmp(out, plain + got, out_len) == 0 &&
                          out[out_len] == '\0'));
    got += out_len;
    failed = code != SASL_OK;
    MUST(to->layer.receiver.wrapped_size <= 4096 + 2 * delivered);
    MUST(to->layer.receiver.plain_size <= 2 * (delivered + 1));
}

/* How a frame is held against the message that is due.  krb5 rotates what is
 * behind the header by RRC octets, which are not protected (RFC 4121 section
 * 4.2.5): a token with another RRC may mean the same. */
enum verdict { GOOD, BAD, EITHER };

static enum verdict
judge(const uint8_t *token, size_t len, const struct message *due)
{
    if (len != due->len || memcmp(token, due->token, 6) != 0 ||
        memcmp(token + 8, due->token + 8, len - 8) != 0)
        return BAD;
    return memcmp(token + 6, due->token + 6, 2) == 0 ? GOOD : EITHER;
}

/* What the octets that were delivered come to, and how many octets they
 * carry. */
static enum verdict
judge_all(size_t *carried_out)
{
    enum verdict verdict = GOOD;
    size_t at = 0, len, n = 0;

    *carried_out = 0;
    for (; verdict == GOOD && delivered - at >= 4; at += 4 + len) {
        len = (size_t)stream[at] << 24 | (size_t)stream[at + 1] << 16 |
              (size_t)stream[at + 2] << 8 | stream[at + 3];
        if (len == 0 || len > max)
            return BAD;
        if (delivered - at - 4 < len)
            return GOOD;
        verdict = n < count ? judge(stream + at + 4, len, &messages[n]) : BAD;
        if (verdict == GOOD && messages[n].plain_len > plain_max)
            return BAD;
        if (verdict == GOOD)
            *carried_out += messages[n++].plain_len;
    }
    return verdict;
}

/* --- what the input says -------------------------------------------------- */

static void
do_raw(struct input *in, size_t n)
{
    if (n > in->len)
        n = in->len;
    append(in->at, n);
    in->at += n;
    in->len -= n;
}

static void
do_lie(struct input *in, const uint8_t *text, size_t n)
{
    gss_buffer_desc token = wrap(from, text, n, sealed);
    const size_t octet = take(in);
    OM_uint32 minor;

    /* Up to 127 more or 128 fewer. */
    append_frame(&token, token.length + octet - (octet < 128 ? 0 : 256));
    keep(token.value, token.length, text, n);
    gss_release_buffer(&minor, &token);
}

static void
do_other(const uint8_t *text, size_t n)
{
    gss_buffer_desc token = wrap(from, text, n, !sealed);
    OM_uint32 minor;

    append_frame(&token, token.length);
    if (sealed)
        closed = true;
    keep(token.value, token.length, text, n);
    gss_release_buffer(&minor, &token);
}

static void
do_mic(const uint8_t *text, size_t n)
{
    gss_buffer_desc in = { n, (void *)text }, token;
    OM_uint32 minor;

    MUST(gss_get_mic(&minor, from->context, GSS_C_QOP_DEFAULT, &in, &token) ==
         GSS_S_COMPLETE);
    from->sent = true;
    append_frame(&token, token.length);
    closed = true;
    gss_release_buffer(&minor, &token);
}

static void
do_back(const uint8_t *text, size_t n)
{
    gss_buffer_desc token = wrap(to, text, n, sealed);
    OM_uint32 minor;

    append_frame(&token, token.length);
    gss_release_buffer(&minor, &token);
}

/* n octets less of a message, which says so; none less is the message. */
static void
do_cut(struct input *in, const uint8_t *text, size_t n)
{
    gss_buffer_desc token = wrap(from, text, n, sealed);
    const size_t less = take(in) % token.length;
    OM_uint32 minor;

    keep(token.value, token.length, text, n);
    token.length -= less;
    append_frame(&token, token.length);
    gss_release_buffer(&minor, &token);
}

/* A message that does not arrive. */
static void
do_lose(const uint8_t *text, size_t n)
{
    gss_buffer_desc token = wrap(from, text, n, sealed);
    OM_uint32 minor;

    closed = true;
    gss_release_buffer(&minor, &token);
}

static void
do_change(struct input *in, size_t n)
{
    const uint8_t by = take(in);

    if (made > delivered)
        stream[delivered + n % (made - delivered)] ^= by;
}

static void
do_one(struct input *in)
{
    const uint8_t what = take(in) % 13;
    size_t n = take(in);
    uint8_t text[4 * 255];

    if (what == 1)
        n *= 4;
    fill(text, n);
    switch (what) {
    case 0:
    case 1:
        send_message(text, n);
        break;
    case 2:
        do_raw(in, n % 16);
        break;
    case 3:
        do_lie(in, text, n);
        break;
    case 4:
        append(stream + last, last_len);
        break;
    case 5:
        do_lose(text, n);
        break;
    case 6:
        do_change(in, n);
        break;
    case 7:
        do_other(text, n);
        break;
    case 8:
        do_mic(text, n);
        break;
    case 9:
        do_back(text, n);
        break;
    case 10:
        do_cut(in, text, n);
        break;
    default:
        deliver(what == 11 ? n : 64 * n);
        break;
    }
}

/* --- the harness ---------------------------------------------------------- */

static void
begin(uint8_t settings)
{
    static const unsigned sizes[] = { 65536, 600, 128, 1024 },
                          carries[] = { 65536, 100, 1000, 0 };

    sealed = (settings & 1) != 0;
    from = &ends[(settings & 2) != 0];
    to = &ends[(settings & 2) == 0];
    max = sizes[settings >> 2 & 3];
    plain_max = carries[settings >> 4 & 3];
    prepare(from, 65536, max, 65536);
    prepare(to, max, 65536, plain_max);
    made = delivered = last = last_len = count = plain_len = got = 0;
    closed = failed = false;
}

static void
end(void)
{
    for (size_t i = 0; i < count; i++)
        free(messages[i].token);
    for (size_t i = 0; i < COUNT(ends); i++) {
        gs2_layer_remove(&ends[i].layer, &utils, &ends[i].oparams);
        make_up(&ends[i], &ends[!i]);
    }
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    utils.malloc = allocate;
    utils.realloc = resize;
    utils.free = release;
    utils.seterror = say;
    fuzz_krb5_begin();
    fuzz_krb5_contexts(&ends[0].context, &ends[1].context);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    enum verdict verdict;
    size_t carried;

    begin(take(&in));
    /* The longest message, and the last one again. */
    while (in.len > 0 && made + 2 * 1200 <= STREAM_MAX && count < MESSAGES_MAX)
        do_one(&in);
    deliver(made - delivered);
    verdict = judge_all(&carried);
    MUST(verdict != GOOD || (!failed && got == carried));
    MUST(verdict != BAD || failed);
    end();
    return 0;
}
