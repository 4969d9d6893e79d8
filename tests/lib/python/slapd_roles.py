"""slapd with roles, for the tests: entries that those with a role may write,
and what they are configured with.

    ldif, access = slapd_roles.doors(['card'])
    slapd.start(home, others=ldif, access=access,
                more=slapd_roles.plugin(home, (slapd_roles.group('card'),
                                               'card')))
    conn.code(slapd_roles.write(slapd_roles.door('card')))
"""

import slapd
from slapd import TOP

__all__ = ['DENIED', 'FOLDERS', 'GROUPS', 'OTHER', 'PAYROLL', 'STRONGER_AUTH',
           'SUCCESS', 'door', 'doors', 'group', 'group_entry', 'options',
           'plugin', 'write']

SUCCESS, STRONGER_AUTH, DENIED, OTHER = 0, 8, 50, 80

GROUPS = f'ou=groups,{TOP}'
PAYROLL = f'ou=payroll,{TOP}'
FOLDERS = f'''
dn: {GROUPS}
objectClass: organizationalUnit
ou: groups

dn: {PAYROLL}
objectClass: organizationalUnit
ou: payroll

'''


def write(entry=PAYROLL, control=b''):
    """A Modify of an entry, with a control."""
    return slapd.modify(entry, 'description', 'changed') + control


def door(role):
    """An entry that this role may write."""
    return f'ou={role},{PAYROLL}'


def group(role):
    """Its group."""
    return f'cn={role},{GROUPS}'


def group_entry(role, member='cn=nobody'):
    """The group's entry, as LDIF."""
    return (f'dn: {group(role)}\nobjectClass: groupOfNames\ncn: {role}\n'
            f'member: {member}\n\n')


def doors(roles):
    """An entry and a group for each role: LDIF, and lines for the database."""
    ldif = FOLDERS
    access = ''
    for role in roles:
        ldif += (f'dn: {door(role)}\nobjectClass: organizationalUnit\n'
                 f'ou: {role}\n\n') + group_entry(role)
        access += (f'access to dn.base="{door(role)}"\n'
                   f' by group.exact="{group(role)}" write\n by * read\n')
    return ldif, access


def options(roles):
    """The SASL options."""
    return (f'gs2_roles: {" ".join(roles)}\n' +
            ''.join(f'gs2_role_{role}: {rule}\n'
                    for role, rule in roles.items()))


def plugin(home, *pairs):
    """A `plugin` line for groups' DNs and roles."""
    named = ' '.join(f'"{dn}" {role}' for dn, role in pairs)
    return (f'plugin preoperation {slapd.module(home.dir)} gs2_slapd_init '
            f'{named}\n')
