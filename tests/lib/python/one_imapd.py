"""One imapd of Cyrus without its master, which the test plays: a listening
socket, a pipe for what the service says, and the name of the service. So an
imapd.conf is tried in a tenth of a second.

    with one_imapd.Imapd(home, conf, 'imaps', env) as server:
        with server.connect() as connection:     # ServerError: it has ended
            connection.offers                    # what CAPABILITY lists
            connection.log_in('GS2-KRB5')        # True where it lets us in

The client is libsasl in this process (saslclient.py).
"""

import base64
import fcntl
import os
import pwd
import re
import select
import signal
import socket
import ssl
import time

import cyrus
import realm
import saslclient
import servers

__all__ = ['Connection', 'Imapd', 'folders']

# Of Cyrus' master/service.h.
STATUS_FD, LISTEN_FD = 3, 4
WAIT_SECONDS = 30


def folders(home, name='one-imapd'):
    """What imapd needs of a configdirectory, which many may share."""
    data = home.path(name)
    for folder in ('db', 'socket', 'log', 'proc', 'lock', 'spool'):
        os.makedirs(os.path.join(data, folder), exist_ok=True)
    return data


class Connection:
    """A client of it, greeted."""

    def __init__(self, stream, greeting):
        self.stream = stream
        self.file = stream.makefile('rwb')
        self.greeting = greeting
        self.offers = self._list_offers()

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.file.close()
        self.stream.close()

    def _say(self, line):
        self.file.write(line.encode() + b'\r\n')
        self.file.flush()

    def _line(self):
        line = self.file.readline().decode('utf-8', 'replace')
        if not line:
            raise servers.ServerError('imapd closed the connection')
        return line.rstrip('\r\n')

    def _ask(self, command):
        self._say(command)
        lines = [self._line()]
        while not lines[-1].startswith('a '):
            lines.append(self._line())
        return lines

    def _list_offers(self):
        return re.findall(r'\bAUTH=(\S+)',
                          ' '.join(self._ask('a CAPABILITY')))

    def start_tls(self, authority):
        """Goes on within TLS, where it asks again what is offered."""
        answer = self._ask('a STARTTLS')[-1]
        if not answer.startswith('a OK'):
            raise servers.ServerError(answer)
        context = ssl.create_default_context(cafile=authority)
        self.file.close()
        self.stream = context.wrap_socket(self.stream,
                                          server_hostname='localhost')
        self.file = self.stream.makefile('rwb')
        self.offers = self._list_offers()

    def leave(self):
        """Until the server has closed the connection."""
        self._ask('a LOGOUT')
        while self.file.readline():
            pass

    def say_password(self, user, password):
        """The command LOGIN: True where it lets us in."""
        return self._ask(f'a LOGIN {user} {password}')[-1].startswith('a OK')

    def log_in(self, mech):
        """One attempt."""
        with saslclient.Login('imap', 'localhost', mech) as login:
            first = base64.b64encode(login.start()).decode()
            self._say(f'a AUTHENTICATE {mech} {first}')
            while True:
                line = self._line()
                if line.startswith('a '):
                    return line.startswith('a OK')
                if line.startswith('+'):
                    data = login.step(base64.b64decode(line[1:].strip()))
                    self._say(base64.b64encode(data).decode())


class Imapd:
    """One process; service is the name that cyrus.conf would have for it. Where
    user is None it begins as whoever runs this, and becomes its own user.
    program: another server of Cyrus', of whose protocol connect() knows
    nothing."""

    def __init__(self, home, conf, service='imap', env=None, *,
                 user=cyrus.USER, host='127.0.0.1', program='imapd'):
        self.listener = socket.create_server((host, 0))
        self.status, inner = os.pipe()
        self.port = self.listener.getsockname()[1]
        self.ended = None  # what waitpid() says of it
        self.log = home.path('one-imapd.log')
        env = home.environment('ours', {
            'CYRUS_SERVICE': service, 'CYRUS_ID': '1',
            'LD_PRELOAD': cyrus.SYSLOG, 'GS2_SYSLOG': home.path('imapd.syslog'),
            **(env or {})})
        self.pid = os.fork()
        if self.pid == 0:
            self._become_imapd(inner, [program, '-C', conf], env, user)
        os.close(inner)

    def _become_imapd(self, inner, command, env, user):
        """In the child."""
        try:
            high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20)
                    for fd in (inner, self.listener.fileno())]
            os.dup2(high[0], STATUS_FD)
            os.dup2(high[1], LISTEN_FD)
            for fd in high:
                os.close(fd)
            log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND,
                          0o666)
            for fd in (1, 2):
                os.dup2(log, fd)
            if os.geteuid() == 0 and user:
                entry = pwd.getpwnam(user)
                os.setgroups([])
                os.setgid(entry.pw_gid)
                os.setuid(entry.pw_uid)
            realm.die_with_parent()
            os.execve(f'{cyrus.PROGRAMS}/{command[0]}', command, env)
        finally:
            os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.status)
        self.listener.close()

    def _has_ended(self):
        if self.pid:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid, self.ended = 0, status
        return not self.pid

    def connect(self):
        """A greeted Connection."""
        stream = socket.create_connection(self.listener.getsockname())
        end = time.monotonic() + WAIT_SECONDS
        while not select.select([stream], [], [], .01)[0]:
            if self._has_ended() or time.monotonic() > end:
                stream.close()
                raise servers.ServerError('imapd does not greet')
        stream.settimeout(WAIT_SECONDS)
        greeting = stream.recv(4096)
        if not greeting:
            stream.close()
            raise servers.ServerError('imapd closed the connection')
        return Connection(stream, greeting)
