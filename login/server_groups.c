/*
 * server_groups.c - the roles of a login as Unix groups (see server_groups.h).
 *
 * Applications that decide by groups compare names, so the name is the whole
 * security: whoever else is in a group of that name has the role's rights
 * without its login.  So each group is checked at each login before it is
 * handed over.  Afterwards libc is asked as the application will ask it: the
 * right answer shows that nsswitch.conf names the module and that libc uses
 * this one.
 */
#include "server_groups.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "group_lookup.h"

#define GROUP_PREFIX "gs2-"
#define GROUP_SIZE   (sizeof(GROUP_PREFIX) + GS2_ROLE_NAME_MAX)

/* What is found out of a login's groups before any is handed over. */
struct hand_over {
    struct gs2_server *s;
    struct gs2_group_lookup room;
    struct gs2_user_groups before; /* without ours */
    gs2_role_set had;              /* roles whose groups the user has anyway */
    gid_t gids[GS2_ROLES_MAX];     /* to be handed over ... */
    size_t roles[GS2_ROLES_MAX];   /* ... and the role of each */
    size_t count;
};
_Static_assert(GS2_ROLES_MAX <= GS2_NSS_GROUPS_MAX, "room for each role");

static void
say(const struct gs2_server *s, const char *text)
{
    s->utils->log(s->utils->conn, SASL_LOG_ERR, "%s: gs2_unix_groups: %s",
                  s->plugin->configs.family, text);
}

/* Logs why a role of the login, or of the configuration, is not a Unix
 * group. */
__attribute__((format(printf, 3, 4)))
static void
say_of_role(const struct gs2_server *s, size_t n, const char *format, ...)
{
    char text[512], user[128];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    s->utils->log(s->utils->conn, SASL_LOG_ERR,
                  "%s: gs2_unix_groups: the role %s of \"%s\" is not handed "
                  "over: %s", s->plugin->configs.family,
                  s->config->roles.list[n].name,
                  gs2_escape(user, sizeof(user), s->oparams->authid,
                             s->oparams->alen), text);
}

static void
group_name(const struct gs2_server *s, size_t n, char name_out[GROUP_SIZE])
{
    (void)snprintf(name_out, GROUP_SIZE, GROUP_PREFIX "%s",
                   s->config->roles.list[n].name);
}

/* Finds the roles whose groups the user is in anyway. */
static void
find_had(struct hand_over *h)
{
    const struct gs2_roles *roles = &h->s->config->roles;
    const struct group *group;
    const char *name;
    size_t n;

    for (size_t i = 0; i < h->before.count; i++) {
        if (gs2_group_lookup_gid(&h->room, h->before.gids[i], &group) != 0 ||
            group == NULL || strncmp(group->gr_name, GROUP_PREFIX,
                                     strlen(GROUP_PREFIX)) != 0)
            continue;
        name = group->gr_name + strlen(GROUP_PREFIX);
        n = gs2_roles_find(roles, name, strlen(name));
        if (n < roles->count)
            h->had |= (gs2_role_set)1 << n;
    }
}

/* What is wrong with the group that is to be a role's; NULL for nothing. */
static const char *
wrong_with(const struct group *group)
{
    if (group == NULL)
        return "there is none of this name";
    if (group->gr_gid == 0)
        return "it has the number 0, which is root's";
    return group->gr_mem[0] == NULL
           ? NULL : "it has members, who are in it without any login";
}

/* Looks the group of the nth role up, by name and by number.  False, and the
 * log says why, where it cannot be handed over. */
static bool
look_at_group(struct hand_over *h, size_t n, gid_t *gid_out)
{
    const struct group *group;
    char name[GROUP_SIZE], other[128] = "";
    const char *wrong;
    int code;

    group_name(h->s, n, name);
    code = gs2_group_lookup_name(&h->room, name, &group);
    wrong = code != 0 ? strerror(code) : wrong_with(group);
    if (wrong != NULL) {
        say_of_role(h->s, n, "group %s: %s", name, wrong);
        return false;
    }
    *gid_out = group->gr_gid;
    code = gs2_group_lookup_gid(&h->room, *gid_out, &group);
    if (code == 0 && group != NULL && strcmp(group->gr_name, name) == 0)
        return true;
    if (group != NULL)
        (void)gs2_escape(other, sizeof(other), group->gr_name,
                         strlen(group->gr_name));
    say_of_role(h->s, n, "group %s: its number, %lu, is that of \"%s\"", name,
                (unsigned long)*gid_out, other);
    return false;
}

/* Adds the group of the nth role, if the login has the role and the group has
 * no other members. */
static void
take_role(struct hand_over *h, size_t n)
{
    char name[GROUP_SIZE];
    gid_t gid;

    group_name(h->s, n, name);
    if ((h->had >> n & 1) != 0) {
        say_of_role(h->s, n, "group %s: the user is in it, or in another one "
                             "with its name or number, without any login",
                    name);
    } else if ((h->s->roles >> n & 1) != 0 && look_at_group(h, n, &gid)) {
        h->gids[h->count] = gid;
        h->roles[h->count++] = n;
    }
}

static bool
has_gid(const struct gs2_user_groups *groups, gid_t gid)
{
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->gids[i] == gid)
            return true;
    }
    return false;
}

/* Asks libc as the application will: false, and the log says why, where it
 * does not give each group. */
static bool
is_answered(struct hand_over *h)
{
    struct gs2_user_groups now = { NULL, 0 };
    const bool known = gs2_group_lookup_user(&h->room, h->s->oparams->authid,
                                             &now);
    size_t i = 0;

    while (known && i < h->count && has_gid(&now, h->gids[i]))
        i++;
    free(now.gids);
    if (i < h->count)
        say_of_role(h->s, h->roles[i],
                    "libc does not ask the module: the line \"group\" of "
                    "/etc/nsswitch.conf (or \"initgroups\", where there is "
                    "one) must name gs2, libc must find the same file, and "
                    "nscd must not cache groups");
    return i == h->count;
}

static void
hand_over(struct hand_over *h)
{
    struct gs2_server *s = h->s;
    const struct gs2_nss_module *module = s->config->unix_groups;

    if (!gs2_group_lookup_user(&h->room, s->oparams->authid, &h->before)) {
        say(s, "no role is handed over: there is no memory for the groups "
               "of the user");
        return;
    }
    find_had(h);
    for (size_t n = 0; n < s->config->roles.count; n++)
        take_role(h, n);
    if (h->count == 0)
        return;
    (void)module->tell(&s->unix_login, s->oparams->authid, h->gids, h->count);
    if (!is_answered(h))
        (void)module->tell(&s->unix_login, s->oparams->authid, NULL, 0);
}

void
gs2_server_groups_hand_over(struct gs2_server *s)
{
    const struct gs2_nss_module *module = s->config->unix_groups;
    struct hand_over h = { .s = s };

    if (module == NULL)
        return;
    switch (module->enter(&s->unix_login)) {
    case GS2_NSS_NO_MEMORY:
        say(s, "no role is handed over: the system has no memory that child "
               "processes do not see");
        return;
    case GS2_NSS_NOT_ALONE:
        if (!atomic_exchange(&s->plugin->logins_mixed, true))
            say(s, "two logins are alive in this process, and none has groups "
                   "while they are: it is for servers with a process for each "
                   "connection");
        return;
    default:
        hand_over(&h);
        gs2_group_lookup_clear(&h.room);
        free(h.before.gids);
    }
}

void
gs2_server_groups_take_back(struct gs2_server *s)
{
    if (s->config != NULL && s->config->unix_groups != NULL)
        s->config->unix_groups->leave(&s->unix_login);
}
