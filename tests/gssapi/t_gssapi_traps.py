#!/usr/bin/env python3
"""The traps 1 to 16 of doc/gssapi.md, which a peer can lay for libgssapiv2.so in
the offer, the choice and the packets of a layer, by their numbers: the other side
is a raw end of the GSS-API, or what is said is changed on its way. The others are
in t_gssapi_tokens.py.

With GS2_GSSAPI=FILE it says of another file what it does.
"""

import os

import rawgss
import sasl_end
import tap
from gssapi_ends import (ALL, CONF, INTEG, MUTUAL, PLAIN, SEALED, SEQUENCE,
                         SIGNED, SIZE, RawClient, RawServer, Traps, oid)

# The upper octet of how far a wrap of krb5 is rotated: 256 octets, of 16, are no
# change of what it says (RFC 4121 4.2.5).
RRC = 6


def frame(octets):
    """A packet of a layer."""
    return len(octets).to_bytes(4, 'big') + octets


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


def main(t):
    with sasl_end.Stage() as stage:
        os.environ.update({**stage.realm.env, 'KRB5RCACHENAME': 'none:'})
        x = Traps(t, stage)
        for rows in (messages, wraps, layers, second_starts):
            rows(x)


tap.run(main)
