"""A crowd of clients: so many at once in one process, each logging in by
libsasl and our plugin on a new connection, again and again, until it is over.

    saslclient.load(home.environment('ours'))
    with crowd.Crowd(50, crowd.ldap_login, port) as clients:
        ...
    clients.logins, clients.failures
"""

import base64
import socket
import threading
import time

import fake_ldap
import saslclient
from fake_ldap import ber, elements

__all__ = ['Crowd', 'imap_login', 'ldap_login']

MECHANISM = 'GS2-KRB5'
TIMEOUT = 60
WHO_AM_I = b'1.3.6.1.4.1.4203.1.11.3'


class LoginError(Exception):
    """A server says no, or hangs up; the text is its own."""


class Connection:
    """A connection to a server on the loopback interface."""

    def __init__(self, port):
        self.sock = socket.create_connection(('127.0.0.1', port), TIMEOUT)
        self.file = self.sock.makefile('rb')

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.file.close()
        self.sock.close()

    def element(self):
        """The next BER element, whole."""
        head = self.file.read(2)
        if len(head) == 2 and head[1] & 0x80:
            head += self.file.read(head[1] & 0x7f)
            size = int.from_bytes(head[2:], 'big')
        elif len(head) == 2:
            size = head[1]
        else:
            raise LoginError('the server hangs up')
        return head + self.file.read(size)

    def ask_ldap(self, number, operation):
        """An LDAP operation; the fields of its response, as (tag, content)."""
        self.sock.sendall(ber(0x30, ber(0x02, bytes([number])), operation))
        (_, message), = elements(self.element())
        _, (_, response) = elements(message)
        return list(elements(response))

    def say(self, line):
        """Sends a line, returns the next one of the server's."""
        if line is not None:
            self.sock.sendall(line + b'\r\n')
        return self.file.readline().rstrip(b'\r\n')


def ldap_login(port, mech=MECHANISM):
    """One login to an LDAP server; what it calls us."""
    with Connection(port) as server, \
            saslclient.Login('ldap', 'localhost', mech) as login:
        said, code, number = login.start(), fake_ldap.SASL_BIND_IN_PROGRESS, 0
        while code == fake_ldap.SASL_BIND_IN_PROGRESS:
            number += 1
            fields = server.ask_ldap(number, ber(
                fake_ldap.BIND_REQUEST, ber(0x02, b'\3'), ber(0x04),
                ber(0xa3, ber(0x04, mech.encode()), ber(0x04, said))))
            code = fields[0][1][0]
            if code not in (fake_ldap.SUCCESS,
                            fake_ldap.SASL_BIND_IN_PROGRESS):
                raise LoginError(f'{code}: {fields[2][1]}')
            credentials = dict(fields).get(fake_ldap.SERVER_CREDENTIALS)
            if credentials is not None:
                said = login.step(credentials)
        answer = server.ask_ldap(number + 1, ber(
            fake_ldap.EXTENDED_REQUEST, ber(0x80, WHO_AM_I)))
        return dict(answer)[fake_ldap.RESPONSE_VALUE].decode()


def imap_login(port, mech=MECHANISM):
    """One login to an IMAP server; what it says then."""
    with Connection(port) as server, \
            saslclient.Login('imap', 'localhost', mech) as login:
        server.say(None)
        said = login.start()
        answer = server.say(b'a AUTHENTICATE ' + mech.encode() + b' ' +
                            base64.b64encode(said))
        while answer.startswith(b'+ '):
            said = login.step(base64.b64decode(answer[2:]))
            answer = server.say(base64.b64encode(said))
        if not answer.startswith(b'a OK'):
            raise LoginError(answer)
        return server.say(b'b LOGOUT').decode()


class Crowd:
    """Clients in threads, from `with` to its end."""

    def __init__(self, count, login, port):
        self.login = login
        self.port = port
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.logins = 0
        self.said = set()
        self.failures = []
        self.slowest = 0
        self.threads = [threading.Thread(target=self._run)
                        for _ in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_exc):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _run(self):
        while not self.over.is_set():
            begun = time.monotonic()
            try:
                said = self.login(self.port)
            except Exception as error:  # whatever it is, a login is lost
                with self.lock:
                    self.failures.append(repr(error))
                continue
            with self.lock:
                self.logins += 1
                self.said.add(said)
                self.slowest = max(self.slowest, time.monotonic() - begun)
