/*
 * t_pac.c - the decoder of PACs (pac/decoder.c, MS-PAC sections 2.5 and 2.10):
 * what it reports of real buffers and of ones that Samba's encoder made, and
 * that no octet of a buffer can make it do anything but decode or refuse.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/octets.h"
#include "common/pac.h"
#include "tests/lib/pac_sample.h"
#include "tests/lib/suite.h"

extern const struct gs2_pac_decoder gs2_pac_decoder;

/* MS-PAC section 2.2.1: mandatory, enabled by default, enabled; the last but
 * enabled; for denials alone. */
#define MEMBER 0x7U
#define IDLE   0x3U
#define DENY   0x10U

#define LOGON gs2_pac_decoder.logon_info
#define UPN   gs2_pac_decoder.upn_dns_info

/* What was found: "user SID; group SID; upn NAME; ". */
struct found {
    char text[64 * 1024];
    size_t len;
    unsigned calls, stop_at; /* stop_at: the call that says stop; 0 for none */
};

static struct found found;

static const char *const kinds[] = {
    [GS2_PAC_USER_SID] = "user",
    [GS2_PAC_GROUP_SID] = "group",
    [GS2_PAC_UPN] = "upn",
};

static int
take(void *context, enum gs2_pac_kind kind, const char *text, size_t len)
{
    struct found *f = context;

    ck_assert_uint_eq(strlen(text), len);
    ck_assert_uint_gt(len, 0);
    if (kind != GS2_PAC_UPN) {
        ck_assert_int_eq(strncmp(text, "S-1-", 4), 0);
        ck_assert_uint_eq(strspn(text, "S-0123456789xABCDEF"), len);
        ck_assert_uint_lt(len, 190);
    }
    f->calls++;
    if (f->len + len + 16 < sizeof(f->text))
        f->len += (size_t)snprintf(f->text + f->len,
                                   sizeof(f->text) - f->len, "%s %s; ",
                                   kinds[kind], text);
    return f->calls == f->stop_at;
}

static enum gs2_pac_result
decode(gs2_pac_decode *how, const uint8_t *data, size_t len)
{
    found.len = 0;
    found.text[0] = '\0';
    found.calls = 0;
    return how(data, len, take, &found);
}

/* --- real buffers ------------------------------------------------------- */

#define ALICE                                                                 \
    "user " SAMPLE_DOMAIN "-1102; group " SAMPLE_DOMAIN "-513; "              \
    "group " SAMPLE_DOMAIN "-1106; group " SAMPLE_DOMAIN "-1107; "            \
    "group " SAMPLE_DOMAIN "-1108; group S-1-18-1; "

static const struct {
    const char *name;
    bool is_logon;
    const char *says;
} samples[] = {
    { "logon-info-alice", true, ALICE },
    { "upn-dns-info-alice", false, "upn alice.gr\xc3\xbcn@ad.test; " },
    { "upn-dns-info-bob", false, "upn bob@ad.test; " },
};

static gs2_pac_decode *
decoder_of(int i)
{
    return samples[i].is_logon ? LOGON : UPN;
}

START_TEST(real_buffer)
{
    struct pac_octets o = pac_sample_read(samples[_i].name);

    ck_assert_int_eq(decode(decoder_of(_i), o.data, o.len), GS2_PAC_OK);
    ck_assert_str_eq(found.text, samples[_i].says);
    free(o.data);
}
END_TEST

/* Decoded or refused; where it is refused, nothing was given before. */
static bool
decodes(gs2_pac_decode *how, const uint8_t *data, size_t len)
{
    const enum gs2_pac_result result = decode(how, data, len);

    ck_assert_int_ge(result, GS2_PAC_OK);
    ck_assert_int_le(result, GS2_PAC_NOMEM);
    ck_assert(result == GS2_PAC_OK || found.calls == 0);
    return result == GS2_PAC_OK;
}

/* What is cut decodes to the same or not at all. */
START_TEST(every_truncation)
{
    struct pac_octets o = pac_sample_read(samples[_i].name);
    size_t refused = 0;

    for (size_t len = 0; len < o.len; len++) {
        uint8_t *cut = exact_copy(o.data, len);

        if (decodes(decoder_of(_i), cut, len))
            ck_assert_str_eq(found.text, samples[_i].says);
        else
            refused++;
        free(cut);
    }
    printf("# %s: %zu of %zu truncations refused\n", samples[_i].name,
           refused, o.len);
    fflush(stdout);
    ck_assert_uint_gt(refused, o.len / 2);
    free(o.data);
}
END_TEST

START_TEST(every_flipped_octet)
{
    static const uint8_t by[] = {
        0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff, 0x7f,
    };
    struct pac_octets o = pac_sample_read(samples[_i].name);
    size_t refused = 0, other = 0;

    for (size_t at = 0; at < o.len * sizeof(by); at++) {
        uint8_t *octet = &o.data[at / sizeof(by)];

        *octet ^= by[at % sizeof(by)];
        if (!decodes(decoder_of(_i), o.data, o.len))
            refused++;
        else if (strcmp(found.text, samples[_i].says) != 0)
            other++;
        *octet ^= by[at % sizeof(by)];
    }
    printf("# %s: of %zu, %zu refused, %zu say something else\n",
           samples[_i].name, o.len * sizeof(by), refused, other);
    fflush(stdout);
    ck_assert_uint_gt(refused, 0);
    ck_assert_uint_gt(other, 0);
    free(o.data);
}
END_TEST

/* A buffer of one kind is not taken for the other kind. */
START_TEST(the_other_kind)
{
    struct pac_octets o = pac_sample_read(samples[_i].name);

    (void)decodes(samples[_i].is_logon ? UPN : LOGON, o.data, o.len);
    ck_assert_ptr_null(strstr(found.text, SAMPLE_DOMAIN));
    free(o.data);
}
END_TEST

/* --- groups ------------------------------------------------------------- */

#define D       "S-1-5-21-1-2-3"
#define OTHER   "S-1-5-21-4-5-6"
#define USER    "user " D "-1000; "
#define USERS   "group " D "-513; "
#define FIFTEEN "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-4294967295"

static const struct pac_group none[1];
static const struct pac_group mixed[] = {
    { 513, MEMBER }, { 600, MEMBER }, { 601, IDLE }, { 602, DENY },
    { 603, MEMBER | DENY }, { 0, MEMBER }, { 4294967295, MEMBER },
};
static const struct pac_group idle_primary[] = { { 513, IDLE } };
static const struct pac_group deny_primary[] = { { 513, MEMBER | DENY } };
static const struct pac_group two[] = { { 700, MEMBER }, { 701, IDLE } };

#define GROUPS(array) (array), COUNT(array)
#define NONE          none, 0
#define NO_EXTRA      { NULL }, { 0 }, 0

static const struct {
    const char *what;
    struct pac_logon logon;
    const char *says; /* NULL: refused */
} made[] = {
    { "no group but the primary one",
      { D, 1000, 513, NONE, NO_EXTRA, NULL, NONE }, USER USERS },
    { "no group at all",
      { D, 1000, 0, NONE, NO_EXTRA, NULL, NONE }, USER },
    { "attributes of groups",
      { D, 1000, 513, GROUPS(mixed), NO_EXTRA, NULL, NONE },
      USER USERS "group " D "-600; group " D "-0; group " D "-4294967295; " },
    { "a primary group that is not enabled",
      { D, 1000, 513, GROUPS(idle_primary), NO_EXTRA, NULL, NONE }, USER },
    { "a primary group for denials",
      { D, 1000, 513, GROUPS(deny_primary), NO_EXTRA, NULL, NONE }, USER },
    { "extra SIDs",
      { D, 1000, 513, NONE,
        { OTHER "-9", "S-1-18-1", NULL, "S-1-5-7" },
        { MEMBER, IDLE, MEMBER, MEMBER | DENY }, 4, NULL, NONE },
      USER USERS "group " OTHER "-9; " },
    { "SIDs of all shapes",
      { D, 1000, 513, NONE, { "S-1-5", FIFTEEN, "S-1-0x123456789ABC-7",
                              "S-1-4294967295-1" },
        { MEMBER, MEMBER, MEMBER, MEMBER }, 4, NULL, NONE },
      USER USERS "group S-1-5; group " FIFTEEN "; "
      "group S-1-0x123456789ABC-7; group S-1-4294967295-1; " },
    { "resource groups",
      { D, 1000, 513, NONE, NO_EXTRA, OTHER, GROUPS(two) },
      USER USERS "group " OTHER "-700; " },
    { "all of them, in that order",
      { D, 1000, 513, GROUPS(two), { "S-1-18-2" }, { MEMBER }, 1, OTHER,
        GROUPS(two) },
      USER USERS "group " D "-700; group S-1-18-2; group " OTHER "-700; " },
    { "no domain",
      { NULL, 1000, 513, NONE, NO_EXTRA, NULL, NONE }, NULL },
    { "no RID",
      { D, 0, 513, NONE, { OTHER "-9" }, { MEMBER }, 1, NULL, NONE }, NULL },
    { "a domain to whose SID nothing can be appended",
      { FIFTEEN, 1000, 513, NONE, NO_EXTRA, NULL, NONE }, NULL },
    { "resource groups of no domain",
      { D, 1000, 513, NONE, NO_EXTRA, NULL, GROUPS(two) }, NULL },
    { "resource groups of such a domain",
      { D, 1000, 513, NONE, NO_EXTRA, FIFTEEN, GROUPS(two) }, NULL },
};

START_TEST(groups)
{
    struct pac_octets o = pac_sample_logon(&made[_i].logon);
    const enum gs2_pac_result result = decode(LOGON, o.data, o.len);

    printf("# %s\n", made[_i].what);
    fflush(stdout);
    ck_assert_int_eq(result, made[_i].says != NULL ? GS2_PAC_OK
                                                   : GS2_PAC_REFUSED);
    ck_assert_str_eq(found.text, made[_i].says != NULL ? made[_i].says : "");
    free(o.data);
}
END_TEST

/* Places in a logon-info (MS-PAC section 2.5, by NDR): a count and a pointer
 * of four octets each, and the first array, that of the groups. */
enum { AT_RID = 120, AT_GROUPS = 128, AT_EXTRA = 216, AT_ARRAYS = 236 };

/* Samba's decoder gives a count of groups or SIDs whose pointer is null. */
static const size_t counts_at[] = { AT_GROUPS, AT_EXTRA };

START_TEST(a_count_of_nothing)
{
    const struct pac_logon logon = { .domain = D, .rid = 1000,
                                     .primary = 513 };
    struct pac_octets o = pac_sample_logon(&logon);

    ck_assert_mem_eq(o.data + AT_RID, "\xe8\x03\0\0", 4);
    memset(o.data + counts_at[_i] + 4, 0, 4);
    if (counts_at[_i] == AT_GROUPS) /* its array has four octets, a count */
        memmove(o.data + AT_ARRAYS, o.data + AT_ARRAYS + 4,
                o.len - AT_ARRAYS - 4);
    ck_assert_int_eq(decode(LOGON, o.data, o.len), GS2_PAC_OK);
    ck_assert_str_eq(found.text, USER USERS);
    o.data[counts_at[_i]] = 1;
    ck_assert_int_eq(decode(LOGON, o.data, o.len), GS2_PAC_REFUSED);
    ck_assert_str_eq(found.text, "");
    free(o.data);
}
END_TEST

START_TEST(a_sid_of_another_revision)
{
    const struct pac_logon logon = {
        .domain = D, .rid = 1000, .primary = 513, .extra = { "S-1-18-2" },
        .extra_attributes = { MEMBER }, .extra_count = 1 };
    struct pac_octets o = pac_sample_logon(&logon);
    uint8_t *sid = memmem(o.data, o.len, "\1\1\0\0\0\0\0\x12", 8);

    ck_assert_ptr_nonnull(sid);
    sid[0] = 2;
    ck_assert_int_eq(decode(LOGON, o.data, o.len), GS2_PAC_REFUSED);
    ck_assert_str_eq(found.text, "");
    free(o.data);
}
END_TEST

START_TEST(many_groups)
{
    enum { MANY = 8000 };
    static struct pac_group all[MANY];
    struct pac_logon logon = { .domain = D, .rid = 1000, .groups = all,
                               .group_count = MANY };
    struct pac_octets o;

    for (uint32_t i = 0; i < MANY; i++)
        all[i] = (struct pac_group){ 1000 + i, MEMBER };
    o = pac_sample_logon(&logon);
    ck_assert_int_eq(decode(LOGON, o.data, o.len), GS2_PAC_OK);
    ck_assert_uint_eq(found.calls, 1 + MANY);
    free(o.data);
}
END_TEST

START_TEST(the_caller_stops)
{
    struct pac_octets o = pac_sample_read("logon-info-alice");

    for (found.stop_at = 1; found.stop_at <= 6; found.stop_at++) {
        ck_assert_int_eq(decode(LOGON, o.data, o.len), GS2_PAC_STOPPED);
        ck_assert_uint_eq(found.calls, found.stop_at);
    }
    free(o.data);
}
END_TEST

/* --- names -------------------------------------------------------------- */

static const struct {
    const char *upn;
    uint32_t flags;
    const char *says; /* NULL: refused */
} names[] = {
    { "alice@ad.test", 0, "upn alice@ad.test; " },
    { "bob@ad.test", 1, "upn bob@ad.test; " }, /* the KDC made it */
    { "\xf0\x9f\x90\x9f@ad.test", 0, "upn \xf0\x9f\x90\x9f@ad.test; " },
    { "", 0, NULL },
    { NULL, 0, NULL },
};

START_TEST(upns)
{
    struct pac_octets o = pac_sample_upn(names[_i].upn, names[_i].flags);

    ck_assert_int_eq(decode(UPN, o.data, o.len),
                     names[_i].says != NULL ? GS2_PAC_OK : GS2_PAC_REFUSED);
    ck_assert_str_eq(found.text, names[_i].says != NULL ? names[_i].says : "");
    free(o.data);
}
END_TEST

/* A NUL ends no name: what is before it may be another user's. */
START_TEST(upn_with_a_nul)
{
    static const char name[] = "bob@ad.test";
    struct pac_octets o = pac_sample_upn(name, 0);
    const size_t at = (size_t)o.data[2] | (size_t)o.data[3] << 8;

    ck_assert_uint_le(at + 2 * strlen(name), o.len);
    for (size_t i = 0; i < strlen(name); i++) {
        ck_assert_int_eq(o.data[at + 2 * i], name[i]);
        o.data[at + 2 * i] = 0;
        ck_assert_int_eq(decode(UPN, o.data, o.len), GS2_PAC_REFUSED);
        ck_assert_uint_eq(found.calls, 0);
        o.data[at + 2 * i] = (uint8_t)name[i];
    }
    ck_assert_int_eq(decode(UPN, o.data, o.len), GS2_PAC_OK);
    free(o.data);
}
END_TEST

/* --- threads ------------------------------------------------------------ */

static int
count(void *context, enum gs2_pac_kind kind, const char *text, size_t len)
{
    unsigned *calls = context;

    *calls += kind == GS2_PAC_UPN ? 100 : 1;
    return text[len] != '\0';
}

static void *
decode_often(void *upn)
{
    struct pac_octets o = pac_sample_read("logon-info-alice");
    const struct pac_octets *name = upn;
    unsigned calls = 0;

    for (int i = 0; i < 200; i++) {
        if (LOGON(o.data, o.len, count, &calls) != GS2_PAC_OK ||
            UPN(name->data, name->len, count, &calls) != GS2_PAC_OK)
            break;
    }
    free(o.data);
    return (void *)(uintptr_t)calls;
}

/* In a process of its own, so that the first decoding is one of them. */
START_TEST(several_at_once)
{
    struct pac_octets o = pac_sample_read("upn-dns-info-alice");
    pthread_t threads[4];
    void *calls;

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, decode_often, &o),
                         0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &calls);
        ck_assert_uint_eq((uintptr_t)calls, 200 * (6 + 100));
    }
    free(o.data);
}
END_TEST

SUITE("pac",
      TIMEOUT(120),
      TABLE(real_buffer, samples),
      TABLE(every_truncation, samples),
      TABLE(every_flipped_octet, samples),
      TABLE(the_other_kind, samples),
      TABLE(groups, made),
      TABLE(a_count_of_nothing, counts_at),
      TEST(a_sid_of_another_revision),
      TEST(many_groups),
      TEST(the_caller_stops),
      TABLE(upns, names),
      TEST(upn_with_a_nul),
      TEST(several_at_once))
