#!/usr/bin/env python3
"""Each trap of doc/gssapi.md that a peer can lay for libgssapiv2.so, by its
number: the other side is a raw end of the GSS-API, or what is said is changed
on its way.

With GS2_GSSAPI=FILE it says of another file what it does.
"""

import os

import subprocess
import sys

import rawgss
import sasl_end
import tap

REALM_OIDS = {'krb5': '1.2.840.113554.1.2.2', 'spnego': '1.3.6.1.5.5.2'}
REPLAY, SEQUENCE, CONF, INTEG, DCE = 4, 8, 16, 32, 0x1000
MUTUAL = rawgss.MUTUAL
ALL = MUTUAL | REPLAY | SEQUENCE | CONF | INTEG
SIZE = b'\x00\xff\xff'
SEALED, SIGNED, PLAIN = 4, 2, 1
# The upper octet of how far a wrap of krb5 is rotated: 256 octets, of 16, are no
# change of what it says (RFC 4121 4.2.5).
RRC = 6
NTLM = '1.3.6.1.4.1.311.2.2.10'
RAW_SPNEGO = """
import sys
import rawgss
mech = rawgss.Oid.of('1.3.6.1.5.5.2')
end = rawgss.Initiator(rawgss.ctypes.byref(mech))
sys.stdout.buffer.write(end.step())
"""


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


def frame(octets):
    """A packet of a layer."""
    return len(octets).to_bytes(4, 'big') + octets


def inside(data, tag):
    """What is in an element of DER, and what is behind it."""
    assert data[0] == tag, data[:16].hex()
    count = data[1] & 0x7f if data[1] & 0x80 else 0
    end = 2 + count + (int.from_bytes(data[2:2 + count], 'big') if count
                       else data[1])
    return data[2 + count:end], data[end:]


def mechanism_list(token):
    """The mechanisms of a NegTokenInit (RFC 4178 4.2.1)."""
    data = inside(inside(token, 0x60)[0], 6)[1]
    for tag in (0xa0, 0x30, 0xa0, 0x30):
        data = inside(data, tag)[0]
    found = []
    while data:
        mechanism, data = inside(data, 6)
        found.append(mechanism)
    return found


def messages(x):
    """1 to 6: what is in offer and choice (rows KC7 to KC10, KS9 to KS11)."""
    with x.t.case('trap 1: a final message of no, of three octets'):
        for octets in (b'', b'\1\0\0'):
            server = x.server()
            raw = RawClient(server)
            raw.offer()
            x.refused(server, raw.say(octets), 'BADPROT',
                      f'choice of a security layer has {len(octets)} octets')
    with x.t.case('trap 1: an offer of three, of five octets'):
        for octets in (b'\7\0\0', b'\7\0\xff\xff\0'):
            answer = RawServer(x.client()).offer(octets)
            x.t.equal(answer.code, 'BADPROT', 'the client')
            assert f'has {len(octets)} octets, not 4' in answer.text, answer
    with x.t.case('trap 1: a message of no octets leaves no memory'):
        # For some 400 rounds the heap grows to what malloc() keeps of it. A
        # block has 16 octets at least.
        used = {}
        for rounds in (100, 300, 800):
            for _ in range(rounds):
                server = x.server()
                raw = RawClient(server)
                raw.offer()
                raw.say(b'')
                client = x.client()
                RawServer(client).offer(b'')
            for end in (x.server(), x.client()):
                used.setdefault(end.role, []).append(int(end.get()['heap']))
        for role, sizes in used.items():
            assert sizes[2] - sizes[1] < 800 * 16, (role, sizes)
    for trap, settings, choices in (
            (2, {}, (0, 3, 5, 7, 8, 0x80, 0x84)),
            (3, {'max': 0}, (2, 4, 6)),
            (4, {'min': 2}, (1, 2, 3))):
        with x.t.case(f'trap {trap}: choices of what was not offered'):
            for choice in choices:
                server = x.server(**settings)
                x.refused(server, RawClient(server).choose(choice), 'BADPROT',
                          f'chose security layer 0x{choice:02x}')
    with x.t.case('trap 5: sizes in which nothing fits'):
        for layer, sizes in ((SIGNED, (0, 1, 28)), (SEALED, (0, 1, 30, 60))):
            for size in sizes:
                server = x.server()
                answer = RawClient(server).choose(layer,
                                                  size.to_bytes(3, 'big'))
                x.refused(server, answer, 'BADPROT', 'in which nothing fits')
    with x.t.case('trap 5: sizes in which something fits, and the largest'):
        for size in (61, 64, 0xffffff):
            server = x.server()
            answer = RawClient(server).choose(SEALED, size.to_bytes(3, 'big'))
            x.t.equal(answer.code, 'OK', f'{size}')
            assert 0 < int(server.get()['maxoutbuf']) < size, server.get()
    with x.t.case('trap 5: an offer with a size of 0'):
        answer = RawServer(x.client()).offer(b'\6\0\0\0')
        x.t.equal(answer.code, 'BADPROT', 'the client')
    with x.t.case('trap 6: offers of nothing, and of what nobody knows'):
        for offer in (0, 8):
            answer = RawServer(x.client()).offer(bytes([offer]) + SIZE)
            x.t.equal(answer.code, 'TOOWEAK', f'offer {offer:#x}')
        for offer, ssf in ((9, '0'), (0xfc, '256')):
            client = x.client()
            answer = RawServer(client).offer(bytes([offer]) + SIZE)
            x.t.equal((answer.code, client.get()['ssf']), ('OK', ssf),
                      f'offer {offer:#x}')


def wraps(x):
    """7 to 11: the wraps, and the identity in one (rows KG3, KC11 and KS12)."""
    with x.t.case('trap 7: one bit of the final wrap'):
        codes = set()
        for at in range(32):
            if at == RRC:
                continue
            server = x.server()
            raw = RawClient(server)
            raw.offer()
            token = bytearray(rawgss.wrap(raw.end.context, b'\1\0\0\0'))
            token[at] ^= 1
            codes.add(server.step(bytes(token)).code)
            assert 'user' not in server.get(), at
        x.t.equal(codes, {'BADAUTH'}, 'the codes')
    with x.t.case('trap 7: one bit of the offer'):
        codes = set()
        for at in range(32):
            if at == RRC:
                continue
            client = x.client()
            raw = rawgss.Acceptor(oid('krb5'))
            client.step(raw.step(client.start().data))
            offer = bytearray(rawgss.wrap(raw.context, b'\7' + SIZE))
            offer[at] ^= 1
            codes.add(client.step(bytes(offer)).code)
        x.t.equal(codes, {'BADSERV'}, 'the codes')
    with x.t.case('trap 8: no wrap, a MIC, the offer itself, the AP-REQ'):
        for make in (lambda raw: b'\1\0\0\0',
                     lambda raw: rawgss.mic(raw.end.context, b'\1\0\0\0'),
                     lambda raw: raw.offered.data, lambda raw: raw.first):
            server = x.server()
            raw = RawClient(server)
            raw.offer()
            x.refused(server, server.step(make(raw)), 'BADAUTH',
                      'is not the next one of its context')
    with x.t.case('trap 9: a negotiation that is sealed'):
        server = x.server()
        raw = RawClient(server)
        raw.offer()
        x.t.equal(raw.say(b'\1\0\0\0', True).code, 'OK', 'the server')
        answer = RawServer(x.client()).offer(b'\7' + SIZE, True)
        x.t.equal(answer.code, 'OK', 'the client')
    with x.t.case('trap 10: a wrap is missing before the final message'):
        server = x.server()
        raw = RawClient(server)
        raw.offer()
        rawgss.wrap(raw.end.context, b'lost')
        x.refused(server, raw.say(b'\1\0\0\0'), 'BADAUTH',
                  'is not the next one of its context')
    for authzid, code, text in (
            (b'\0', 'BADPROT', 'has a NUL at octet 1'),
            (b'alice\0', 'BADPROT', 'has a NUL at octet 6'),
            (b'alice\0evil', 'BADPROT', 'has a NUL at octet 6'),
            (b' ', 'BADPROT', 'authorization identity'),
            (b'alice\r\n', 'BADPROT', 'control character'),
            (b'\xff\xfe', 'BADPROT', 'no UTF-8 at octet 1'),
            (b'\xc0\x80', 'BADPROT', 'no UTF-8 at octet 1'),
            (b'a\xed\xa0\x80', 'BADPROT', 'no UTF-8 at octet 2'),
            (b'a' * 69996, 'BADPROT', 'more than 1024')):
        with x.t.case(f'trap 11: the identity {authzid[:12]}'):
            server = x.server(policy='allow')
            answer = RawClient(server).choose(PLAIN, b'\0\0\0', authzid)
            x.refused(server, answer, code, text)
    for authzid, user in ((b'alice', 'alice'), (b'bob', 'bob'),
                          (b'alice@EXAMPLE.TEST', 'alice@EXAMPLE.TEST'),
                          (b'b' * 296, 'b' * 296)):
        with x.t.case(f'trap 11: the identity {authzid[:24]}'):
            server = x.server(policy='allow')
            answer = RawClient(server).choose(PLAIN, b'\0\0\0', authzid)
            x.t.equal((answer.code, server.get()['user']), ('OK', user),
                      'who it is')


def layers(x):
    """12 to 16: what comes through a layer (rows KL1 to KL6)."""
    def sent(raw, sealed=True):
        return [frame(rawgss.wrap(raw.end.context, b'%d' % n, sealed))
                for n in range(4)]

    for words, order in (('replayed', (0, 0)), ('swapped', (1, 0)),
                         ('dropped', (0, 2))):
        with x.t.case(f'trap 12: a packet is {words}'):
            server, raw = x.layered()
            packets = sent(raw)
            codes = [server.decode(packets[n]).code for n in order]
            x.t.equal(codes[-1] if words != 'swapped' else codes[0], 'FAIL',
                      'the code')
            x.t.equal(server.decode(packets[3]).code, 'FAIL', 'for good')
    with x.t.case('trap 12: a packet is cut short, or a bit of it flips'):
        for change in (lambda p: p[4:-1], lambda p: p[4:-1] + b'\0'):
            server, raw = x.layered()
            packets = sent(raw)
            bad = change(packets[0])
            x.t.equal(server.decode(frame(bad)).code, 'FAIL', 'the code')
            x.t.equal(server.decode(packets[0]).code, 'FAIL', 'for good')
    with x.t.case('trap 13: without SEQUENCE no layer is offered'):
        for flags in (ALL & ~SEQUENCE, ALL & ~MUTUAL):
            raw = RawClient(x.server(), flags=flags)
            answer = raw.handshake()
            if flags & MUTUAL:
                answer = raw.server.step(b'')
            x.t.equal(rawgss.unwrap(raw.end.context, answer.data),
                      b'\1\0\0\0', f'flags {flags:#x}')
        server = x.server(mech='GSS-SPNEGO')
        raw = RawClient(server, flags=ALL & ~SEQUENCE, mech='spnego')
        x.refused(server, raw.handshake(), 'BADAUTH', 'can be replayed')
    with x.t.case('trap 13: GSS-SPNEGO with CONF and without INTEG'):
        server = x.server(mech='GSS-SPNEGO')
        raw = RawClient(server, flags=MUTUAL | SEQUENCE | CONF, mech='spnego',
                        exactly=True)
        x.refused(server, raw.handshake(), 'BADAUTH', 'without integrity')
    with x.t.case('trap 13: an application that requires MUTUAL has it'):
        server = x.server(mutual='yes')
        x.t.equal(RawClient(server).choose(PLAIN).code, 'OK', 'with MUTUAL')
        server = x.server(mutual='yes')
        x.refused(server, RawClient(server, flags=ALL & ~MUTUAL).handshake(),
                  'BADAUTH', 'requires mutual authentication')
    with x.t.case('trap 14: what is not sealed where it was agreed; a MIC'):
        for make in (lambda c: rawgss.wrap(c, b'x', False),
                     lambda c: rawgss.mic(c, b'x')):
            server, raw = x.layered()
            x.t.equal(server.decode(frame(make(raw.end.context))).code,
                      'FAIL', 'the code')
    with x.t.case('trap 15: lengths of 0, of 4 GiB, one more than the limit'):
        for octets in (b'\0\0\0\0', b'\xff' * 4,
                       (65536 + 1).to_bytes(4, 'big')):
            server, raw = x.layered()
            good = frame(rawgss.wrap(raw.end.context, b'x', True))
            x.t.equal(server.decode(octets).code, 'FAIL', f'{octets}')
            x.t.equal(server.decode(good).code, 'FAIL', 'for good')
    with x.t.case('trap 15: GSS-SPNEGO, more than the application receives'):
        server = x.server(mech='GSS-SPNEGO', buffer=4096)
        client = x.client(mech='GSS-SPNEGO')
        sasl_end.login(client, server)
        assert 0 < int(server.get()['maxoutbuf']) < 4096, server.get()
        packet = client.encode(b'x' * 4000)
        x.t.equal(server.decode(packet.data).code, 'OK', '4,000 octets')
        packet = client.encode(b'x' * 5000)
        x.t.equal(server.decode(packet.data).code, 'FAIL', '5,000 octets')
    with x.t.case('trap 15: any split of the stream, and no octets at all'):
        server, raw = x.layered()
        stream = b''.join(frame(rawgss.wrap(raw.end.context, text, True))
                          for text in (b'', b'one', b'', b'two'))
        got = b''
        for at in range(len(stream)):
            answer = server.decode(stream[at:at + 1])
            assert answer.code == 'OK', answer
            got += answer.data or b''
        x.t.equal(got, b'onetwo', 'octet by octet')
        stream = b''.join(sent(raw))
        for size in (3, 5, len(stream) * 5 // 8):
            pieces = [stream[at:at + size]
                      for at in range(0, len(stream), size)]
            got = b''.join(server.decode(p).data or b'' for p in pieces)
            x.t.equal(got, b'0123', f'{size} octets at a time')
            stream = b''.join(sent(raw))
    with x.t.case('trap 16: encode round the limit, in pieces'):
        server, raw = x.layered()
        limit = int(server.get()['maxoutbuf'])
        for size in (limit - 1, limit, limit + 1, 2 * limit + 5):
            text = bytes(i % 251 for i in range(size))
            for cut in ((), (1,), (7, size - 3)):
                at = (0, *cut, size)
                answer = server.encode(*[text[a:b]
                                         for a, b in zip(at, at[1:])])
                x.t.equal(answer.code, 'OK', f'{size} in {len(at) - 1}')
                data, got = answer.data, b''
                while data:
                    n = int.from_bytes(data[:4], 'big')
                    assert n <= 65535, n
                    got += rawgss.unwrap(raw.end.context, data[4:4 + n])
                    data = data[4 + n:]
                assert got == text, (len(got), size)
    with x.t.case('trap 16: encode and decode after a second start'):
        for mech in ('start', 'plain'):
            server, raw = x.layered()
            if mech == 'plain':
                server.plain()
            else:
                server.start(b'junk')
            x.t.equal((server.encode(b'secret').code,
                       server.decode(b'junk').code), ('NOTDONE', 'NOTDONE'),
                      mech)


def second_starts(x):
    """16 on a client: libsasl gives the functions of a layer the context of the
    mechanism that was started last, and calls no step of it (row KL6)."""
    for mech in ('GSSAPI', 'GSS-SPNEGO'):
        for other in ('ANONYMOUS', 'GSSAPI', 'GSS-SPNEGO', 'NONE'):
            with x.t.case(f'trap 16: {mech} with a layer, then {other}'):
                client = x.stage.client(mech=mech)
                sasl_end.login(client, x.server(mech=mech))
                x.t.equal(client.get()['ssf'], '256', 'the layer')
                client.other(other)
                wanted = 'OK' if other == 'NONE' else 'NOTDONE'
                sent = client.encode(b'secret')
                x.t.equal(sent.code, wanted, 'encode')
                assert b'secret' not in (sent.data or b''), sent
                if other != 'NONE':
                    x.t.equal(client.decode(b'junk').code, 'NOTDONE', 'decode')
                client.end()
    with x.t.case('trap 16: a start in the middle, then its own layer'):
        client = x.stage.client()
        client.start()
        server = x.server()
        said = sasl_end.login(client, server)
        sent = client.encode(b'secret')
        x.t.equal(server.decode(sent.data).data, b'secret', said)
        client.end()


def credentials(x):
    """18, 20, 21 and 23 where the application gives a credential of all
    mechanisms (row KP6)."""
    for mech, raw, code in (('GSSAPI', 'krb5', 'OK'),
                            ('GSSAPI', 'spnego', 'BADPROT'),
                            ('GSS-SPNEGO', 'spnego', 'OK'),
                            ('GSS-SPNEGO', 'krb5', 'BADPROT')):
        with x.t.case(f'trap 21: {raw} into {mech}, with SASL_GSS_CREDS'):
            server = x.server(mech=mech, creds='yes')
            peer = RawClient(server, mech=raw)
            if (mech, code) == ('GSSAPI', 'OK'):
                answer = peer.choose(SEALED)
            else:
                answer = peer.handshake()
                if answer.code == 'CONTINUE':
                    answer = server.step(b'')
            x.t.equal(answer.code, code, answer.text)
            x.t.equal(server.get().get('user'),
                      'alice' if code == 'OK' else None, 'who it is')
    for most in (0, 1, 256):
        with x.t.case(f'trap 23: SASL_GSS_CREDS and max_ssf {most}'):
            said, ssf = [], []
            for creds in ('no', 'yes'):
                server = x.server(mech='GSS-SPNEGO')
                client = x.client(mech='GSS-SPNEGO', max=most, creds=creds)
                said.append(sasl_end.login(client, server)[-6:])
                ssf.append(client.get()['ssf'])
            x.t.equal((said, ssf), (['S OK -'] * 2, [str(most)] * 2),
                      'as without it')


def ntlm(x):
    """20: SPNEGO on a machine that has NTLM (row KP6)."""
    users = x.stage.realm.path('ntlm-users')
    with open(users, 'w', encoding='ascii') as file:
        file.write('HOME:bob:secret\n')
    env = {'NTLM_USER_FILE': users, 'GSS_MECH_CONFIG': tap.find(
        '/etc/gss/mech.d/mech.ntlmssp.conf', 'gss-ntlmssp')}
    krb5, other = oid('krb5').octets(), rawgss.Oid.of(NTLM).octets()
    with x.t.case('trap 20: SPNEGO offers NTLM, where it may'):
        said = subprocess.run(
            [sys.executable, '-c', RAW_SPNEGO], check=True,
            stdout=subprocess.PIPE, env={
                **x.stage.environment('ours', **env),
                'PYTHONPATH': os.path.dirname(rawgss.__file__)}).stdout
        assert other in mechanism_list(said), said
    with x.t.case('trap 20: a client offers krb5 alone'):
        client = x.stage.client(mech='GSS-SPNEGO', env=env)
        x.t.equal(mechanism_list(client.start().data), [krb5], 'the offer')
        client.end()
    with x.t.case('trap 20: a client whose SASL_GSS_CREDS has NTLM'):
        client = x.stage.client(mech='GSS-SPNEGO', env=env, creds='yes')
        answer = client.start()
        x.t.equal(answer.code, 'FAIL', 'gss-ntlmssp has no copy of its own')
        assert 'cannot be kept to Kerberos V5' in answer.text, answer
        client.end()
    for creds, text in (('no', 'GSS acceptor'),
                        ('yes', 'the context is of mechanism')):
        with x.t.case(f'trap 20: a server, SASL_GSS_CREDS: {creds}'):
            server = x.stage.server(mech='GSS-SPNEGO', env=env, creds=creds,
                                    external=256)
            client = x.stage.client('cyrus', mech='GSS-SPNEGO', env={
                **env, 'KRB5CCNAME': 'FILE:/nonexistent'})
            said = sasl_end.login(client, server)
            assert said.startswith('C CONTINUE'), said
            assert 'S OK' not in said and 'user' not in server.get(), said
            lines = [line for line in server.log if 'login failed' in line]
            assert len(lines) == 1 and text in lines[0], (said, lines)
            client.end()
            server.end()


def relays(x):
    """17 to 23: tokens of other mechanisms and contexts (rows KP2, KP3, KP6 and
    KS4)."""
    with x.t.case('trap 17: a GS2 token into GSSAPI: the wrap is missing'):
        server = x.server()
        raw = RawClient(server, bound=b'n,,')
        x.t.equal(raw.handshake().code, 'CONTINUE', 'the context')
        server.step(b'')
        x.refused(server, server.step(b'\1\0\0\0'), 'BADAUTH', 'is not the')
    with x.t.case('trap 18: the same, in SPNEGO or not, into GSS-SPNEGO'):
        for mech, code in (('krb5', 'FAIL'), ('spnego', 'BADBINDING')):
            server = x.server(mech='GSS-SPNEGO')
            answer = RawClient(server, bound=b'n,,', mech=mech).handshake()
            if answer.code == 'CONTINUE':
                answer = server.step(b'')
            x.t.equal(answer.code, code, mech)
            assert 'user' not in server.get(), server.get()
    with x.t.case('trap 18: a raw krb5 token into GSS-SPNEGO'):
        server = x.server(mech='GSS-SPNEGO')
        answer = RawClient(server).handshake()
        if answer.code == 'CONTINUE':
            answer = server.step(b'')
        assert answer.code not in ('OK', 'CONTINUE'), answer
        assert 'user' not in server.get(), server.get()
    with x.t.case('trap 19: a GSSAPI token into GS2-KRB5'):
        server = x.stage.server('both', mech='GS2-KRB5')
        token = rawgss.without_framing(RawClient(server).first)
        for header in (b'n,,', b'n,a=bob,'):
            answer = server.new().start(header + token)
            if answer.code == 'CONTINUE':
                answer = server.step(b'')
            x.t.equal(answer.code, 'BADBINDING', header.decode())
    with x.t.case('trap 21: a SPNEGO context into GSSAPI'):
        server = x.server()
        answer = RawClient(server, mech='spnego').handshake()
        if answer.code == 'CONTINUE':
            answer = server.step(b'')
        assert answer.code not in ('OK', 'CONTINUE'), answer
    with x.t.case('trap 21: GSS-SPNEGO without MUTUAL'):
        server = x.server(mech='GSS-SPNEGO')
        raw = RawClient(server, flags=ALL & ~MUTUAL, mech='spnego')
        x.refused(server, raw.handshake(), 'BADAUTH',
                  'no mutual authentication')
    with x.t.case('trap 22: GSS-SPNEGO by HTTP, where a layer is demanded'):
        for least in (1, 256):
            server = x.server(mech='GSS-SPNEGO', min=least, http='yes')
            raw = RawClient(server, mech='spnego')
            x.refused(server, raw.handshake(), 'TOOWEAK', 'SSF')
    with x.t.case('trap 22: GSS-SPNEGO, and the client has no layer'):
        for least in (1, 256):
            server = x.server(mech='GSS-SPNEGO', min=least)
            client = x.client(mech='GSS-SPNEGO', max=0)
            said = sasl_end.login(client, server)
            assert 'TOOWEAK' in said, said
            assert 'user' not in server.get(), server.get()
    with x.t.case('trap 22: a GSS-SPNEGO client that demands a layer, by HTTP'):
        client = x.client(mech='GSS-SPNEGO', min=1, http='yes')
        said = sasl_end.login(client, x.server(mech='GSS-SPNEGO', http='yes'))
        assert said.endswith('C TOOWEAK -'), said
    with x.t.case('trap 23: a GSS-SPNEGO client whose layer nobody asked for'):
        server = x.server(mech='GSS-SPNEGO', max=0)
        raw = RawClient(server, mech='spnego')
        assert raw.handshake().code == 'CONTINUE'
        x.t.equal((server.step(b'').code, server.get()['ssf']),
                  ('OK', '256'), 'it will wrap')
        server = x.server(mech='GSS-SPNEGO', buffer=0)
        x.refused(server, RawClient(server, mech='spnego').handshake(),
                  'BADAUTH', 'the application can have none')
    with x.t.case('trap 23: a client whose layer would be above its range'):
        client = x.client(mech='GSS-SPNEGO', min=56, max=128)
        said = sasl_end.login(client, x.server(mech='GSS-SPNEGO'))
        assert said.endswith('C TOOWEAK -'), said
        x.t.equal(client.get()['ssf'], '0', 'no layer')
    with x.t.case('trap 23: a client that wants no layer has none'):
        for most, external in ((0, 0), (256, 256)):
            server = x.server(mech='GSS-SPNEGO')
            client = x.client(mech='GSS-SPNEGO', max=most, external=external)
            said = sasl_end.login(client, server)
            x.t.equal((said[-6:], client.get()['ssf'], server.get()['ssf']),
                      ('S OK -', '0', '0'), f'{most}, {external}')


def states(x):
    """24 to 36: messages at the wrong time, and options of both sides."""
    with x.t.case('trap 24: success instead of the AP-REP, of the offer'):
        client = x.client()
        client.start()
        answer = client.step(None)
        x.t.equal(answer.code, 'BADSERV', 'at once')
        assert 'before it has proved who it is' in answer.text, answer
        client = x.client()
        raw = rawgss.Acceptor(oid('krb5'))
        client.step(raw.step(client.start().data))
        x.t.equal(client.step(None).code, 'BADSERV', 'after the AP-REP')
    with x.t.case('trap 24: a message that is too long; no choice'):
        much = bytes(1024 * 1024 + 1)
        server = x.server()
        x.refused(server, server.start(much), 'BADPROT', 'more than 1048576')
        server = x.server()
        RawClient(server).offer()
        x.refused(server, server.step(b''), 'BADPROT', 'chose no security')
        client = x.client()
        client.start()
        answer = client.step(much)
        x.t.equal(answer.code, 'BADPROT', 'the client')
        assert 'more than 1048576' in answer.text, answer
    with x.t.case('trap 24: without error tokens the failure comes at once'):
        server = x.server(mech='GSS-SPNEGO',
                          **{'option:gs2_error_tokens': 'no'})
        answer = server.start(RawClient(x.server(), bound=b'n,,',
                                        mech='spnego').first)
        x.refused(server, answer, 'BADBINDING', 'another channel')
    for mech in ('GSSAPI', 'GSS-SPNEGO'):
        for data in ('no', 'yes'):
            with x.t.case(f'trap 25: {mech}, a second start, data {data}'):
                server = x.server(mech=mech, success_data=data)
                client = x.client(mech=mech)
                assert sasl_end.login(client, server).count('S OK') == 1
                assert server.start(b'junk').code not in ('OK', 'CONTINUE')
                server = x.server(mech=mech, success_data=data)
                sasl_end.login(x.client(mech=mech), server)
                assert server.plain().code not in ('OK', 'CONTINUE')
    with x.t.case('trap 26: a step after success, and after failure'):
        server = x.server()
        RawClient(server).choose(PLAIN)
        assert server.step(b'').code not in ('OK', 'CONTINUE')
        server = x.server()
        server.start(b'junk')
        assert server.step(b'').code not in ('OK', 'CONTINUE')
    with x.t.case('trap 27: what a failed attempt leaves'):
        server = x.server()
        RawClient(server).choose(3)
        left = server.get()
        assert 'user' not in left and 'peer' not in left, left
        x.t.equal(left['ssf'], '0', 'SSF')
        x.t.equal(server.encode(b'x'), sasl_end.Answer('OK', b'x', left and
                  server.encode(b'x').text), 'no layer')
    for mech in ('GSSAPI', 'GSS-SPNEGO'):
        for both in (('no', 'no'), ('yes', 'no'), ('no', 'yes'),
                     ('yes', 'yes')):
            with x.t.case(f'trap 29: {mech}, success data {both}'):
                server = x.server(mech=mech, success_data=both[0])
                client = x.client(mech=mech, success_data=both[1])
                said = sasl_end.login(client, server)
                x.t.equal(server.get().get('user'), 'alice', said)
                x.t.equal(client.get()['ssf'], '256', said)
    with x.t.case('trap 30: flags that nobody asked for'):
        server = x.server()
        raw = RawClient(server, flags=ALL | DCE)
        answer = raw.handshake()
        assert answer.code not in ('OK',), answer
        assert 'user' not in server.get(), server.get()
    with x.t.case('trap 31: data in the response to the last token'):
        server = x.server()
        RawClient(server).handshake()
        x.refused(server, server.step(b'more'), 'BADPROT', 'is not empty')
        server = x.server(mech='GSS-SPNEGO')
        RawClient(server, mech='spnego').handshake()
        x.refused(server, server.step(b'more'), 'BADPROT', 'is not empty')
    with x.t.case('trap 32: no first message: one is asked for, once'):
        for nothing in (None, b''):
            server = x.server()
            x.t.equal(server.start(nothing)[:2], ('CONTINUE', b''), 'asked')
            raw = RawClient(server)
            answer = server.step(raw.first)
            x.t.equal(answer.code, 'CONTINUE', 'goes on')
            server = x.server()
            answer, asked = server.start(nothing), 0
            while answer.code == 'CONTINUE' and asked < 3:
                answer = server.step(nothing)
                asked += 1 # once by libsasl itself, where it is NULL
            x.refused(server, answer, 'BADPROT', 'empty first')
    with x.t.case('trap 32: the empty response as NULL'):
        server = x.server()
        raw = RawClient(server)
        raw.handshake()
        x.t.equal(server.step(None).code, 'CONTINUE', 'the offer')
    with x.t.case('trap 33: no host'):
        answer = x.stage.client(host='').start()
        assert answer.code not in ('OK', 'CONTINUE'), answer
    with x.t.case('trap 34: 6 chosen is confidentiality'):
        server = x.server()
        x.t.equal((RawClient(server).choose(6).code, server.get()['ssf']),
                  ('OK', '256'), 'the server')
        client = x.client(**{'option:ad_compat': 'yes'})
        raw = RawServer(client)
        answer = raw.offer(b'\7' + SIZE)
        x.t.equal((rawgss.unwrap(raw.end.context, answer.data)[:1],
                   client.get()['ssf']), (b'\6', '256'), 'ad_compat')
    with x.t.case('trap 34: a size with layer 1; MUTUAL left out'):
        server = x.server()
        x.t.equal(RawClient(server).choose(PLAIN, SIZE).code, 'OK', 'a size')
        server = x.server()
        raw = RawClient(server, flags=CONF | INTEG | SEQUENCE)
        answer = raw.handshake()
        x.t.equal(rawgss.unwrap(raw.end.context, answer.data), b'\1\0\0\0',
                  'no layer')
        x.t.equal((raw.say(b'\1\0\0\0').code, server.get()['user']),
                  ('OK', 'alice'), 'without MUTUAL')


def bindings(x):
    """36 and 41: channel bindings, and HTTP (rows KP7 and KP8)."""
    hashed = 'aa' * 32
    prefix = b'tls-server-end-point:'
    ours = f'tls-server-end-point:{hashed}'
    ldap = f'ldap:{(prefix + bytes.fromhex(hashed)).hex()}'
    good = prefix + bytes.fromhex(hashed)
    for words, setting, external, bound, code in (
            ('equal', ours, 256, good, 'OK'),
            ('equal, as libldap has it', ldap, 256, good, 'OK'),
            ('equal and critical', ours + ':critical', 256, good, 'OK'),
            ('different', ours, 256, good[:-1] + b'b', 'BADBINDING'),
            ('none of the client', ours, 256, None, 'OK'),
            ('none, where it is critical', ours + ':critical', 256, None,
             'BADBINDING'),
            ('tls-exporter', 'tls-exporter:' + hashed, 256, None, 'OK'),
            ('tls-exporter, critical', 'tls-exporter:' + hashed + ':critical',
             256, None, 'BADBINDING'),
            ('the client alone, within TLS', None, 256, good, 'OK'),
            ('the client alone, without', None, 0, good, 'BADBINDING')):
        with x.t.case(f'trap 36: GSS-SPNEGO, bindings {words}'):
            server = x.server(mech='GSS-SPNEGO', external=external,
                              binding=setting,
                              **{'option:gs2_require': 'gs2:binding='
                                 'tls-server-end-point'}
                              if 'equal' in words else {})
            raw = RawClient(server, mech='spnego', bound=bound)
            answer = raw.handshake()
            if answer.code == 'CONTINUE':
                answer = server.step(b'')
            x.t.equal(answer.code, code, answer.text)
            # libsasl refuses as well, of a login that the log says succeeded.
            assert ('critical' not in words or code == 'OK' or
                    'the server requires channel binding' in answer.text), \
                answer
    for mech in ('GSSAPI', 'GSS-SPNEGO'):
        for words, setting, said_so in (
                ('the same', ours, 'tls-server-end-point'),
                ("libldap's", ldap, 'tls-server-end-point'),
                ('tls-exporter', 'tls-exporter:' + hashed, '-'),
                ('none', None, '-')):
            with x.t.case(f'trap 36: {mech}, the binding of the client: '
                          f'{words}'):
                server = x.server(mech=mech, external=256, binding=ours)
                client = x.client(mech=mech, external=256, binding=setting)
                said = sasl_end.login(client, server)
                x.t.equal(server.get().get('user'), 'alice', said)
                assert any(f'binding={said_so} ' in line
                           for line in server.log), server.log
        for external in (256, 0):
            with x.t.case(f'trap 36: {mech}, the client alone, external SSF '
                          f'{external}'):
                server = x.server(mech=mech, external=external)
                client = x.client(mech=mech, external=external, binding=ours)
                said = sasl_end.login(client, server)
                taken = external > 0 or mech == 'GSSAPI'
                x.t.equal(server.get().get('user'),
                          'alice' if taken else None, said)
        with x.t.case(f'trap 36: {mech}, another channel'):
            server = x.server(mech=mech, external=256, binding=ours)
            client = x.client(mech=mech, external=256,
                              binding=ours[:-2] + 'bb')
            said = sasl_end.login(client, server)
            x.t.equal(server.get().get('user'), None, said)
            server.step(b'')  # the client has taken the error token
            assert any(' fault=client ' in line and 'bound to another channel'
                       in line for line in server.log), server.log
        with x.t.case(f'trap 36: {mech}, a client that requires a binding'):
            client = x.client(mech=f'{mech}-PLUS', external=256,
                              binding=ours + ':critical')
            answer = client.start()
            x.t.equal(answer.code, 'BADBINDING', 'no token')
            assert 'which ' + mech + ' does not promise' in answer.text, answer
    for flags in (0x130, 0x132, 0x930):
        with x.t.case(f'trap 41: HTTP, flags {flags:#x}'):
            for data in ('no', 'yes'):
                server = x.server(mech='GSS-SPNEGO', http='yes',
                                  success_data=data)
                raw = RawClient(server, flags=flags & 0x3f, mech='spnego')
                answer = server.start(raw.first)
                if answer.code == 'CONTINUE':
                    answer = server.step(b'')
                x.t.equal((answer.code, server.get()['ssf'],
                           server.get()['user']), ('OK', '0', 'alice'), data)


def rules(x):
    """40: a rule speaks after the client's last word."""
    with x.t.case('trap 40: a rule that is not met; the log has one line'):
        server = x.server(**{'option:gs2_require': 'gs2:layer=integrity'})
        answer = RawClient(server).choose(SEALED)
        x.refused(server, answer, 'NOAUTHZ', 'requirements of the server')
        lines = [line for line in server.log if 'login failed' in line]
        x.t.equal(len(lines), 1, 'lines of the log')
        assert lines[0].split(' ', 1)[1].startswith('GSSAPI login failed: '), \
            lines
    with x.t.case('trap 40: a rule that is met; facts'):
        server = x.server(**{'option:gs2_require': 'gs2:layer=integrity and '
                             'gs2:mech=GSSAPI and gs2:realm=EXAMPLE.TEST'})
        x.t.equal((RawClient(server).choose(SIGNED).code,
                   server.get()['ssf']), ('OK', '1'), 'login')
        assert any('GSSAPI login accepted: ' in line and 'rules=met' in line
                   for line in server.log), server.log


def main(t):
    with sasl_end.Stage() as stage:
        os.environ.update({**stage.realm.env, 'KRB5RCACHENAME': 'none:'})
        x = Traps(t, stage)
        for rows in (messages, wraps, layers, second_starts, credentials,
                     ntlm, relays, states, bindings, rules):
            rows(x)


tap.run(main)
