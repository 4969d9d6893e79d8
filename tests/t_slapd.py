#!/usr/bin/env python3
"""OpenLDAP: slapd with ldapwhoami and ldapsearch, by GS2-KRB5 and by
GS2-KRB5-PLUS under StartTLS and ldaps, as root and as nobody.
"""

import contextlib
import os
import re

import servers
import setups
import slapd
import sources
import tap
import wire

REFUSED = 'the login does not meet the requirements of the server'
NO_PROXY = 'authorization failure: not authorized'
KRB5 = ('-Y', 'GS2-KRB5')
PLUS = ('-Y', 'GS2-KRB5-PLUS')
TLS = {'1.2': 'NORMAL:-VERS-ALL:+VERS-TLS1.2',
       '1.3': 'NORMAL:-VERS-ALL:+VERS-TLS1.3'}


class Bench:
    """A slapd with relays in front of it, and the rows of what is seen."""

    def __init__(self, rows, server, who):
        self.rows = rows
        self.server = server
        self.home = server.home
        self.who = who
        self.read = 0
        self.relays = contextlib.ExitStack()
        self.plain = self.relays.enter_context(wire.Relay(server.port))
        self.tls = self.relays.enter_context(wire.Relay(server.tls_port))

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.relays.close()

    def refuses(self, done, text, reason):
        """There is no login, the client is told text, and the server has
        logged the reason since the last refusal."""
        log = self.server.log()
        logged, self.read = log[self.read:], len(log)
        return (done.returncode != 0 and text in done.stdout
                and 'dn:' not in done.stdout and reason in logged)

    def row(self, passed, what, mechanism, tls, binding, trips, done):
        """A row; shows everything where it did not pass."""
        program, result = what
        self.rows.add(passed, f'{program}, slapd{self.who}', mechanism, tls,
                      binding, trips, result,
                      f'{done}\n{trips} round trips\n{self.server.log()}')

    def in_the_clear(self, what, args=KRB5, tool='ldapwhoami', env=None,
                     says='', refused=None):
        """A login without TLS, found on the wire by its octets."""
        done = self.server.client(tool, '-N', '-Q', *args,
                                  port=self.plain.port, env=env)
        trips = wire.round_trips(self.plain.take(), b'GS2-KRB5',
                                 slapd.ANSWERED)
        passed = (self.refuses(done, *refused) if refused
                  else done.returncode == 0 and says in done.stdout)
        self.row(passed and trips == 1, what, 'GS2-KRB5', 'no', 'no', trips,
                 done)

    def under_tls(self, how, version, binding, args=PLUS,
                  program='ldapwhoami'):
        """A login of alice under TLS: what it takes beyond an anonymous bind,
        which takes one round trip."""
        relay = self.tls if how == 'ldaps' else self.plain
        where = {'ldaps': how == 'ldaps', 'port': relay.port,
                 'env': {'LDAPTLS_CIPHER_SUITE': TLS[version],
                         'LDAPSASL_CBINDING': binding,
                         **self.home.ticket('timestamp')}}
        start = () if how == 'ldaps' else ('-ZZ',)
        runs = []
        ours = wire.fewest(relay, lambda: runs.append(
            self.server.whoami(*start, *args, **where)))
        theirs = wire.fewest(relay, lambda: runs.append(
            self.server.client('ldapwhoami', '-x', *start, **where)))
        wrong = [run for run in runs if run.returncode != 0]
        passed = (not wrong and runs[0].stdout == f'dn:{slapd.dn("alice")}\n'
                  and runs[-1].stdout == 'anonymous\n'
                  and self.last_tls() == f'TLS{version}')
        trips = ours - theirs + 1
        self.row(passed and trips == 1, (program, 'alice'), args[1],
                 f'{how} {version}', binding or 'no', trips, wrong or runs)

    def last_tls(self):
        """Which version the last connection had, as slapd says."""
        return re.findall(r'tls_proto=(\S+)', self.server.log())[-1]


def logins(bench):
    """Who logs in, and as whom, without TLS."""
    home = bench.home
    alice, bob = home.ticket('timestamp'), home.ticket('timestamp', 'bob')
    refused = (NO_PROXY, 'Failure: not authorized')
    bench.in_the_clear(('ldapwhoami', 'alice'), env=alice,
                       says=f'dn:{slapd.dn("alice")}\n')
    bench.in_the_clear(('ldapsearch', 'alice reads entries'), tool='ldapsearch',
                       args=[*KRB5, '-LLL', '-b', slapd.TOP, 'uid=carol',
                             'dn'],
                       env=alice, says=f'dn: {slapd.dn("carol")}\n')
    bench.in_the_clear(('ldapwhoami -X u:bob', 'alice as bob: authzTo'),
                       [*KRB5, '-X', 'u:bob'], env=alice,
                       says=f'dn:{slapd.dn("bob")}\n')
    bench.in_the_clear(('ldapwhoami -X u:alice', 'bob as alice: refused'),
                       [*KRB5, '-X', 'u:alice'], env=bob, refused=refused)
    bench.in_the_clear(('ldapwhoami -X u:carol', 'alice as carol: refused'),
                       [*KRB5, '-X', 'u:carol'], env=alice, refused=refused)
    bench.in_the_clear(('ldapwhoami -X u:alice', 'alice as alice'),
                       [*KRB5, '-X', 'u:alice'], env=alice,
                       says=f'dn:{slapd.dn("alice")}\n')


def bindings(t, bench):
    """What a client binds to, and what goes wrong with it."""
    for how in ('StartTLS', 'ldaps'):
        for version in TLS:
            bench.under_tls(how, version, 'tls-endpoint')
    bench.under_tls('StartTLS', '1.3', None, KRB5)
    server, alice = bench.server, bench.home.ticket('timestamp')
    as_documented = bench.home.write('ldap.conf', setups.setup('ldap.conf'))
    done = server.client('ldapwhoami', '-Q', '-ZZ',
                         env={**alice, 'LDAPCONF': as_documented})
    t.equal((done.returncode, done.stdout), (0, f'dn:{slapd.dn("alice")}\n'),
            'a client configured as doc/servers.md says')
    done = server.whoami(*PLUS, env={**alice,
                                     'LDAPSASL_CBINDING': 'tls-endpoint'})
    t.ok(done.returncode != 0 and 'no mechanism available' in done.stdout,
         'without TLS there is nothing to bind to: -PLUS is refused', done)
    done = server.whoami('-ZZ', *PLUS, env={
        **alice, 'LDAPSASL_CBINDING': 'tls-unique',
        'LDAPTLS_CIPHER_SUITE': TLS['1.2']})
    t.ok(bench.refuses(done, 'SASL(', 'Incorrect channel bindings'),
         'a client that binds to something else is refused',
         f'{done}\n{server.log()}')
    # libldap's list of two lets libsasl see that the server has no -PLUS.
    done = server.whoami('-ZZ', '-Y', 'GS2-KRB5 PLAIN', env={
        **alice, 'LDAPSASL_CBINDING': 'tls-endpoint'})
    t.ok(bench.refuses(done, 'SASL(', 'channel binding'),
         'a client told that the server cannot bind is refused: the server '
         'can', f'{done}\n{server.log()}')


def unique(rows, home):
    """tls-unique, which TLS 1.3 has not."""
    with slapd.start(home, 'slapd-unique', 'tls-unique') as server, \
            Bench(rows, server, '') as bench:
        for how in ('StartTLS', 'ldaps'):
            bench.under_tls(how, '1.2', 'tls-unique')


def rules(t, rows, home, user=None):
    """The rules of the documents, in slapd: true and false."""
    who = f' as {user}' if user else ''
    second = setups.setup('slapd options')
    bound = 'gs2_require: ' + sources.setup_of(
        'channel binding for all')['gs2_require'] + '\n'
    with slapd.start(home, f'slapd-rule{who[4:]}', options=second,
                     user=user) as server, \
            Bench(rows, server, who) as bench:
        t.equal(server.user(), user or 'root', 'whom slapd runs as')
        bench.in_the_clear(('ldapwhoami, gs2_require met', 'alice'),
                           env=home.ticket('pkinit'),
                           says=f'dn:{slapd.dn("alice")}\n')
        bench.in_the_clear(('ldapwhoami, gs2_require not met', 'refused'),
                           env=home.ticket('timestamp'),
                           refused=(REFUSED, 'not met: auth-indicators='))
    with slapd.start(home, f'slapd-bound{who[4:]}', options=bound,
                     user=user) as server, \
            Bench(rows, server, who) as bench:
        bench.under_tls('StartTLS', '1.3', 'tls-endpoint',
                        program='ldapwhoami, gs2_require a binding')
        bench.in_the_clear(('ldapwhoami, gs2_require a binding', 'refused'),
                           env=home.ticket('timestamp'),
                           refused=(REFUSED, 'not met: gs2:binding=*'))
        done = server.whoami('-ZZ', *KRB5, env=home.ticket('timestamp'))
        t.ok(bench.refuses(done, REFUSED, 'not met: gs2:binding=*'),
             f'a binding is required and absent under TLS: refused{who}',
             f'{done}\n{server.log()}')


def proxy_rule(t, rows, home):
    """gs2_proxy_require is for those who ask for others, though slapd calls
    alice u:alice where she asks for herself."""
    alice = home.ticket('timestamp')
    with slapd.start(home, 'slapd-proxy', options='gs2_proxy_require: '
                     'gs2:authid=carol\n') as server, \
            Bench(rows, server, '') as bench:
        done = server.whoami(*KRB5, '-X', 'u:alice', env=alice)
        t.equal((done.returncode, done.stdout),
                (0, f'dn:{slapd.dn("alice")}\n'),
                'gs2_proxy_require: u:alice by alice is no proxying')
        done = server.whoami(*KRB5, '-X', 'u:bob', env=alice)
        t.ok(bench.refuses(done, REFUSED, 'not met: gs2:authid=carol'),
             'gs2_proxy_require: u:bob by alice is refused, whatever '
             'authz-policy says', f'{done}\n{server.log()}')


def main(t):
    """All of them in one realm."""
    rows = servers.Rows(t, 'slapd')
    with slapd.Home() as home:
        with slapd.start(home) as server, Bench(rows, server, '') as bench:
            logins(bench)
            bindings(t, bench)
        unique(rows, home)
        try:
            rules(t, rows, home)
            proxy_rule(t, rows, home)
            rules(t, rows, home, 'nobody')
        except tap.Skip as reason:
            t.skip('slapd with SASL options, and as nobody', reason)
    rows.show(complete=os.geteuid() == 0)


if __name__ == '__main__':
    tap.run(main)
