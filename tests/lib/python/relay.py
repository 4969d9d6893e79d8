"""The frames of sasl-peer in Python, for peers that are not libsasl: gsasl in
both roles, and clients that say what no honest client says.
"""

import base64
import contextlib
import socket
import subprocess
import threading

__all__ = ['Connection', 'Answer', 'connect', 'gsasl_client', 'GsaslServer',
           'CapturingServer']

TIMEOUT = 60
ABSENT = b'cosA'  # types of frames whose message is absent, not empty


class Connection:
    """One connection that speaks frames."""

    def __init__(self, sock):
        self.sock = sock
        sock.settimeout(TIMEOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.sock.close()

    def send(self, kind, data=b''):
        """Sends a frame; kind is its letter."""
        body = kind.encode() + data
        self.sock.sendall(len(body).to_bytes(4, 'big') + body)

    def _exactly(self, count):
        data = b''
        while len(data) < count:
            more = self.sock.recv(count - len(data))
            if not more:
                raise EOFError('the other side closed the connection')
            data += more
        return data

    def receive(self):
        """The next frame: its letter, and its data."""
        body = self._exactly(int.from_bytes(self._exactly(4), 'big'))
        return chr(body[0]), body[1:]

    def attempt(self, first, mech='GS2-KRB5'):
        """Starts a login with these octets as first message; the Answer."""
        self.send('S', mech.encode() + b'\0' + first)
        return Answer(*self.receive())

    def step(self, data):
        """A further message of the client; the Answer."""
        self.send('C', data)
        return Answer(*self.receive())


class Answer:
    """What the server said: word is continue, ok or fail."""

    WORDS = {'C': 'continue', 'c': 'continue', 'O': 'ok', 'o': 'ok',
             'F': 'fail'}

    def __init__(self, kind, data):
        self.word = self.WORDS.get(kind, kind)
        self.data = data
        self.text = data.decode('utf-8', 'replace') if kind == 'F' else ''

    def __repr__(self):
        return f'<{self.word} {self.text or len(self.data)}>'


def connect(port):
    """A connection to a server whose offer has been read: what it offers is
    in .mechs."""
    connection = Connection(socket.create_connection(('127.0.0.1', port)))
    connection.mechs = connection.receive()[1].decode().split()
    return connection


class Gsasl:
    """A gsasl process: base64 lines in, base64 lines out."""

    def __init__(self, role, args, env):
        self.process = subprocess.Popen(
            ['gsasl', f'--{role}', '--quiet', '--mechanism', 'GS2-KRB5',
             '--service', 'imap', '--hostname', 'localhost',
             '--application-data',  # which turns it off
             *args],
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.asked = []
        self.process.stdout.readline()  # it repeats the mechanism's name

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout,
                     self.process.stderr):
            with contextlib.suppress(OSError):
                pipe.close()

    def take(self):
        """What gsasl says next. A server asks whether to let the user in: it
        gets a yes, and what it asked is kept in .asked."""
        line = self.process.stdout.readline()
        while line and b': ' in line:
            self.asked.append(line.decode().rstrip('\n'))
            if line.startswith(b'Display Name: '):
                self.process.stdin.write(b'y\n')
                self.process.stdin.flush()
            line = self.process.stdout.readline()
        # Its question has no line of its own.
        return base64.b64decode(line.rpartition(b') ')[2])

    def give(self, data):
        """Tells gsasl what the other side said."""
        self.process.stdin.write(base64.b64encode(data) + b'\n')
        self.process.stdin.flush()

    def end(self):
        """Its exit status, and what it said on standard error."""
        self.process.stdin.close()
        error = self.process.stderr.read().decode('utf-8', 'replace')
        return self.process.wait(timeout=TIMEOUT), error


def gsasl_client(port, env, args=()):
    """gsasl's client logs in to a sasl-peer server. Returns its exit status,
    its error output, and the Answer at the end of the exchange."""
    with connect(port) as connection, Gsasl('client', args, env) as gsasl:
        answer = connection.attempt(gsasl.take())
        while answer.word == 'continue':
            gsasl.give(answer.data)
            answer = connection.step(gsasl.take())
        if answer.word == 'ok':
            gsasl.give(answer.data)
            if answer.data:
                gsasl.take()
                gsasl.give(b'')
        return (*gsasl.end(), answer)


class OneServer:
    """Listens in a thread for one connection, and serves it."""

    def __init__(self):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.listener.settimeout(TIMEOUT)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._run)
        self.error = None

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_exc):
        self.thread.join()
        self.listener.close()

    def _run(self):
        try:
            with Connection(self.listener.accept()[0]) as connection:
                self.serve(connection)
        except (OSError, EOFError, ValueError) as error:
            self.error = error

    def serve(self, connection):
        """What a subclass does with its connection."""
        raise NotImplementedError


class GsaslServer(OneServer):
    """gsasl's server behind frames; .status and .stderr are its own,
    .asked is what it wanted to know before it let the user in."""

    def __init__(self, env, args=()):
        super().__init__()
        self.env, self.args = env, args
        self.status, self.stderr = None, ''
        self.first, self.asked = b'', []

    def serve(self, connection):
        connection.send('M', b'GS2-KRB5')
        with Gsasl('server', self.args, self.env) as gsasl:
            gsasl.take()  # a server's first line is empty: client first
            self.first = connection.receive()[1].partition(b'\0')[2]
            gsasl.give(self.first)
            token = gsasl.take()
            self.asked = gsasl.asked
            if token:
                connection.send('C', token)
                gsasl.give(connection.receive()[1])
            self.status, self.stderr = gsasl.end()
        connection.send('F' if self.status else 'o')


class CapturingServer(OneServer):
    """Offers one mechanism, keeps the client's first message, hangs up."""

    def __init__(self, mech):
        super().__init__()
        self.mech = mech
        self.first = b''

    def serve(self, connection):
        connection.send('M', self.mech.encode())
        self.first = connection.receive()[1].partition(b'\0')[2]
