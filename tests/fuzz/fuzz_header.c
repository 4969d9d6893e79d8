/*
 * fuzz_header.c - fuzz harness of the gs2-header codec (RFC 5801 section 4;
 * rows H4 and H5 of doc/gs2.md).
 *
 * The input is a first message.  What is taken encodes to the same octets
 * again and does not depend on what follows it; what is refused says why and
 * leaves nothing.  The input is also tried as an authzid.
 */
#include <string.h>

#include "fuzz.h"
#include "common/wire/header.h"
#include "common/text/utf8.h"

#define MALFORMED "malformed GS2 header: "

/* Longer ones are not cut at every octet. */
#define CUT_MAX 64

static struct gs2_error err;

static void
must_be_refused(const void *message, size_t len)
{
    static const struct gs2_header empty;
    struct gs2_header hdr;

    memset(&hdr, 0xff, sizeof(hdr));
    MUST(gs2_header_decode(message, len, &hdr, &err) == GS2_BADPROT);
    MUST(memcmp(&hdr, &empty, sizeof(hdr)) == 0);
    MUST(strncmp(err.text, MALFORMED, strlen(MALFORMED)) == 0);
    MUST(fuzz_is_line(err.text));
}

/* An authzid is UTF-8, and never empty. */
static void
check_authzid(const char *authzid)
{
    const size_t len = strlen(authzid);
    size_t step;

    MUST(len > 0);
    for (size_t i = 0; i < len; i += step) {
        step = gs2_utf8_char(authzid + i, len - i);
        MUST(step > 0);
    }
}

static void
check_values(const struct gs2_header *hdr)
{
    MUST((hdr->cb_flag == GS2_CB_USED) == (hdr->cb_name != NULL));
    MUST(hdr->cb_flag == GS2_CB_USED || hdr->cb_flag == GS2_CB_NONE ||
         hdr->cb_flag == GS2_CB_OFFERED);
    if (hdr->cb_name != NULL)
        MUST(hdr->cb_name[0] != '\0' &&
             strspn(hdr->cb_name,
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                    "0123456789.-") == strlen(hdr->cb_name));
    if (hdr->authzid != NULL)
        check_authzid(hdr->authzid);
}

/* The header alone, in memory of its size; then each beginning of it. */
static void
check_extent(const uint8_t *data, const struct gs2_header *hdr)
{
    struct gs2_header alone;
    uint8_t *copy;

    for (size_t cut = 0; cut < hdr->length && cut < CUT_MAX; cut++) {
        copy = malloc(cut);
        if (cut > 0)
            memcpy(copy, data, cut);
        must_be_refused(copy, cut);
        free(copy);
    }
    copy = malloc(hdr->length);
    MUST(copy != NULL);
    memcpy(copy, data, hdr->length);
    MUST(gs2_header_decode(copy, hdr->length, &alone, &err) == GS2_OK);
    MUST(alone.length == hdr->length);
    gs2_header_free(&alone);
    free(copy);
}

static void
check_taken(const uint8_t *data, size_t size, struct gs2_header *hdr)
{
    const struct gs2_header was = *hdr;
    char *wire;

    MUST(hdr->length <= size && hdr->length >= 3);
    MUST(hdr->bound_at == (hdr->nonstd ? 2U : 0U));
    MUST(hdr->bound_at + hdr->bound_len == hdr->length);
    MUST(data[hdr->length - 1] == ',');
    check_values(hdr);
    MUST(gs2_header_encode(hdr, &wire, &err) == GS2_OK);
    MUST(memcmp(&was, hdr, sizeof(was)) == 0);
    MUST(memcmp(wire, data, hdr->length) == 0 && wire[hdr->length] == '\0');
    free(wire);
    check_extent(data, hdr);
}

/* Data as an authzid, up to its first NUL. */
static void
check_as_authzid(const uint8_t *data, size_t size)
{
    struct gs2_header hdr = { .cb_flag = GS2_CB_NONE }, back;
    char *wire, *name = malloc(size + 1);

    MUST(name != NULL);
    if (size > 0)
        memcpy(name, data, size);
    name[size] = '\0';
    hdr.authzid = name;
    if (gs2_header_encode(&hdr, &wire, &err) == GS2_OK) {
        check_authzid(name);
        MUST(strlen(wire) == hdr.length);
        MUST(gs2_header_decode(wire, hdr.length, &back, &err) == GS2_OK);
        MUST(strcmp(back.authzid, name) == 0);
        gs2_header_free(&back);
        free(wire);
    } else {
        MUST(wire == NULL && fuzz_is_line(err.text));
    }
    free(name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gs2_header hdr;

    if (gs2_header_decode(data, size, &hdr, &err) == GS2_OK)
        check_taken(data, size, &hdr);
    else
        must_be_refused(data, size);
    gs2_header_free(&hdr);
    check_as_authzid(data, size);
    return 0;
}
