"""Real sources of attributes, for the tests of auxprops and rules: a realm
whose KDC gives authentication indicators by SPAKE, by FAST, by PKINIT and by
OTP (it asks a RADIUS server), a realm beside it that it trusts, and what else
can be in a ticket.

    with sources.Sources() as stage:
        login = stage.login(client_env=stage.ticket('pkinit'),
                            server=['--props', '*gss:auth-indicators'])

Nothing outside of scratch directories is read or written, but for the
system's plugins of libkrb5, which are copied.
"""

import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile

import certs
import mounts
import radius
import radius_relay
import realm
import relay
import scenario
import tap
import tree

__all__ = ['Sources', 'INDICATORS', 'FOREIGN', 'props', 'values', 'quoted',
           'setup_of']

FOREIGN = 'OTHER.TEST'

# What the KDC says of each way to get a ticket. (It knows one indicator for
# FAST's encrypted challenge.)
INDICATORS = {
    'spake': ['spake', 'with space, comma', 'grün'],
    'fast': ['by armor, grün'],
    'pkinit': ['pkinit', 'smartcard', 'grüne Karte, neu'],
    'otp': ['otp', 'hardware token, grün'],
    'timestamp': [],
    'no-pac': [],
}

SPAKE = '''\
[libdefaults]
 spake_preauth_groups = edwards25519
'''

KRB5_CONF = SPAKE + '''\
[realms]
 EXAMPLE.TEST = {{
  pkinit_anchors = FILE:{keys}/ca.pem
 }}
'''

KDC_CONF = '''\
[kdcdefaults]
 spake_preauth_kdc_challenge = edwards25519
[realms]
 EXAMPLE.TEST = {{
{indicators}
  pkinit_identity = FILE:{keys}/kdc.pem,{keys}/kdc.key
  pkinit_anchors = FILE:{keys}/ca.pem
  pkinit_eku_checking = none
 }}
[otp]
 DEFAULT = {{
  server = 127.0.0.1:{radius_port}
  secret = {keys}/radius.secret
  strip_realm = true
{otp}
 }}
[plugins]
 kdcauthdata = {{
  module = inject:{inject}
 }}
'''

# The other realm marks logins by SPAKE as well.
FOREIGN_KDC_CONF = '''\
[kdcdefaults]
 spake_preauth_kdc_challenge = edwards25519
[realms]
 OTHER.TEST = {
  spake_preauth_indicator = "smartcard"
 }
'''

FOREIGN_CONF = '''\
[realms]
 OTHER.TEST = {{
  kdc = 127.0.0.1:{port}
 }}
[capaths]
 OTHER.TEST = {{
  EXAMPLE.TEST = .
 }}
'''


def props(*names):
    """The server's option that requests these properties."""
    return ['--props', ','.join(names)]


def values(login, name, at='end'):
    """The values of a property as the application saw them: in its proxy
    policy callback ('policy') or after the login ('end')."""
    seen = login.server.last('auxprop', at=at, name=name)
    login.must(seen.kind == 'auxprop', f'{name} was not looked at ({at})')
    got = seen['value'] or []
    login.equal(len(got), int(seen['values']), f'number of values of {name}')
    return got


def quoted(rule_value):
    """A value as rules write it."""
    return '"' + rule_value.replace('\\', '\\\\').replace('"', '\\"') + '"'


class Sources(scenario.Stage):
    """A stage whose realm has the sources; alice, bob, carol and dave are its
    users, each with a certificate."""

    USERS = ('alice', 'bob', 'carol', 'dave')
    TOKEN = '755224'  # what a user's device shows

    def __init__(self):
        super().__init__()
        self.keys = None
        self.radius = radius.Radius({u: (self.TOKEN, []) for u in self.USERS})
        self.relay = radius_relay.Relay(self.radius.port, self.radius.secret)
        self.foreign = None
        self.tickets = {}

    def __enter__(self):
        self.keys = tempfile.mkdtemp(prefix='gs2-keys.')
        try:
            certs.pkinit(self.keys, self.realm.name, self.USERS)
            self._configure()
            super().__enter__()
            self._populate()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc):
        if self.foreign:
            self.foreign.stop()
        if self.dir:
            super().__exit__(*exc)
        self.relay.__exit__(*exc)
        self.radius.__exit__(*exc)
        shutil.rmtree(self.keys, ignore_errors=True)

    # --- configuration ---------------------------------------------------

    def _configure(self):
        def lines(**options):
            return '\n'.join(f'  {option} = "{value}"'
                             for how, option in options.items()
                             for value in INDICATORS[how])

        with open(os.path.join(self.keys, 'radius.secret'), 'w',
                  encoding='ascii') as out:
            out.write(self.radius.secret)
        module = tree.builddir('tests', 'modules', '.libs', 'kdc-inject.so')
        self.realm.krb5_conf = KRB5_CONF.format(keys=self.keys)
        self.realm.kdc_conf = KDC_CONF.format(
            keys=self.keys, inject=module, radius_port=self.relay.port,
            indicators=lines(spake='spake_preauth_indicator',
                             fast='encrypted_challenge_indicator',
                             pkinit='pkinit_indicator'),
            otp=lines(otp='indicator'))

    def _populate(self):
        r = self.realm
        for user in self.USERS:
            if user not in realm.USERS:
                r.addprinc(user, r.password(user))
            r.kadmin(f'modprinc +requires_preauth {user}',
                     f'setstr {user} otp []')
        # kdc-inject finds the name of its file in the KDC's environment.
        r.stop_kdc()
        r.env['GS2_KDC_INJECT'] = self.path('inject')
        r.start_kdc()

    def krb5_config(self, text):
        """The environment of a process whose krb5.conf has text in front."""
        path = os.path.join(tempfile.mkdtemp(dir=self.dir), 'krb5.conf')
        with open(path, 'w', encoding='utf-8') as out:
            out.write(text)
        return {'KRB5_CONFIG': path + ':' + self.realm.env['KRB5_CONFIG']}

    # --- tickets ------------------------------------------------------------

    def ticket(self, how, user='alice'):
        """The environment of a client that has a ticket, got as INDICATORS
        names it."""
        key = f'{user}.{how}'
        if key not in self.tickets:
            cache = {'KRB5CCNAME': 'FILE:' + self.path(key + '.cc')}
            try:
                self._kinit(how, user, cache)
            except realm.RealmError as error:
                raise realm.RealmError(
                    f'{error}\nRADIUS:\n{self.radius.log()[-5000:]}') from error
            self.tickets[key] = cache
        return self.tickets[key]

    def _kinit(self, how, user, cache):
        r, env, args = self.realm, dict(cache), []
        if how in ('otp', 'pkinit'):
            tap.find(f'/usr/lib/*/krb5/plugins/preauth/{how}.so',
                     f'krb5-{how}')
        if how == 'otp' and not self.radius.server:
            self.radius.__enter__()
            self.relay.__enter__()
        password = r.password(user)
        if how == 'pkinit':
            args = ['-X', 'X509_user_identity=FILE:'
                    f'{self.keys}/{user}.pem,{self.keys}/{user}.key']
            password = None
        elif how in ('fast', 'otp'):
            args = ['-T', self.ticket('timestamp', 'bob')['KRB5CCNAME']]
            env.update(self._only_preauth(138 if how == 'fast' else 141))
            password = password if how == 'fast' else self.TOKEN
        elif how in ('timestamp', 'no-pac'):
            env.update(self._only_preauth(2))
            args = ['--no-request-pac'] if how == 'no-pac' else []
        r.kinit(user, password, args=args, env=env)

    def _only_preauth(self, number):
        return self.krb5_config(
            f'[libdefaults]\n preferred_preauth_types = {number}\n')

    def inject(self, *lines):
        """What the KDC puts into tickets from now on (kdc-inject.c)."""
        with open(self.path('inject'), 'w', encoding='utf-8') as out:
            out.writelines(line + '\n' for line in lines)

    def fresh(self, user='alice', how='timestamp'):
        """The same as ticket(), with no service ticket in it yet."""
        self.tickets.pop(f'{user}.{how}', None)
        return self.ticket(how, user)

    def newcomer(self, name):
        """The environment of a client with a ticket of a new principal, which
        may have any name."""
        env = {'KRB5CCNAME': f'FILE:{self.path(name.encode().hex())}.cc'}
        self.realm.addprinc(name, 'of.a.newcomer')
        self.realm.kinit(name, 'of.a.newcomer', env=env)
        return env

    def needs_pac(self):
        """Raises tap.Skip where tickets have no PAC: GSS-API alone says so."""
        if not self.has_authenticated('urn:mspac:', self.ticket('timestamp')):
            raise tap.Skip('the KDC of MIT krb5 before 1.20 makes no PAC')

    def forged(self, user='alice', how='spake'):
        """A client whose service ticket has a PAC with a bad signature. Raises
        tap.Skip where there is no PAC, or GSS-API alone takes it for a good
        one."""
        self.needs_pac()
        cache = self.fresh(user, how)
        self.tickets.clear()
        self.realm.run([realm.tool('kvno'), 'imap/localhost'], env=cache)
        self.realm.run([tree.builddir('tests', 'modules', 'forge'),
                        self.realm.keytab], env=cache)
        if self.has_authenticated('urn:mspac:', cache):
            raise tap.Skip('MIT krb5 takes a PAC with a wrong signature here '
                           '(SECURITY.md): rules on groups are not safe')
        return cache

    def has_authenticated(self, attribute, ticket):
        """Whether an acceptor by GSS-API alone has it, from this ticket."""
        done = subprocess.run(
            [sys.executable, tree.helper('rawgss.py'), 'authenticated',
             attribute], env=dict(self.realm.env, **ticket), check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        if done.stdout not in ('True\n', 'False\n'):
            raise scenario.ScenarioError(done.stderr)
        return done.stdout == 'True\n'

    def foreigner(self, user='carol'):
        """A client with a ticket of a user of OTHER.TEST, which EXAMPLE.TEST
        trusts; made at the first call."""
        trust = f'krbtgt/{self.realm.name}@{FOREIGN}'
        if not self.foreign:
            self.foreign = realm.Realm(name=FOREIGN, krb5_conf=SPAKE,
                                       kdc_conf=FOREIGN_KDC_CONF,
                                       populate=False)
            self.foreign.start()
            for r in (self.foreign, self.realm):
                r.addprinc(trust, 'between.the.realms')
            self.foreign.kadmin(*[f'addprinc -pw {u}.elsewhere '
                                  f'+requires_preauth {u}'
                                  for u in self.USERS])
        env = self.krb5_config(FOREIGN_CONF.format(port=self.foreign.port))
        env['KRB5CCNAME'] = 'FILE:' + self.path(f'{user}.foreign.cc')
        self.realm.kinit(f'{user}@{FOREIGN}', f'{user}.elsewhere', env=env)
        return env

    def foreign_server(self):
        """The environment of a server, and of its clients, in OTHER.TEST."""
        if not os.path.exists(self.foreign.keytab):
            self.foreign.addprinc('imap/localhost')
            self.foreign.ktadd(self.foreign.keytab, 'imap/localhost')
        return {'KRB5_CONFIG': self.foreign.env['KRB5_CONFIG'],
                'KRB5_KTNAME': self.foreign.env['KRB5_KTNAME']}

    # --- what a client asserts itself -------------------------------------

    def with_module(self):
        """What to put in front of a command so that libkrb5 loads
        asserted.so in it. Raises tap.Skip where that cannot be."""
        system = tap.find('/usr/lib/*/krb5/plugins', 'libkrb5-3')
        ours = self.path('krb5-plugins')
        if not os.path.exists(ours):
            shutil.copytree(system, ours)
            os.makedirs(os.path.join(ours, 'authdata'), exist_ok=True)
            built = tree.builddir('tests', 'modules', '.libs', 'asserted.so')
            shutil.copy(built, os.path.join(ours, 'authdata'))
        return mounts.over({ours: system})

    def asserting(self, ticket, name, value):
        """The first message of a client that asserts an attribute."""
        done = subprocess.run(
            [*self.with_module(), sys.executable,
             tree.helper('rawgss.py'), 'alice@EXAMPLE.TEST', name,
             value], env=dict(self.realm.env, **ticket), check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise scenario.ScenarioError(done.stderr.decode())
        return base64.b64decode(done.stdout)

    def login(self, *args, server_wrapper=(), **options):
        """Stage.login(); the server behind a command, if there is one."""
        if not server_wrapper:
            return super().login(*args, **options)
        running = self.server(options.get('server', ()),
                              options=options.get('options'),
                              wrapper=server_wrapper)
        with running:
            trace = self.client(running.port, ['--mech', 'GS2-KRB5'],
                                env=options.get('client_env'))
            return scenario.Login(trace, running.finish())

    def say(self, message, server=(), options=None, wrapper=()):
        """One attempt with that first message, the last word included. The
        answer, and the server's Trace in a Login of its own."""
        with self.server(['--probe', *server], options=options,
                         wrapper=wrapper) as running:
            with relay.connect(running.port) as connection:
                answer = connection.attempt(message)
                if answer.word == 'continue':
                    answer = connection.step(b'')
            trace = running.finish()
        nobody = scenario.Trace('', 0)
        return answer, scenario.Login(nobody, trace)


def setup_of(name):
    """The options of one of the worked setups in sasl.conf.example, as they
    stand there, without the comment sign."""
    path = tree.srcdir('sasl.conf.example')
    with open(path, encoding='utf-8') as example:
        found = re.search(rf'^# === setup: {re.escape(name)} ===\n(.*?)'
                          r'^# === end ===$', example.read(), re.M | re.S)
    if not found:
        raise scenario.ScenarioError(f'no setup "{name}" in {path}')
    return dict(re.findall(r'^#([a-z0-9_]+): (.*)$', found[1], re.M))
