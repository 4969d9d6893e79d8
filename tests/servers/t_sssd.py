#!/usr/bin/env python3
"""sssd as a client of slapd, as doc/servers.md has it: by GS2-KRB5-PLUS with a
ticket that libkrb5 gets from a keytab, and by GSSAPI with one that sssd gets;
what it says where it has none.
"""

import os
import shutil

import logged
import mounts
import setups
import slapd
import tap
import tree
from cluster import until

HOST = 'ldap.example.test'
SSSD = ('sssd', 'sssd-ldap')
LIBRARY = f'{logged.APART}/libnss-sss/**/*-linux-gnu/libnss_sss.so.2'
GSSAPI = tree.builddir('gssapi', '.libs', 'libgssapiv2.so')
PRINCIPAL = 'host/client.example.test'
# slapd's names of it; of a mechanism with -PLUS it logs the name without.
AS_GS2 = f'BIND dn="{slapd.dn(PRINCIPAL)}" mech=GS2-KRB5 '
AS_GSS = f'BIND dn="uid={PRINCIPAL},cn={{}},cn=auth" mech={{}} '
SCHEMA = 'include /etc/ldap/schema/nis.schema\n'
POSIX = f'''
dn: uid=posix1,ou=people,{slapd.TOP}
objectClass: account
objectClass: posixAccount
uid: posix1
cn: posix1
uidNumber: 61001
gidNumber: 61001
homeDirectory: /home/posix1
'''
FOUND = 'posix1:*:61001:61001:posix1:/home/posix1:\n'
FOLDERS = ('db', 'mc', 'pipes/private', 'pubconf/krb5.include.d', 'gpo_cache',
           'secrets', 'deskprofile', 'keytabs')
NO_TICKET = 'No Kerberos credentials available'


class Home(slapd.Home):
    """A place for slapd and for sssd, whose directories are the system's."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __enter__(self):
        super().__enter__()
        self.keytab = self.path('host.keytab')
        self.realm.addprinc(PRINCIPAL)
        self.realm.ktadd(self.keytab, PRINCIPAL)
        return self

    def sssd(self, port, setup, places, env=None):
        """One that looks for users there, without anything cached; setup: the
        document's lines, in which places stands for what it calls by name."""
        self.count += 1
        top = f'sssd{self.count}'
        for folder in FOLDERS:
            os.makedirs(self.path(f'{top}/lib/{folder}'))
        for folder in ('log', 'run'):
            os.mkdir(self.path(f'{top}/{folder}'))
        conf = self.write(f'{top}/etc/sssd.conf', setups.setup(setup, {
            f'ldap://{HOST}': f'ldap://localhost:{port}', **places}))
        os.chmod(conf, 0o600)
        return Sssd(self, top, env or {})


class Sssd:
    """One that runs."""

    def __init__(self, home, top, env):
        self.home = home
        self.over = mounts.over({
            home.path(f'{top}/etc'): '/etc/sssd',
            home.path(f'{top}/lib'): '/var/lib/sss',
            home.path(f'{top}/log'): '/var/log/sssd',
            home.path(f'{top}/run'): '/run'})
        self.program = home.start(
            top, [*self.over, tap.find(*SSSD), '-i', '-d', '0x3ff0'], env=env)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.program.stop()

    def log(self):
        """What all its processes said."""
        return self.program.log()

    def passwd(self, user):
        """What libc has of a user by sssd."""
        library = tap.find(LIBRARY, 'libnss-sss')
        return self.home.run(
            [*self.over, 'getent', '-s', 'sss', 'passwd', user],
            env={'LD_LIBRARY_PATH': os.path.dirname(library)}).stdout


# --- what is asked -----------------------------------------------------------

def bound(t, home):
    """By GS2, bound to TLS, with libkrb5's own look at the keytab."""
    env = setups.environment('sssd environment', {
        '/etc/krb5.keytab': home.keytab,
        '/var/lib/sss/db': home.path('tickets')})
    os.mkdir(home.path('tickets'))
    places = {'/etc/ssl/certs/ca-certificates.crt': home.path('ca.pem')}
    with slapd.start(home, 'bound', before=SCHEMA, others=POSIX,
                     options='gs2_require: gs2:binding=*\n') as server:
        with home.sssd(server.port, 'sssd.conf', places, env) as sssd:
            t.ok(until(lambda: sssd.passwd('posix1') == FOUND),
                 'GS2-KRB5-PLUS: sssd has the user of the directory',
                 sssd.log()[-6000:] + server.log()[-3000:])
            t.contains(server.log(), AS_GS2, 'it logged in as its principal, '
                       'under a rule that wants a binding')
        with home.sssd(server.port, 'sssd.conf', places, {
                **env, 'KRB5_CLIENT_KTNAME': '/nowhere',
                'KRB5CCNAME': 'FILE:/nowhere'}) as sssd:
            t.ok(until(lambda: NO_TICKET in sssd.log()),
                 'without a ticket: its log says so', sssd.log()[-6000:])
            t.equal(sssd.passwd('posix1'), '', 'and there is no user')


def gssapi(t, home):
    """By GSSAPI of libgssapiv2.so, at both ends, with a ticket of sssd's."""
    shutil.copy(GSSAPI, home.path('ours'))
    with slapd.start(home, 'sealed', before=SCHEMA, others=POSIX,
                     options='gs2_require: gs2:layer=privacy\n') as server:
        for mech in ('GSSAPI', 'GSS-SPNEGO'):
            with home.sssd(server.port, 'sssd.conf gssapi', {
                    '/etc/krb5.keytab': home.keytab,
                    'kdc.example.test': f'localhost:{home.realm.port}',
                    '= GSSAPI': f'= {mech}'}) as sssd:
                t.ok(until(lambda: sssd.passwd('posix1') == FOUND),
                     f'{mech}: sssd has the user of the directory',
                     sssd.log()[-6000:] + server.log()[-3000:])
                t.contains(server.log(), AS_GSS.format(mech.lower(), mech),
                           'it logged in as its principal, sealed')


def main(t):
    """Both."""
    tap.find(*SSSD)
    tap.find(LIBRARY, 'libnss-sss')
    with Home() as home:
        bound(t, home)
        gssapi(t, home)


if __name__ == '__main__':
    tap.run(main)
