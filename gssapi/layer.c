/*
 * layer.c - a security layer in force (see layer.h).
 *
 * An unwrap has succeeded only if its major status is GSS_S_COMPLETE and
 * nothing else (rows KG3 and KL2): that a message is repeated, out of order or
 * behind a gap is said by a supplementary bit alone.
 */
#include "layer.h"

#include <limits.h>
#include <string.h>
#include <sys/uio.h>

#include "common/gss/gss_error.h"
#include "context.h"
#include "login/oparams.h"
#include "login/sasl_error.h"

/* Memory for what is received grows with what has come, not with what a peer
 * says that it will send. */
#define GROWTH_MIN 4096u

/* A layer in force begins with the address of this text.  The context of
 * another mechanism cannot. */
static const char mark[] = "libgssapiv2.so";

/* The layer in force of this context, or NULL. */
static struct gs2_layer *
in_force(void *context)
{
    struct gs2_layer *layer = context;

    return layer != NULL && layer->mark == mark ? layer : NULL;
}

static int
fail(const struct gs2_layer *layer, int code, const char *text)
{
    gs2_sasl_error_set(layer->utils, text);
    return code;
}

static int
fail_gss(const struct gs2_layer *layer, int code, const char *what,
         OM_uint32 major, OM_uint32 minor)
{
    struct gs2_error why;

    gs2_gss_error_set(&why, what, major, minor, GSS_C_NO_OID);
    return fail(layer, code, why.text);
}

gs2_status
gs2_layer_prepare(struct gs2_layer *layer, gss_ctx_id_t context, bool sealed,
                  const struct gs2_layer_sizes *sizes, gs2_status too_small,
                  struct gs2_error *err)
{
    OM_uint32 major, minor, max = 0;

    major = gss_wrap_size_limit(&minor, context, sealed, GSS_C_QOP_DEFAULT,
                                sizes->peer, &max);
    if (major != GSS_S_COMPLETE)
        return gs2_fail_gss(err, GS2_FAIL, "the size of a wrapped message is "
                            "not known", major, minor, GSS_C_NO_OID);
    if (max == 0)
        return gs2_fail(err, too_small, "the security layer is to have "
                        "messages of no more than %u octets, in which nothing "
                        "fits", sizes->peer);
    layer->context = context;
    layer->sealed = sealed;
    layer->sender.max = max;
    layer->receiver.max = sizes->own;
    layer->receiver.plain_max = sizes->plain;
    return GS2_OK;
}

/* Makes room for size octets, at least twice as many as there were.  False for
 * no memory; *memory stays. */
static bool
reserve(const struct gs2_layer *layer, char **memory, size_t *had, size_t size)
{
    char *larger;

    if (size <= *had)
        return true;
    if (size < *had * 2)
        size = *had * 2;
    if (size > UINT_MAX)
        return false;
    larger = layer->utils->realloc(*memory, (unsigned)size);
    if (larger == NULL)
        return false;
    *memory = larger;
    *had = size;
    return true;
}

/* --- sending -------------------------------------------------------------- */

/* Octets of all pieces; false where there are more than max. */
static bool
add_up(const struct iovec *in, unsigned count, size_t max, size_t *len_out)
{
    *len_out = 0;
    for (unsigned i = 0; i < count; i++) {
        if (in[i].iov_len > max - *len_out)
            return false;
        *len_out += in[i].iov_len;
    }
    return true;
}

/* Makes one piece of all: a single one stays where it is, several are copied
 * into the frame's memory. */
static bool
gather(struct gs2_layer *layer, const struct iovec *in, unsigned count,
       gss_buffer_t whole)
{
    struct gs2_layer_sender *s = &layer->sender;
    size_t at = 0;

    if (count == 1) {
        whole->value = in[0].iov_base;
        return true;
    }
    if (!reserve(layer, &s->frame, &s->size, whole->length + 1))
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (in[i].iov_len > 0)
            memcpy(s->frame + at, in[i].iov_base, in[i].iov_len);
        at += in[i].iov_len;
    }
    whole->value = s->frame;
    return true;
}

/* Puts the wrapped message behind its length. */
static bool
make_frame(struct gs2_layer *layer, const gss_buffer_desc *wrapped,
           unsigned *len_out)
{
    struct gs2_layer_sender *s = &layer->sender;
    const size_t len = wrapped->length;

    if (len > UINT_MAX - GS2_LAYER_LENGTH_OCTETS ||
        !reserve(layer, &s->frame, &s->size, GS2_LAYER_LENGTH_OCTETS + len))
        return false;
    s->frame[0] = (char)(len >> 24);
    s->frame[1] = (char)(len >> 16);
    s->frame[2] = (char)(len >> 8);
    s->frame[3] = (char)len;
    memcpy(s->frame + GS2_LAYER_LENGTH_OCTETS, wrapped->value, len);
    *len_out = (unsigned)(GS2_LAYER_LENGTH_OCTETS + len);
    return true;
}

/* The pieces as one frame: SASL_OK with its octets in *len_out, or a failure. */
static int
wrap(struct gs2_layer *layer, const struct iovec *in, unsigned count,
     unsigned *len_out)
{
    gss_buffer_desc whole, wrapped = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor, ignored;
    int sealed = 0;
    bool made;

    if (!add_up(in, count, layer->sender.max, &whole.length))
        return fail(layer, SASL_BUFOVER, "more than the peer's security layer "
                                         "takes at once");
    if (!gather(layer, in, count, &whole))
        return fail(layer, SASL_NOMEM, "out of memory");
    major = gss_wrap(&minor, layer->context, layer->sealed, GSS_C_QOP_DEFAULT,
                     &whole, &sealed, &wrapped);
    if (major != GSS_S_COMPLETE || (layer->sealed && !sealed)) {
        (void)gss_release_buffer(&ignored, &wrapped);
        return fail_gss(layer, SASL_FAIL, "cannot wrap a message", major,
                        minor);
    }
    made = make_frame(layer, &wrapped, len_out);
    (void)gss_release_buffer(&ignored, &wrapped);
    return made ? SASL_OK : fail(layer, SASL_NOMEM, "out of memory");
}

int
gs2_layer_encode(void *context, const struct iovec *in, unsigned count,
                 const char **out, unsigned *out_len)
{
    struct gs2_layer *layer = in_force(context);
    unsigned len = 0;
    int code;

    *out = NULL;
    *out_len = 0;
    if (layer == NULL)
        return SASL_NOTDONE;
    if (layer->sender.failed)
        return fail(layer, SASL_FAIL, "the security layer failed before");
    code = wrap(layer, in, count, &len);
    if (code != SASL_OK) {
        layer->sender.failed = true;
        return code;
    }
    *out = layer->sender.frame;
    *out_len = len;
    return SASL_OK;
}

/* --- receiving ------------------------------------------------------------ */

/* The octets that are not taken yet. */
struct rest {
    const char *at;
    size_t len;
};

static size_t
length_of(const unsigned char o[GS2_LAYER_LENGTH_OCTETS])
{
    return (size_t)o[0] << 24 | (size_t)o[1] << 16 | (size_t)o[2] << 8 | o[3];
}

/* Takes octets of the length.  SASL_CONTINUE where more must come. */
static int
take_length(struct gs2_layer *layer, struct rest *rest)
{
    struct gs2_layer_receiver *r = &layer->receiver;
    size_t len;

    while (r->have < GS2_LAYER_LENGTH_OCTETS && rest->len > 0) {
        r->length[r->have++] = (unsigned char)*rest->at++;
        rest->len--;
    }
    if (r->have < GS2_LAYER_LENGTH_OCTETS)
        return SASL_CONTINUE;
    len = length_of(r->length);
    if (len == 0)
        return fail(layer, SASL_FAIL, "a message of the security layer has no "
                                      "octets");
    if (len > r->max)
        return fail(layer, SASL_FAIL, "a message of the security layer is "
                                      "longer than was agreed");
    return SASL_OK;
}

/* Takes octets of the wrapped message, into memory of our own: gss_unwrap()
 * changes them in place, and the input is the application's.  SASL_CONTINUE
 * where more must come. */
static int
take_wrapped(struct gs2_layer *layer, struct rest *rest,
             gss_buffer_t wrapped_out)
{
    struct gs2_layer_receiver *r = &layer->receiver;
    const size_t len = length_of(r->length);
    const size_t had = r->have - GS2_LAYER_LENGTH_OCTETS;
    const size_t n = rest->len < len - had ? rest->len : len - had;

    if (!reserve(layer, &r->wrapped, &r->wrapped_size,
                 had + n > GROWTH_MIN ? had + n : GROWTH_MIN))
        return fail(layer, SASL_NOMEM, "out of memory");
    if (n > 0)
        memcpy(r->wrapped + had, rest->at, n);
    wrapped_out->length = len;
    wrapped_out->value = r->wrapped;
    rest->at += n;
    rest->len -= n;
    r->have += n;
    return had + n < len ? SASL_CONTINUE : SASL_OK;
}

/* Appends the content of a wrapped message to the plain octets, of which there
 * are *at. */
static int
unwrap(struct gs2_layer *layer, gss_buffer_t wrapped, size_t *at)
{
    struct gs2_layer_receiver *r = &layer->receiver;
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;
    int sealed = 0, code = SASL_OK;

    major = gss_unwrap(&minor, layer->context, wrapped, &plain, &sealed, NULL);
    if (major != GSS_S_COMPLETE)
        code = fail_gss(layer, SASL_FAIL, "a message of the security layer is "
                        "not the next one of the peer's", major, minor);
    else if (layer->sealed && !sealed)
        code = fail(layer, SASL_FAIL, "a message of the security layer is not "
                                      "sealed");
    else if (plain.length > r->plain_max)
        code = fail(layer, SASL_FAIL, "a message of the security layer carries "
                                      "more than the application takes");
    else if (!reserve(layer, &r->plain, &r->plain_size,
                      *at + plain.length + 1))
        code = fail(layer, SASL_NOMEM, "out of memory");
    if (code == SASL_OK && plain.length > 0)
        memcpy(r->plain + *at, plain.value, plain.length);
    if (code == SASL_OK)
        *at += plain.length;
    gs2_context_release(&plain);
    return code;
}

/* One message more: SASL_OK, SASL_CONTINUE where it is not there in full, or a
 * failure. */
static int
take_message(struct gs2_layer *layer, struct rest *rest, size_t *at)
{
    gss_buffer_desc wrapped;
    int code = take_length(layer, rest);

    if (code == SASL_OK)
        code = take_wrapped(layer, rest, &wrapped);
    if (code == SASL_OK)
        code = unwrap(layer, &wrapped, at);
    if (code == SASL_OK)
        layer->receiver.have = 0;
    return code;
}

int
gs2_layer_decode(void *context, const char *in, unsigned len,
                 const char **out, unsigned *out_len)
{
    struct gs2_layer *layer = in_force(context);
    struct rest rest = { in, len };
    size_t at = 0;
    int code = SASL_OK;

    *out = NULL;
    *out_len = 0;
    if (layer == NULL)
        return SASL_NOTDONE;
    if (layer->receiver.failed)
        return fail(layer, SASL_FAIL, "the security layer failed before");
    while (code == SASL_OK && rest.len > 0)
        code = take_message(layer, &rest, &at);
    if (code != SASL_OK && code != SASL_CONTINUE) {
        layer->receiver.failed = true;
        return code;
    }
    if (at == 0)
        return SASL_OK;
    layer->receiver.plain[at] = '\0'; /* as libsasl's own mechanisms do */
    *out = layer->receiver.plain;
    *out_len = (unsigned)at;
    return SASL_OK;
}

/* --- in force ------------------------------------------------------------- */

void
gs2_layer_install(struct gs2_layer *layer, const sasl_utils_t *utils,
                  sasl_ssf_t ssf, sasl_out_params_t *oparams)
{
    layer->utils = utils;
    layer->mark = mark;
    oparams->mech_ssf = ssf;
    oparams->maxoutbuf = layer->sender.max;
    oparams->encode_context = layer;
    oparams->encode = gs2_layer_encode;
    oparams->decode_context = layer;
    oparams->decode = gs2_layer_decode;
}

void
gs2_layer_remove(struct gs2_layer *layer, const sasl_utils_t *utils,
                 sasl_out_params_t *oparams)
{
    if (oparams != NULL && oparams->encode == gs2_layer_encode)
        gs2_oparams_refuse(oparams);
    if (layer->sender.frame != NULL)
        utils->free(layer->sender.frame);
    if (layer->receiver.wrapped != NULL)
        utils->free(layer->receiver.wrapped);
    if (layer->receiver.plain != NULL)
        utils->free(layer->receiver.plain);
    memset(layer, 0, sizeof(*layer));
}
