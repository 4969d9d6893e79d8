#!/usr/bin/env python3
"""Cyrus IMAP: imapd, pop3d, timsieved and lmtpd with imtest, pop3test, sivtest
and lmtptest, by GS2-KRB5 and by GS2-KRB5-PLUS under STARTTLS and imaps; proxy
logins, and logins with and without a second factor.
"""

import contextlib
import hashlib
import re
import socket

import cyrus
import servers
import setups
import tap
import wire

SERVERS = {'imap': 'imapd', 'imaps': 'imapd', 'pop3': 'pop3d',
           'sieve': 'timsieved', 'lmtp': 'lmtpd'}
# The last word of a server about a login.
ANSWERS = {'imap': 'A01 (OK|NO)', 'imaps': 'A01 (OK|NO)',
           'pop3': r'(\+OK|-ERR)', 'sieve': '(OK|NO)',
           'lmtp': '(235|501|535)'}
# lmtpd lets in administrators alone, and those have no scripts for timsieved.
USERS = {'imap': 'bob', 'imaps': 'bob', 'pop3': 'bob', 'sieve': 'bob',
         'lmtp': cyrus.ADMIN}


def trips_shown(transcript, answer):
    """The round trips of the login, as the transcript has them: the client's
    lines from the one with the mechanism to the server's last word."""
    found = re.search(rf'^C: [^\n]*GS2-KRB5.*?^S: {answer}', transcript,
                      re.M | re.S)
    return len(re.findall('^C: ', found[0], re.M)) if found else 0


class Bench:
    """A Cyrus with relays in front of it, and the rows of what is seen."""

    def __init__(self, rows, server):
        self.rows = rows
        self.server = server
        self.home = server.home
        self.read = 0
        self.relays = contextlib.ExitStack()
        self.ports = {service: self.relays.enter_context(wire.Relay(port))
                      for service, port in server.ports.items()}
        self.old_tls = self.home.old_tls()

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.relays.close()

    def logged(self):
        """The log since the last call."""
        log = self.server.log()
        new, self.read = log[self.read:], len(log)
        return new

    def row(self, service, what, done, wanted, who, refused=None):
        """A row. The client must have sent the wanted gs2-header; then who is
        logged in, as the server's log says, or else that log has all of
        refused. what is the mechanism, TLS, binding, trips and the result."""
        log = self.logged()
        login = re.search(r'login: localhost \[127\.0\.0\.1\] (\S+) GS2-KRB5'
                          r'(\+TLS)? User logged in', log)
        if refused:
            good = (not login and 'Authentication failed' in done.stdout
                    and all(part in log for part in refused))
        else:
            good = (login and login[1] == who
                    and '\nAuthenticated.\n' in done.stdout)
        said = cyrus.header(done.stdout)
        self.rows.add(good and said == wanted,
                      f'{cyrus.CLIENTS[service]}, {SERVERS[service]}', *what,
                      f'{said!r}, wanted {wanted!r}\n{done.stdout}\n{log}')

    def in_the_clear(self, service, result, how='pkinit', args=(),
                     refused=None):
        """A login without TLS, whose round trips are on the wire, and in the
        client's transcript just as many. The user is that of the service, or
        the one after -a in args."""
        user = args[1] if args else USERS[service]
        relay, answer = self.ports[service], ANSWERS[service]
        done = self.server.test(service, '-m', 'GS2-KRB5', *args,
                                port=relay.port,
                                env=self.home.ticket(how, user))
        trips = wire.round_trips(relay.take(), b'GS2-KRB5',
                                 rb'(?m)^' + answer.encode())
        if trips != trips_shown(done.stdout, answer):
            trips = f'{trips}, or {trips_shown(done.stdout, answer)}'
        self.row(service, ('GS2-KRB5', 'no', 'no', trips, result), done,
                 f'n,a={args[-1]},' if args else 'n,,',
                 args[-1] if args else user, refused)

    def under_tls(self, service, version, mechanism='GS2-KRB5-PLUS',
                  refused=None):
        """A login under TLS, whose round trips the client shows."""
        bound = mechanism.endswith('-PLUS')
        done = self.server.test(
            service, '-m', mechanism,
            *(() if service == 'imaps' else ('-t', '')),
            env={**self.home.ticket('pkinit', USERS[service]),
                 **(self.old_tls if version == '1.2' else {})})
        seen = re.findall(r'TLS connection established: TLSv(\S+)',
                          done.stdout)
        where = 'imaps' if service == 'imaps' else 'STARTTLS'
        self.row(service,
                 (mechanism, ' '.join([where, *seen]),
                  'tls-unique' if bound else 'no',
                  trips_shown(done.stdout, ANSWERS[service]),
                  'refused: not bound' if refused else USERS[service]),
                 done, 'p=tls-unique,,' if bound else 'n,,', USERS[service],
                 refused)


def logins(bench):
    """Of all four servers: plain and with TLS, proxies, and the rule. The
    first one makes bob's mailbox, which pop3d and timsieved need."""
    for service in ('imap', 'pop3', 'sieve', 'lmtp'):
        user = USERS[service]
        bench.in_the_clear(service, user)
        bench.under_tls(service, '1.2')
        bench.under_tls(service, '1.3')
        bench.in_the_clear(service, 'alice as bob',
                           args=['-a', 'alice', '-u', 'bob'])
        bench.in_the_clear(
            service, 'bob as alice: refused',
            args=['-a', 'bob', '-u', 'alice'],
            refused=['bob is not an admin' if service == 'lmtp'
                     else 'user bob is not allowed to proxy'])
        bench.in_the_clear(
            service, 'no second factor: refused', 'timestamp', refused=[
                'GS2-KRB5 login failed: client=127.0.0.1;',
                f' authid="{user}" ',
                'not met: auth-indicators=smartcard, in the rule: '
                'gs2:realm=EXAMPLE.TEST and auth-indicators=smartcard'])


def without_auxprop(t, home):
    """The plugin is all that libsasl has: nobody else knows any user."""
    with cyrus.Cyrus(home, name='alone', plugins='ours-alone') as server:
        done = server.test('imap', '-m', 'GS2-KRB5',
                           env=home.ticket('pkinit', 'bob'))
        t.ok('\nAuthenticated.\n' in done.stdout,
             'imapd without any auxprop plugin: bob logs in',
             f'{done.stdout}\n{server.log()}')


def other_names(home):
    """Principals of whom Cyrus makes another user: what they are called, that
    user, and their tickets."""
    users = {'Bob': 'bob', 'bob+x': 'bob', 'bob%other.test': 'bob'}
    home.realm.kadmin(*[f'addprinc -pw {name}.1 {name}' for name in users])
    for name, user in users.items():
        env = {'KRB5CCNAME': 'FILE:' + home.path(f'{name}.cc')}
        home.realm.kinit(name, f'{name}.1', env=env)
        yield name, user, env
    yield 'carol@OTHER.TEST', 'carol', home.foreigner()


def names(t, home):
    """What Cyrus makes of names, and that with the documented options only
    those get in of which it makes nothing."""
    options = ('sasl_mech_list: GS2-KRB5 EXTERNAL\nsasl_log_level: 4\n'
               'virtdomains: userid\ndefaultdomain: other.test\n'
               'imapmagicplus: yes\n')
    others = list(other_names(home))

    def log_in(server, name, ticket):
        """What the plugin logs of it."""
        before = len(server.log())
        server.test('imap', '-m', 'GS2-KRB5', '-a', name, env=ticket)
        return ''.join(re.findall('GS2-KRB5 login .*',
                                  server.log()[before:]))

    with cyrus.Cyrus(home, options, 'names-all') as server:
        for name, user, ticket in others:
            said = log_in(server, name, ticket)
            t.ok('accepted' in said and f'authid="{user}"' in said,
                 f'{name} is {user}', said)
    options += setups.setup('imapd.conf names')
    env = home.krb5_config(setups.setup('krb5.conf names'))
    with cyrus.Cyrus(home, options, 'names-plain', env) as server:
        for name, _user, ticket in others:
            t.contains(log_in(server, name, ticket), 'reason="no local name '
                       'for the peer', f'{name}, but names are plain: refused')
        said = log_in(server, 'bob', home.ticket('timestamp', 'bob'))
        t.ok('accepted' in said and 'authid="bob"' in said,
             'bob, whose name is plain, is bob', said)


def apop(server, user, password):
    """What pop3d answers to APOP (RFC 1939 section 7)."""
    place = ('127.0.0.1', server.ports['pop3'])
    with socket.create_connection(place) as sock, \
            sock.makefile('rb') as answers:
        challenge = re.search(b'<.*>|$', answers.readline())[0]
        digest = hashlib.md5(challenge + password.encode()).hexdigest()
        sock.sendall(f'APOP {user} {digest}\r\n'.encode())
        return answers.readline().decode()


def passwords(t, home):
    """APOP takes a password of sasldb, and asks neither sasl_pwcheck_method
    nor a rule: what the document closes."""
    closed = cyrus.documented(home) + (
        f'sasl_sasldb_path: {home.sasldb}\ndefaultdomain: localhost\n'
        'autocreate_users: carol\n')
    opened = closed.replace('allowapop: no\n', '')
    for name, options, wanted in (
            ('closed', closed, '-ERR Unrecognized command'),
            ('open', opened, '+OK Mailbox locked')):
        with cyrus.Cyrus(home, options, f'apop-{name}') as server:
            t.contains(apop(server, 'carol', 'carol.secret.1'), wanted,
                       f'allowapop: {name}')


def main(t):
    """All of them in one realm."""
    rows = servers.Rows(t, 'cyrus')
    with cyrus.Home() as home:
        with cyrus.Cyrus(home) as server, Bench(rows, server) as bench:
            logins(bench)
            bench.under_tls('imaps', '1.2')
            bench.under_tls('imaps', '1.3')
            bench.under_tls('imaps', '1.3', 'GS2-KRB5',
                            ['GS2-KRB5 login failed: ', ' authid="bob" ',
                             'not met: gs2:binding=*'])
        rows.show()
        log = server.log()
        t.ok('All children have exited, closing down' in log
             and 'to death' not in log, 'no server died of it', log)
        without_auxprop(t, home)
        names(t, home)
        passwords(t, home)


if __name__ == '__main__':
    tap.run(main)
