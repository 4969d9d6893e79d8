"""What the tests of libgssapiv2.so against raw ends of the GSS-API share: an
initiator and an acceptor that say whatever a trap wants, and the servers and
clients of libsasl's before them.

    with sasl_end.Stage() as stage:
        x = gssapi_ends.Traps(t, stage)
        server = x.server(min=2)
        x.refused(server, gssapi_ends.RawClient(server).choose(1), 'BADPROT',
                  'chose security layer 0x01')
"""

import rawgss

__all__ = ['ALL', 'CONF', 'INTEG', 'MUTUAL', 'PLAIN', 'RawClient', 'RawServer',
           'SEALED', 'SEQUENCE', 'SIGNED', 'SIZE', 'Traps', 'oid']

REALM_OIDS = {'krb5': '1.2.840.113554.1.2.2', 'spnego': '1.3.6.1.5.5.2'}
MUTUAL = rawgss.MUTUAL
REPLAY, SEQUENCE, CONF, INTEG = 4, 8, 16, 32
ALL = MUTUAL | REPLAY | SEQUENCE | CONF | INTEG
SIZE = b'\x00\xff\xff'
SEALED, SIGNED, PLAIN = 4, 2, 1


def oid(name):
    """A mechanism."""
    return rawgss.Oid.of(REALM_OIDS[name])


class RawClient:
    """A raw initiator before a server of libsasl's."""

    def __init__(self, server, flags=ALL, mech='krb5', bound=None,
                 exactly=False):
        self.mech = oid(mech)
        self.server = server
        cred = rawgss.with_flags_as_asked(self.mech) if exactly else None
        self.end = rawgss.Initiator(rawgss.ctypes.byref(self.mech), bound,
                                    cred, flags=flags)
        self.first = self.end.step()

    def handshake(self):
        """To the end of the context; the server's last answer."""
        answer = self.server.start(self.first)
        while answer.code == 'CONTINUE' and not self.end.done:
            try:
                token = self.end.step(answer.data)
            except OSError: # an error token: what follows is the failure
                return self.server.step(b'')
            if self.end.done and not token:
                return answer
            answer = self.server.step(token)
        return answer

    def offer(self):
        """What the server offers, unwrapped."""
        self.handshake()
        self.offered = self.server.step(b'')
        assert self.offered.code == 'CONTINUE', self.offered
        return rawgss.unwrap(self.end.context, self.offered.data)

    def say(self, octets, sealed=False):
        """The final message."""
        return self.server.step(rawgss.wrap(self.end.context, octets, sealed))

    def choose(self, layer, size=SIZE, authzid=b''):
        """A choice as it should be."""
        self.offer()
        return self.say(bytes([layer]) + size + authzid)


class RawServer:
    """A raw acceptor before a client of libsasl's."""

    def __init__(self, client, mech='krb5'):
        self.client = client
        self.end = rawgss.Acceptor(oid(mech))

    def offer(self, octets, sealed=False):
        """The client's answer to an offer."""
        told = self.client.start()
        while not self.end.done:
            told = self.client.step(self.end.step(told.data))
        assert told.code == 'CONTINUE', told
        return self.client.step(rawgss.wrap(self.end.context, octets, sealed))


class Traps:
    """What each trap needs."""

    def __init__(self, t, stage):
        self.t = t
        self.stage = stage
        self.kept = {}

    def server(self, **settings):
        """A server with these settings, its connection new."""
        key = ('s', *sorted(settings.items()))
        if key not in self.kept or self.kept[key].process.poll() is not None:
            self.kept[key] = self.stage.server(**settings)
        return self.kept[key].new()

    def client(self, **settings):
        """A client with these settings, its connection new."""
        key = ('c', *sorted(settings.items()))
        if key not in self.kept or self.kept[key].process.poll() is not None:
            self.kept[key] = self.stage.client(**settings)
        return self.kept[key].new()

    def refused(self, server, answer, code, text):
        """Nobody is logged in, and why."""
        self.t.equal(answer.code, code, f'the code of: {text}')
        assert text in answer.text, answer.text
        assert 'user' not in server.get(), server.get()

    def layered(self, layer=SEALED, **settings):
        """A server with a layer, and the raw end of it."""
        server = self.server(**settings)
        raw = RawClient(server)
        answer = raw.choose(layer)
        assert answer.code == 'OK', answer
        return server, raw
