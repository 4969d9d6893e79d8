#!/usr/bin/env python3
"""gs2-inspect and slapd, configured as doc/servers.md says: each way to bind to
the channel, certificates with and without a hash, and what a refusal is about.
"""

import os

import inspected
import mounts
import slapd
import tap
import tls_proxy

IN = '''\
logged in

  server       ldap@localhost
  offers       {offers}
  tls          {tls}
{tried}  mechanism    {mech}
  binding      {binding}
  ticket       alice@EXAMPLE.TEST until TIME in FILE:DIR/alice.timestamp.cc
  principal    alice@EXAMPLE.TEST
'''
REFUSED = '''\
no login: the server refuses: {text}
next: {next}

  server       ldap@localhost
  offers       GS2-KRB5-PLUS GS2-KRB5
  tls          TLSv1.3
{tried}  mechanism    {mech}
  binding      {binding}
  ticket       alice@EXAMPLE.TEST until TIME in FILE:DIR/alice.timestamp.cc
'''

BOTH = 'GS2-KRB5-PLUS GS2-KRB5'
ENDPOINT = 'tls-endpoint, 53 octets'
RULE = ('result 50: SASL(-14): authorization failure: the login does not meet '
        'the requirements of the server')
RULE_NEXT = ('a rule of the server (gs2_require) or its access policy keeps '
             'this login out: its log says which comparison is not met')
POLICY = 'result 50: SASL(-14): authorization failure: not authorized'
POLICY_NEXT = ("the user gets in, but not as another one: look at the server's "
               'proxy policy and its gs2_proxy_require')
OTHER_TYPE = ('result 80: SASL(-32): channel binding failure: the client used '
              'channel binding tls-exporter, the server has ldap')
OTHER_CHANNEL = (
    'result 80: SASL(-32): channel binding failure: GSS acceptor (the token '
    'is bound to another GS2 header or channel, or with an address type other '
    'than 0, as Java does): Incorrect channel bindings were supplied')
PROXY = ('TLS probably ends at a proxy before the server: let it pass TLS on, '
         'or ')
LETS_IN = ('the server lets in without a channel binding. ' + PROXY +
           'use -b none')
NONE_RIGHT = ('no channel binding is right. ' + PROXY + 'do not demand a '
              'binding of its users')
HASHED = ('give the server a certificate that is signed with a hash (RSA, '
          'ECDSA), or another type of channel binding')
TRIED = '''\
  tried        tls-endpoint: {endpoint}
               tls-unique: refused, by the channel binding
               tls-exporter: refused, by the channel binding
               tls-server-end-point: {endpoint}
               none: {none}
'''
BY_BINDING = 'refused, by the channel binding'
UNDEFINED = 'not defined for this certificate'
UNBOUND = 'none: the server has none, or TLS ends before it (a proxy)'


def is_in(answer, mech='GS2-KRB5-PLUS', tls='TLSv1.3', offers=BOTH,
          binding=ENDPOINT, tried=''):
    """The login succeeds, and that is told."""
    answer.is_(0, IN.format(mech=mech, tls=tls, offers=offers,
                            binding=binding, tried=tried))


def is_refused(answer, text, next_, mech='GS2-KRB5-PLUS', binding=ENDPOINT,
               tried=''):
    """It does not, and that is told."""
    answer.is_(1, REFUSED.format(text=text, next=next_, mech=mech,
                                 binding=binding, tried=tried))


class World:
    """Whoever asks, and about which slapd."""

    def __init__(self, home):
        self.home = home
        self.good = {**home.ticket('timestamp'),
                     'SSL_CERT_FILE': home.path('ca.pem')}

    def ask(self, port, *args, scheme='', env=None):
        """gs2-inspect's answer."""
        return inspected.inspect(self.home, 'ldap', *args,
                                 f'{scheme}localhost:{port}',
                                 env={**self.good, **(env or {})})

    def proxy(self, port, certificate, tls=True):
        """A proxy that ends TLS before slapd."""
        return tls_proxy.TlsProxy(port, self.home.path(f'{certificate}.pem'),
                                  self.home.path(f'{certificate}.key'), tls)


def logins(t, world, server):
    """Each way in."""
    with t.case('ldaps'):
        is_in(world.ask(server.tls_port))
        # As libldap calls it, for the user's DN has the name.
        assert ' mech=GS2-KRB5 ' in server.log(), server.log()
    with t.case('ldaps://, and the octets'):
        is_in(world.ask(server.tls_port, '-x', '-b', 'none',
                        scheme='ldaps://'), mech='GS2-KRB5', binding='none')
        answer = world.ask(server.tls_port, '-x').out
        assert b'tls-server-end-point:'.hex() in answer, answer
    with t.case('StartTLS'):
        is_in(world.ask(server.port, scheme='ldap://'))
    with t.case('as another one, whom the directory allows'):
        is_in(world.ask(server.tls_port, '-a', 'u:bob'))
    with t.case('JSON'):
        got = world.ask(server.tls_port, '-j').json(0)
        del got['ticket']
        assert got == {
            'v': 1, 'login': True, 'mechanism': 'GS2-KRB5-PLUS',
            'service': 'ldap', 'host': 'localhost', 'offers': BOTH,
            'tls': 'TLSv1.3', 'principal': 'alice@EXAMPLE.TEST',
            'binding': {'type': 'tls-endpoint', 'octets': 53},
            'tried': [{'binding': 'tls-endpoint', 'bound': True,
                       'authzid': None, 'login': True, 'text': None}]}, got
    with t.case('LDAP where the server speaks TLS at once'):
        world.ask(server.tls_port, scheme='ldap://').is_(
            2, '', 'gs2-inspect: localhost ends the connection before it has '
            'said anything\nnext: a server that speaks TLS from the first '
            'octet wants ldaps://\n')
    with t.case('TLS where the server begins without'):
        world.ask(server.port).is_(
            2, '', 'gs2-inspect: localhost does not speak TLS: unexpected eof '
            'while reading\nnext: ldap:// asks for STARTTLS\n')


def refusals(t, world, server):
    """By the proxy policy, by the binding."""
    with t.case('the proxy policy: the login without -a succeeds'):
        is_refused(world.ask(server.tls_port, '-a', 'u:carol'), POLICY,
                   POLICY_NEXT, tried='''\
  tried        tls-endpoint, as u:carol: refused, by a rule or policy
               tls-endpoint: logged in
''')
    with t.case('another type of binding'):
        is_refused(world.ask(server.tls_port, '-b', 'tls-exporter'),
                   OTHER_TYPE, 'without -b each type of channel binding is '
                   'tried', binding='tls-exporter, 32 octets')


def proxies(t, world, server):
    """TLS ends before slapd."""
    world.home.certify('proxy')
    with t.case('a proxy with a certificate of its own'), \
            world.proxy(server.tls_port, 'proxy') as proxy:
        is_refused(world.ask(proxy.port), OTHER_CHANNEL, LETS_IN,
                   tried=TRIED.format(endpoint=BY_BINDING, none='logged in'))
        got = world.ask(proxy.port, '-j').json(1)
        failure = got['failure']
        assert failure == {
            'side': 'server', 'cause': 'tls-proxy', 'code': -32,
            'text': OTHER_CHANNEL, 'log': None, 'next': LETS_IN}, failure
        assert [(a['binding'], a['bound'], a['login'])
                for a in got['tried']] == [
                    ('tls-endpoint', True, False),
                    ('tls-unique', True, False),
                    ('tls-exporter', True, False),
                    ('tls-server-end-point', True, False),
                    ('none', False, True)], got
    with t.case("a proxy with the server's certificate: the binding is "
                'right'), world.proxy(server.tls_port, 'server') as proxy:
        is_in(world.ask(proxy.port))
    with t.case('a proxy that goes on without TLS'), \
            world.proxy(server.port, 'proxy', tls=False) as proxy:
        is_in(world.ask(proxy.port), offers='GS2-KRB5', mech='GS2-KRB5',
              binding=UNBOUND)


def certificates(t, world):
    """tls-server-end-point has the hash of the certificate's signature, as
    slapd's TLS library says; where there is none, no binding is defined."""
    home = world.home
    home.certify('pss', '-sha384', '-sigopt', 'rsa_padding_mode:pss')
    home.certify_itself('ed', 'ed25519')
    for name, octets in (('pss', 69), ('ed', None)):
        with slapd.start(home, f'slapd-{name}', more=(
                f'TLSCertificateFile {home.path(name)}.pem\n'
                f'TLSCertificateKeyFile {home.path(name)}.key\n')) as server:
            if octets:
                pss(t, world, server, f'tls-endpoint, {octets} octets')
                continue
            trusted = {'SSL_CERT_FILE': home.path('ed.pem')}
            with t.case('Ed25519: the bindings that there are are refused'):
                is_refused(world.ask(server.tls_port, env=trusted),
                           OTHER_CHANNEL, HASHED,
                           binding='tls-unique, 59 octets',
                           tried=TRIED.format(endpoint=UNDEFINED,
                                              none='logged in'))
            with t.case('Ed25519: the binding that there is not'):
                world.ask(server.tls_port, '-b', 'tls-endpoint',
                          env=trusted).is_(2, '', (
                              'gs2-inspect: RFC 5929 defines no '
                              'tls-server-end-point for a certificate that is '
                              'signed by ED25519\n'))


def pss(t, world, server, binding):
    """A certificate whose signature names its hash in a parameter, SHA-384;
    with OpenSSL, OpenLDAP's libldap takes SHA-256 (doc/servers.md)."""
    with t.case('RSA-PSS with SHA-384'):
        answer = world.ask(server.tls_port)
        if slapd.has_gnutls():
            is_in(answer, binding=binding)
        else:
            is_refused(answer, OTHER_CHANNEL, LETS_IN, binding=binding,
                       tried=TRIED.format(endpoint=BY_BINDING,
                                          none='logged in'))


def unique(t, world):
    """slapd with the other binding of libldap, which it has with TLS 1.2."""
    with slapd.start(world.home, 'slapd-unique', 'tls-unique') as server:
        with t.case('tls-unique as libldap has it'):
            is_in(world.ask(server.tls_port, env=world.home.old_tls()),
                  tls='TLSv1.2', binding='tls-unique, 23 octets', tried='''\
  tried        tls-endpoint: refused, by the channel binding
               tls-unique: logged in
''')


def rules(t, world):
    """By a rule; by one behind a proxy that makes it false."""
    rule = 'gs2_require: auth-indicators=smartcard\n'
    with slapd.start(world.home, 'slapd-rule', options=rule) as server, \
            t.case('a rule'):
        is_refused(world.ask(server.tls_port), RULE, RULE_NEXT)
    rule = 'gs2_proxy_require: gs2:authid=carol\n'
    with slapd.start(world.home, 'slapd-proxy', options=rule) as server, \
            t.case('a rule for those who act as another'):
        answer = world.ask(server.tls_port, '-a', 'u:bob', '-j').json(1)
        assert answer['failure']['cause'] == 'authzid', answer
    rule = 'gs2_require: gs2:binding=*\n'
    with slapd.start(world.home, 'slapd-bound', options=rule) as server:
        with t.case('a rule that demands a binding, and a proxy'), \
                world.proxy(server.tls_port, 'proxy') as proxy:
            is_refused(world.ask(proxy.port), OTHER_CHANNEL, NONE_RIGHT,
                       tried=TRIED.format(
                           endpoint=BY_BINDING,
                           none='refused, by a rule or policy'))
        with t.case('a rule that demands a binding, and no TLS at the server'), \
                world.proxy(server.port, 'proxy', tls=False) as proxy:
            answer = world.ask(proxy.port)
            assert answer.status == 1 and answer.out.startswith(
                'no login: the server offers no mechanism of GS2\nnext: '
                'gs2-inspect mechs on the server says why: there is no key, '
                'no plugin, or a rule that demands a channel binding, and TLS '
                'ends before the server\n\n'), answer


def user_realm(t, world):
    """slapd gives a realm to users without one: what login -c slapd says is what
    slapd does, by either form of its configuration."""
    home = world.home
    for name in ('run', 'default', 'ldap/sasl2', 'ldap/slapd.d'):
        os.makedirs(home.path('realm', name))
    home.write('realm/default/slapd', 'SLAPD_USER=\n')
    wrapper = mounts.over({
        home.path('realm', 'run'): '/run', # where no systemd runs
        home.path('realm', 'default'): '/etc/default',
        home.path('realm', 'ldap'): '/etc/ldap'})
    for n, (file, line, rule) in enumerate((
            ('slapd.conf', '', 'gs2:authid=alice'),
            ('slapd.conf', 'sasl-realm OTHER.TEST', 'gs2:authid=alice'),
            ('slapd.conf', 'sasl-realm "OTHER.TEST"', 'not gs2:authid=alice'),
            ('slapd.d/cn=config.ldif', 'olcSaslRealm: OTHER.TEST',
             'gs2:authid=alice@OTHER.TEST'))):
        with t.case(f'{line or "no sasl-realm"}: {rule}'):
            more = 'sasl-realm OTHER.TEST\n' if line else ''
            options = f'gs2_require: {rule}\n'
            home.write('realm/ldap/sasl2/slapd.conf', options)
            home.write(f'realm/ldap/{file}', f'{line}\n')
            with slapd.start(home, f'realm-{n}', options=options,
                             more=more) as server:
                done = server.whoami(*slapd.KRB5, env=world.good)
            for more in ((), ('--as', 'alice@EXAMPLE.TEST')):
                answer = inspected.inspect(
                    home, *inspected.LOGIN, '-c', 'slapd', *more,
                    wrapper=wrapper,
                    env={**world.good, 'KRB5_KTNAME': home.realm.keytab})
                assert (done.returncode == 0, answer.status) in (
                    (True, 0), (False, 1)), (done, answer, server.log())
        os.unlink(home.path('realm', 'ldap', file))


def main(t):
    """All of them in one realm."""
    with slapd.Home() as home:
        world = World(home)
        with slapd.start(home) as server:
            for part in (logins, refusals, proxies):
                part(t, world, server)
        certificates(t, world)
        unique(t, world)
        try:
            rules(t, world)
            user_realm(t, world)
        except tap.Skip as reason:
            t.skip('slapd with SASL options', reason)


if __name__ == '__main__':
    slapd.run(main)
