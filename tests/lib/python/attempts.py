"""One attempt to log in with GS2-KRB5, with a first message of the test's own,
in each protocol in which the servers of the tests take one.

    attempts.say('imap', port, b'n,,' + token)

Where the server wants more (its error token, or its last one, has come), it
gets an empty response.  What it says at the end is the test's to read, if it
wants to: bytes.
"""

import base64
import re
import socket
import struct

import fake_ldap

__all__ = ['PROTOCOLS', 'say']

TIMEOUT = 30
MECH = b'GS2-KRB5'


class Stream:
    """A connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port), TIMEOUT)
        self.file = self.socket.makefile('rwb')

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.socket.close()

    def put(self, octets):
        """Sends."""
        self.file.write(octets)
        self.file.flush()

    def get(self, size):
        """So many octets."""
        octets = self.file.read(size)
        if len(octets) < size:
            raise ConnectionError('the server has hung up')
        return octets

    def line(self):
        """The next line."""
        line = self.file.readline()
        if not line:
            raise ConnectionError('the server has hung up')
        return line

    def read_until(self, pattern):
        """Lines, the last of which the pattern fits."""
        text = b''
        while not re.search(pattern, text):
            text += self.line()
        return text


def in_lines(stream, message, hello, ready, more):
    """IMAP, POP3, LMTP and SMTP (RFC 3501, 5034, 2033, 4954)."""
    stream.read_until(rb'(?m)^.*\n')
    if hello:
        stream.put(hello)
        stream.read_until(rb'(?m)^250 .*\n')
    stream.put(ready + MECH + b'\r\n')
    rest = [message, b'', b'']
    answer = stream.line()
    while answer.startswith(more) and rest:
        stream.put(base64.b64encode(rest.pop(0)) + b'\r\n')
        answer = stream.line()
    return answer


def imap(stream, message):
    """imapd."""
    return in_lines(stream, message, b'', b'a AUTHENTICATE ', b'+')


def pop3(stream, message):
    """pop3d."""
    return in_lines(stream, message, b'', b'AUTH ', b'+ ')


def lmtp(stream, message):
    """lmtpd."""
    return in_lines(stream, message, b'LHLO localhost\r\n', b'AUTH ', b'334')


def smtp(stream, message):
    """smtpd, Exim."""
    return in_lines(stream, message, b'EHLO localhost\r\n', b'AUTH ', b'334')


def sieve(stream, message):
    """timsieved (RFC 5804)."""
    stream.read_until(rb'(?m)^OK.*\n')
    first = base64.b64encode(message)
    stream.put(b'AUTHENTICATE "%s" {%d+}\r\n%s\r\n'
               % (MECH, len(first), first))
    answer = stream.read_until(rb'\n')
    if answer.startswith(b'{'):
        stream.read_until(rb'\n')
        stream.put(b'""\r\n')
        answer = stream.line()
    return answer


def ldap_bind(number, message):
    """A bind request of SASL (RFC 4511 section 4.2)."""
    ber = fake_ldap.ber
    return ber(0x30, ber(0x02, bytes([number])), ber(
        0x60, ber(0x02, b'\3'), ber(0x04),
        ber(0xa3, ber(0x04, MECH), ber(0x04, message))))


def ldap(stream, message):
    """slapd."""
    answer = b''
    for number, text in ((1, message), (2, b'')):
        stream.put(ldap_bind(number, text))
        size = stream.get(2)[1]
        if size & 0x80:
            size = int.from_bytes(stream.get(size & 0x7f), 'big')
        answer = stream.get(size)
        if b'\n\x01\x0e' not in answer:  # saslBindInProgress
            break
    return answer


def svn_item(stream):
    """One top-level list of svnserve's, which has no strings with brackets
    here."""
    text, depth = b'', 0
    while True:
        octet = stream.get(1)
        text += octet
        depth += (octet == b'(') - (octet == b')')
        if octet == b')' and depth == 0:
            return text


def svn(stream, message):
    """svnserve, whose repository is "r"."""
    svn_item(stream)
    url = b'svn://localhost/r'
    stream.put(b'( 2 ( edit-pipeline ) %d:%s 3:gs2 ( ) ) ' % (len(url), url))
    svn_item(stream)
    first = base64.b64encode(message)
    stream.put(b'( %s ( %d:%s ) ) ' % (MECH, len(first), first))
    answer = svn_item(stream)
    if answer.split()[1:2] == [b'step']:
        stream.put(b'0: ')
        answer = svn_item(stream)
    return answer


def memcached(stream, message):
    """memcached's binary protocol: 0x21 starts, 0x22 goes on."""
    header = struct.Struct('>BBHBBHIIQ')
    answer = b''
    for code, text in ((0x21, message), (0x22, b'')):
        stream.put(header.pack(0x80, code, len(MECH), 0, 0, 0,
                               len(MECH) + len(text), 0, 0) + MECH + text)
        head = header.unpack(stream.get(header.size))
        answer = stream.get(head[6])
        if head[5] != 0x21:
            break
    return answer


PROTOCOLS = {'imap': imap, 'pop3': pop3, 'sieve': sieve, 'lmtp': lmtp,
             'smtp': smtp, 'ldap': ldap, 'svn': svn, 'memcached': memcached}


def say(protocol, port, message):
    """One attempt in a connection of its own; the server's last words, which
    are none where it hangs up."""
    try:
        with Stream(port) as stream:
            return PROTOCOLS[protocol](stream, message)
    except OSError:
        return b''
