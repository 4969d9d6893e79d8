"""Real servers for the tests: each is started from a private directory on a
free loopback port, is ready when its port answers, and is stopped by its pid.

    with servers.Home(services=['ldap']) as home:
        port = servers.free_port()
        with home.start('slapd', [...], ports=[port]) as slapd:
            done = home.run(['ldapwhoami', ...])
            rows.add(done.returncode == 0, "slapd", "GS2-KRB5", ...)

What a server is configured with is read from doc/servers.md (setups.py), and
how often the two sides wait for each other is counted by wire.py. Options that
a server reads only from the system's directories: mounts.py.

Each program gets SASL_PATH with our libgs2.so and no other GS2 plugin, a
keytab and a replay cache of the stage's realm, and the certificate of a CA
that the stage made (ca.pem, server.pem, server.key; names localhost and this
host's own).
"""

import os
import pwd
import signal
import socket
import subprocess
import time

import realm
import scenario
import setups

__all__ = ['Home', 'Program', 'Rows', 'ServerError', 'free_port']

START_SECONDS = 60
STOP_SECONDS = 30
LOG_SECONDS = 20

CERTIFICATE = '''\
[req]
distinguished_name = dn
prompt = no
[dn]
CN = {cn}
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[server]
basicConstraints = CA:FALSE
keyUsage = digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth,clientAuth
subjectAltName = DNS:localhost,DNS:{host},IP:127.0.0.1
'''

NO_TLS_13 = '''\
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = limits
[limits]
MaxProtocol = TLSv1.2
'''

free_port = realm.free_port


class ServerError(Exception):
    """A server does not start or a program fails; the text has its output."""


def answers(port):
    """True where something accepts connections on the port."""
    try:
        with socket.create_connection(('127.0.0.1', port), timeout=1):
            return True
    except OSError:
        return False


class Program:
    """A running server with its output in a file."""

    def __init__(self, name, args, env, log, ports=(), user=None, cwd=None):
        self.name = name
        self.log_path = log
        self.ports = ports
        with open(log, 'ab') as out:
            self.process = subprocess.Popen(
                args, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, start_new_session=True,
                preexec_fn=lambda: self._become(user))
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    @staticmethod
    def _become(user):
        """In the child: it is the user's, and dies with us."""
        if user:
            entry = pwd.getpwnam(user)
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
        realm.die_with_parent()

    @property
    def pid(self):
        """Its process."""
        return self.process.pid

    def _wait(self):
        end = time.monotonic() + START_SECONDS
        while not all(answers(port) for port in self.ports):
            if self.process.poll() is not None:
                raise ServerError(f'{self.name} ended with status '
                                  f'{self.process.returncode}:\n{self.log()}')
            if time.monotonic() > end:
                raise ServerError(f'{self.name} does not listen:\n'
                                  f'{self.log()}')
            time.sleep(.02)

    def log(self):
        """What it wrote so far."""
        with open(self.log_path, encoding='utf-8', errors='replace') as log:
            return log.read()

    def log_with(self, text, start=0):
        """What it wrote from a place on, as soon as text is in it: a client may
        have its answer before the server writes its line. All there is, where
        the text does not come."""
        end = time.monotonic() + LOG_SECONDS
        while text not in (log := self.log()[start:]) and \
                time.monotonic() < end and self.process.poll() is None:
            time.sleep(.02)
        return log

    def stop(self):
        """Asks it to end, waits, and ends what is left of its session."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.stop()


class Home(scenario.Stage):
    """A stage for real servers: a realm with keys for the services, on
    localhost and on this host's own name, certificates, and plugins.

    It can also be a sources.Sources: class Both(Home, Sources)."""

    def __init__(self, services=(), **realm_options):
        super().__init__(**realm_options)
        self.services = services
        self.programs = []

    def __enter__(self):
        super().__enter__()
        try:
            self.add_services(*self.services)
            self._certify_server()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc):
        for program in reversed(self.programs):
            program.stop()
        super().__exit__(*exc)

    def add_services(self, *services):
        """Keys for each SERVICE/localhost and SERVICE/HOST in the keytab."""
        names = [f'{service}/{host}' for service in services
                 if service not in realm.SERVICES
                 for host in dict.fromkeys(('localhost', self.realm.host))]
        if names:
            self.realm.kadmin(
                *[f'addprinc -randkey {name}' for name in names],
                f'ktadd -k {self.realm.keytab} -norandkey ' + ' '.join(names))

    def _sign(self, *args):
        done = subprocess.run(['openssl', *args], cwd=self.dir, check=False,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise ServerError(f'openssl {args}: {done.stdout}')

    def _certify_server(self):
        for cn in ('ca', 'server'):
            with open(self.path(f'{cn}.cnf'), 'w', encoding='utf-8') as out:
                out.write(CERTIFICATE.format(cn=cn, host=self.realm.host))
        self._sign('req', '-config', 'ca.cnf', '-newkey', 'rsa:2048',
                   '-nodes', '-x509', '-extensions', 'ca', '-days', '2',
                   '-keyout', 'ca.key', '-out', 'ca.pem')
        self.certify('server')

    def certify(self, name, *how):
        """A key of the server and its certificate by the CA, NAME.key and
        NAME.pem; how is for openssl x509."""
        self._sign('req', '-config', 'server.cnf', '-newkey', 'rsa:2048',
                   '-nodes', '-keyout', f'{name}.key', '-out', f'{name}.csr')
        self._sign('x509', '-req', '-in', f'{name}.csr', '-days', '2',
                   '-CA', 'ca.pem', '-CAkey', 'ca.key', '-extfile',
                   'server.cnf', '-extensions', 'server', '-out',
                   f'{name}.pem', *how)

    def certify_itself(self, name, algorithm):
        """The same by a key of this algorithm, without the CA."""
        self._sign('req', '-config', 'server.cnf', '-newkey', algorithm,
                   '-nodes', '-x509', '-extensions', 'server', '-days', '2',
                   '-keyout', f'{name}.key', '-out', f'{name}.pem')

    def old_tls(self):
        """The environment of a program that is to have no TLS 1.3, if its TLS
        is OpenSSL's."""
        return {'OPENSSL_CONF': self.write('tls12', NO_TLS_13)}

    def write(self, name, text):
        """A file in the scratch directory; its path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as out:
            out.write(text)
        return path

    def give_to(self, user):
        """The scratch directories and all in them belong to user from now
        on, so that a server that runs as this user can read its keytab."""
        entry = pwd.getpwnam(user)
        for top in (self.dir, self.realm.dir):
            for folder, _, files in os.walk(top):
                for path in (folder, *(os.path.join(folder, f)
                                       for f in files)):
                    os.chown(path, entry.pw_uid, entry.pw_gid,
                             follow_symlinks=False)

    def start(self, name, args, ports=(), user=None, env=None, cwd=None,
              plugins='ours'):
        """Starts a server; ready when each of its ports answers."""
        program = Program(name, args, self.environment(plugins, env),
                          self.path(f'{name}.log'), ports, user,
                          cwd or self.dir)
        self.programs.append(program)
        return program

    def run(self, args, env=None, stdin='', plugins='ours', timeout=120):
        """Runs a client to its end; a CompletedProcess whose stdout has both
        streams."""
        return subprocess.run(args, env=self.environment(plugins, env),
                              cwd=self.dir, input=stdin, text=True,
                              errors='replace', stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout,
                              check=False)


class Rows:
    """The table of what was seen: one row a login, each a result. Where name
    is given, doc/servers.md has a table of this name with the same rows."""

    COLUMNS = ('server or client', 'mechanism', 'TLS', 'binding',
               'round trips', 'result')

    def __init__(self, t, name=None):
        self.t = t
        self.name = name
        self.rows = []

    def add(self, passed, program, mechanism, tls, binding, trips, result,
            output=None):
        """A row, and a result of the test: passed says whether all is as it
        must be; output is shown where it is not."""
        row = (program, mechanism, tls, binding, str(trips), result)
        self.rows.append(row)
        return self.t.ok(passed, ' | '.join(row), output)

    def show(self, complete=True):
        """Prints the table as comments, in Markdown, and holds it against the
        document; complete is False where some rows could not be had here."""
        for row in (self.COLUMNS, ('---',) * len(self.COLUMNS), *self.rows):
            self.t.note('| ' + ' | '.join(row) + ' |')
        if self.name:
            shown = setups.table(self.name)
            seen = [list(row) for row in self.rows]
            wrong = [row for row in seen if row not in shown]
            if complete:
                wrong += [row for row in shown if row not in seen]
            self.t.equal(wrong, [], 'doc/servers.md has these rows, '
                         f'no other (table {self.name})')
