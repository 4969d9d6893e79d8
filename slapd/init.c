/*
 * init.c - the entry point of libgs2-slapd.so: a `plugin' line of slapd's
 * configuration.
 *
 *     plugin preoperation PATH gs2_slapd_init GROUP-DN ROLE ...
 *
 * Whoever has logged in with ROLE is a member of the group for slapd's access
 * rules.  A line that is wrong is refused; it never ends the process, because
 * the process may have been serving for long (ldapmodify of olcPlugin).
 */
#include <slapi-plugin.h>

#include "arguments.h"
#include "bind.h"
#include "groups.h"
#include "member.h"
#include "message.h"
#include "record.h"

#define REFUSED (-1)

__attribute__((visibility("default"))) int gs2_slapd_init(Slapi_PBlock *pb);

/* All lines have the same functions: each of them can be called twice. */
static const struct {
    int name;
    int (*function)(Slapi_PBlock *pb);
} functions[] = {
    {SLAPI_PLUGIN_PRE_BIND_FN, gs2_slapd_before_bind},
    {SLAPI_PLUGIN_POST_BIND_FN, gs2_slapd_after_bind},
    {SLAPI_X_PLUGIN_PRE_GROUP_FN, gs2_slapd_is_member},
};

static int
register_functions(Slapi_PBlock *pb)
{
    int failed =
        slapi_pblock_set(pb, SLAPI_PLUGIN_VERSION, SLAPI_PLUGIN_VERSION_01);

    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        failed |= slapi_pblock_set(pb, functions[i].name,
                                   (void *)functions[i].function);
    return failed;
}

int
gs2_slapd_init(Slapi_PBlock *pb)
{
    struct gs2_slapd_group *groups;
    char **arguments = NULL;
    int count = 0;

    if (slapi_pblock_get(pb, SLAPI_PLUGIN_ARGC, &count) != 0 ||
        slapi_pblock_get(pb, SLAPI_PLUGIN_ARGV, &arguments) != 0 ||
        !gs2_slapd_arguments_read(count, arguments, &groups))
        return REFUSED;
    if (!gs2_slapd_records_begin() || register_functions(pb) != 0) {
        gs2_slapd_message("slapd has connections already, which could have no "
                          "roles: it has to be started anew with this line");
        gs2_slapd_groups_free(&groups);
        return REFUSED;
    }
    gs2_slapd_groups_enforce(groups);
    return 0;
}
