#!/usr/bin/env python3
"""389-ds with our plugin, as doc/servers.md configures it: whether the options
in libsasl's own file are in force there, the roles of a login by the user's
name (gs2_tag, row A7), and who tries to pass for such a name.
"""

import os

import ds389
import saslclient
import servers
import setups
import slapd
import sources
import tap
import wire
from ds389 import TOP
from slapd_roles import DENIED, PAYROLL, SUCCESS, write

INVALID = 49
LOGINS = f'ou=logins,{TOP}'
CARD = f'uid=alice/smartcard,{LOGINS}'
BOBS = ds389.dn('bob')
CHANGE = f'''\
dn: {PAYROLL}
changetype: modify
replace: description
description: changed
'''
# What users often may: entries of their own below their own.
FOLDERS = f'''
dn: {PAYROLL}
objectClass: organizationalUnit
ou: payroll

dn: {BOBS}
changetype: modify
add: aci
aci: (targetattr = "*")(version 3.0; acl "own"; allow (all) userdn = "ldap:///
 {BOBS}";)

'''
FORGED = (
    f'uid=alice/smartcard,{BOBS}',
    f'uid=x/smartcard\\2Cou=logins\\2Cdc=example\\2Cdc=test,{BOBS}',
    f'ou=logins\\2Cdc=example\\2Cdc=test,{BOBS}',
    f'uid=bob/smartcard,{LOGINS}',
    f'uid=bob/smartcard,{CARD}',
    f'uid=bob/smartcard,ou=people,{TOP}',
)
TAGGED = 'has the character that stands between a user and a role here'


class Home(servers.Home, sources.Sources):
    """A place for 389-ds, and tickets by card and by password."""


def start(home, name, options=None):
    """A 389-ds as the document says."""
    entries = '\n'.join(setups.setup(part) for part in (
        '389-ds map', '389-ds roles map', '389-ds roles entries')) + FOLDERS
    return ds389.start(home, name, options=setups.setup(
        '389-ds options') if options is None else options,
                       others=entries + setups.setup('389-ds roles aci'))


def forged(entry):
    """An Add of an entry with a password."""
    return slapd.add(entry, objectClass=['account', 'extensibleObject'],
                     uid=['alice/smartcard', 'bob/smartcard'],
                     ou=['logins,dc=example,dc=test'],
                     userPassword=['forged.secret'])


# --- the setup of the document -----------------------------------------------

class Watch:
    """Rows of what is seen at a server."""

    def __init__(self, rows, server):
        self.rows = rows
        self.server = server

    def row(self, program, result, ticket, says, args=(), how=''):
        """A login, found on the wire by its octets."""
        with wire.Relay(self.server.port) as cable:
            done = self.server.client(program, '-N', '-Q', '-Y', 'GS2-KRB5',
                                      *args, port=cable.port, env=ticket)
            trips = wire.round_trips(cable.take(), b'GS2-KRB5',
                                     slapd.ANSWERED)
        self.rows.add(says in done.stdout and trips == 1,
                      f'{program}{how}, 389-ds', 'GS2-KRB5', 'no', 'no', trips,
                      result, f'{done}\n{self.server.log()[-3000:]}')


def as_documented(rows, server, card, password):
    """Logins, and a change that takes the card."""
    watch = Watch(rows, server)
    args = ('-f', server.home.write('change.ldif', CHANGE))
    watch.row('ldapwhoami', 'alice', password, f'dn: {ds389.dn("alice")}\n')
    watch.row('ldapmodify', 'smart card: alice writes', card,
              f'modifying entry "{PAYROLL}"\n', args)
    watch.row('ldapmodify', 'no smart card: refused', password,
              'Insufficient access (50)', args)


# --- options -----------------------------------------------------------------

def mechanisms(server):
    """What it offers."""
    return server.client('ldapsearch', '-x', '-LLL', '-s', 'base', '-b', '',
                         'supportedSASLMechanisms').stdout


def options(t, rows, home, password):
    """Those of libsasl's file are in force, and a slip in them is."""
    with start(home, '389-ds-rule',
               'gs2_require: gs2:authid=bob\n') as server:
        Watch(rows, server).row(
            'ldapwhoami', 'refused', password, 'Invalid credentials (49)\n',
            how=', gs2_require not met')
        for text in ('GS2: the application does not know the gs2_ options: '
                     'those in libsasl\'s configuration file for it count',
                     'GS2: gs2_require is gs2:authid=bob',
                     'detail="not met: gs2:authid=bob'):
            t.contains(server.log(), text, f'errorlog-level 8: {text}')
    with start(home, '389-ds-slip', 'gs2_require: nd\n') as server:
        t.ok('GS2-KRB5' not in mechanisms(server),
             'a rule with a slip: GS2 is not offered', mechanisms(server))


# --- roles -------------------------------------------------------------------

def says(server, text):
    """True where the error log has a text."""
    return text in server.log()


def by_the_name(t, server, card, password):
    """Who may write, by which login, on one connection."""
    with slapd.Connection(server, tls=False) as conn:
        for what, ticket, authzid, wanted, name in (
                ('card', card, '', SUCCESS, CARD),
                ('no card', password, '', DENIED, ds389.dn('alice')),
                ('card, as herself', card, 'u:alice', SUCCESS, CARD),
                ('no card, as herself', password, 'u:alice', DENIED,
                 ds389.dn('alice'))):
            t.equal((conn.gs2(ticket, authzid)[0], conn.code(write()),
                     conn.whoami()), (SUCCESS, wanted, f'dn: {name}'),
                    f'{what}: {"writes" if wanted == SUCCESS else "no"}')
        for authzid in ('u:alice/smartcard', 'u:bob/smartcard', f'dn:{CARD}'):
            code = conn.gs2(password, authzid)[0]
            t.ok(code == INVALID and conn.code(write()) != SUCCESS
                 and says(server, f'identity \\x22{authzid}\\x22 {TAGGED}'),
                 f'no card, as {authzid}: refused', (code, server.log()))
    with slapd.Connection(server, tls=False) as conn:
        t.equal((conn.bind(b'PLAIN', b'\0alice/smartcard\0')[0],
                 conn.bind(b'PLAIN', b'\0alice/smartcard\0alice.secret')[0]),
                (INVALID, INVALID), 'PLAIN as alice/smartcard: refused')
        t.equal((conn.gs2(password)[0], conn.whoami()),
                (SUCCESS, f'dn: {ds389.dn("alice")}'),
                'GS2 on that connection: alice all the same')
        bob = server.home.ticket('pkinit', 'bob')
        t.ok(conn.gs2(bob)[0] != SUCCESS and conn.code(write()) != SUCCESS,
             'bob, whose card has no entry: refused')
    for name, escaped in (
            ('dave/smartcard', 'dave/smartcard'),
            ('dave\uFF0Fsmartcard', 'dave\\xef\\xbc\\x8fsmartcard')):
        with slapd.Connection(server, tls=False) as conn:
            code = conn.gs2(server.home.newcomer(name))[0]
            t.ok(code == INVALID and says(
                server, f'principal="{escaped}@EXAMPLE.TEST" reason="the '
                'identity ') and says(server, TAGGED),
                 f'the principal {escaped}: refused', (code, server.log()))


def by_an_entry(t, server, card):
    """bob, who may do anything below the entry of bob, makes one and binds to
    it."""
    bob = server.home.ticket('timestamp', 'bob')
    made = 0
    for entry in FORGED:
        with slapd.Connection(server, tls=False) as conn:
            conn.gs2(bob)
            code = conn.code(forged(entry))
            made += code == SUCCESS
            bound = conn.code(slapd.simple(entry, 'forged.secret'))
            t.ok((bound == SUCCESS) == (code == SUCCESS)
                 and conn.code(write()) != SUCCESS,
                 f'an entry {entry} (add: {code}, bind: {bound}): no right')
    t.equal(made, 3, f'{made} such entries were made')
    with slapd.Connection(server, tls=False) as conn:
        conn.gs2(bob)
        t.equal(conn.code(slapd.modify(CARD, 'userPassword', 'a')), DENIED,
                'bob gives the entry of the role no password')
        t.equal((conn.gs2(card)[0], conn.whoami()),
                (SUCCESS, f'dn: {CARD}'), "alice's card leads to her entry "
                'still')
        t.equal(conn.code(slapd.modify(CARD, 'userPassword', 'a')), DENIED,
                'nor does she')


def in_anothers_name(t, server):
    """Proxied authorization (RFC 4370), which asks ACIs alone: whom one gives the
    right proxy has a role that they could not log in with."""
    carol = server.home.ticket('timestamp', 'carol')
    as_card = slapd.as_another(f'dn:{CARD}')
    with slapd.Connection(server, tls=False) as conn:
        conn.gs2(carol)
        before = conn.code(write(control=as_card))
        server.add(f'''
dn: {TOP}
changetype: modify
add: aci
aci: (targetattr = "*")(version 3.0; acl "acts"; allow (proxy) userdn = "ldap:
 ///{ds389.dn("carol")}";)
''')
        t.equal((before, conn.code(write()),
                 conn.code(write(control=as_card))),
                (DENIED, DENIED, SUCCESS), 'proxied authorization: carol has '
                'the role where an ACI allows proxy')
        t.equal(conn.gs2(carol, f'dn:{CARD}')[0], INVALID,
                'and cannot log in with it')


def same_entry(t, home, card, password):
    """A map that forgets the role: refused with it."""
    forgets = setups.setup('389-ds map', {
        '(?:u:)?([^:@/]+)$': '([^:@/]+)'})
    with ds389.start(home, '389-ds-forgets', options=setups.setup(
            '389-ds options'), others=forgets) as server, \
            slapd.Connection(server, tls=False) as conn:
        t.equal((conn.gs2(password)[0], conn.whoami()),
                (SUCCESS, f'dn: {ds389.dn("alice")}'),
                'a map that forgets the role: alice without it')
        t.ok(conn.gs2(card)[0] == INVALID and says(
            server, f'makes \\x22dn: {ds389.dn("alice")}\\x22, and not its own '
            'name of the user with the role at the end'),
             'and with it she is refused', server.log())


def other_ways(t, server):
    """What the rule does not apply to: other mechanisms, unless they are
    closed, and simple binds, whom an ACI can keep out."""
    simple = slapd.simple(BOBS, 'bob.secret')
    t.contains(mechanisms(server), 'PLAIN', 'not closed: there is PLAIN')
    server.add(setups.setup('389-ds mechanisms') + f'''
dn: {PAYROLL}
changetype: modify
add: aci
aci: (targetattr = "*")(version 3.0; acl "gs2"; allow (write) userdn = "ldap:/
 //all" and authmethod = "sasl GS2-KRB5";)
''')
    said = mechanisms(server)
    t.ok('GS2-KRB5' in said and 'PLAIN' not in said,
         'closed: there is GS2-KRB5, and no PLAIN', said)
    with slapd.Connection(server, tls=False) as conn:
        bob = server.home.ticket('timestamp', 'bob')
        t.equal((conn.bind(b'PLAIN', b'\0bob\0bob.secret')[0] != SUCCESS,
                 conn.code(simple), conn.code(write())),
                (True, SUCCESS, DENIED), 'bob by a simple bind: logged in, '
                'but the ACI wants GS2')
        t.equal((conn.gs2(bob)[0], conn.code(write())), (SUCCESS, SUCCESS),
                'bob by GS2: he may write')


def minimum(t, server, password):
    """A strength that GS2 does not have: 389-ds does not count that of TLS."""
    server.client('ldapmodify', '-x', '-D', ds389.ROOT, '-w',
                  ds389.ROOT_PASSWORD, stdin=setups.setup('389-ds minssf'))
    for tls in ([], ['-ZZ']):
        done = server.client('ldapwhoami', *tls, '-N', '-Q', '-Y', 'GS2-KRB5',
                             env=password)
        t.contains(done.stdout, 'sasl mechanism not supported',
                   f'nsslapd-minssf: there is no GS2, {tls}')


def main(t):
    """All of it, or the reason why not."""
    if os.geteuid() != 0:
        t.skip('389-ds with GS2-KRB5', 'only root can start 389-ds')
        return
    rows = servers.Rows(t, '389-ds')
    with Home(services=['ldap']) as home:
        saslclient.load(home.environment('ours'))
        card, password = home.ticket('pkinit'), home.ticket('timestamp')
        with start(home, '389-ds') as server:
            as_documented(rows, server, card, password)
            by_the_name(t, server, card, password)
            by_an_entry(t, server, card)
            in_anothers_name(t, server)
            other_ways(t, server)
            minimum(t, server, password)
        options(t, rows, home, password)
        same_entry(t, home, card, password)
    rows.show()


if __name__ == '__main__':
    tap.run(main)
