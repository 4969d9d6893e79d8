/*
 * fuzz_framing.c - fuzz harness of the framing of initial tokens (RFC 2743
 * section 3.1; row H2 of doc/gs2.md).
 *
 * The first octet of the input chooses the mechanism, the rest is a token.
 * What is taken off comes back octet for octet; what is put on comes off
 * again, and not where an octet is missing or too many.
 */
#include <string.h>

#include "common/wire/framing.h"
#include "fuzz.h"

static const struct {
    const char *octets;
    size_t len;
} oids[] = {
    { "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", 9 }, /* krb5 */
    { "\x2b\x06\x01\x05\x02\x05", 6 },             /* IAKERB */
    { "\x2a", 1 },
};

static struct gs2_error err;

static void
must_be_refused(const void *token, size_t len, size_t which)
{
    const void *inner = "";
    size_t inner_len = 99;

    MUST(gs2_framing_strip(token, len, oids[which].octets, oids[which].len,
                           &inner, &inner_len, &err) == GS2_BADPROT);
    MUST(inner == NULL && inner_len == 0);
    MUST(fuzz_is_line(err.text));
}

static void *
add(const void *inner, size_t len, size_t which, size_t *len_out)
{
    void *token;

    MUST(gs2_framing_add(inner, len, oids[which].octets, oids[which].len,
                         &token, len_out, &err) == GS2_OK);
    return token;
}

/* Puts the input into a frame, and moves the frame's end. */
static void
check_framed(const uint8_t *data, size_t size, size_t which)
{
    const void *inner;
    size_t len, inner_len;
    uint8_t *token = add(data, size, which, &len), *moved;

    MUST(gs2_framing_strip(token, len, oids[which].octets, oids[which].len,
                           &inner, &inner_len, &err) == GS2_OK);
    MUST(inner_len == size);
    MUST(size == 0 || memcmp(inner, data, size) == 0);
    must_be_refused(token, len, (which + 1) % 3);
    for (size_t other = len - 1; other <= len + 1; other += 2) {
        moved = calloc(1, other);
        MUST(moved != NULL);
        memcpy(moved, token, other < len ? other : len);
        must_be_refused(moved, other, which);
        free(moved);
    }
    free(token);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const void *inner;
    size_t which, inner_len, len;
    void *again;

    if (size == 0)
        return 0;
    which = data[0] % 3;
    data++;
    size--;
    if (gs2_framing_strip(data, size, oids[which].octets, oids[which].len,
                          &inner, &inner_len, &err) == GS2_OK) {
        MUST((const uint8_t *)inner + inner_len == data + size);
        again = add(inner, inner_len, which, &len);
        MUST(len == size && memcmp(again, data, size) == 0);
        free(again);
    } else {
        must_be_refused(data, size, which);
    }
    check_framed(data, size, which);
    return 0;
}
