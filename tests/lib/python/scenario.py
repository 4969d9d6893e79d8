"""Logins through libsasl for the tests and the demo: two sasl-peer processes
over TCP in a throw-away realm, and what their traces say.

    with scenario.Stage() as stage:
        login = stage.login(client=['--authname', 'alice'])
        login.succeeds('alice')

A check that does not hold raises ScenarioError with both traces in its text.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import realm
import tap
from tree import builddir

__all__ = ['Stage', 'Login', 'Trace', 'Event', 'ScenarioError', 'PLUGIN',
           'PEER', 'SANITIZED']

TIMEOUT = 120
# Which package has a plugin of libsasl that is not in libsasl2-modules.
PACKAGES = {'libgs2.so': 'libsasl2-modules-gssapi-mit',
            'libgssapiv2.so': 'libsasl2-modules-gssapi-mit',
            'libsasldb.so': 'libsasl2-modules-db'}


def system_plugin(name):
    """A plugin that the system has, as libsasl2-modules-* install it."""
    return tap.find(f'/usr/lib/*/sasl2/{name}',
                    PACKAGES.get(name, 'libsasl2-modules'))


PLUGIN = os.environ.get('GS2_PLUGIN') or builddir('plugin', '.libs',
                                                  'libgs2.so')
PEER = os.environ.get('GS2_PEER') or builddir('tests', 'peer',
                                              'sasl-peer')


def is_sanitized(path):
    """True where a program was built with AddressSanitizer."""
    try:
        with open(path, 'rb') as program:
            return b'__asan_init' in program.read()
    except OSError:
        return False


SANITIZED = is_sanitized(PEER)


class ScenarioError(Exception):
    """A check does not hold, or a program did not run; says which."""


class Event:
    """One line of a trace: its kind and its fields. A field that is there
    more than once is a list; what was `none` is None."""

    FIELD = re.compile(r' ([a-z]+)=("(?:[^"\\]|\\x[0-9a-f]{2})*"|[^ "]*)')

    def __init__(self, line):
        self.line = line
        self.kind = line.split(' ', 1)[0]
        self.fields = {}
        for key, value in self.FIELD.findall(line):
            value = self.decode(value)
            if key == 'value':
                self.fields.setdefault(key, []).append(value)
            else:
                self.fields[key] = value

    @staticmethod
    def decode(value):
        """A value of the trace as text; octets above 0x7f are UTF-8."""
        if not value.startswith('"'):
            return None if value == 'none' else value
        raw = re.sub(rb'\\x([0-9a-f]{2})',
                     lambda m: bytes([int(m[1], 16)]), value[1:-1].encode())
        return raw.decode('utf-8', 'surrogateescape')

    def __getitem__(self, key):
        return self.fields.get(key)

    def matches(self, wanted):
        """True where each wanted field has the wanted value."""
        return all(self.fields.get(k) == v for k, v in wanted.items())


class Trace:
    """What one sasl-peer printed, and its exit status."""

    def __init__(self, text, status):
        self.text = text
        self.status = status
        self.events = [Event(line) for line in text.splitlines()
                       if re.match(r'[a-z]+( |$)', line)]

    def all(self, kind, **wanted):
        """The events of a kind with these fields."""
        return [e for e in self.events
                if e.kind == kind and e.matches(wanted)]

    def first(self, kind, **wanted):
        """The first such event; an event without fields if there is none."""
        return next(iter(self.all(kind, **wanted)), Event('nothing'))

    def last(self, kind, **wanted):
        """The last such event."""
        return (self.all(kind, **wanted) or [Event('nothing')])[-1]

    def failure(self):
        """The last result that was an error: its code and its text."""
        bad = [e for e in self.all('result')
               if e['code'] not in ('SASL_OK', 'SASL_CONTINUE',
                                    'SASL_INTERACT')]
        return (bad[-1]['code'], bad[-1]['detail'] or '') if bad else ('', '')

    def messages(self):
        """The exchange, such as ['send start', 'receive ok']."""
        return [f'{e.kind} {e["type"]}' for e in self.events
                if e.kind in ('send', 'receive') and e['type'] != 'mechs']

    def logs(self, level=4):
        """The lines of the log callback at this level of libsasl's or a more
        serious one: without those for debugging, if no other is given."""
        return [e['text'] or '' for e in self.all('log')
                if int(e['level']) <= level]

    def audit(self, verdict):
        """The plugin's lines on logins, `accepted` or `failed`: events with
        the fields that the manual page promises."""
        return [Event(line) for line in self.logs()
                if re.match(f'[A-Z0-9_-]+ login {verdict}: ', line)]


class Login:
    """A client's and a server's trace of the same logins, with checks."""

    def __init__(self, client, server):
        self.client = client
        self.server = server

    def __str__(self):
        return (f'--- client, exit status {self.client.status}\n'
                f'{self.client.text}'
                f'--- server, exit status {self.server.status}\n'
                f'{self.server.text}')

    def must(self, condition, why):
        """A check of the caller's own."""
        if not condition:
            raise ScenarioError(f'{why}\n{self}')

    def equal(self, got, wanted, what):
        """got must equal wanted."""
        self.must(got == wanted, f'{what}: got {got!r}, wanted {wanted!r}')

    def contains(self, text, part, what):
        """part must be in text."""
        self.must(part in (text or ''), f'{what}: no {part!r} in {text!r}')

    def succeeds(self, authid='alice', authzid=None, principal=None,
                 header=None, messages=None):
        """Both sides say so, and agree on who logged in."""
        principal = principal or f'{authid}@{realm.DEFAULT_REALM}'
        self.equal((self.client.status, self.server.status), (0, 0),
                   'exit status')
        self.equal(self.client.first('outcome')['login'], 'yes', 'outcome')
        at_server = self.server.first('identity')
        self.equal(at_server['authid'], authid, 'SASL_AUTHUSER')
        self.equal(at_server['authzid'], authzid or authid, 'SASL_USERNAME')
        self.equal(at_server['peer'], principal, 'SASL_GSS_PEER_NAME')
        if header is not None:
            self.equal(self.server.first('receive', type='start')['header'],
                       header, 'gs2-header')
        if messages is not None:
            self.equal(self.client.messages(), messages, 'messages')

    def refused_by_client(self, code, *parts):
        """The client gives up, and its error text has these parts."""
        self._refused(self.client, code, parts)

    def refused_by_server(self, code, *parts):
        """The server refuses; its error text has these parts."""
        self._refused(self.server, code, parts)

    def _refused(self, trace, code, parts):
        self.equal(self.client.first('outcome')['login'], 'no', 'outcome')
        self.equal(trace.failure()[0], code, 'result')
        for part in parts:
            self.contains(trace.failure()[1], part, 'error text')
        self.must('(Success)' not in trace.text, 'an empty reason')
        if trace.status != 1 and trace is self.client:
            raise ScenarioError(f'exit status\n{self}')

    def client_was_told(self, *parts):
        """What the client knows of the server's reason: its own error text,
        or the text that the server's failure carried."""
        told = self.client.failure()[1] + '\n'
        told += self.client.first('receive', type='fail')['text'] or ''
        for part in parts:
            self.contains(told, part, 'what the client was told')

    def server_logged(self, *parts):
        """One line of the server's log has all these parts."""
        self.must(any(all(p in line for p in parts)
                      for line in self.server.logs()),
                  f'no log line with {parts!r}')


def with_new_names(env):
    """An environment with the names that libsasl 2.2 has for its variables, as
    well: it goes by these alone."""
    new = {'SASL_PATH': 'SASL_PLUGINDIR', 'SASL_CONF_PATH': 'SASL_CONFDIR'}
    return {**env, **{new[name]: env[name] for name in new if name in env}}


class Stage:
    """A realm, directories of plugins, and the processes that log in.

    Plugins are named: 'ours' and 'debian' (each with an auxprop plugin beside
    it), 'ours-alone' and 'debian-alone' (without), 'gssapi' (GSSAPI alone),
    'anonymous' (ANONYMOUS alone).
    """

    REALM = realm.Realm

    def __init__(self, **realm_options):
        self.realm = self.REALM(**realm_options)
        self.dir = None

    def __enter__(self):
        for built in (PEER, PLUGIN):
            if not os.path.exists(built):
                raise ScenarioError(f'{built} is not there: not built?')
        self.dir = tempfile.mkdtemp(prefix='gs2-stage.')
        try:
            self.realm.start()
            self._lay_out()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        self.realm.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *parts):
        """A path in the scratch directory."""
        return os.path.join(self.dir, *parts)

    def _lay_out(self):
        self.sasldb = self.path('sasldb2')
        self.add_user('carol', 'carol.secret.1')
        folders = {'ours': [PLUGIN, 'libsasldb.so', 'libplain.so'],
                   'ours-alone': [PLUGIN],
                   'gssapi': ['libgssapiv2.so'],
                   'anonymous': ['libanonymous.so', 'libsasldb.so'],
                   'debian': ['libgs2.so', 'libsasldb.so', 'libplain.so'],
                   'debian-alone': ['libgs2.so']}
        for name, plugins in folders.items():
            os.mkdir(self.path(name))
            for plugin in plugins:
                # A copy: the user of a server may not get into the build.
                if not os.path.isabs(plugin):
                    plugin = system_plugin(plugin)
                shutil.copy(plugin, self.path(name))

    def add_user(self, name, password):
        """A user whom libsasl's own database knows."""
        subprocess.run([tap.find('saslpasswd2', 'sasl2-bin'), '-f',
                        self.sasldb, '-c', '-p', '-u', 'localhost', name],
                       input=password.encode(), check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def environment(self, plugins, extra=None):
        """The environment of a peer. The Debian plugin leaks, and is not
        ours to mend: no report about it."""
        asan = ['verify_asan_link_order=0', 'quarantine_size_mb=1']
        if not plugins.startswith('ours'):
            asan.append('detect_leaks=0')
        env = dict(self.realm.env, SASL_PATH=self.path(plugins),
                   SASL_CONF_PATH=self.path('conf'),
                   ASAN_OPTIONS=':'.join(asan))
        env.update(extra or {})
        return {k: v for k, v in with_new_names(env).items() if v is not None}

    def fake_time(self, offset):
        """The environment of a process whose clock is off, as '+1h'."""
        library = tap.find('/usr/lib/*/faketime/libfaketime.so.1',
                           'libfaketime')
        return {'LD_PRELOAD': library, 'FAKETIME': offset,
                'FAKETIME_DONT_FAKE_MONOTONIC': '1'}

    def configure(self, options):
        """Writes the configuration file that the servers read."""
        os.makedirs(self.path('conf'), exist_ok=True)
        lines = {'sasldb_path': self.sasldb}
        lines.update(options or {})
        with open(self.path('conf', 'sasl-peer.conf'), 'w',
                  encoding='utf-8') as out:
            out.writelines(f'{k}: {v}\n' for k, v in lines.items()
                           if v is not None)

    def server(self, args=(), plugins='ours', env=None, options=None,
               wrapper=()):
        """Starts a server; a Server, which knows its port."""
        self.configure(options)
        return Server([*wrapper, PEER, 'server', *args],
                      self.environment(plugins, env))

    def client(self, port, args=(), plugins='ours', env=None, wrapper=()):
        """Runs a client to its end; its Trace."""
        done = subprocess.run(
            [*wrapper, PEER, 'client', '--port', str(port), *args],
            env=self.environment(plugins, env), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=TIMEOUT, check=False)
        return Trace(done.stdout.decode('utf-8', 'replace'), done.returncode)

    def login(self, client=(), server=(), mech='GS2-KRB5', both=(),
              client_plugins='ours', server_plugins='ours', client_env=None,
              server_env=None, options=None):
        """One login: a server, a client, both traces."""
        with self.server([*both, *server], server_plugins, server_env,
                         options) as running:
            choice = ['--mech', mech] if mech else []
            trace = self.client(running.port, [*choice, *both, *client],
                                client_plugins, client_env)
            return Login(trace, running.finish())


class Server:
    """A running sasl-peer server. It writes into a file, not a pipe, so that
    it never waits for a reader."""

    def __init__(self, args, env):
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen(args, env=env, stdout=self.out,
                                        stdin=subprocess.DEVNULL,
                                        stderr=subprocess.STDOUT)
        self.port = self._listening()

    def _text(self):
        return os.pread(self.out.fileno(), 1 << 30, 0).decode('utf-8',
                                                              'replace')

    def _listening(self):
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            ended = self.process.poll() is not None
            found = re.search(r'^listening port=(\d+)\n', self._text(), re.M)
            if found:
                return int(found[1])
            if ended:
                break
            time.sleep(.005)
        text = self._text()
        self.__exit__()
        raise ScenarioError(f'the server does not start:\n{text}')

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.out.close()

    def finish(self):
        """Waits for the server's end; its Trace."""
        late = ''
        try:
            self.process.wait(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            late = 'killed: it did not end\n'
        return Trace(self._text() + late, self.process.returncode)


def main():
    """For a person: one login, both traces. Options before -- are the
    client's, those after it the server's."""
    args = sys.argv[1:]
    at = args.index('--') if '--' in args else len(args)
    with Stage() as stage:
        login = stage.login(client=args[:at], server=args[at + 1:], mech=None)
        print(login)
        return login.client.status


if __name__ == '__main__':
    sys.exit(main())
