"""389-ds for the tests: ns-slapd with a directory of its own, configured as
doc/servers.md says, with four users under ou=people,dc=example,dc=test.

    with ds389.start(home) as server:
        done = server.client('ldapwhoami', '-Q', '-Y', 'GS2-KRB5')
"""

import atexit
import contextlib
import os
import re
import shutil

import servers
import slapd
import tap

__all__ = ['ROOT', 'ROOT_PASSWORD', 'TOP', 'dn', 'start']

TOP = 'dc=example,dc=test'
USER = 'dirsrv'
ROOT, ROOT_PASSWORD = 'cn=root', 'root.secret'
TEMPLATE = '/usr/share/dirsrv/data/template-dse.ldif'
SETTINGS = '/etc/dirsrv/config'
# What is said of logins is at the level of connections; and the level that
# there is without a word.
LOGINS, DEFAULT = 8, 16384
USERS = ('alice', 'bob', 'carol', 'dave')

# What a set-up by dscreate would have: the database and its suffix.
DATABASE = f'''
dn: cn="{TOP}",cn=mapping tree,cn=config
objectClass: top
objectClass: extensibleObject
objectClass: nsMappingTree
cn: {TOP}
nsslapd-state: backend
nsslapd-backend: userRoot

dn: cn=userRoot,cn=ldbm database,cn=plugins,cn=config
objectClass: top
objectClass: extensibleObject
objectClass: nsBackendInstance
cn: userRoot
nsslapd-suffix: {TOP}

'''

ENTRIES = f'''\
dn: {TOP}
objectClass: domain
dc: example
aci: (targetattr != "userPassword")(version 3.0; acl "read"; allow (read, searc
 h, compare) userdn = "ldap:///all";)

dn: ou=people,{TOP}
objectClass: organizationalUnit
ou: people
'''

PERSON = '''
dn: {dn}
objectClass: account
objectClass: simpleSecurityObject
objectClass: extensibleObject
uid: {user}
userPassword: {user}.secret
'''


def dn(user):
    """The entry of a user."""
    return f'uid={user},ou=people,{TOP}'


class Server(slapd.Slapd):
    """A running ns-slapd, and clients that speak to it, with StartTLS."""

    def add(self, entries):
        """Adds entries, LDIF, as the directory's manager."""
        done = self.client('ldapadd', '-x', '-D', ROOT, '-w', ROOT_PASSWORD,
                           stdin=entries)
        if done.returncode != 0:
            raise servers.ServerError(f'{done.stdout}\n{self.log()}')


def certificates(home, folder):
    """What NSS knows: the certificate of the server, and the CA."""
    nss = ['-d', f'sql:{folder}']
    package = home.path('server.p12')
    for command in (
            ['openssl', 'pkcs12', '-export', '-in', 'server.pem', '-inkey',
             'server.key', '-certfile', 'ca.pem', '-name', 'Server-Cert',
             '-passout', 'pass:', '-out', package],
            [tap.find('certutil', 'libnss3-tools'), *nss, '-N',
             '--empty-password'],
            [tap.find('pk12util', 'libnss3-tools'), *nss, '-i', package,
             '-W', '']):
        done = home.run(command)
        if done.returncode != 0:
            raise servers.ServerError(f'{command}: {done.stdout}')


def configure(home, name, port, level):
    """Writes dse.ldif of an instance; the folder that it is in."""
    folder = home.path(name)
    os.makedirs(f'{folder}/schema')
    shutil.copy('/etc/dirsrv/schema/99user.ldif', f'{folder}/schema')
    for file in os.listdir(SETTINGS):
        shutil.copy(f'{SETTINGS}/{file}', folder)
    places = {'ds_port': port, 'ds_suffix': TOP, 'ds_user': USER,
              'fqdn': 'localhost', 'rootdn': ROOT,
              'ds_passwd': '{CLEAR}' + ROOT_PASSWORD,
              'ldapi': f'{folder}/ldapi', 'ldapi_enabled': 'off',
              'ldapi_autobind': 'off', 'db_lib': 'bdb',
              'schema_dir': f'{folder}/schema', 'config_dir': folder}
    for place in ('lock_dir', 'tmp_dir', 'cert_dir', 'ldif_dir', 'bak_dir',
                  'run_dir', 'inst_dir', 'log_dir', 'db_dir', 'db_home_dir'):
        places.setdefault(place, f'{folder}/{place}')
        os.makedirs(places[place], exist_ok=True)
    with open(tap.find(TEMPLATE, '389-ds-base'), encoding='utf-8') as text:
        filled = re.sub('%([a-z_]+)%', lambda m: str(places[m[1]]),
                        text.read())
    home.write(f'{name}/dse.ldif', filled.rstrip('\n').replace(
        'nsslapd-errorlog:', f'nsslapd-errorlog-level: {level}\n'
        'nsslapd-errorlog:').replace(
            'nsslapd-localhost:', 'nsslapd-security: on\nnsslapd-localhost:')
               + '\n' + DATABASE)
    certificates(home, places['cert_dir'])
    return folder


def forget(name):
    """Removes the semaphore that ns-slapd leaves. It does not start where that
    is another user's, such as a dirsrv of another system on this machine."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(f'/dev/shm/sem.{name}.stats')


def start(home, name='389-ds', options='', others='', level=LOGINS,
          env=None):
    """A new ns-slapd. options: of SASL; others: entries, of cn=config among
    them; level: of its error log."""
    port = servers.free_port()
    binary = tap.find('/usr/sbin/ns-slapd', '389-ds-base')
    folder = configure(home, name, port, level)
    home.write(f'{name}.conf/iDS.conf', options)
    home.give_to(USER)
    os.chmod(home.dir, 0o711)
    forget(name)
    atexit.register(forget, name)
    program = home.start(
        name, [binary, '-D', folder, '-i', f'{folder}/pid', '-d', '0'],
        ports=[port], env={'SASL_CONF_PATH': home.path(f'{name}.conf'),
                           'KRB5_KTNAME': home.realm.keytab, **(env or {})})
    server = Server(home, program, port, None)
    server.add(ENTRIES + ''.join(PERSON.format(dn=dn(user), user=user)
                                 for user in USERS) + '\n' + others)
    return server
