"""memcached's binary protocol for the tests, as much of it as a login and a
value need, with libsasl: saslclient.load() has been called.

    with memcached.Connection(port) as connection:
        status = connection.log_in(b'GS2-KRB5')
"""

import socket
import struct

import saslclient
import servers

__all__ = ['AUTH', 'Connection', 'LIST', 'MORE', 'OK', 'REFUSED', 'STEP']

GET, SET, LIST, AUTH, STEP = 0x00, 0x01, 0x20, 0x21, 0x22
OK, REFUSED, MORE = 0x00, 0x20, 0x21
HEADER = struct.Struct('>BBHBBHIIQ')


class Connection:
    """A connection to memcached."""

    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port))
        self.file = self.socket.makefile('rwb')

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.file.close()
        self.socket.close()

    def ask(self, code, key=b'', value=b'', extra=b''):
        """One request; status and body of the answer."""
        size = len(extra) + len(key) + len(value)
        self.file.write(HEADER.pack(0x80, code, len(key), len(extra), 0, 0,
                                    size, 0, 0) + extra + key + value)
        self.file.flush()
        header = self.file.read(HEADER.size)
        if len(header) < HEADER.size:
            raise servers.ServerError('memcached closed the connection')
        answer = HEADER.unpack(header)
        return answer[5], self.file.read(answer[6])

    def log_in(self, mech=b'GS2-KRB5', authzid='', host='localhost'):
        """One attempt; the status at its end."""
        with saslclient.Login('memcached', host, mech.decode(),
                              authzid) as login:
            status, body = self.ask(AUTH, mech, login.start())
            while status == MORE:
                status, body = self.ask(STEP, mech, login.step(body))
        return status

    def store(self, key, value):
        """Stores a value; the status, and the value as it is then read."""
        status = self.ask(SET, key, value, bytes(8))[0]
        if status != OK:
            return status, None
        return status, self.ask(GET, key)[1][4:]
