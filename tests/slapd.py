"""OpenLDAP's slapd for the tests, configured as doc/servers.md says, with four
users under ou=people,dc=example,dc=test: alice may act as bob.

    with slapd.Home() as home:
        with slapd.start(home) as server:
            done = server.whoami('-Y', 'GS2-KRB5')
"""

import os
import pwd

import mounts
import servers
import setups
import sources

__all__ = ['ANSWERED', 'Home', 'Slapd', 'dn', 'start']

TOP = 'dc=example,dc=test'
OPTIONS = '/etc/ldap/sasl2'
# An LDAP bind response that is no saslBindInProgress: of RFC 4511 section 4.2.2
# the application tag 1, the length, and a resultCode that is not 14.
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
        return self.home.run([tool, '-H', url, *args], env=env)

    def whoami(self, *args, **where):
        """ldapwhoami by SASL, with nothing of its own to say."""
        return self.client('ldapwhoami', '-N', '-Q', *args, **where)


def start(home, name='slapd', binding='tls-endpoint', options=None, user=None,
          env=None):
    """A new slapd with a directory of its own. options is the text of its SASL
    options, which only root can give it: tap.Skip otherwise. user: whom it
    runs as, as root alone."""
    data = home.path(name)
    os.mkdir(data)
    ours = setups.setup('slapd.conf', {'ldap.example.test': 'localhost',
                                       'tls-endpoint': binding})
    conf = home.write(f'{name}.conf', CONFIGURATION.format(
        data=data, home=home, ours=ours, top=TOP))
    done = home.run(['slapadd', '-f', conf], stdin=entries())
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
        name, [*command, 'slapd', '-f', conf, '-d', 'stats', '-h',
               f'ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{tls_port}/'],
        ports=[port, tls_port], env={**given, **(env or {})})
    return Slapd(home, program, port, tls_port)
