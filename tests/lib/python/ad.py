"""A throw-away Active Directory domain for the tests and the demo: a Samba
domain controller in a scratch directory, on free ports of the loopback
interface, and logins through libsasl by its tickets.

    with ad.Stage() as stage:
        login = stage.login(client_env=stage.ticket('alice'),
                            server=['--props', '*gss-ad-groups'])

Users, groups and services are those of ad_populate.py; stage.sids has their
SIDs. Needs root, and samba, samba-ad-dc, samba-ad-provision,
samba-dsdb-modules, python3-samba.
"""

import json
import os
import subprocess
import time

import realm
import scenario
import tap
import tree

__all__ = ['Stage', 'Domain', 'is_root', 'DECODER', 'REALM']

REALM = 'AD.TEST'
DECODER = tree.builddir('pac', '.libs', 'libgs2-pac.so')
START_SECONDS = 60
# What a domain controller needs besides its program.
PARTS = {'/usr/lib/*/samba/ldb/samba_dsdb.so': 'samba-dsdb-modules',
         '/usr/lib/python3/dist-packages/samba/samdb.py': 'python3-samba',
         '/usr/share/samba/setup/provision.ldif': 'samba-ad-provision',
         DECODER: 'samba-dev, and configure again'}
# The one that python3-samba is for, whatever python3 is in the PATH.
SYSTEM_PYTHON = '/usr/bin/python3'

KRB5_CONF = '''\
[libdefaults]
 default_realm = {name}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 forwardable = true
 default_ccache_name = FILE:{dir}/ccache
 default_keytab_name = FILE:{dir}/svcimap.keytab
[realms]
 {name} = {{
  kdc = 127.0.0.1:{port}
 }}
[domain_realm]
 localhost = {name}
'''

PRIVATE = '''\
	krb5 port = {port}
	kpasswd port = {kpasswd}
	pid directory = {dir}/run
	ncalrpc dir = {dir}/run/ncalrpc
	nsupdate command = /bin/true
'''


def is_root():
    """Only root can provision a domain controller."""
    return os.geteuid() == 0


class Domain(realm.Realm):
    """The domain, with the interface of a realm."""

    LOGS = ('kdc.out', 'log.samba')

    def __init__(self, groups=0):
        super().__init__(name=REALM)
        self.groups = groups
        self.sids = {}

    @property
    def keytab(self):
        """That of imap/localhost."""
        return self.path('svcimap.keytab')

    def _start(self):
        self.env = dict(os.environ,
                        KRB5_CONFIG=self.path('krb5.conf'),
                        KRB5CCNAME='FILE:' + self.ccache,
                        KRB5_KTNAME='FILE:' + self.keytab,
                        KRB5RCACHENAME='file2:' + self.path('rcache'))
        os.makedirs(self.path('run/ncalrpc'))
        os.makedirs(self.path('cache'))
        self._provision()
        self._populate()
        self.start_kdc()

    def _provision(self):
        for path, package in PARTS.items():
            tap.find(path, package)
        # The system's krb5.conf does not know this domain.
        env = {k: v for k, v in os.environ.items() if k != 'KRB5_CONFIG'}
        self.run([tap.find('samba-tool', 'samba'), 'domain', 'provision',
                  f'--realm={REALM}', '--domain=ADTEST', '--server-role=dc',
                  '--dns-backend=NONE', '--adminpass=Passw0rd.1',
                  f'--targetdir={self.dir}', '--host-ip=127.0.0.1',
                  '--host-name=localdc', '--option=interfaces=lo',
                  '--option=bind interfaces only=yes',
                  f'--option=log file={self.path("log.%m")}'], env=env)
        with open(self.path('etc/smb.conf'), encoding='utf-8') as conf:
            self.smb_conf = conf.read()

    def _populate(self):
        self.sids = json.loads(self.administer(
            'ad_populate.py', self.dir, str(self.groups)))

    def administer(self, helper, *args):
        """What a program prints that has Samba's own modules."""
        done = subprocess.run(
            [SYSTEM_PYTHON, tree.helper(helper), self.path('etc/smb.conf'),
             *args], check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, LC_ALL='C.UTF-8'))
        if done.returncode != 0:
            raise realm.RealmError(f'{helper}:\n{done.stderr}')
        return done.stdout

    def _configure(self):
        kpasswd = realm.free_port()
        private = PRIVATE.format(port=self.port, kpasswd=kpasswd,
                                 dir=self.dir)
        with open(self.path('etc/smb.conf'), 'w', encoding='utf-8') as out:
            out.write(self.smb_conf.replace('[global]\n',
                                            '[global]\n' + private, 1))
        with open(self.path('krb5.conf'), 'w', encoding='utf-8') as out:
            out.write(KRB5_CONF.format(name=self.name, dir=self.dir,
                                       port=self.port))

    def options(self):
        """Those of the controller's command line."""
        return ['server services=kdc']

    def start_kdc(self):
        """Starts the domain controller, and returns when it answers."""
        self.port = realm.free_port()
        self._configure()
        with open(self.path('kdc.out'), 'ab') as out:
            self.kdc = subprocess.Popen(
                [tap.find('samba', 'samba'), '-F', '--no-process-group',
                 '-M', 'single', '-l', self.dir, '-s',
                 self.path('etc/smb.conf'),
                 *[f'--option={option}' for option in self.options()]],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                preexec_fn=realm.die_with_parent)
        if not self._wait_for_kdc():
            raise realm.RealmError('the domain controller does not start:\n'
                                   + self.log())

    def _wait_for_kdc(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.kdc.poll() is None:
            if realm.answers(self.port, self.name):
                return True
            time.sleep(.05)
        self.stop_kdc()
        return False


class Stage(scenario.Stage):
    """A stage in the domain; bob is in so many groups."""

    REALM = Domain

    def __init__(self, groups=0):
        super().__init__(groups=groups)

    @property
    def sids(self):
        """The SID of each user, group and service account by its name."""
        return self.realm.sids

    def member(self, change, group, user):
        """Puts a user into a group, or takes them out of it: 'addmembers',
        'removemembers'."""
        domain = self.realm
        domain.run([tap.find('samba-tool', 'samba'), 'group', change, group,
                    user, '-H', domain.path('private/sam.ldb'), '-s',
                    domain.path('etc/smb.conf')])

    def ticket(self, user, args=()):
        """The environment of a client that has a ticket of the user's."""
        cache = {'KRB5CCNAME': 'FILE:' + self.path(
            '.'.join((user, *args)) + '.cc')}
        if not os.path.exists(cache['KRB5CCNAME'][5:]):
            self.realm.kinit(user, 'Passw0rd.2', args=args, env=cache)
        return cache

    def without_pac(self, user):
        """The same, with service tickets that have no PAC."""
        path = self.path(user + '.no-pac.cc')
        made = {'KRB5CCNAME': f'FILE:{path}.new'}
        if not os.path.exists(path):
            self.realm.administer('ad_pac.py', 'no')
            try:
                self.realm.kinit(user, 'Passw0rd.2', env=made)
                self.realm.run([realm.tool('kvno'), 'imap/localhost',
                                'ldap/localhost'], env=made)
            finally:
                self.realm.administer('ad_pac.py', 'yes')
            os.rename(made['KRB5CCNAME'][5:], path)
        return {'KRB5CCNAME': f'FILE:{path}'}

    def front_end(self):
        """The environment of http/localhost, with a ticket of its own."""
        keytab = 'FILE:' + self.realm.path('svcfront.keytab')
        env = {'KRB5_KTNAME': keytab,
               'KRB5CCNAME': 'FILE:' + self.path('svcfront.cc')}
        self.realm.kinit('http/localhost', args=['-k', '-t', keytab], env=env)
        return env

    def conjured(self, user):
        """The environment of http/localhost as the user, who knows nothing of
        it (S4U2Self, then S4U2Proxy)."""
        front, cache = self.front_end(), self.path(user + '.conjured')
        self.realm.run([realm.tool('kvno'), '-k', front['KRB5_KTNAME'][5:],
                        '-I', user, '-P', '--out-cache', cache,
                        'imap/localhost'], env=front)
        return {'KRB5CCNAME': 'FILE:' + cache}

    def login(self, *args, options=None, **others):
        """Stage.login(), with the decoder unless options say otherwise."""
        options = dict({'gs2_pac_decoder': DECODER}, **(options or {}))
        return super().login(*args, options=options, **others)
