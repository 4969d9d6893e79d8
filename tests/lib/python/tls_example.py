"""tls-server.c and tls-client.c as their test runs them: built by the commands
of doc/applications.md, or changed, a server for each connection; somebody in
the middle; a client of the test's own.
"""

import contextlib
import os
import re
import socket
import ssl
import subprocess
import threading

import realm
import servers
import tree

__all__ = ['Home', 'Man', 'SOURCES', 'TIMEOUT', 'Talk', 'commands',
           'listening', 'source']

PAGE = tree.srcdir('doc', 'applications.md')
SOURCES = ('tls-lines.h', 'tls-server.c', 'tls-client.c')
TIMEOUT = 60


def commands():
    """What the page says to type within a realm: the lines of its second
    block."""
    with open(PAGE, encoding='utf-8') as text:
        return re.findall(r'^```\n(.*?)^```$', text.read(),
                          re.M | re.S)[1].splitlines()


def source(name):
    """The text of a source."""
    with open(tree.srcdir('tests', 'servers', name),
              encoding='utf-8') as text:
        return text.read()


class Home(servers.Home):
    """A place for both programs: a realm, certificates, what is built."""

    def __init__(self):
        super().__init__(['example'])
        self.built = {}

    def build(self, which, changes=(), compiler='cc'):
        """One of the two, with changes to the sources; its path."""
        wanted = (which, compiler, *changes)
        if wanted not in self.built:
            folder = self.path(f'build{len(self.built)}')
            os.mkdir(folder)
            for name in SOURCES:
                text = source(name)
                for _, old, new in [c for c in changes if c[0] == name]:
                    assert text.count(old) == 1, (name, old)
                    text = text.replace(old, new)
                self.write(os.path.join(folder, name), text)
            command = next(c for c in commands()
                           if c.startswith(f'cc -o {which} '))
            done = subprocess.run(
                ['sh', '-c', compiler + command[2:]], cwd=folder,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, check=False)
            assert (done.returncode, done.stdout) == (0, ''), done.stdout
            self.built[wanted] = os.path.join(folder, which)
        return self.built[wanted]

    def serve(self, sock, changes=(), who='server', env=None):
        """Starts a server for one connection, as inetd does."""
        with sock:
            return subprocess.Popen(
                [self.build('tls-server', changes), self.path(f'{who}.pem'),
                 self.path(f'{who}.key')], env=self.environment('ours', env),
                stdin=sock, stderr=subprocess.PIPE, text=True,
                preexec_fn=realm.die_with_parent)

    def client(self, port, changes=(), env=None):
        """Starts a client."""
        return subprocess.Popen(
            [self.build('tls-client', changes), 'localhost', str(port)],
            env=self.environment('ours', {
                'SSL_CERT_FILE': self.path('ca.pem'), **(env or {})}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
            preexec_fn=realm.die_with_parent)

    def login(self, client=(), server=(), who='server', env=None,
              server_env=None, through=None):
        """One login, to a server as whoever the certificate is for, through
        whom the client meets: what both said, with the client's status."""
        with listening() as listener:
            port = listener.getsockname()[1]
            with through(port) if through else contextlib.nullcontext() as man:
                talks = self.client(man.port if man else port, client, env)
                serves = self.serve(listener.accept()[0], server, who,
                                    server_env)
                told = talks.communicate(timeout=TIMEOUT)[0]
                seen = serves.communicate(timeout=TIMEOUT)[1]
        return talks.returncode, told, seen


def listening():
    """A socket on a free port."""
    listener = socket.create_server(('127.0.0.1', 0))
    listener.settimeout(TIMEOUT)
    return listener


class Man:
    """In the middle: whoever has a good certificate of the server's name. Each
    side has TLS with them, and they pass on every line; .lines has the
    words."""

    def __init__(self, home, port):
        self.server_port = port
        self.lines = []
        self.listener = listening()
        self.port = self.listener.getsockname()[1]
        self.server_side = ssl.create_default_context(
            cafile=home.path('ca.pem'))
        self.client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.client_side.load_cert_chain(home.path('server.pem'),
                                         home.path('server.key'))
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_exc):
        self.thread.join(TIMEOUT)
        self.listener.close()

    def _run(self):
        with contextlib.suppress(OSError):  # one side may leave at any time
            self._relay(self.listener.accept()[0])

    def _relay(self, near):
        far = socket.create_connection(('127.0.0.1', self.server_port))
        with near, far, \
                self.client_side.wrap_socket(near, server_side=True) as one, \
                self.server_side.wrap_socket(
                    far, server_hostname='localhost') as two:
            hears, speaks = two.makefile('rwb'), one.makefile('rwb')
            while line := hears.readline():
                self.lines.append(line.split()[0].decode())
                speaks.write(line)
                speaks.flush()
                hears, speaks = speaks, hears


class Talk:
    """A connection of TLS to a server, and lines on it."""

    def __init__(self, home, changes=(), **limits):
        with listening() as listener:
            port = listener.getsockname()[1]
            plain = socket.create_connection(('127.0.0.1', port), TIMEOUT)
            self.server = home.serve(listener.accept()[0], changes)
        context = ssl.create_default_context(cafile=home.path('ca.pem'))
        for name, value in limits.items():
            setattr(context, name, value)
        self.sock = context.wrap_socket(plain, server_hostname='localhost')
        self.file = self.sock.makefile('rwb')

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.file.close()
        self.sock.close()
        self.server.communicate(timeout=TIMEOUT)

    def hear(self):
        """The next line."""
        return self.file.readline().decode()

    def say(self, octets):
        """A line of these octets; the answer."""
        self.file.write(octets + b'\r\n')
        self.file.flush()
        return self.hear()
