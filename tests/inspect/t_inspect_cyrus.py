#!/usr/bin/env python3
"""gs2-inspect and Cyrus IMAP, configured as doc/servers.md says: logins by
imaps and STARTTLS, what a refusal is about, and the answer to "would I get in"
before one.
"""

import re

import cyrus
import inspected
import tap
import tls_proxy

IN = '''\
logged in

  server       imap@localhost
  offers       GS2-KRB5-PLUS GS2-KRB5
  tls          {tls}
  mechanism    GS2-KRB5-PLUS
  binding      tls-unique, {octets} octets
  ticket       bob@EXAMPLE.TEST until TIME in FILE:DIR/bob.pkinit.cc
  principal    bob@EXAMPLE.TEST
'''

RULE = '''\
no login: the server refuses: NO authorization failure
next: a rule of the server (gs2_require) or its access policy keeps this login \
out: its log says which comparison is not met
'''
BINDING = '''\
no login: the server refuses: NO channel binding failure
next: without -b each type of channel binding is tried
'''
POLICY = '''\
no login: the server refuses: NO authentication failure
next: the user gets in, but not as another one: look at the server's proxy \
policy and its gs2_proxy_require
'''
NONE_RIGHT = '''\
no login: the server refuses: NO channel binding failure
next: no channel binding is right. TLS probably ends at a proxy before the \
server: let it pass TLS on, or do not demand a binding of its users
'''
TRIED = '''
  tried        tls-unique: refused, by the channel binding
               tls-exporter: refused, by the channel binding
               tls-server-end-point: refused, by the channel binding
               none: refused, by a rule or policy
'''
UNBOUND = '''
  binding      none: the server has none, or TLS ends before it (a proxy)
'''


class World:
    """Who asks, and about which Cyrus."""

    def __init__(self, home, server):
        self.home = home
        self.server = server
        self.trusted = {'SSL_CERT_FILE': home.path('ca.pem')}
        self.good = {**home.ticket('pkinit', 'bob'), **self.trusted}
        self.imaps = f'localhost:{server.ports["imaps"]}'
        self.imap = f'imap://localhost:{server.ports["imap"]}'

    def ask(self, *args, env=None):
        """gs2-inspect's answer."""
        return inspected.inspect(self.home, 'imap', *args,
                                 env={**self.good, **(env or {})})


def logins(t, world):
    """Cyrus binds to tls-unique, even with TLS 1.3."""
    for scheme, where in (('imaps', world.imaps), ('STARTTLS', world.imap)):
        with t.case(f'{scheme}, TLS 1.3'):
            world.ask(where).is_(0, IN.format(tls='TLSv1.3', octets=48))
        with t.case(f'{scheme}, TLS 1.2'):
            world.ask(where, env=world.home.old_tls()).is_(
                0, IN.format(tls='TLSv1.2', octets=12))


def refusals(t, world):
    """What a refusal is about, and what to do."""
    spake = world.home.ticket('spake', 'bob')
    for what, env, args, says in (
            ('the rule', spake, [], RULE),
            ('the rule, which wants a binding', {}, ['-b', 'none'], RULE),
            ('the binding that was asked for', {}, ['-b', 'tls-exporter'],
             BINDING),
            ('the proxy policy', {}, ['-a', 'carol'], POLICY)):
        with t.case(f'refused by {what}'):
            answer = world.ask(*args, world.imaps, env=env)
            assert answer.status == 1, answer
            assert answer.out.startswith(says), answer
            assert 'GS2-KRB5 ' in world.server.log(), world.server.log()
    for what, port, says in (
            ('imaps: a proxy that starts TLS anew', 'imaps', NONE_RIGHT),
            ('STARTTLS: a proxy that goes on without TLS', 'imap',
             'logged in\n')):
        with t.case(what), tls_proxy.TlsProxy(
                world.server.ports[port], world.home.path('server.pem'),
                world.home.path('server.key'), port == 'imaps') as proxy:
            answer = world.ask(f'localhost:{proxy.port}')
            assert answer.status == (says == NONE_RIGHT), answer
            assert answer.out.startswith(says), answer
            assert (TRIED if answer.status else UNBOUND) in answer.out, answer


def before(t, world):
    """The server's own configuration, looked at by the same user."""
    home = world.home
    conf = home.path('cyrus', 'imapd.conf')
    with t.case('conf: in force'):
        answer = inspected.inspect(home, 'conf', conf)
        answer.is_(0, answer.out)
        assert ('  gs2_require: gs2:realm=EXAMPLE.TEST and auth-indicators='
                'smartcard\n') in answer.out, answer
        assert 'warning' not in answer.out, answer
    for how, status in (('pkinit', 0), ('spake', 1)):
        with t.case(f'would I get in: {how}'):
            answer = inspected.inspect(
                home, 'login', '-n', 'localhost', '-c', conf,
                # Not the servers' replay cache: that is another user's.
                env={**home.ticket(how, 'bob'), 'KRB5RCACHENAME': 'none:'})
            assert answer.status == status, answer
            assert re.search(r'^gs2_require is '
                             f'{"false" if status else "true"}$',
                             answer.out, re.M), answer
            assert '\n    true     gs2:realm=EXAMPLE.TEST\n' in answer.out


def main(t):
    """All of them with one Cyrus."""
    with cyrus.Home() as home, cyrus.Cyrus(home) as server:
        world = World(home, server)
        for part in (before, logins, refusals):
            part(t, world)


if __name__ == '__main__':
    tap.run(main)
