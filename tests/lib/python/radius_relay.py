"""A RADIUS server as libkrad of krb5 before 1.22 can hear it. FreeRADIUS of
today puts the attribute Message-Authenticator into its answers; that libkrad
knows attributes up to number 63, and drops an answer with a higher one.

    with radius_relay.Relay(server.port, server.secret) as relay:
        ... relay.port: the same without that attribute ...
"""

import hashlib
import socket
import struct
import threading

__all__ = ['Relay']

MESSAGE_AUTHENTICATOR = 80
# RFC 2865 section 3: code, identifier, length, authenticator, attributes.
HEAD = struct.Struct('!BBH16s')
DATAGRAM_MAX = 4096
ANSWER_SECONDS = 5


def _without(data, unwanted):
    """The attributes in data, but for one type."""
    kept = b''
    while data:
        one, data = data[:data[1]], data[data[1]:]
        if one[0] != unwanted:
            kept += one
    return kept


class Relay:
    """A UDP port of the loopback interface, served by a thread."""

    def __init__(self, server_port, secret):
        self.server = ('127.0.0.1', server_port)
        self.secret = secret.encode()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_exc):
        if self.thread.is_alive():
            # An empty datagram is the end.
            self.socket.sendto(b'', self.socket.getsockname())
            self.thread.join()
        self.socket.close()

    def _serve(self):
        while True:
            request, client = self.socket.recvfrom(DATAGRAM_MAX)
            if not request:
                return
            answer = self._ask(request)
            if answer:
                self.socket.sendto(answer, client)

    def _ask(self, request):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.settimeout(ANSWER_SECONDS)
            out.sendto(request, self.server)
            try:
                return self._signed(out.recv(DATAGRAM_MAX), request)
            except OSError:  # none: the client asks again
                return None

    def _signed(self, answer, request):
        """The answer without the attribute, its authenticator made anew."""
        code, identifier, _length, _authenticator = HEAD.unpack_from(answer)
        attributes = _without(answer[HEAD.size:], MESSAGE_AUTHENTICATOR)
        head = [code, identifier, HEAD.size + len(attributes)]
        asked = HEAD.unpack_from(request)[3]
        digest = hashlib.md5(HEAD.pack(*head, asked) + attributes
                             + self.secret).digest()
        return HEAD.pack(*head, digest) + attributes
