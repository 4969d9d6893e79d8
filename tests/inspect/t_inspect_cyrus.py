#!/usr/bin/env python3
"""gs2-inspect and Cyrus IMAP, configured as doc/servers.md says: logins by
imaps and STARTTLS, and the answer to "would I get in" before one.
"""

import re

import cyrus
import inspected
import tap

NO_TLS_13 = '''\
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = limits
[limits]
MaxProtocol = TLSv1.2
'''

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


def logins(t, server):
    """Cyrus binds to tls-unique, with TLS 1.3, too."""
    home = server.home
    trusted = {'SSL_CERT_FILE': home.path('ca.pem')}
    good = {**home.ticket('pkinit', 'bob'), **trusted}
    imaps = f'localhost:{server.ports["imaps"]}'
    imap = f'imap://localhost:{server.ports["imap"]}'
    for where in (imaps, imap):
        scheme = 'STARTTLS' if where == imap else 'imaps'
        with t.case(f'{scheme}, TLS 1.3'):
            inspected.inspect(home, 'imap', '-b', 'tls-unique', where,
                              env=good).is_(0, IN.format(tls='TLSv1.3',
                                                         octets=48))
        with t.case(f'{scheme}, TLS 1.2'):
            inspected.inspect(home, 'imap', where, env={
                **good, 'OPENSSL_CONF': home.write('tls12', NO_TLS_13)}).is_(
                    0, IN.format(tls='TLSv1.2', octets=12))
    with t.case('another binding'):
        answer = inspected.inspect(home, 'imap', imaps, env=good)
        assert answer.status == 1, answer
        assert 'try -b with each' in answer.out, answer
    for what, env, args in (
            ('the second factor is missing',
             {**home.ticket('spake', 'bob'), **trusted}, ['-b', 'tls-unique']),
            ('imaps wants a binding', good, ['-b', 'none'])):
        with t.case(f'refused by the rule: {what}'):
            answer = inspected.inspect(home, 'imap', *args, imaps, env=env)
            assert answer.status == 1, answer
            assert answer.out.startswith(
                'no login: the server refuses: NO '), answer
            assert 'GS2-KRB5 ' in server.log(), server.log()


def before(t, server):
    """The server's own configuration, looked at by the same user."""
    home = server.home
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
        before(t, server)
        logins(t, server)


if __name__ == '__main__':
    tap.run(main)
