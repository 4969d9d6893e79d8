#!/usr/bin/env python3
"""sssd as a client of slapd, as doc/servers.md has it: by GS2-KRB5-PLUS with a
ticket that libkrb5 gets from a keytab, and by GSSAPI with one that sssd gets;
what it says where it has none.
"""

import os
import shutil

import setups
import slapd
import sssd
import tap
import tree
from cluster import until

HOST = 'ldap.example.test'
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
NO_TICKET = 'No Kerberos credentials available'


class Home(slapd.Home):
    """A place for slapd, with the keytab of a machine."""

    def __enter__(self):
        super().__enter__()
        self.keytab = self.path('host.keytab')
        self.realm.addprinc(PRINCIPAL)
        self.realm.ktadd(self.keytab, PRINCIPAL)
        return self

    def sssd(self, server, setup, places, env=None):
        """One that looks for users in slapd, by the lines of the document."""
        return sssd.Sssd(self, setups.setup(setup, {
            f'ldap://{HOST}': f'ldap://localhost:{server.port}', **places}),
            env)


def bound(t, home):
    """By GS2, bound to TLS, with libkrb5's own look at the keytab."""
    env = setups.environment('sssd environment', {
        '/etc/krb5.keytab': home.keytab,
        '/var/lib/sss/db': home.path('tickets')})
    os.mkdir(home.path('tickets'))
    places = {'/etc/ssl/certs/ca-certificates.crt': home.path('ca.pem')}
    with slapd.start(home, 'bound', before=SCHEMA, others=POSIX,
                     options='gs2_require: gs2:binding=*\n') as server:
        with home.sssd(server, 'sssd.conf', places, env) as it:
            t.ok(until(lambda: it.passwd('posix1') == FOUND),
                 'GS2-KRB5-PLUS: sssd has the user of the directory',
                 it.log()[-6000:] + server.log()[-3000:])
            t.contains(server.log(), AS_GS2, 'it logged in as its principal, '
                       'under a rule that wants a binding')
        with home.sssd(server, 'sssd.conf', places, {
                **env, 'KRB5_CLIENT_KTNAME': '/nowhere',
                'KRB5CCNAME': 'FILE:/nowhere'}) as it:
            t.ok(until(lambda: NO_TICKET in it.log()),
                 'without a ticket: its log says so', it.log()[-6000:])
            t.equal(it.passwd('posix1'), '', 'and there is no user')


def gssapi(t, home):
    """By GSSAPI of libgssapiv2.so, at both ends, with a ticket of sssd's."""
    shutil.copy(GSSAPI, home.path('ours'))
    with slapd.start(home, 'sealed', before=SCHEMA, others=POSIX,
                     options='gs2_require: gs2:layer=privacy\n') as server:
        for mech in ('GSSAPI', 'GSS-SPNEGO'):
            with home.sssd(server, 'sssd.conf gssapi', {
                    '/etc/krb5.keytab': home.keytab,
                    'kdc.example.test': f'localhost:{home.realm.port}',
                    '= GSSAPI': f'= {mech}'}) as it:
                t.ok(until(lambda: it.passwd('posix1') == FOUND),
                     f'{mech}: sssd has the user of the directory',
                     it.log()[-6000:] + server.log()[-3000:])
                t.contains(server.log(), AS_GSS.format(mech.lower(), mech),
                           'it logged in as its principal, sealed')


def main(t):
    """Both."""
    with Home() as home:
        bound(t, home)
        gssapi(t, home)


if __name__ == '__main__':
    tap.run(main)
