/*
 * roles.c - the options gs2_roles and gs2_role_NAME (see roles.h); no RFC: the
 * syntax is ours.
 */
#include "roles.h"

#include <string.h>

#include "common/text/lexer.h"

#define PREFIX "gs2_role_"
#define LOWER "abcdefghijklmnopqrstuvwxyz"

static bool
is_name(const char *name, size_t len)
{
    return len > 0 && len <= GS2_ROLE_NAME_MAX &&
           strchr(LOWER, name[0]) != NULL &&
           strspn(name, LOWER "0123456789_-") >= len;
}

const char *
gs2_roles_next(const char **at, size_t *len_out)
{
    static const char space[] = " \t\r\n";
    const char *name = *at + strspn(*at, space);

    *len_out = strcspn(name, space);
    *at = name + *len_out;
    return *len_out > 0 ? name : NULL;
}

bool
gs2_roles_option(const char *name, size_t len,
                 char option[GS2_ROLE_OPTION_SIZE])
{
    if (!is_name(name, len))
        return false;
    memcpy(option, PREFIX, strlen(PREFIX));
    memcpy(option + strlen(PREFIX), name, len);
    option[strlen(PREFIX) + len] = '\0';
    return true;
}

size_t
gs2_roles_find(const struct gs2_roles *roles, const void *name, size_t len)
{
    size_t n = 0;

    while (n < roles->count &&
           (strlen(roles->list[n].name) != len ||
            memcmp(roles->list[n].name, name, len) != 0))
        n++;
    return n;
}

/* One more name, which lexer's cursor is behind. */
static gs2_status
add(struct gs2_roles *roles, const struct gs2_lexer *lexer, const char *name,
    size_t len)
{
    char quoted[64];

    if (!is_name(name, len))
        return gs2_lexer_fail(lexer, name, "\"%s\" is no name of a role: it "
                              "has 1 to %d of a-z 0-9 _ -, and begins with a "
                              "letter",
                              gs2_escape(quoted, sizeof(quoted), name, len),
                              GS2_ROLE_NAME_MAX);
    if (gs2_roles_find(roles, name, len) < roles->count)
        return gs2_lexer_fail(lexer, name, "the role %.*s is named twice",
                              (int)len, name);
    if (roles->count == GS2_ROLES_MAX)
        return gs2_lexer_fail(lexer, name, "more than %d roles",
                              GS2_ROLES_MAX);
    memcpy(roles->list[roles->count++].name, name, len);
    return GS2_OK;
}

gs2_status
gs2_roles_parse(const char *text, struct gs2_roles *roles_out,
                struct gs2_error *err)
{
    gs2_status status = GS2_OK;
    struct gs2_lexer lexer;
    const char *name;
    size_t len;

    memset(roles_out, 0, sizeof(*roles_out));
    gs2_lexer_start(&lexer, text, err);
    while (status == GS2_OK &&
           (name = gs2_roles_next(&lexer.at, &len)) != NULL)
        status = add(roles_out, &lexer, name, len);
    if (status == GS2_OK && roles_out->count == 0)
        status = gs2_lexer_fail(&lexer, lexer.at, "no role is named");
    if (status != GS2_OK)
        gs2_roles_clear(roles_out);
    return status;
}

gs2_status
gs2_roles_set_rule(struct gs2_roles *roles, size_t n, const char *text,
                   struct gs2_error *err)
{
    struct gs2_role *role = &roles->list[n];
    gs2_status status;

    if (text == NULL)
        return gs2_fail(err, GS2_BADCONFIG,
                        "it is not set, and gs2_roles names the role %s",
                        role->name);
    status = gs2_rule_parse(text, NULL, &role->rule, err);
    if (status != GS2_OK)
        return status;
    if (!gs2_rule_names_whom(role->rule))
        return gs2_fail(err, GS2_BADCONFIG,
                        "one side of an \"or\", or of an \"and\" behind "
                        "\"not\", has \"not\" alone: all others would have the "
                        "role; put a comparison without \"not\" on each side");
    roles->terms += gs2_rule_terms(role->rule);
    if (roles->terms > GS2_ROLES_TERMS_MAX)
        return gs2_fail(err, GS2_BADCONFIG,
                        "more than %d comparisons in the rules of all roles",
                        GS2_ROLES_TERMS_MAX);
    return GS2_OK;
}

void
gs2_roles_clear(struct gs2_roles *roles)
{
    for (size_t n = 0; n < roles->count; n++)
        gs2_rule_free(roles->list[n].rule);
    memset(roles, 0, sizeof(*roles));
}
