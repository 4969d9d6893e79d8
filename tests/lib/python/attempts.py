"""One attempt to log in with GS2-KRB5, with a first message of the test's own,
in each protocol in which the servers of the tests take one.

    attempts.say('imap', port, b'n,,' + token)

Where the server wants more (its error token, or its last one, has come), it
gets an empty response.  What it says at the end is the test's to read, if it
wants to: bytes.

    answer, trips, tls = attempts.attempt('xmpp', port, b'n,,' + token)

The round trips are counted from the command that names the mechanism.
"""

import base64
import re
import socket
import ssl
import struct

import fake_ldap

__all__ = ['PROTOCOLS', 'Stream', 'attempt', 'say']

TIMEOUT = 30
MECH = b'GS2-KRB5'


class Stream:
    """A connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port), TIMEOUT)
        self.file = self.socket.makefile('rwb')
        self.said = []
        self.tls = 'no'

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.socket.close()

    def start_tls(self):
        """TLS from here on; whose certificate it is does not matter here."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.file.close()
        self.socket = context.wrap_socket(self.socket)
        self.tls = self.socket.version().replace('v', ' ')
        self.file = self.socket.makefile('rwb')

    def put(self, octets):
        """Sends."""
        self.said.append(octets)
        self.file.write(octets)
        self.file.flush()

    def get(self, size):
        """So many octets."""
        octets = self.file.read(size)
        if len(octets) < size:
            raise ConnectionError('the server has hung up')
        return octets

    def trips(self):
        """How often the client has spoken, from the mechanism's name on."""
        named = [MECH in octets for octets in self.said]
        return len(named) - named.index(True) if True in named else 0

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


def nntp(stream, message):
    """nnrpd (RFC 4643), whose lines of commands have 512 octets."""
    stream.line()
    stream.put(b'AUTHINFO SASL %s\r\n' % MECH)
    rest = [base64.b64encode(message), b'']
    answer = stream.line()
    while answer.startswith(b'383 ') and rest:
        stream.put(rest.pop(0) + b'\r\n')
        answer = stream.line()
    return answer


STREAM = (b"<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
          b"xmlns:stream='http://etherx.jabber.org/streams'>")
XMPP_SASL = b"xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"


def xmpp_until(stream, pattern):
    """What comes, up to what the pattern fits."""
    text = b''
    while not re.search(pattern, text):
        text += stream.get(1)
    return text


def xmpp(stream, message):
    """Prosody (RFC 6120), with STARTTLS."""
    features = b'</stream:features>|<stream:features/>'
    stream.put(STREAM)
    xmpp_until(stream, features)
    stream.put(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    xmpp_until(stream, b'<proceed[^>]*/>')
    stream.start_tls()
    stream.put(STREAM)
    offered = xmpp_until(stream, features)
    if MECH not in offered:
        return offered
    stream.put(b"<auth mechanism='%s' %s>%s</auth>" % (
        MECH, XMPP_SASL, base64.b64encode(message)))
    end = rb'<success[^>]*/>|</(success|challenge|failure)>'
    answer = xmpp_until(stream, end)
    if b'<challenge' in answer:
        stream.put(b'<response %s/>' % XMPP_SASL)
        answer = xmpp_until(stream, end)
    return answer


def counted(octets):
    """Octets behind their number."""
    return struct.pack('>I', len(octets)) + octets


# VeNCrypt's words: TLS with a certificate and SASL within it.
VENCRYPT, X509_SASL = 19, 263


def number(stream):
    """The next number of four octets."""
    return struct.unpack('>I', stream.get(4))[0]


def vnc(stream, message):
    """QEMU: RFB 3.8, VeNCrypt, and SASL in it. All that the client sends has
    an octet 0 at its end."""
    stream.put(stream.get(12))
    stream.get(stream.get(1)[0])
    stream.put(bytes([VENCRYPT]))
    stream.put(stream.get(2))
    stream.get(1)
    stream.get(4 * stream.get(1)[0])
    stream.put(struct.pack('>I', X509_SASL))
    stream.get(1)
    stream.start_tls()
    mechanisms = stream.get(number(stream))
    if MECH not in mechanisms:
        return mechanisms
    stream.put(counted(MECH) + counted(message + b'\0'))
    stream.get(number(stream))
    if stream.get(1) == b'\0':
        stream.put(counted(b'\0'))
        stream.get(number(stream))
        stream.get(1)
    return b'%d' % number(stream)


# Of libvirt's remote protocol, an ONC RPC (RFC 5531) of its own.
REMOTE = 0x20008086
AUTH_LIST, SASL_INIT, SASL_START, SASL_STEP = 66, 67, 68, 69


def libvirt_call(stream, procedure, arguments=b''):
    """A call; its answer, from the status on."""
    stream.put(struct.pack('>I', 28 + len(arguments)) + struct.pack(
        '>6I', REMOTE, 1, procedure, 0, procedure, 0) + arguments)
    size = number(stream)
    return stream.get(size - 4)[20:]


def libvirt_data(message):
    """Octets as an array of XDR's characters, four octets each."""
    return struct.pack('>2I', 0, len(message)) + b''.join(
        struct.pack('>i', octet - 256 if octet > 127 else octet)
        for octet in message)


def libvirt(stream, message):
    """libvirtd, by TLS."""
    stream.start_tls()
    stream.get(1)
    libvirt_call(stream, AUTH_LIST)
    answer = libvirt_call(stream, SASL_INIT)
    if MECH not in answer:
        return answer
    answer = libvirt_call(stream, SASL_START, counted(MECH)
                          + libvirt_data(message))
    if answer[:8] == bytes(8):  # it goes on
        answer = libvirt_call(stream, SASL_STEP, libvirt_data(b''))
    return answer


PROTOCOLS = {'imap': imap, 'pop3': pop3, 'sieve': sieve, 'lmtp': lmtp,
             'smtp': smtp, 'ldap': ldap, 'svn': svn, 'memcached': memcached,
             'nntp': nntp, 'xmpp': xmpp, 'vnc': vnc, 'libvirt': libvirt}


def attempt(protocol, port, message):
    """One attempt on a connection of its own: the server's last words (empty if
    it hangs up), the round trips, and the version of TLS."""
    try:
        with Stream(port) as stream:
            try:
                answer = PROTOCOLS[protocol](stream, message)
            except OSError:
                answer = b''
            return answer, stream.trips(), stream.tls
    except OSError:
        return b'', 0, 'no'


def say(protocol, port, message):
    """The last words alone."""
    return attempt(protocol, port, message)[0]
