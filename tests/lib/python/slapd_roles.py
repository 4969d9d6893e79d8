"""slapd with roles, for the tests: entries that those with a role may write,
and what they are configured with.

    ldif, access = slapd_roles.doors(['card'])
    slapd.start(home, others=ldif, access=access,
                more=slapd_roles.plugin(home, (slapd_roles.group('card'),
                                               'card')))
    conn.code(slapd_roles.write(slapd_roles.door('card')))
"""

import setups
import slapd
from slapd import TOP

__all__ = ['Binds', 'DENIED', 'FOLDERS', 'GROUPS', 'OTHER', 'PAYROLL',
           'STRONGER_AUTH', 'SUCCESS', 'door', 'doors', 'group', 'group_entry',
           'options', 'others', 'plugin', 'start', 'write']

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


def others():
    """The group's entry, and what its rule is about."""
    return FOLDERS + setups.setup('slapd roles entry')


def options_of_all(name='slapd roles options'):
    """Options without the list of mechanisms: for logins by others."""
    return setups.setup(name, {
        'mech_list: GS2-KRB5 EXTERNAL\n': ''})


def start(home, name, **given):
    """A slapd as doc/servers.md says, in slapd.conf unless there is a
    config."""
    ours = {'options': setups.setup('slapd roles options'),
            'others': others()}
    if 'config' not in given:
        ours['more'] = slapd.roles_setup(home, 'slapd roles plugin')
        ours['access'] = setups.setup('slapd roles access')
    return slapd.start(home, name, **{**ours, **given})


class Binds:
    """Ways to bind, and the result code of a write after each."""

    def __init__(self, home):
        self.card = home.ticket('pkinit')
        self.bob_card = home.ticket('pkinit', 'bob')
        self.none = home.ticket('timestamp')
        self.bob = home.ticket('timestamp', 'bob')
        self.ways = {
            'card': (self.by(self.card), SUCCESS),
            "bob's card": (self.by(self.bob_card), SUCCESS),
            'password of bob': (self.password('bob'), DENIED),
            'her own password': (self.password('alice'), DENIED),
            'anonymous': (lambda conn: conn.code(slapd.simple()),
                          STRONGER_AUTH),
            'no card': (self.by(self.none), DENIED),
            'bob without': (self.by(self.bob), DENIED),
            'card, as bob': (self.by(self.card, 'u:bob'), DENIED),
            'card, as herself': (self.by(self.card, 'u:alice'), SUCCESS),
            'wrong password': (self.wrong, STRONGER_AUTH),
            'wrong message': (self.broken, STRONGER_AUTH),
        }

    @staticmethod
    def by(ticket, authzid=''):
        """By GS2."""
        return lambda conn: conn.gs2(ticket, authzid)[0]

    @staticmethod
    def password(user):
        """By a simple bind."""
        return lambda conn: conn.code(
            slapd.simple(slapd.dn(user), f'{user}.secret'))

    @staticmethod
    def wrong(conn):
        """By a password of nobody; 0 where it is refused."""
        return conn.code(slapd.simple(slapd.dn('alice'), 'wrong')) - 49

    @staticmethod
    def broken(conn):
        """By a message that is not GS2's; 0 if it is refused."""
        return conn.bind(b'GS2-KRB5', b'broken')[0] - OTHER

    def walk(self, conn, ways):
        """Binds in these ways one after the other; which rights were not
        those of the last bind."""
        wrong = []
        for way in ways:
            bind, wanted = self.ways[way]
            code = bind(conn)
            got = conn.code(write())
            if (code, got) != (0, wanted):
                wrong.append((way, code, got))
        return wrong
