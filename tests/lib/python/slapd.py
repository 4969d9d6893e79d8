"""OpenLDAP's slapd for the tests, configured as doc/servers.md says, with four
users under ou=people,dc=example,dc=test: alice may act as bob.

    with slapd.Home() as home:
        with slapd.start(home) as server:
            done = server.whoami('-Y', 'GS2-KRB5')
"""

import contextlib
import hashlib
import os
import pwd
import re
import socket
import ssl

import fake_ldap
import mounts
import saslclient
import servers
import setups
import sources
import tap
import wire

__all__ = ['Connection', 'Home', 'KRB5', 'PLUS', 'Slapd', 'TLS', 'TOP',
           'Watch', 'dn', 'start']

KRB5 = ('-Y', 'GS2-KRB5')
PLUS = ('-Y', 'GS2-KRB5-PLUS')
TLS = {'1.2': 'NORMAL:-VERS-ALL:+VERS-TLS1.2',  # of GnuTLS, for libldap
       '1.3': 'NORMAL:-VERS-ALL:+VERS-TLS1.3'}

TOP = 'dc=example,dc=test'
OPTIONS = '/etc/ldap/sasl2'
# An LDAP bind response that is no saslBindInProgress: of RFC 4511 section
# 4.2.2 the application tag 1, the length, and a resultCode that is not 14.
ANSWERED = rb'(?s)a.{1,5}\n\x01[^\x0e]'

CONFIGURATION = '''\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {data}/pid
argsfile {data}/args
TLSCertificateFile {home.dir}/server.pem
TLSCertificateKeyFile {home.dir}/server.key
{ours}
database mdb
suffix {top}
directory {data}
access to attrs=authzTo by * auth
access to * by users read by * auth
'''

ENTRIES = '''\
dn: {top}
objectClass: domain
dc: example

dn: ou=people,{top}
objectClass: organizationalUnit
ou: people
'''

USER = '''
dn: {dn}
objectClass: account
objectClass: extensibleObject
uid: {user}
'''


class Home(servers.Home, sources.Sources):
    """A place for slapd, and tickets with and without a second factor."""


def dn(user):
    """The entry of a user."""
    return f'uid={user},ou=people,{TOP}'


def entries():
    """What is in the directory, as LDIF."""
    text = ENTRIES.format(top=TOP)
    for user in Home.USERS:
        text += USER.format(dn=dn(user), user=user)
        if user == 'alice':
            text += f'authzTo: dn.exact:{dn("bob")}\n'
    return text


class Slapd:
    """A running slapd: its ports, and clients that speak to it."""

    def __init__(self, home, program, port, tls_port):
        self.home = home
        self.program = program
        self.port = port
        self.tls_port = tls_port

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.program.stop()

    def log(self):
        """What slapd said."""
        return self.program.log()

    def user(self):
        """Whom slapd runs as."""
        return pwd.getpwuid(os.stat(f'/proc/{self.program.pid}').st_uid)[0]

    def client(self, tool, *args, ldaps=False, port=None, env=None):
        """Runs a client of LDAP; port is a relay's."""
        url = (f'ldaps://localhost:{port or self.tls_port}' if ldaps
               else f'ldap://localhost:{port or self.port}')
        env = {'LDAPNOINIT': None, 'LDAPTLS_CACERT': self.home.path('ca.pem'),
               **(env or {})}
        return self.home.run([tap.find(tool, 'ldap-utils'), '-H', url, *args],
                             env=env)

    def whoami(self, *args, **where):
        """ldapwhoami by SASL, with nothing of its own to say."""
        return self.client('ldapwhoami', '-N', '-Q', *args, **where)


class Connection:
    """A connection under TLS (RFC 4511) on which one binds again and again, as
    libldap would not: saslclient.load() has been called."""

    def __init__(self, server):
        context = ssl.create_default_context(cafile=server.home.path('ca.pem'))
        self.sock = context.wrap_socket(
            socket.create_connection(('127.0.0.1', server.tls_port)),
            server_hostname='localhost')
        self.stream = self.sock.makefile('rb')

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.stream.close()
        self.sock.close()

    def _ask(self, request):
        """The elements of the answer: result code, name, text, and more."""
        self.sock.sendall(fake_ldap.ber(
            0x30, fake_ldap.ber(0x02, b'\1'), request))
        size = self.stream.read(2)[1]
        if size & 0x80:
            size = int.from_bytes(self.stream.read(size & 0x7f), 'big')
        answer = list(fake_ldap.elements(self.stream.read(size)))[1]
        return [content for _tag, content in fake_ldap.elements(answer[1])]

    def bind(self, mech, message):
        """A SASL bind of one message; its result code and text."""
        code, _name, text, *_ = self._ask(fake_ldap.ber(
            0x60, fake_ldap.ber(0x02, b'\3'), fake_ldap.ber(0x04),
            fake_ldap.ber(0xa3, fake_ldap.ber(0x04, mech),
                          fake_ldap.ber(0x04, message))))
        return code[0], text.decode()

    def gs2(self, user, authzid='', name=b'GS2-KRB5', offer=None):
        """GS2-KRB5 by a ticket, which takes one message; name is what it is
        called. A client that knows an offer has tls-endpoint to bind to."""
        os.environ.update(user)
        binding = None
        if offer:
            mine = hashlib.sha256(self.sock.getpeercert(True)).digest()
            binding = (b'ldap', b'tls-server-end-point:' + mine)
        with saslclient.Login('ldap', 'localhost', offer or 'GS2-KRB5',
                              authzid, binding) as login:
            return self.bind(name, login.start())

    def whoami(self):
        """Who the server says one is (RFC 4532)."""
        answer = self._ask(fake_ldap.ber(
            0x77, fake_ldap.ber(0x80, b'1.3.6.1.4.1.4203.1.11.3')))
        return answer[3].decode()


class Watch:
    """A slapd with relays in front of it, until its end, and the rows of what
    is seen."""

    def __init__(self, rows, server, who=''):
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
        self.server.program.stop()

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
        trips = wire.round_trips(self.plain.take(), b'GS2-KRB5', ANSWERED)
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
        said = {f'0 dn:{dn("alice")}\n', '0 anonymous\n'}
        passed = ({f'{run.returncode} {run.stdout}' for run in runs} == said
                  and self.last_tls() == f'TLS{version}')
        trips = ours - theirs + 1
        self.row(passed and trips == 1, (program, 'alice'), args[1],
                 f'{how} {version}', binding or 'no', trips, runs)

    def last_tls(self):
        """Which version the last connection had, as slapd says."""
        return re.findall(r'tls_proto=(\S+)', self.server.log())[-1]


def start(home, name='slapd', binding='tls-endpoint', options=None, user=None,
          env=None, more='', debug='stats'):
    """A new slapd with a directory of its own. options is the text of its SASL
    options, which only root can give it: tap.Skip otherwise. user: whom it
    runs as, as root alone. more: lines for slapd.conf. debug: what of it is on
    its stderr."""
    data = home.path(name)
    os.mkdir(data)
    ours = setups.setup('slapd.conf', {'ldap.example.test': 'localhost',
                                       'tls-endpoint': binding})
    conf = home.write(f'{name}.conf', CONFIGURATION.format(
        data=data, home=home, ours=ours + more, top=TOP))
    done = home.run([tap.find('slapadd', 'slapd'), '-f', conf],
                    stdin=entries())
    if done.returncode != 0:
        raise servers.ServerError(f'slapadd: {done.stdout}')
    command = []
    if options is not None:
        home.write(f'{name}.sasl2/slapd.conf', options)
        command += mounts.over({home.path(f'{name}.sasl2'): OPTIONS})
    if user:
        home.give_to(user)
        command += mounts.become(user)
    port, tls_port = servers.free_port(), servers.free_port()
    given = setups.environment('slapd environment', {
        '/etc/ldap/ldap.keytab': home.realm.keytab})
    program = home.start(
        name, [*command, tap.find('slapd', 'slapd'), '-f', conf, '-d',
               debug, '-h',
               f'ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{tls_port}/'],
        ports=[port, tls_port], env={**given, **(env or {})})
    return Slapd(home, program, port, tls_port)
