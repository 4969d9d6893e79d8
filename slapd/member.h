/*
 * member.h - the function that slapd calls where an access rule names a group.
 */
#ifndef GS2_SLAPD_MEMBER_H
#define GS2_SLAPD_MEMBER_H

#include <slapi-plugin.h>

/*
 * Answers whether the DN of the operation is a member of the group, where the
 * group has a role: by the role alone, never by the group's entry.  Any other
 * group is left to slapd.
 */
int gs2_slapd_is_member(Slapi_PBlock *pb);

#endif
