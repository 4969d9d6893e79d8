"""A fake LDAP server (RFC 4511) for one connection: it answers a SASL bind
with what the test tells it to, and then whatever "Who am I?" (RFC 4532) is
asked, with a name. It holds no key: a client that believes it has no mutual
authentication.
"""

import socket
import threading

__all__ = ['FakeLdap', 'ber', 'elements']

TIMEOUT = 60
SUCCESS = 0
SASL_BIND_IN_PROGRESS = 14

BIND_REQUEST, BIND_RESPONSE = 0x60, 0x61
UNBIND_REQUEST = 0x42
SEARCH_REQUEST, SEARCH_ENTRY, SEARCH_DONE = 0x63, 0x64, 0x65
EXTENDED_REQUEST, EXTENDED_RESPONSE = 0x77, 0x78
SERVER_CREDENTIALS = 0x87
RESPONSE_VALUE = 0x8b


def ber(tag, *parts):
    """A BER element with definite length."""
    body = b''.join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, 'big')
    return bytes([tag, 0x80 | len(octets)]) + octets + body


def elements(data):
    """The elements that follow one another in data: (tag, content)."""
    while data:
        tag, size, at = data[0], data[1], 2
        if size & 0x80:
            at += size & 0x7f
            size = int.from_bytes(data[2:at], 'big')
        yield tag, data[at:at + size]
        data = data[at + size:]


def result(code, tag, *extra):
    """An LDAPResult with empty names and texts."""
    return ber(tag, ber(0x0a, bytes([code])), ber(0x04), ber(0x04), *extra)


class FakeLdap:
    """Listens in a thread; answers is what the binds get, one after the
    other: (result code, server credentials or None). What the client sent in
    its binds is in .binds, as (mechanism, credentials or None); .asked is
    true where it went on to use the connection."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.binds = []
        self.asked = False
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.listener.settimeout(TIMEOUT)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_exc):
        self.thread.join()
        self.listener.close()

    def _run(self):
        try:
            sock, _address = self.listener.accept()
        except OSError:
            return
        with sock, sock.makefile('rb') as stream:
            sock.settimeout(TIMEOUT)
            try:
                while self._serve(sock, stream):
                    pass
            except (OSError, EOFError):
                pass

    @staticmethod
    def _exactly(stream, count):
        data = stream.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def _message(self, stream):
        """One LDAPMessage: its number, the operation's tag and content."""
        _tag, size = self._exactly(stream, 2)
        if size & 0x80:
            size = int.from_bytes(self._exactly(stream, size & 0x7f), 'big')
        parts = list(elements(self._exactly(stream, size)))
        return parts[0][1], parts[1][0], parts[1][1]

    def _serve(self, sock, stream):
        number, operation, content = self._message(stream)
        if operation == UNBIND_REQUEST:
            return False
        replies = {BIND_REQUEST: self._bind, SEARCH_REQUEST: self._search,
                   EXTENDED_REQUEST: self._who_am_i}
        if operation not in replies:
            return False
        for reply in replies[operation](content):
            sock.sendall(ber(0x30, ber(0x02, number), reply))
        return True

    def _bind(self, content):
        """LDAPv3 bind: version, name, and SASL credentials, [3]."""
        sasl = list(elements(list(elements(content))[2][1]))
        self.binds.append((sasl[0][1].decode('ascii'),
                           sasl[1][1] if len(sasl) > 1 else None))
        code, credentials = self.answers.pop(0)
        extra = []
        if credentials is not None:
            extra.append(ber(SERVER_CREDENTIALS, credentials))
        return [result(code, BIND_RESPONSE, *extra)]

    @staticmethod
    def _search(_content):
        """The root DSE, for a client that asks for the mechanisms."""
        values = ber(0x31, ber(0x04, b'GS2-KRB5'))
        entry = ber(SEARCH_ENTRY, ber(0x04), ber(
            0x30, ber(0x30, ber(0x04, b'supportedSASLMechanisms'), values)))
        return [entry, result(SUCCESS, SEARCH_DONE)]

    def _who_am_i(self, _content):
        self.asked = True
        return [result(SUCCESS, EXTENDED_RESPONSE,
                       ber(RESPONSE_VALUE, b'u:alice'))]
