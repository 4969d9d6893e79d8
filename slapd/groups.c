/*
 * groups.c - the groups of the `plugin' lines (see groups.h).
 *
 * DNs are compared as slapd has normalized them: without case, and with one
 * form for what UTF-8 can write in two ways, which strcasecmp() would not do.
 */
#include "groups.h"

#include <stdlib.h>
#include <string.h>

#include <slapi-plugin.h>

static struct gs2_slapd_group *in_force;

bool
gs2_slapd_is_role(const char *text, size_t len)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    const size_t letters = strcspn(allowed, "0");

    if (len == 0 || len > GS2_SLAPD_ROLE_MAX ||
        memchr(allowed, text[0], letters) == NULL)
        return false;
    for (size_t i = 1; i < len; i++) {
        if (memchr(allowed, text[i], sizeof(allowed) - 1) == NULL)
            return false;
    }
    return true;
}

static const struct gs2_slapd_group *
find(const struct gs2_slapd_group *groups, const char *ndn)
{
    while (groups != NULL && strcmp(groups->dn, ndn) != 0)
        groups = groups->next;
    return groups;
}

const char *
gs2_slapd_groups_add(struct gs2_slapd_group **groups, const char *dn,
                     const char *role)
{
    struct gs2_slapd_group *added = calloc(1, sizeof(*added));

    if (added == NULL)
        return "there is no memory for it";
    /* slapd does not write to it. */
    added->dn = slapi_dn_normalize_case((char *)dn);
    if (added->dn == NULL || added->dn[0] == '\0') {
        gs2_slapd_groups_free(&added);
        return "is no DN, or the schema does not have its attributes yet";
    }
    if (find(*groups, added->dn) != NULL ||
        find(in_force, added->dn) != NULL) {
        gs2_slapd_groups_free(&added);
        return "has a role already";
    }
    memcpy(added->role, role, strlen(role) + 1);
    added->next = *groups;
    *groups = added;
    return NULL;
}

void
gs2_slapd_groups_free(struct gs2_slapd_group **groups)
{
    struct gs2_slapd_group *next;

    for (; *groups != NULL; *groups = next) {
        next = (*groups)->next;
        slapi_ch_free_string(&(*groups)->dn);
        free(*groups);
    }
}

void
gs2_slapd_groups_enforce(struct gs2_slapd_group *groups)
{
    struct gs2_slapd_group **end = &in_force;

    while (*end != NULL)
        end = &(*end)->next;
    *end = groups;
}

const struct gs2_slapd_group *
gs2_slapd_groups(void)
{
    return in_force;
}

const char *
gs2_slapd_groups_role(const char *ndn)
{
    const struct gs2_slapd_group *group = find(in_force, ndn);

    return group != NULL ? group->role : NULL;
}
