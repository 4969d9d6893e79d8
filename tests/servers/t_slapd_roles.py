#!/usr/bin/env python3
"""slapd whose access rules decide by the attributes of a login: roles, and
libgs2-slapd.so, configured as doc/servers.md says, in slapd.conf and in
cn=config.
"""

import itertools
import time

import saslclient
import servers
import setups
import slapd
import sources
import tap
from slapd import KRB5, TOP, Watch
from slapd_roles import (DENIED, FOLDERS, OTHER, PAYROLL, STRONGER_AUTH,
                         SUCCESS, Binds, door, doors, group, group_entry,
                         options, options_of_all, others, plugin, start, write)

# Seconds of a ticket.
SHORT = 6

CHANGE = f'''\
dn: {PAYROLL}
changetype: modify
replace: description
description: changed
'''


def in_config(home, name, **given):
    """The same in cn=config."""
    return start(home, name, config=[slapd.roles_setup(
        home, 'slapd roles ldif')], **given)


# --- the setup of the document -----------------------------------------------

def as_documented(rows, server, who=''):
    """One with the card writes, one without does not."""
    with Watch(rows, server, who) as watch:
        home = watch.home
        change = home.write('change.ldif', CHANGE)
        args = [*KRB5, '-f', change]
        watch.in_the_clear(('ldapmodify', 'smart card: alice writes'), args,
                           tool='ldapmodify', env=home.ticket('pkinit'),
                           says=f'modifying entry "{PAYROLL}"')
        watch.in_the_clear(('ldapmodify', 'no smart card: refused'), args,
                           tool='ldapmodify', env=home.ticket('timestamp'),
                           refused=('Insufficient access (50)', 'err=50'))
        watch.in_the_clear(('ldapmodify -X u:bob', 'alice with her smart card '
                            'as bob: refused'), [*args, '-X', 'u:bob'],
                           tool='ldapmodify', env=home.ticket('pkinit'),
                           refused=('Insufficient access (50)', 'err=50'))


# --- binds on one connection -------------------------------------------------

def rebinds(t, home, server):
    """Each way after each other one, and longer rows; rights are those of the
    last bind."""
    binds = Binds(home)
    for tls in (False, True):
        with slapd.Connection(server, tls) as conn:
            wrong = []
            for pair in itertools.product(binds.ways, repeat=2):
                wrong += [(pair, what) for what in binds.walk(conn, pair)]
            t.equal(wrong, [], f'{len(binds.ways) ** 2} pairs of binds on one '
                    f'connection{" under TLS" if tls else ""}: rights are '
                    'those of the last one')
    few = ('card', 'password of bob', 'anonymous', 'no card',
           'card, as herself')
    wrong, count = [], 0
    for row in itertools.permutations(few):
        with slapd.Connection(server, tls=False) as conn:
            wrong += [(row, what) for what in binds.walk(conn, row)]
            count += 1
    t.equal(wrong, [], f'{count} orders of five binds, each on a new '
            'connection')


def side_by_side(t, home, server):
    """Connections do not see each other's logins, even of one user."""
    binds = Binds(home)
    ways = list(binds.ways)
    conns = [slapd.Connection(server, tls=False) for _ in ways]
    wrong = []
    for way, conn in zip(ways, conns):
        wrong += [] if binds.ways[way][0](conn) == 0 else [way]
    for _ in range(5):
        for way, conn in zip(ways, conns):
            code = conn.code(write())
            wrong += [] if code == binds.ways[way][1] else [(way, code)]
    t.equal(wrong, [], f'{len(ways)} connections at once: each has its own '
            'rights')
    for conn in conns:
        conn.__exit__()


def bound(t, home, server):
    """Bound to TLS, which is so at the first bind of a connection alone."""
    for how in ('pkinit', 'timestamp'):
        with slapd.Connection(server) as conn:
            code = conn.gs2(home.ticket(how), offer='GS2-KRB5-PLUS')[0]
            t.equal((code, conn.code(write())),
                    (SUCCESS, SUCCESS if how == 'pkinit' else DENIED),
                    f'bound to ldaps: {how}')
    change = home.write('change.ldif', CHANGE)
    for how in ('pkinit', 'timestamp'):
        done = server.client(
            'ldapmodify', '-N', '-Q', '-ZZ', *slapd.PLUS, '-f', change,
            env={'LDAPSASL_CBINDING': 'tls-endpoint', **home.ticket(how)})
        t.equal(done.returncode, SUCCESS if how == 'pkinit' else DENIED,
                f'bound to TLS after StartTLS: {how}')


def in_anothers_name(t, home, server):
    """Proxied authorization (RFC 4370): authzTo lets alice act as bob."""
    with slapd.Connection(server) as conn:
        conn.gs2(home.ticket('pkinit'))
        t.equal((conn.code(write(control=slapd.as_another(
            f'dn:{slapd.dn("bob")}'))), conn.code(write())),
                (DENIED, SUCCESS), 'proxied authorization: alice with her '
                'card as bob may not, and as herself may')
        t.equal(conn.code(write(control=slapd.as_another('dn:'))),
                STRONGER_AUTH, 'proxied authorization as nobody: may not')


# --- which roles there are ---------------------------------------------------

ROLES = {
    'smartcard': 'gs2:realm=EXAMPLE.TEST and auth-indicators=smartcard',
    'two-of-them': 'auth-indicators=smartcard or auth-indicators=spake',
    'spaces': 'auth-indicators="with space, comma"',
    'utf8': 'auth-indicators="grüne Karte, neu"',
    'ours': 'gs2:realm=EXAMPLE.TEST',
    'theirs': f'gs2:realm={sources.FOREIGN}',
    'not-theirs': f'auth-indicators=* and not gs2:realm={sources.FOREIGN}',
    'nobodys': 'auth-indicators=nosuch',
}
HAS = {
    'pkinit': {'smartcard', 'two-of-them', 'utf8', 'ours', 'not-theirs'},
    'spake': {'two-of-them', 'spaces', 'ours', 'not-theirs'},
    'timestamp': {'ours'},
    'no-pac': {'ours'},
    'foreign': {'theirs'},
}


# slapd looks each user up once there are roles.
FOREIGNER = f"""\
dn: uid=carol@{sources.FOREIGN},ou=people,{TOP}
objectClass: account
uid: carol@{sources.FOREIGN}

"""


def many_roles(t, home):
    """A login has all the roles that it has, and no other."""
    ldif, access = doors(ROLES)
    ldif += FOREIGNER
    lines = plugin(home, *[(group(role), role) for role in ROLES])
    server = slapd.start(home, 'slapd-many', options=options(ROLES),
                         others=ldif, access=access, more=lines)
    with server:
        for how, wanted in HAS.items():
            ticket = (home.foreigner() if how == 'foreign'
                      else home.ticket(how))
            with slapd.Connection(server) as conn:
                conn.gs2(ticket)
                got = {role for role in ROLES
                       if conn.code(write(door(role))) == SUCCESS}
                t.equal(got, wanted, f'{how}: the roles are these')


# --- groups ------------------------------------------------------------------

def groups(t, home):
    """The module answers for the groups that it is told of, whatever their
    entries say, and for no others."""
    ours, theirs, missing = 'KÄRTE', 'staff', 'missing'
    ldif, access = doors((ours, theirs, missing))
    ldif = ldif.replace(group_entry(ours),
                        group_entry(ours, slapd.dn('bob')))
    ldif = ldif.replace(group_entry(theirs),
                        group_entry(theirs, slapd.dn('bob')))
    ldif = ldif.replace(group_entry(missing), '')
    # The same DN, written otherwise: a and its diaeresis apart.
    apart = f'CN=ka\u0308rte, OU=groups,{TOP}'
    lines = plugin(home, (apart, 'smartcard'), (group(missing), 'smartcard'))
    server = slapd.start(home, 'slapd-groups', others=ldif, access=access,
                         options=setups.setup('slapd roles options'),
                         more=lines)
    alice, bob = home.ticket('pkinit'), home.ticket('timestamp', 'bob')
    with server, slapd.Connection(server) as conn:
        seen = []
        for ticket in (alice, bob):
            conn.gs2(ticket)
            seen.append([conn.code(write(door(role)))
                         for role in (ours, theirs, missing)])
        t.equal(seen[0][0], SUCCESS, 'a DN is the same in capitals, with a '
                'blank, and with its UTF-8 in two parts')
        t.equal(seen[1][0], DENIED, "a member of the group's entry who has "
                'not the role: may not')
        t.equal((seen[0][1], seen[1][1]), (DENIED, SUCCESS),
                "a group that the module is not told of: slapd's own matter")
        t.equal((seen[0][2], seen[1][2]), (DENIED, DENIED),
                'a group without an entry: nobody')
        conn.gs2(alice)
        mixed = slapd.modify(door(ours), 'description', 'changed')
        t.equal([conn.code(mixed) for _ in range(3)], [SUCCESS] * 3,
                'asked again: the same')


def lost(t, home):
    """Whatever is missing, nobody has the right."""
    alice = home.ticket('pkinit')
    for what, given, logged in (
            ('no `plugin` line', {'more': ''}, ''),
            ('no gs2_roles', {'options': 'gs2_acceptor: *\n'},
             'gs2_roles does not have "smartcard", so nobody is a member of '
             f'"{group("smartcard").lower()}"'),
            ('a role that gs2_roles does not have',
             {'options': options({'other': 'gs2:realm=EXAMPLE.TEST'})},
             'gs2_roles does not have "smartcard", so nobody is a member of '
             f'"{group("smartcard").lower()}"')):
        server = start(home, 'slapd-lost-' + what.replace(' ', '-'), **given)
        with server, slapd.Connection(server) as conn:
            code = conn.gs2(alice)[0]
            t.equal((code, conn.code(write())), (SUCCESS, DENIED),
                    f'{what}: alice with her card may not')
            conn.gs2(alice)
            t.equal(server.log().count('libgs2-slapd: '), bool(logged),
                    f'{what}: {"said once" if logged else "nothing to say"}')
            t.contains(server.log(), logged, f'{what}: {logged}')


def hidden(t, home):
    """A libsasl that does not export sasl_config_getstring(): in a copy of the
    module an octet of that name is another one, so nobody has it."""
    name = b'\0sasl_config_getstring\0'
    more = slapd.roles_setup(home, 'slapd roles plugin')
    path = slapd.module(home.dir)
    copy = home.path('hidden.so')
    with open(path, 'rb') as module, open(copy, 'wb') as other:
        octets = module.read()
        assert name in octets
        other.write(octets.replace(name, b'\0X' + name[2:]))
    server = start(home, 'slapd-hidden', more=more.replace(path, copy))
    with server, slapd.Connection(server) as conn:
        code = conn.gs2(home.ticket('pkinit'))[0]
        t.equal((code, conn.code(write())), (SUCCESS, SUCCESS),
                'a libsasl that does not tell gs2_roles: alice may')
        t.contains(server.log(), 'this libsasl does not tell gs2_roles',
                   'and the log says so')


def refused_at_start(t, home):
    """A broken `plugin` line stops slapd; in one that runs it is refused."""
    with t.case('a broken `plugin` line: slapd does not start, and says why'):
        try:
            start(home, 'slapd-broken', more=plugin(home, ('cn=a', 'Card')))
        except servers.ServerError as error:
            assert 'there is no role behind "cn=a Card"' in str(error), error
        else:
            raise AssertionError('it has started')


def while_it_runs(t, home):
    """olcPlugin by ldapmodify: what is broken is refused, and slapd lives;
    what is not is in force for new connections."""
    server = slapd.start(home, 'slapd-runs', config=(),
                         others=others(),
                         options=setups.setup('slapd roles options'))
    ldif = slapd.roles_setup(home, 'slapd roles ldif')
    alice = home.ticket('pkinit')

    def change(text):
        return server.client('ldapmodify', '-x', '-D', 'cn=config', '-w',
                             'config.secret', '-f', home.write('c.ldif', text))

    with server:
        done = change(ldif.replace(' smartcard\n\n', ' Smartcard\n\n'))
        t.ok(done.returncode != 0 and 'libgs2-slapd: there is no role behind'
             in server.log(), 'ldapmodify of a broken olcPlugin is refused, '
             'and the log says why', f'{done}\n{server.log()}')
        done = change(ldif)
        t.equal(done.returncode, 0, 'ldapmodify of a good one is taken')
        with slapd.Connection(server) as conn:
            codes = [conn.gs2(alice)[0], conn.code(write()),
                     conn.gs2(home.ticket('timestamp'))[0],
                     conn.code(write())]
        t.equal((codes[0], codes[2], codes[3]), (SUCCESS, SUCCESS, DENIED),
                'slapd lives, and nobody has a right by it who has no role')
        t.note(f'alice with her card: {codes[1]}')


def without_an_entry(t, home):
    """authz-regexp to a DN that has no entry: as the document says."""
    more = slapd.roles_setup(home, 'slapd roles plugin')
    regexp = ('authz-regexp uid=([^,]*),cn=gs2-krb5(-plus)?,cn=auth '
              f'uid=$1,ou=nobody,{TOP}\n')
    for what, line, wanted in (('', '', OTHER),
                               (', and sasl-auxprops none',
                                'sasl-auxprops none\n', SUCCESS)):
        # The first authz-regexp that matches counts: ours is in front.
        server = start(home, f'slapd-no-entry-{wanted}',
                       before=regexp + line, more=more)
        with server, slapd.Connection(server) as conn:
            code = conn.gs2(home.ticket('pkinit'))[0]
            t.equal(code, wanted, f'a user without an entry{what}: {wanted}')
            if code == SUCCESS:
                t.equal(conn.code(write()), SUCCESS,
                        'and the role is in force')


# An entry with attributes of the names of our properties, which slapd's plugin
# for libsasl looks up for whoever logs in: here users could write them.
LIAR = f"""

dn: {slapd.dn('liar')}
objectClass: account
objectClass: extensibleObject
uid: liar
userPassword: liar.secret
gs2-roles: smartcard
gs2-expires: never

"""
LIES = """\
attributetype ( 1.3.6.1.4.1.4203.666.1.1 NAME 'gs2-roles' SUP name )
attributetype ( 1.3.6.1.4.1.4203.666.1.2 NAME 'gs2-expires' SUP name )
sasl-secprops none
authz-regexp uid=([^,]*),cn=plain,cn=auth uid=$1,ou=people,""" + TOP + '\n'


def by_another_mechanism(t, home):
    """What a login by PLAIN has filled the properties with that ours has
    asked for, in a login that was refused, is not believed."""
    server = start(home, 'slapd-plain', before=LIES, others=others() + LIAR,
                   options=options_of_all())
    with server, slapd.Connection(server) as conn:
        card, plain = home.ticket('pkinit'), b'\0liar\0liar.secret'
        t.equal((conn.gs2(card, 'u:carol')[0],
                 conn.bind(b'PLAIN', plain)[0], conn.code(write())),
                (DENIED, SUCCESS, DENIED), 'PLAIN after a refused GS2, with '
                'the properties in the entry: no role')
        t.equal((conn.gs2(card)[0], conn.code(write()),
                 conn.bind(b'PLAIN', plain)[0], conn.code(write())),
                (SUCCESS, SUCCESS, SUCCESS, DENIED), 'PLAIN after GS2, with '
                'the properties in the entry: no role')


def no_sasldb(t, home):
    """If another auxprop plugin is asked for our properties and cannot read its
    file, nobody gets in."""
    server = start(home, 'slapd-sasldb',
                   before='sasl-auxprops "slapd sasldb"\n',
                   options=setups.setup('slapd roles options')
                   + f'sasldb_path: {home.dir}\n')
    with server:
        for how in ('pkinit', 'timestamp'):
            with slapd.Connection(server) as conn:
                t.equal((conn.gs2(home.ticket(how))[0], conn.code(write())),
                        (OTHER, STRONGER_AUTH),
                        f'a sasldb that cannot be read: {how}, refused')


PROXY = """\
moduleload back_ldap
database ldap
suffix {suffix}
uri ldap://127.0.0.1:{port}
idassert-bind bindmethod=simple binddn={dn} credentials={password} mode=self
idassert-authzFrom *
access to * by * write
"""


def chained(t, home):
    """A slapd in front acts for alice, who has logged in there with her card:
    behind it that is nobody's login."""
    with start(home, 'slapd-behind') as behind:
        front = start(home, 'slapd-front', others=others().replace(
            FOLDERS, FOLDERS.partition(f'dn: {PAYROLL}')[0]), access='',
            more=PROXY.format(suffix=PAYROLL, port=behind.port,
                              dn=slapd.dn('alice'), password='alice.secret'))
        with front, slapd.Connection(front) as conn:
            conn.gs2(home.ticket('pkinit'))
            t.equal(conn.code(write()), DENIED,
                    'back-ldap: alice with her card in front may not')
            t.contains(behind.log(), f'MOD dn="{PAYROLL}"',
                       'back-ldap: it has been asked for')


def at_the_end(t, home):
    """A role ends with the ticket, and the time that clocks may differ."""
    short = {'KRB5CCNAME': 'FILE:' + home.path('short.cc')}
    home.realm.kinit('alice', args=[
        '-l', f'{SHORT}s', '-X', 'X509_user_identity=FILE:'
        f'{home.keys}/alice.pem,{home.keys}/alice.key'], env=short)
    server = start(home, 'slapd-end', env=home.krb5_config(
        '[libdefaults]\n clockskew = 1\n'))
    with server, slapd.Connection(server) as conn:
        code = conn.gs2(short)[0]
        before = conn.code(write())
        time.sleep(SHORT + 3)
        t.equal((code, before, conn.code(write())),
                (SUCCESS, SUCCESS, DENIED), 'a role ends with the ticket')


def main(t):
    rows = servers.Rows(t, 'slapd roles')
    with slapd.Home() as home:
        saslclient.load(home.environment('ours'))
        as_documented(rows, start(home, 'slapd'))
        as_documented(rows, in_config(home, 'slapd-config'),
                      ' with cn=config')
        with start(home, 'slapd-binds') as server:
            rebinds(t, home, server)
            side_by_side(t, home, server)
            bound(t, home, server)
            in_anothers_name(t, home, server)
        with in_config(home, 'slapd-config-binds') as server:
            rebinds(t, home, server)
        many_roles(t, home)
        groups(t, home)
        lost(t, home)
        hidden(t, home)
        refused_at_start(t, home)
        while_it_runs(t, home)
        without_an_entry(t, home)
        by_another_mechanism(t, home)
        no_sasldb(t, home)
        chained(t, home)
        at_the_end(t, home)
        as_documented(rows, start(home, 'slapd-nobody', user='nobody'),
                      ' as nobody')
    rows.show()


if __name__ == '__main__':
    slapd.run(main)
