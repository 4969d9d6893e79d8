/*
 * pac_sample.c - buffers of PACs for the tests (see pac_sample.h).
 */
#include "pac_sample.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <check.h>
#include <gen_ndr/ndr_krb5pac.h>

static struct pac_octets
exact(const void *data, size_t len)
{
    struct pac_octets octets = { malloc(len), len };

    ck_assert(octets.data != NULL || len == 0);
    if (len > 0)
        memcpy(octets.data, data, len);
    return octets;
}

struct pac_octets
pac_sample_read(const char *name)
{
    const char *top = getenv("GS2_SRCDIR");
    char path[4096];
    uint8_t room[4096];
    size_t len;
    FILE *file;

    snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/pac/%s",
             top != NULL ? top : ".", name);
    file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "no %s", path);
    len = fread(room, 1, sizeof(room), file);
    fclose(file);
    ck_assert_uint_gt(len, 1);
    ck_assert_uint_lt(len, sizeof(room));
    return exact(room + 1, len - 1); /* the first says what it is */
}

static struct dom_sid *
parse_sid(TALLOC_CTX *mem, const char *text)
{
    struct dom_sid *sid;
    unsigned long long authority;
    char *at;

    if (text == NULL)
        return NULL;
    sid = talloc_zero(mem, struct dom_sid);
    sid->sid_rev_num = 1;
    authority = strtoull(text + strlen("S-1-"), &at, 0);
    for (int i = 5; i >= 0; i--, authority >>= 8)
        sid->id_auth[i] = (uint8_t)authority;
    while (*at == '-')
        sid->sub_auths[sid->num_auths++] =
            (uint32_t)strtoul(at + 1, &at, 10);
    return sid;
}

static void
set_groups(TALLOC_CTX *mem, struct samr_RidWithAttributeArray *array,
           const struct pac_group *groups, size_t count)
{
    array->count = (uint32_t)count;
    array->rids = talloc_array(mem, struct samr_RidWithAttribute,
                               (unsigned)count);
    for (size_t i = 0; i < count; i++) {
        array->rids[i].rid = groups[i].rid;
        array->rids[i].attributes = groups[i].attributes;
    }
}

static struct pac_octets
push(TALLOC_CTX *mem, union PAC_INFO *info, enum PAC_TYPE type)
{
    struct pac_octets octets;
    DATA_BLOB blob;

    ck_assert_int_eq(ndr_push_union_blob(
                         &blob, mem, info, type,
                         (ndr_push_flags_fn_t)ndr_push_PAC_INFO),
                     NDR_ERR_SUCCESS);
    octets = exact(blob.data, blob.length);
    talloc_free(mem);
    return octets;
}

struct pac_octets
pac_sample_logon(const struct pac_logon *logon)
{
    TALLOC_CTX *mem = talloc_new(NULL);
    struct PAC_LOGON_INFO *info = talloc_zero(mem, struct PAC_LOGON_INFO);
    struct netr_SamInfo3 *info3 = &info->info3;
    union PAC_INFO any = { .logon_info = { info } };

    info3->base.domain_sid = parse_sid(mem, logon->domain);
    info3->base.rid = logon->rid;
    info3->base.primary_gid = logon->primary;
    set_groups(mem, &info3->base.groups, logon->groups, logon->group_count);
    info3->sidcount = (uint32_t)logon->extra_count;
    info3->sids = talloc_zero_array(mem, struct netr_SidAttr,
                                    (unsigned)logon->extra_count);
    for (size_t i = 0; i < logon->extra_count; i++) {
        info3->sids[i].sid = parse_sid(mem, logon->extra[i]);
        info3->sids[i].attributes = logon->extra_attributes[i];
    }
    info->resource_groups.domain_sid = parse_sid(mem, logon->resource_domain);
    set_groups(mem, &info->resource_groups.groups, logon->resources,
               logon->resource_count);
    return push(mem, &any, PAC_TYPE_LOGON_INFO);
}

struct pac_octets
pac_sample_upn(const char *upn, uint32_t flags)
{
    TALLOC_CTX *mem = talloc_new(NULL);
    union PAC_INFO any;

    memset(&any, 0, sizeof(any));
    any.upn_dns_info.upn_name = upn;
    any.upn_dns_info.dns_domain_name = "AD.TEST";
    any.upn_dns_info.flags = flags;
    return push(mem, &any, PAC_TYPE_UPN_DNS_INFO);
}
