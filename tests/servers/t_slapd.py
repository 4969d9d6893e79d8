#!/usr/bin/env python3
"""OpenLDAP: slapd with ldapwhoami and ldapsearch, by GS2-KRB5 and by
GS2-KRB5-PLUS under StartTLS and ldaps, as root and as nobody.
"""

import os
import pwd
import re
import urllib.parse

import mounts
import saslclient
import servers
import setups
import slapd
import sources
import tap
from slapd import KRB5, PLUS, Watch

REFUSED = 'the login does not meet the requirements of the server'
UNBOUND = ('only where there is a channel binding', ' err=7 ')
BOUND = 'gs2_require: ' + sources.setup_of(
    'channel binding for all')['gs2_require'] + '\n'
NO_PROXY = 'authorization failure: not authorized'


def logins(watch):
    """Who logs in, and as whom, without TLS."""
    home = watch.home
    alice, bob = home.ticket('timestamp'), home.ticket('timestamp', 'bob')
    refused = (NO_PROXY, 'Failure: not authorized')
    watch.in_the_clear(('ldapwhoami', 'alice'), env=alice,
                       says=f'dn:{slapd.dn("alice")}\n')
    watch.in_the_clear(('ldapsearch', 'alice reads entries'),
                       [*KRB5, '-LLL', '-b', slapd.TOP, 'uid=carol', 'dn'],
                       tool='ldapsearch', env=alice,
                       says=f'dn: {slapd.dn("carol")}\n')
    watch.in_the_clear(('ldapwhoami -X u:bob', 'alice as bob: authzTo'),
                       [*KRB5, '-X', 'u:bob'], env=alice,
                       says=f'dn:{slapd.dn("bob")}\n')
    watch.in_the_clear(('ldapwhoami -X u:alice', 'bob as alice: refused'),
                       [*KRB5, '-X', 'u:alice'], env=bob, refused=refused)
    watch.in_the_clear(('ldapwhoami -X u:carol', 'alice as carol: refused'),
                       [*KRB5, '-X', 'u:carol'], env=alice, refused=refused)
    watch.in_the_clear(('ldapwhoami -X u:alice', 'alice as alice'),
                       [*KRB5, '-X', 'u:alice'], env=alice,
                       says=f'dn:{slapd.dn("alice")}\n')


def bindings(t, watch):
    """What a client binds to, and what goes wrong with it."""
    for how in ('StartTLS', 'ldaps'):
        for version in slapd.PROTOCOLS:
            watch.under_tls(how, version, 'tls-endpoint')
    watch.under_tls('StartTLS', '1.3', None, KRB5)
    server, alice = watch.server, watch.home.ticket('timestamp')
    as_documented = watch.home.write('ldap.conf', setups.setup('ldap.conf'))
    done = server.client('ldapwhoami', '-Q', '-ZZ',
                         env={**alice, 'LDAPCONF': as_documented})
    t.equal((done.returncode, done.stdout), (0, f'dn:{slapd.dn("alice")}\n'),
            'a client configured as doc/servers.md says')
    done = server.whoami(*PLUS, env={**alice,
                                     'LDAPSASL_CBINDING': 'tls-endpoint'})
    t.ok(done.returncode != 0 and 'no mechanism available' in done.stdout,
         'without TLS there is nothing to bind to: -PLUS is refused', done)
    done = server.whoami('-ZZ', *PLUS, env={
        **alice, **slapd.tls('1.2'), 'LDAPSASL_CBINDING': 'tls-unique'})
    t.ok(watch.refuses(done, 'SASL(', 'Incorrect channel bindings'),
         'a client that binds to something else is refused',
         f'{done}\n{server.log()}')
    # libldap's list of two lets libsasl see that the server has no -PLUS.
    done = server.whoami('-ZZ', '-Y', 'GS2-KRB5 PLAIN', env={
        **alice, 'LDAPSASL_CBINDING': 'tls-endpoint'})
    t.ok(watch.refuses(done, 'SASL(', 'channel binding'),
         'a client told that the server cannot bind is refused: the server '
         'can', f'{done}\n{server.log()}')


def unique(rows, home):
    """tls-unique, which TLS 1.3 has not."""
    server = slapd.start(home, 'slapd-unique', 'tls-unique')
    with Watch(rows, server) as watch:
        for how in ('StartTLS', 'ldaps'):
            watch.under_tls(how, '1.2', 'tls-unique')


def rules(t, rows, home, user=None):
    """The rules of the documents, in slapd: true and false."""
    who = f' as {user}' if user else ''
    second = setups.setup('slapd options')
    server = slapd.start(home, f'slapd-rule{who[4:]}', options=second,
                         user=user)
    with Watch(rows, server, who) as watch:
        t.equal(server.user(), user or 'root', 'whom slapd runs as')
        watch.in_the_clear(('ldapwhoami, gs2_require met', 'alice'),
                           env=home.ticket('pkinit'),
                           says=f'dn:{slapd.dn("alice")}\n')
        watch.in_the_clear(('ldapwhoami, gs2_require not met', 'refused'),
                           env=home.ticket('timestamp'),
                           refused=(REFUSED, 'not met: auth-indicators='))
    server = slapd.start(home, f'slapd-bound{who[4:]}', options=BOUND,
                         user=user)
    with Watch(rows, server, who) as watch:
        watch.under_tls('StartTLS', '1.3', 'tls-endpoint',
                        program='ldapwhoami, gs2_require a binding')
        watch.in_the_clear(('ldapwhoami, gs2_require a binding', 'refused'),
                           env=home.ticket('timestamp'), refused=UNBOUND)
        done = server.whoami('-ZZ', *KRB5, env=home.ticket('timestamp'))
        t.ok(watch.refuses(done, REFUSED, 'not met: gs2:binding=*'),
             f'a binding is required and absent under TLS: refused{who}',
             f'{done}\n{server.log()}')


def proxy_rule(t, rows, home):
    """gs2_proxy_require is for those who ask for others, though slapd calls
    alice u:alice where she asks for herself."""
    alice = home.ticket('timestamp')
    server = slapd.start(home, 'slapd-proxy', options='gs2_proxy_require: '
                         'gs2:authid=carol\n')
    with Watch(rows, server) as watch:
        done = server.whoami(*KRB5, '-X', 'u:alice', env=alice)
        t.equal((done.returncode, done.stdout),
                (0, f'dn:{slapd.dn("alice")}\n'),
                'gs2_proxy_require: u:alice by alice is no proxying')
        done = server.whoami(*KRB5, '-X', 'u:bob', env=alice)
        t.ok(watch.refuses(done, REFUSED, 'not met: gs2:authid=carol'),
             'gs2_proxy_require: u:bob by alice is refused, whatever '
             'authz-policy says', f'{done}\n{server.log()}')


def user_realm(t, home):
    """sasl-realm is the realm of those who come without one: our own carol
    is one of it, so the carol of a foreign realm of that name is not let
    in."""
    server = slapd.start(home, 'slapd-realm', more='sasl-realm OTHER.TEST\n')
    with server:
        done = server.whoami(*KRB5, env=home.ticket('timestamp', 'carol'))
        t.equal((done.returncode, done.stdout.lower()),
                (0, 'dn:uid=carol,cn=other.test,cn=gs2-krb5,cn=auth\n'),
                "sasl-realm: who our own carol is")
        done = server.whoami(*KRB5, env=home.foreigner('carol'))
        t.ok(done.returncode != 0 and 'foreign realm' in done.stdout,
             'sasl-realm: the carol of that realm is refused',
             f'{done}\n{server.log()}')


def from_config(t, home):
    """The document's LDIF in place of its lines of slapd.conf."""
    alice = home.ticket('timestamp')
    ldif = setups.setup('slapd ldif', {'ldap.example.test': 'localhost'})
    with slapd.start(home, 'slapd-config', config=[ldif], bare=True) as server:
        for args, who in ((KRB5, 'alice'), ((*KRB5, '-X', 'u:bob'), 'bob'),
                          (('-ZZ', *PLUS), 'alice')):
            done = server.whoami(*args, env={
                **alice, 'LDAPSASL_CBINDING': 'tls-endpoint'})
            t.equal((done.returncode, done.stdout),
                    (0, f'dn:{slapd.dn(who)}\n'), f'cn=config: {args}')


def names(t, home):
    """slapd compares DNs without regard to case, and as Unicode's NFKC has
    them; whom it makes alice of, and that it does not as documented."""
    others = {name: home.newcomer(name)
              for name in ('ALICE', '\uFF41lice', '\u00AAlice')}
    with slapd.start(home, 'slapd-names-all') as server:
        for name, ticket in others.items():
            t.equal(server.whoami(*KRB5, env=ticket).stdout.lower(),
                    f'dn:{slapd.dn("alice")}\n', f'{ascii(name)} is alice')
    with slapd.start(home, 'slapd-names-plain',
                     options=setups.setup('slapd names options'),
                     env=home.krb5_config(setups.setup('krb5.conf names'))
                     ) as server:
        for name, ticket in others.items():
            done = server.whoami(*KRB5, env=ticket)
            t.ok(done.returncode != 0 and 'no local name' in done.stdout,
                 f'{ascii(name)}, but names are plain: refused', done)
        done = server.whoami(*KRB5, env=home.ticket('timestamp'))
        t.equal(done.stdout, f'dn:{slapd.dn("alice")}\n',
                'alice, whose name is plain, is alice')


def other_ways(t, home):
    """Who gets in past the documented rule, which alice meets by no way of
    these, and what closes the way."""
    documented = setups.setup('slapd options')
    rule = documented.replace('mech_list: GS2-KRB5 EXTERNAL\n', '')
    password = ('-x', '-D', slapd.dn('alice'), '-w', 'alice.secret')
    for name, options, more, offered, code in (
            ('rule', rule, '', {'GS2-KRB5', 'GS2-KRB5-PLUS', 'PLAIN'}, 0),
            ('mechs', documented, '', {'GS2-KRB5', 'GS2-KRB5-PLUS'}, 0),
            ('simple', documented, 'disallow bind_simple\n',
             {'GS2-KRB5', 'GS2-KRB5-PLUS'}, 53)):
        with slapd.start(home, f'slapd-by-{name}', options=options,
                         more=f'sasl-secprops none\n{more}') as server:
            done = server.client('ldapsearch', '-x', '-LLL', '-s', 'base', '-b',
                                 '', 'supportedSASLMechanisms', ldaps=True)
            t.equal(set(re.findall('Mechanisms: (.*)', done.stdout)), offered,
                    f'{name}: the mechanisms')
            t.equal(server.client('ldapwhoami', *password).returncode, code,
                    f'{name}: a simple bind')
            t.equal(server.client('ldapwhoami', '-x', '-D', 'cn=config', '-w',
                                  'config.secret').returncode, code,
                    f'{name}: one of the rootdn')
    os.chmod(home.dir, 0o711)
    by_root = urllib.parse.quote(home.path('ldapi'), safe='')
    with slapd.start(home, 'slapd-local', options=documented,
                     scheme=f'ldapi://{by_root}/ ldap') as server:
        done = home.run([
            *mounts.become('nobody'), tap.find('ldapwhoami', 'ldap-utils'),
            '-Q', '-Y', 'EXTERNAL', '-H', f'ldapi://{by_root}'])
        nobody = pwd.getpwnam('nobody')
        t.equal(mounts.said(done.stdout),
                f'dn:gidNumber={nobody.pw_gid}+uidNumber={nobody.pw_uid},'
                'cn=peercred,cn=external,cn=auth\n',
                'EXTERNAL by ldapi:///: a local user')


def owners(folder):
    """Whose files there are."""
    return {pwd.getpwuid(os.stat(os.path.join(place, name)).st_uid)[0]
            for place, _, names in os.walk(folder) for name in names}


def by_slapds_user(t, home):
    """cn=config altered as slapd's user, as root, and then mended."""
    folder = slapd.to_config(home, 'owned', home.write(
        'owned.conf', 'database config\n'), [])
    owner = 'openldap'
    os.chmod(home.dir, 0o711)
    modify = ['slapmodify', '-n', '0', '-F', folder]
    mend = ['chown', '-R', 'openldap:openldap', folder]
    ldif = setups.setup('slapd ldif', {'ldap.example.test': 'localhost'})
    for command, wanted in (
            (mend, {owner}),
            (['runuser', '-u', 'openldap', '--', 'slapmodify', '-n', '0', '-F',
              folder], {owner}),
            (modify, {owner, 'root'}), (mend, {owner})):
        done = home.run(command, stdin=ldif)
        t.equal((done.returncode, owners(folder)), (0, wanted),
                f'{" ".join(command[:4])}: the files of cn=config')


def binds_in_a_row(t, home):
    """Whoever tried before on the same connection, and was refused: slapd
    remembers that one's entry, and would take it for the next one's."""
    alice, carol = home.ticket('timestamp'), home.ticket('timestamp', 'carol')
    server = slapd.start(home, 'slapd-in-a-row', options='gs2_proxy_require: '
                         'gs2:authid=carol\n')
    with server:
        with slapd.Connection(server) as conn:
            t.equal(conn.gs2(alice, 'u:bob'),
                    (50, f'SASL(-14): authorization failure: {REFUSED}'),
                    'alice as bob: refused by the rule')
            t.equal((conn.gs2(carol), conn.whoami()),
                    ((0, ''), f'dn:{slapd.dn("carol")}'),
                    'then carol, on the same connection: carol she is')
        with slapd.Connection(server) as conn:
            code, _text = conn.bind(b'PLAIN', b'\0alice\0no password of hers')
            t.equal((code, conn.whoami()), (49, ''),
                    'PLAIN as alice, with a password of nobody: refused')
            t.equal((conn.gs2(carol), conn.whoami()),
                    ((0, ''), f'dn:{slapd.dn("carol")}'),
                    'then carol by GS2, on the same connection: carol she is')
        with slapd.Connection(server) as conn:
            t.equal((conn.gs2(carol, name=b'GS2-KRB5-PLUS'), conn.whoami()),
                    ((0, ''), f'dn:{slapd.dn("carol")}'),
                    'carol, whose client says GS2-KRB5-PLUS: carol she is')


def told_of_no_plus(home, name, options=None):
    """Result codes of carol's binds, whose client can bind to the channel and
    is told that the server cannot: the first of a connection, and one after a
    login of alice's."""
    alice, carol = home.ticket('timestamp'), home.ticket('timestamp', 'carol')
    with slapd.start(home, name, options=options) as server, \
            slapd.Connection(server) as conn:
        first = conn.gs2(carol, offer='GS2-KRB5 PLAIN')[0]
        if conn.gs2(alice, offer='GS2-KRB5-PLUS')[0] != 0:
            raise servers.ServerError(f'alice: refused\n{server.log()}')
        return first, conn.gs2(carol, offer='GS2-KRB5 PLAIN')[0]


def main(t):
    """All of them in one realm."""
    rows = servers.Rows(t, 'slapd')
    with slapd.Home() as home:
        with Watch(rows, slapd.start(home)) as watch:
            logins(watch)
            bindings(t, watch)
        unique(rows, home)
        saslclient.load(home.environment('ours'))
        t.equal(told_of_no_plus(home, 'slapd-told'), (49, 0), 'a connection '
                'has its binding until the first login: who is told of none '
                'is refused, and then not')
        try:
            rules(t, rows, home)
            proxy_rule(t, rows, home)
            user_realm(t, home)
            names(t, home)
            from_config(t, home)
            other_ways(t, home)
            by_slapds_user(t, home)
            binds_in_a_row(t, home)
            t.equal(told_of_no_plus(home, 'slapd-told-bound', BOUND), (49, 7),
                    'where a binding is required: refused, and then not '
                    'offered')
            rules(t, rows, home, 'nobody')
        except tap.Skip as reason:
            t.skip('slapd with SASL options, and as nobody', reason)
    rows.show(complete=os.geteuid() == 0)


if __name__ == '__main__':
    tap.run(main)
