"""A throw-away realm whose KDC is Heimdal's, for MIT Kerberos' clients and
servers as realm.Realm is; and Heimdal's kinit.

The packages heimdal-kdc and heimdal-clients take the place of MIT's, so that
install-packages puts their files apart; their libraries are installed.
"""

import os

import logged
import realm
import tap

__all__ = ['Realm', 'LIBRARY', 'NAME']

NAME = 'HEIM.TEST'
LIBRARY = 'libgssapi.so.3'

CONF = '''\
[kdc]
 database = {{
  dbname = {dir}/heimdal
  realm = {name}
  mkey_file = {dir}/mkey
  acl_file = {dir}/acl
  log_file = {dir}/log
 }}
 ports = {port}
 addresses = 127.0.0.1
'''


def tool(package, path):
    """A program of a package that is kept apart."""
    return tap.find(f'{logged.APART}/{package}/usr/{path}', package)


class Realm(realm.Realm):
    """The realm HEIM.TEST; its KDC knows neither indicators nor a PAC."""

    def __init__(self):
        super().__init__(name=NAME)

    def _configure(self):
        super()._configure()
        with open(self.path('krb5.conf'), 'a', encoding='utf-8') as out:
            out.write(CONF.format(dir=self.dir, name=self.name,
                                  port=self.port))

    def _create_database(self):
        self.run([tool('heimdal-kdc', 'sbin/kstash'), '--random-key',
                  '-k', self.path('mkey')])
        self.local('init', '--realm-max-ticket-life=unlimited',
                   '--realm-max-renewable-life=unlimited', self.name)

    def _kdc_command(self):
        return [tool('heimdal-kdc', 'lib/heimdal-servers/kdc')]

    def _populate(self):
        for user in realm.USERS:
            self.local('add', '--use-defaults', '-p', self.password(user),
                       user)
        for service in realm.SERVICES:
            name = f'{service}/localhost'
            self.local('add', '--use-defaults', '-r', name)
            self.local('ext_keytab', '-k', self.keytab, name)
        self.kinit('alice', self.password('alice'))

    def local(self, *command):
        """One command of Heimdal's kadmin."""
        return self.run([tool('heimdal-clients', 'bin/kadmin.heimdal'), '-l',
                         *command])

    def heimdal_ticket(self, user):
        """The environment of a client whose ticket Heimdal's kinit got."""
        cache = f'FILE:{self.path(user)}.heimdal'
        secret = self.path('password')
        with open(secret, 'w', encoding='ascii', opener=lambda path, flags:
                  os.open(path, flags, 0o600)) as out:
            out.write(self.password(user) + '\n')
        self.run([tool('heimdal-clients', 'bin/kinit.heimdal'),
                  f'--password-file={secret}', '-c', cache, user])
        return {'KRB5CCNAME': cache}
