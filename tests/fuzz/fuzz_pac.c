/*
 * fuzz_pac.c - fuzz harness of the decoder of PACs (pac/decoder.c).
 *
 * The input is an octet that says which buffer follows, 'L' or 'U', and the
 * buffer.  It is decoded, twice to the same texts, or refused without one.
 */
#include <string.h>

#include "fuzz.h"
#include "common/pac.h"

extern const struct gs2_pac_decoder gs2_pac_decoder;

#define SID_MAX 190

/* The texts that were found, as a sum. */
struct sum {
    unsigned calls, users, names;
    uint64_t hash;
};

static int
take(void *context, enum gs2_pac_kind kind, const char *text, size_t len)
{
    struct sum *sum = context;

    MUST(strlen(text) == len && len > 0);
    sum->calls++;
    sum->users += kind == GS2_PAC_USER_SID;
    sum->names += kind == GS2_PAC_UPN;
    if (kind != GS2_PAC_UPN)
        MUST(len < SID_MAX && strncmp(text, "S-1-", 4) == 0 &&
             strspn(text + 4, "-0123456789xABCDEF") == len - 4);
    for (size_t i = 0; i < len; i++)
        sum->hash = (sum->hash ^ (uint8_t)text[i]) * 0x100000001b3U;
    return 0;
}

static enum gs2_pac_result
decode(const uint8_t *data, size_t size, struct sum *sum)
{
    uint8_t *exact = malloc(size - 1);
    enum gs2_pac_result result;

    MUST(exact != NULL || size == 1);
    memset(sum, 0, sizeof(*sum));
    if (size > 1)
        memcpy(exact, data + 1, size - 1);
    result = (data[0] == 'U' ? gs2_pac_decoder.upn_dns_info
                             : gs2_pac_decoder.logon_info)
             (exact, size - 1, take, sum);
    free(exact);
    return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum gs2_pac_result result;
    struct sum one, two;

    if (size == 0)
        return 0;
    result = decode(data, size, &one);
    MUST(result == GS2_PAC_OK || result == GS2_PAC_REFUSED ||
         result == GS2_PAC_NOMEM);
    MUST(result == GS2_PAC_OK || one.calls == 0);
    MUST(one.users == (result == GS2_PAC_OK && data[0] != 'U'));
    MUST(one.names == (result == GS2_PAC_OK && data[0] == 'U'));
    MUST(decode(data, size, &two) == result);
    MUST(memcmp(&one, &two, sizeof(one)) == 0);
    return 0;
}
