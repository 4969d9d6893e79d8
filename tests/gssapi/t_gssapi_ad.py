#!/usr/bin/env python3
"""libgssapiv2.so as a client of a Samba domain controller's own LDAP: GSSAPI
and GSS-SPNEGO, sealed, signed and bare, by ldap, StartTLS and ldaps, for each
of the controller's demands (`ldap server require strong auth'), channel binding
among them; python-ldap; sssd as a machine of the domain.

The controller has the ports of LDAP, so the test has a network of its own.
"""

import os
import re
import shutil
import subprocess
import sys
import time

import ad
import mounts
import servers
import setups
import sssd
import tap
import tls_proxy
import tree
from cluster import until

GSSAPI = os.environ.get('GS2_GSSAPI') or tree.builddir(
    'gssapi', '.libs', 'libgssapiv2.so')
LDAP, LDAPS = 389, 636
START_SECONDS = 60
ALONE = 'GS2_TEST_HAS_A_NETWORK'
HOST = 'localdc.ad.test'
HOSTS = f'127.0.0.1 localhost {HOST}\n'
MECHS = ('GSSAPI', 'GSS-SPNEGO')
LAYERS = ('', 'maxssf=1', 'maxssf=0')
WAYS = {'ldap': (f'ldap://{HOST}', []),
        'StartTLS': (f'ldap://{HOST}', ['-ZZ']),
        'ldaps': (f'ldaps://{HOST}', [])}
# Result codes of a login that it does not take: no layer, one within TLS, and
# channel bindings that are not those of its TLS (SEC_E_BAD_BINDINGS).
WEAK, WITHIN_TLS = 'strongerAuthRequired', 'unwillingToPerform'
BAD_BINDINGS = '80090346'
CODES = {'8': WEAK, '53': WITHIN_TLS}
BOUND = {'LDAPSASL_CBINDING': 'tls-endpoint'}
# From here on it looks at them, and `yes' demands them within TLS.
LOOKS_FROM = (4, 21)
# By demand, the SSF with each of LAYERS, or the refusal: by ldap, within TLS.
DEMANDS = {
    'yes': (('256', '1', WEAK), (WITHIN_TLS, WEAK, WEAK)),
    'allow_sasl_over_tls': (('256', '1', WEAK), (WITHIN_TLS, '0', '0')),
    'no': (('256', '1', '0'), (WITHIN_TLS, '0', '0')),
}
PYTHON_LDAP = '''\
import ldap, ldap.sasl, sys
connection = ldap.initialize(sys.argv[1])
connection.set_option(ldap.OPT_X_SASL_NOCANON, 1)
connection.set_option(ldap.OPT_REFERRALS, 0)
connection.sasl_interactive_bind_s('', ldap.sasl.sasl({}, sys.argv[2]))
found = connection.search_s('dc=ad,dc=test', ldap.SCOPE_SUBTREE,
                            '(sAMAccountName=alice)', ['cn'])
print(connection.get_option(ldap.OPT_X_SASL_SSF), found[0][0])
'''


class Domain(ad.Domain):
    """A domain controller with LDAP, and what it demands."""

    certificate = None
    demand = 'yes'

    def _populate(self):
        super()._populate()
        # The controller would do it by itself, with more of its services.
        self.run([tap.find('samba-tool', 'samba'), 'spn', 'add',
                  f'ldap/{HOST}', 'LOCALDC$', '-s',
                  self.path('etc/smb.conf')])

    def options(self):
        """Those of its command line."""
        tls = [] if self.certificate is None else [
            f'tls certfile={self.certificate}.pem',
            f'tls keyfile={self.certificate}.key']
        return ['server services=ldap kdc',
                f'ldap server require strong auth={self.demand}', *tls]


class Home(servers.Home, ad.Stage):
    """A place with a certificate for it, and clients that know its name."""

    REALM = Domain

    def __enter__(self):
        super().__enter__()
        shutil.copy(GSSAPI, self.path('ours'))
        hosts = self.write('hosts', HOSTS)
        self.prefix = mounts.over({hosts: '/etc/hosts'})
        self.realm.certificate = self.path('server')
        return self

    def demand(self, demand):
        """The controller starts anew with this demand."""
        self.realm.stop_kdc()
        self.realm.demand = demand
        self.realm.start_kdc()
        end = time.monotonic() + START_SECONDS
        while not all(servers.answers(port) for port in (LDAP, LDAPS)):
            if time.monotonic() > end:
                raise servers.ServerError(self.realm.log())
            time.sleep(.05)

    def client(self, *command, env=None):
        """A client of alice's; its status and what it says."""
        done = self.run([*self.prefix, *command],
                        env={**self.ticket('alice'), 'PYTHONPATH': None,
                             'LDAPTLS_REQCERT': 'never', **(env or {})})
        return done.returncode, done.stdout

    def search(self, mech, option, *where, env=None):
        """The outcome of a search for alice by ldapsearch."""
        return outcome(*self.client(
            'ldapsearch', '-N', *where, '-Y', mech,
            *(['-O', option] if option else []), '-LLL', '-b', 'dc=ad,dc=test',
            '(sAMAccountName=alice)', 'cn', env=env))


def outcome(status, said):
    """The SSF of a search that found alice; or the refusal."""
    refusal = re.search(r'ldap_sasl_interactive_bind: .* \((\d+)\)', said)
    if f'additional info: {BAD_BINDINGS}' in said:
        return BAD_BINDINGS
    ssf = re.search(r'SASL SSF: (\d+)', said)
    if status == 0 and ssf and 'dn: CN=alice,' in said:
        return ssf[1]
    return CODES.get(refusal[1], said) if refusal else said


def looks_at_bindings():
    """Whether this Samba does; and what it calls itself."""
    said = subprocess.run([tap.find('samba', 'samba'), '--version'],
                          check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True).stdout
    major, minor = re.match(r'Version (\d+)\.(\d+)', said).groups()
    return (int(major), int(minor)) >= LOOKS_FROM, f'Samba {major}.{minor}'


def searches(t, home):
    """Each mechanism, layer, and way to the controller."""
    looks, _ = looks_at_bindings()
    for demand, (plain, within_tls) in DEMANDS.items():
        home.demand(demand)
        if looks and demand == 'yes':
            within_tls = [BAD_BINDINGS] * len(LAYERS)
        for mech in MECHS:
            for how, (url, words) in WAYS.items():
                for option, wanted in zip(
                        LAYERS, plain if how == 'ldap' else within_tls):
                    t.equal(home.search(mech, option, '-H', url, *words),
                            wanted, f'{demand}: {mech} by '
                            f'{how}, {option or "as it comes"}: {wanted}')


def bound(t, home):
    """A controller that demands channel bindings gets them, and refuses those of
    another channel, even where it does not demand any."""
    looks, samba = looks_at_bindings()
    if not looks:
        t.skip('channel binding that is demanded',
               f'{samba} does not look at channel bindings')
        return
    home.demand('yes')
    home.certify('another')
    for mech in MECHS:
        for how in ('StartTLS', 'ldaps'):
            url, words = WAYS[how]
            for option, wanted in zip(LAYERS, (WITHIN_TLS, '0', '0')):
                t.equal(home.search(mech, option, '-H', url, *words,
                                    env=BOUND), wanted,
                        f'bound: {mech} by {how}, '
                        f'{option or "as it comes"}: {wanted}')
    home.demand('allow_sasl_without_tls_channel_bindings')
    with tls_proxy.TlsProxy(LDAPS, home.path('another.pem'),
                            home.path('another.key')) as proxy:
        for mech in MECHS:
            for env, wanted in ((BOUND, BAD_BINDINGS), (None, '0')):
                t.equal(home.search(mech, 'maxssf=0', '-H',
                                    f'ldaps://{HOST}:{proxy.port}', env=env),
                        wanted, f'through a proxy: {mech}, {env}: {wanted}')


def python(t, home):
    """python-ldap, sealed."""
    tap.find('/usr/lib/python3/dist-packages/ldap', 'python3-ldap')
    script = home.write('python-ldap', PYTHON_LDAP)
    for mech in MECHS:
        _status, said = home.client('/usr/bin/python3', script,
                                    f'ldap://{HOST}', mech)
        t.equal(said, '256 CN=alice,CN=Users,DC=ad,DC=test\n',
                f'python-ldap, {mech}')


def machine(t, home):
    """sssd of a machine, which finds a user of the domain."""
    name = 'helpdesk'
    keytab = home.path('machine.keytab')
    home.realm.run([tap.find('samba-tool', 'samba'), 'domain', 'exportkeytab',
                    keytab, f'--principal={name}$', '-s',
                    home.realm.path('etc/smb.conf')])
    lines = setups.setup('sssd.conf ad', {
        'dc1.ad.test': HOST, 'client.ad.test': f'{name}.ad.test',
        'CLIENT$': f'{name}$', '/etc/krb5.keytab': keytab})
    # Its KDC has a port of its own, which krb5.conf knows.
    lines += 'krb5_use_kdcinfo = false\nldap_tls_reqcert = never\n'
    looks, _ = looks_at_bindings()
    env = setups.environment('sssd ad environment') if looks else None
    home.demand('yes' if looks else 'allow_sasl_over_tls')
    for more in ('', 'ad_use_ldaps = true\n'):
        with sssd.Sssd(home, lines + more, env, hosts=HOSTS) as it:
            t.ok(until(lambda: it.passwd('alice').startswith('alice:*:')),
                 f'sssd finds alice in the domain: {more or "sealed"}',
                 it.log()[-6000:])


def main(t):
    if not ad.is_root():
        raise tap.Skip('only root can provision a domain controller')
    if ALONE not in os.environ:
        os.execvpe('unshare', ['unshare', '-n', 'sh', '-c',
                               'ip link set lo up && exec "$@"', 'sh',
                               sys.executable, *sys.argv],
                   {**os.environ, ALONE: 'yes'})
    with Home() as home:
        searches(t, home)
        bound(t, home)
        python(t, home)
        machine(t, home)


if __name__ == '__main__':
    tap.run(main)
