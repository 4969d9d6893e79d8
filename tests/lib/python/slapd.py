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
import shutil
import socket
import ssl
import subprocess
import sys
import threading

import fake_ldap
import mounts
import saslclient
import scenario
import servers
import setups
import sources
import tap
import tree
import wire
from fake_ldap import ber

__all__ = ['Connection', 'Home', 'KRB5', 'PLUS', 'Slapd', 'TOP',
           'Watch', 'add', 'as_another', 'dn', 'has_gnutls', 'modify',
           'module', 'roles_setup', 'run', 'sasl', 'simple', 'start', 'to_config']

TIMEOUT = 60
START_TLS = ber(0x77, ber(0x80, b'1.3.6.1.4.1.1466.20037'))  # RFC 4511
# Whose turn it is at libsasl: the environment says which ticket.
TURN = threading.Lock()
# The module whose place doc/servers.md shows.
MODULE = tree.builddir('slapd', '.libs', 'libgs2-slapd.so')
SHOWN_MODULE = '/usr/lib/x86_64-linux-gnu/cyrus-sasl-gs2/libgs2-slapd.so'

KRB5 = ('-Y', 'GS2-KRB5')
PLUS = ('-Y', 'GS2-KRB5-PLUS')
# What libldap with OpenSSL calls a version of TLS.
PROTOCOLS = {'1.2': '3.3', '1.3': '3.4'}

KEEP_LOCALE = tree.builddir('tests', 'modules', '.libs', 'keep-locale.so')

# For AddressSanitizer: slapd leaks some octets. What the plugins lose valgrind
# says (t_slapd_long.py).
NO_LEAKS = {'ASAN_OPTIONS': 'verify_asan_link_order=0:detect_leaks=0'}

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
database config
rootpw config.secret
database mdb
suffix {top}
directory {data}
{access}
access to attrs=userPassword by * auth
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
userPassword: {user}.secret
'''


class Home(servers.Home, sources.Sources):
    """A place for slapd, and tickets with and without a second factor."""

    def environment(self, plugins, extra=None):
        """That of a program, whose own leaks are not looked for."""
        return super().environment(plugins, {**NO_LEAKS, **(extra or {})})


def run(main):
    """tap.run() of a test that runs where the plugins have AddressSanitizer,
    too: then it begins anew with the runtime, which slapd, its clients and
    this process do not have, and which is the first library of each."""
    runtime = os.environ.get('GS2_SANITIZER_PRELOAD')
    if scenario.SANITIZED and runtime and 'LD_PRELOAD' not in os.environ:
        os.execve(sys.executable, [sys.executable, *sys.argv],
                  {**os.environ, **NO_LEAKS,
                   'LD_PRELOAD': f'{runtime} {KEEP_LOCALE}'})
    tap.run(main)


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

    def client(self, tool, *args, ldaps=False, port=None, env=None, stdin=''):
        """Runs a client of LDAP; port is a relay's."""
        url = (f'ldaps://localhost:{port or self.tls_port}' if ldaps
               else f'ldap://localhost:{port or self.port}')
        env = {'LDAPNOINIT': None, 'LDAPTLS_CACERT': self.home.path('ca.pem'),
               **(env or {})}
        return self.home.run([tap.find(tool, 'ldap-utils'), '-H', url, *args],
                             env=env, stdin=stdin)

    def whoami(self, *args, **where):
        """ldapwhoami by SASL, with nothing of its own to say."""
        return self.client('ldapwhoami', '-N', '-Q', *args, **where)


def modify(entry, attribute, value, add=False):
    """A Modify that replaces the values of an attribute by that one, or adds
    it to them."""
    values = ber(0x31, ber(0x04, value.encode()))
    change = ber(0x30, ber(0x0a, b'\0' if add else b'\2'),
                 ber(0x30, ber(0x04, attribute.encode()), values))
    return ber(0x66, ber(0x04, entry.encode()), ber(0x30, change))


def add(entry, **attributes):
    """An Add of an entry; attributes have lists of values."""
    return ber(0x68, ber(0x04, entry.encode()), ber(0x30, *(
        ber(0x30, ber(0x04, name.encode()), ber(
            0x31, *(ber(0x04, value.encode()) for value in values)))
        for name, values in attributes.items())))


def simple(entry='', password=''):
    """A simple Bind, or one as nobody."""
    return ber(0x60, ber(0x02, b'\3'), ber(0x04, entry.encode()),
               ber(0x80, password.encode()))


def sasl(mech, message):
    """A SASL Bind of one message."""
    return ber(0x60, ber(0x02, b'\3'), ber(0x04),
               ber(0xa3, ber(0x04, mech), ber(0x04, message)))


def as_another(name):
    """The control of proxied authorization (RFC 4370)."""
    return ber(0xa0, ber(0x30, ber(0x04, b'2.16.840.1.113730.3.4.18'),
                         ber(0x01, b'\xff'), ber(0x04, name.encode())))


class Connection:
    """A connection (RFC 4511) on which one binds again and again, as libldap
    would not: saslclient.load() has been called. Under TLS from its beginning,
    by StartTLS, or without; bound: logins by GS2 are bound to the channel."""

    def __init__(self, server, tls=True, starttls=False, bound=False):
        port = server.tls_port if tls and not starttls else server.port
        self.sock = socket.create_connection(('127.0.0.1', port), TIMEOUT)
        self.stream = self.sock.makefile('rb')
        self.number = 0
        self.bound = bound
        if starttls and self.code(START_TLS) != 0:
            raise scenario.ScenarioError('StartTLS is refused')
        if tls:
            self._start_tls(server.home.path('ca.pem'))

    def _start_tls(self, authority):
        context = ssl.create_default_context(cafile=authority)
        self.stream.close()
        self.sock = context.wrap_socket(self.sock,
                                        server_hostname='localhost')
        self.stream = self.sock.makefile('rb')

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.stream.close()
        self.sock.close()

    def send(self, *requests):
        """Sends requests, each with its controls behind it, and waits for no
        answer. The number of the last one."""
        data = b''
        for request in requests:
            self.number += 1
            data += ber(0x30, ber(0x02, self.number.to_bytes(4, 'big')),
                        request)
        self.write(data)
        return self.number

    def write(self, data):
        """Octets to the server; for a layer between."""
        self.sock.sendall(data)

    def read(self, size):
        """So many octets of the server's."""
        return self.stream.read(size)

    def receive(self):
        """The next answer: its request's number, and its elements: result
        code, name, text, and more."""
        size = self.read(2)[1]
        if size & 0x80:
            size = int.from_bytes(self.read(size & 0x7f), 'big')
        answer = list(fake_ldap.elements(self.read(size)))
        return (int.from_bytes(answer[0][1], 'big'), [
            content for _tag, content in fake_ldap.elements(answer[1][1])])

    def ask(self, request):
        """The elements of the answer."""
        self.send(request)
        return self.receive()[1]

    def code(self, request):
        """The result code of the answer."""
        return self.ask(request)[0][0]

    def bind(self, mech, message):
        """A SASL bind of one message; its result code and text."""
        code, _name, text, *_ = self.ask(sasl(mech, message))
        return code[0], text.decode()

    def token(self, user, authzid='', offer=None):
        """The first message of GS2-KRB5 by a ticket, which is the only one. A
        client that knows an offer has tls-endpoint to bind to."""
        binding = None
        if offer:
            mine = hashlib.sha256(self.sock.getpeercert(True)).digest()
            binding = (b'ldap', b'tls-server-end-point:' + mine)
        with TURN:
            os.environ.update(user)
            return self._token(authzid, offer, binding)

    @staticmethod
    def _token(authzid, offer, binding):
        with saslclient.Login('ldap', 'localhost', offer or 'GS2-KRB5',
                              authzid, binding) as login:
            return login.start()

    def gs2(self, user, authzid='', name=b'GS2-KRB5', offer=None):
        """A bind by it; name is what the mechanism is called."""
        if self.bound:
            name, offer = b'GS2-KRB5-PLUS', 'GS2-KRB5-PLUS'
        return self.bind(name, self.token(user, authzid, offer))

    def whoami(self):
        """Who the server says one is (RFC 4532)."""
        answer = self.ask(ber(
            0x77, ber(0x80, b'1.3.6.1.4.1.4203.1.11.3')))
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
        logged = self.server.program.log_with(reason, self.read)
        self.read += len(logged)
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
                 'env': {'LDAPSASL_CBINDING': binding, **tls(version),
                         **self.home.ticket('timestamp')}}
        start = () if how == 'ldaps' else ('-ZZ',)
        runs = []
        ours = wire.fewest(relay, lambda: runs.append(
            self.server.whoami(*start, *args, **where)))
        theirs = wire.fewest(relay, lambda: runs.append(
            self.server.client('ldapwhoami', '-x', *start, **where)))
        said = {f'0 dn:{dn("alice")}\n', '0 anonymous\n'}
        passed = ({f'{run.returncode} {run.stdout}' for run in runs} == said
                  and self.last_tls() == version)
        trips = ours - theirs + 1
        self.row(passed and trips == 1, (program, 'alice'), args[1],
                 f'{how} {version}', binding or 'no', trips, runs)

    def last_tls(self):
        """Which version the last connection had, as slapd says: TLS1.2 with
        GnuTLS, TLSv1.2 with OpenSSL."""
        return re.findall(r'tls_proto=TLSv?(\S+)', self.server.log())[-1]


def has_gnutls():
    """Whether libldap has its TLS from GnuTLS, as Debian 12's, and not from
    OpenSSL, as Debian 13's."""
    return 'libgnutls' in subprocess.run(
        ['ldd', tap.find('ldapwhoami', 'ldap-utils')], check=True,
        stdout=subprocess.PIPE, text=True).stdout


def tls(version):
    """The environment of a client with one version of TLS: GnuTLS's words are
    a cipher suite."""
    if has_gnutls():
        return {'LDAPTLS_CIPHER_SUITE': f'NORMAL:-VERS-ALL:+VERS-TLS{version}'}
    return {'LDAPTLS_PROTOCOL_MIN': PROTOCOLS[version],
            'LDAPTLS_PROTOCOL_MAX': PROTOCOLS[version]}


def module(folder):
    """The module, copied to a folder: the user of a server may not get into
    the build."""
    if not os.path.exists(MODULE):
        raise tap.Skip('the module is not built: install slapi-dev and '
                       'libldap-dev, and configure again')
    path = os.path.join(folder, os.path.basename(MODULE))
    # A slapd that runs may have the one that is there.
    os.replace(shutil.copy(MODULE, path + '.new'), path)
    return path


def roles_setup(home, name):
    """A setup of doc/servers.md that names the module."""
    return setups.setup(name, {SHOWN_MODULE: module(home.dir)})


def fill(home, conf, text):
    """Puts entries into the database, as LDIF."""
    done = home.run([tap.find('slapadd', 'slapd'), '-b', TOP,
                     '-f', conf], stdin=text)
    if done.returncode != 0:
        raise servers.ServerError(f'slapadd: {done.stdout}')


def to_config(home, name, conf, ldifs):
    """Makes cn=config of slapd.conf, and alters it as each LDIF says, in their
    order; the directory that it is in."""
    folder = home.path(f'{name}.d')
    os.mkdir(folder)
    home.run([tap.find('slaptest', 'slapd'), '-f', conf, '-F', folder])
    for ldif in ldifs:
        done = home.run([tap.find('slapmodify', 'slapd'), '-n', '0', '-F',
                         folder], stdin=ldif)
        if done.returncode != 0:
            raise servers.ServerError(f'slapmodify: {done.stdout}')
    return folder


def start(home, name='slapd', binding='tls-endpoint', options=None, user=None,
          env=None, more='', before='', access='', others='', config=None,
          wrapper=(), debug='stats', places=None, empty=False, scheme='ldap',
          plugins='ours', bare=False):
    """A new slapd with a directory of its own. options is the text of its SASL
    options, which only root can give it: tap.Skip otherwise. user: whom it
    runs as, as root alone. before, more: lines for slapd.conf, in front of
    ours and behind them; access: the same for the database. others: entries
    besides entries(). config: it runs from cn=config, altered by these LDIFs.
    wrapper: a command in front of its own. debug: what of it is on its
    stderr. places: what stands in the document's lines for what. empty: there
    are no entries yet. scheme: pldap, where a proxy says who the client is.
    plugins: those of Stage. bare: slapd.conf has none of the document's lines,
    which config has."""
    data = home.path(name)
    os.mkdir(data)
    ours = setups.setup('slapd.conf', {'ldap.example.test': 'localhost',
                                       'tls-endpoint': binding,
                                       **(places or {})})
    conf = home.write(f'{name}.conf', CONFIGURATION.format(
        data=data, home=home, top=TOP, access=access,
        ours=before + ('' if bare else ours) + more))
    if not empty:
        fill(home, conf, entries() + others)
    where = ['-f', conf]
    if config is not None:
        where = ['-F', to_config(home, name, conf, config)]
    command = []
    if options is not None:
        home.write(f'{name}.sasl2/slapd.conf', options)
        command += mounts.over({home.path(f'{name}.sasl2'): OPTIONS})
    if user:
        home.give_to(user)
        command += mounts.become(user)
    port, tls_port = servers.free_port(), servers.free_port()
    given = setups.environment('slapd environment', {
        '/etc/ldap/ldap.keytab': home.realm.keytab}, script=True)
    program = home.start(
        name, [*command, *wrapper, tap.find('slapd', 'slapd'), *where, '-d',
               debug, '-h',
               f'{scheme}://127.0.0.1:{port}/ ldaps://127.0.0.1:{tls_port}/'],
        ports=[port, tls_port], env={**given, **(env or {})},
        plugins=plugins)
    return Slapd(home, program, port, tls_port)
