/*
 * decoder.c - libgs2-pac.so: KERB_VALIDATION_INFO (MS-PAC section 2.5) and
 * UPN_DNS_INFO (section 2.10) by Samba's NDR library.  The interface is
 * common/pac.h; this file knows nothing of SASL or GSS.
 *
 * Which SIDs are a user's groups is as Samba's make_user_info_dc_pac() has it:
 * the primary group, the groups of the domain, the extra SIDs, the resource
 * groups.  Where Samba takes all that are listed, a group counts here only if
 * it is enabled and not there for denials alone, since what is reported may be
 * what lets somebody in.  SIDs of foreign domains are the KDC's to filter.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <gen_ndr/ndr_krb5pac.h>

#include "common/pac.h"

/* "S-1-", an authority in hex, 15 subauthorities. */
#define SID_TEXT_MAX (4 + 14 + 15 * 11 + 1)

#define SID_PARTS_MAX 15

/* One decoding. */
struct decoding {
    union PAC_INFO info;
    gs2_pac_take *take;
    void *context;
};

/* Samba's libraries make their tables for characters at first use and take no
 * lock for it. */
static pthread_mutex_t samba_lock = PTHREAD_MUTEX_INITIALIZER;

/* --- SIDs (MS-DTYP section 2.4.2.1) ------------------------------------- */

static bool
is_sid(const struct dom_sid *sid)
{
    return sid != NULL && sid->sid_rev_num == 1 && sid->num_auths >= 0 &&
           sid->num_auths <= SID_PARTS_MAX;
}

/* Writes number in decimal; what is behind it.  A PAC may have hundreds of
 * SIDs, and printf() takes longer than all the rest of the decoding. */
static char *
put_number(char *at, uint32_t number)
{
    char digits[10];
    size_t count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

/* A SID as it is written. */
struct sid_text {
    size_t len;
    char text[SID_TEXT_MAX]; /* a NUL is behind it */
};

/* Appends "-" and a subauthority. */
static void
append_part(struct sid_text *sid, uint32_t part)
{
    char *at = sid->text + sid->len;

    *at++ = '-';
    at = put_number(at, part);
    *at = '\0';
    sid->len = (size_t)(at - sid->text);
}

static void
write_sid(struct sid_text *out, const struct dom_sid *sid)
{
    uint64_t authority = 0;
    char *at = out->text;

    for (size_t i = 0; i < sizeof(sid->id_auth); i++)
        authority = authority << 8 | sid->id_auth[i];
    if (authority <= UINT32_MAX)
        at = put_number(mempcpy(at, "S-1-", 4), (uint32_t)authority);
    else
        at += snprintf(at, SID_TEXT_MAX, "S-1-0x%012" PRIX64, authority);
    *at = '\0';
    out->len = (size_t)(at - out->text);
    for (int i = 0; i < sid->num_auths; i++)
        append_part(out, sid->sub_auths[i]);
}

static enum gs2_pac_result
give(const struct decoding *d, enum gs2_pac_kind kind,
     const struct sid_text *sid)
{
    return d->take(d->context, kind, sid->text, sid->len) == 0
               ? GS2_PAC_OK : GS2_PAC_STOPPED;
}

static enum gs2_pac_result
give_sid(const struct decoding *d, enum gs2_pac_kind kind,
         const struct dom_sid *sid)
{
    struct sid_text text = { .len = 0 };

    write_sid(&text, sid);
    return give(d, kind, &text);
}

/* The account or group rid of a domain that may_append_rid() was asked of. */
static enum gs2_pac_result
give_rid(const struct decoding *d, enum gs2_pac_kind kind,
         const struct dom_sid *domain, uint32_t rid)
{
    struct dom_sid sid = *domain;

    sid.sub_auths[sid.num_auths++] = rid;
    return give_sid(d, kind, &sid);
}

static bool
may_append_rid(const struct dom_sid *domain)
{
    return is_sid(domain) && domain->num_auths < SID_PARTS_MAX;
}

/* --- KERB_VALIDATION_INFO ----------------------------------------------- */

static bool
counts(uint32_t attributes)
{
    return (attributes & SE_GROUP_ENABLED) != 0 &&
           (attributes & SE_GROUP_USE_FOR_DENY_ONLY) == 0;
}

/* The primary group is one of the domain's groups; where it is listed among
 * them, it counts as they do. */
static bool
primary_counts(const struct netr_SamBaseInfo *base)
{
    for (uint32_t i = 0; i < base->groups.count; i++) {
        if (base->groups.rids[i].rid == base->primary_gid)
            return counts(base->groups.rids[i].attributes);
    }
    return true;
}

/* The groups of an array but skip, which is 0 for none: no group's RID.  The
 * domain, which they share, is written once. */
static enum gs2_pac_result
give_groups(const struct decoding *d, const struct dom_sid *domain,
            const struct samr_RidWithAttributeArray *groups, uint32_t skip)
{
    enum gs2_pac_result result = GS2_PAC_OK;
    struct sid_text sid = { .len = 0 };
    size_t domain_len;

    if (groups->count == 0)
        return GS2_PAC_OK;
    write_sid(&sid, domain);
    domain_len = sid.len;
    for (uint32_t i = 0; result == GS2_PAC_OK && i < groups->count; i++) {
        sid.len = domain_len;
        append_part(&sid, groups->rids[i].rid);
        if (groups->rids[i].rid != skip && counts(groups->rids[i].attributes))
            result = give(d, GS2_PAC_GROUP_SID, &sid);
    }
    return result;
}

/* The extra SIDs: groups of other domains, former SIDs of the user, and how
 * the KDC knows the user (S-1-18-1, S-1-18-2). */
static enum gs2_pac_result
give_extra(const struct decoding *d, const struct netr_SamInfo3 *info)
{
    enum gs2_pac_result result = GS2_PAC_OK;

    for (uint32_t i = 0; result == GS2_PAC_OK && i < info->sidcount; i++) {
        if (info->sids[i].sid != NULL && counts(info->sids[i].attributes))
            result = give_sid(d, GS2_PAC_GROUP_SID, info->sids[i].sid);
    }
    return result;
}

static bool
extra_are_sids(const struct netr_SamInfo3 *info)
{
    if (info->sidcount > 0 && info->sids == NULL)
        return false;
    for (uint32_t i = 0; i < info->sidcount; i++) {
        if (info->sids[i].sid != NULL && !is_sid(info->sids[i].sid))
            return false;
    }
    return true;
}

static bool
are_groups(const struct samr_RidWithAttributeArray *groups)
{
    return groups->count == 0 || groups->rids != NULL;
}

/* An account without a RID (a user who is known by an extra SID alone) is one
 * that we could not name. */
static bool
is_usable(const struct PAC_LOGON_INFO *info)
{
    const struct PAC_DOMAIN_GROUP_MEMBERSHIP *rg = &info->resource_groups;

    return may_append_rid(info->info3.base.domain_sid) &&
           info->info3.base.rid != 0 && are_groups(&info->info3.base.groups) &&
           extra_are_sids(&info->info3) && are_groups(&rg->groups) &&
           (rg->groups.count == 0 || may_append_rid(rg->domain_sid));
}

static enum gs2_pac_result
give_logon_info(const struct decoding *d)
{
    const struct PAC_LOGON_INFO *info = d->info.logon_info.info;
    const struct netr_SamBaseInfo *base;
    enum gs2_pac_result result;

    if (info == NULL || !is_usable(info))
        return GS2_PAC_REFUSED;
    base = &info->info3.base;
    result = give_rid(d, GS2_PAC_USER_SID, base->domain_sid, base->rid);
    if (result == GS2_PAC_OK && base->primary_gid != 0 && primary_counts(base))
        result = give_rid(d, GS2_PAC_GROUP_SID, base->domain_sid,
                          base->primary_gid);
    if (result == GS2_PAC_OK)
        result = give_groups(d, base->domain_sid, &base->groups,
                             base->primary_gid);
    if (result == GS2_PAC_OK)
        result = give_extra(d, &info->info3);
    if (result == GS2_PAC_OK)
        result = give_groups(d, info->resource_groups.domain_sid,
                             &info->resource_groups.groups, 0);
    return result;
}

/* --- UPN_DNS_INFO ------------------------------------------------------- */

/* Octets of text, UTF-8 that Samba made, in UTF-16. */
static size_t
utf16_size(const char *text)
{
    size_t size = 0;

    for (; *text != '\0'; text++) {
        if (((unsigned char)*text & 0xc0) != 0x80)
            size += (unsigned char)*text >= 0xf0 ? 4 : 2;
    }
    return size;
}

/* Whether the user has the name as an attribute or the KDC made it of account
 * and domain (flag U) makes no difference: either is the user's name.  Samba
 * gives one with a NUL in it as what is before that, which may be another
 * user's. */
static enum gs2_pac_result
give_upn(const struct decoding *d)
{
    const char *upn = d->info.upn_dns_info.upn_name;

    if (upn == NULL || upn[0] == '\0' ||
        utf16_size(upn) != d->info.upn_dns_info.upn_name_size)
        return GS2_PAC_REFUSED;
    return d->take(d->context, GS2_PAC_UPN, upn, strlen(upn)) == 0
           ? GS2_PAC_OK : GS2_PAC_STOPPED;
}

/* --- the interface ------------------------------------------------------ */

/* Pulls a buffer of that type into d->info, in memory of mem. */
static enum gs2_pac_result
pull(struct decoding *d, TALLOC_CTX *mem, enum PAC_TYPE type, const void *data,
     size_t len)
{
    const DATA_BLOB blob = { .data = (uint8_t *)data, .length = len };
    enum ndr_err_code code;

    pthread_mutex_lock(&samba_lock);
    code = ndr_pull_union_blob(&blob, mem, &d->info, type,
                               (ndr_pull_flags_fn_t)ndr_pull_PAC_INFO);
    pthread_mutex_unlock(&samba_lock);
    if (code == NDR_ERR_ALLOC)
        return GS2_PAC_NOMEM;
    return NDR_ERR_CODE_IS_SUCCESS(code) ? GS2_PAC_OK : GS2_PAC_REFUSED;
}

static enum gs2_pac_result
decode(enum PAC_TYPE type, const void *data, size_t len, gs2_pac_take *take,
       void *context)
{
    struct decoding d = { .take = take, .context = context };
    TALLOC_CTX *mem = talloc_new(NULL);
    enum gs2_pac_result result;

    if (mem == NULL)
        return GS2_PAC_NOMEM;
    result = pull(&d, mem, type, data, len);
    if (result == GS2_PAC_OK)
        result = type == PAC_TYPE_LOGON_INFO ? give_logon_info(&d)
                                             : give_upn(&d);
    talloc_free(mem);
    return result;
}

static enum gs2_pac_result
decode_logon_info(const void *data, size_t len, gs2_pac_take *take,
                  void *context)
{
    return decode(PAC_TYPE_LOGON_INFO, data, len, take, context);
}

static enum gs2_pac_result
decode_upn_dns_info(const void *data, size_t len, gs2_pac_take *take,
                    void *context)
{
    return decode(PAC_TYPE_UPN_DNS_INFO, data, len, take, context);
}

extern const struct gs2_pac_decoder gs2_pac_decoder;

__attribute__((visibility("default")))
const struct gs2_pac_decoder gs2_pac_decoder = {
    .abi = GS2_PAC_ABI,
    .logon_info = decode_logon_info,
    .upn_dns_info = decode_upn_dns_info,
};
