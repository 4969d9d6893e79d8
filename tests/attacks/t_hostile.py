#!/usr/bin/env python3
"""Clients, servers and men in the middle who are not honest, on a real realm:
captured tokens under other headers, downgrades, second attempts, headers that
break the syntax. Nobody gets in, and the reason is the right one.
"""

import random

import relay
import scenario
import tap

BINDING = ['--binding', 'tls-unique:0123']
CRITICAL = ['--binding', 'tls-unique:0123:critical']
ALLOW = ['--proxy-policy', 'allow']
CODES = {'SASL_BADPROT': 'SASL(-5): ', 'SASL_BADAUTH': 'SASL(-13): ',
         'SASL_BADBINDING': 'SASL(-32): '}


def capture(stage, mech='GS2-KRB5', args=(), plugins='ours'):
    """The first message of an honest client, to a server that only records."""
    with relay.CapturingServer(mech) as server:
        stage.client(server.port, ['--mech', mech, *args], plugins)
    return server.first


def token_of(message):
    """A first message without its header."""
    return message.split(b',', 2)[2]


def unbound_token(stage):
    """A krb5 token made without channel bindings, for the same service: the
    first message of SASL's GSSAPI, without its framing."""
    framed = capture(stage, 'GSSAPI', plugins='gssapi')
    at = framed.index(b'\x06\x09')
    return framed[at + 11:]


def attempt(connection, first, mech='GS2-KRB5'):
    """A first message, and a polite end; the last Answer. An error token may
    come before the refusal."""
    answer = connection.attempt(first, mech)
    if answer.word == 'continue':
        answer = connection.step(b'')
    return answer


def refusal(answer, code, text):
    """Checks one refusal."""
    assert answer.word == 'fail', answer
    assert answer.text.startswith(CODES[code]), answer
    assert text in answer.text, answer


def one_attempt(stage, server_args, make, **server):
    """One attempt on a server of its own: the Answer, the server's Trace. What
    make() gives is sent; it gets the stage."""
    first = make(stage)
    with stage.server([*server_args, '--probe'], **server) as running:
        with relay.connect(running.port) as connection:
            answer = attempt(connection, first)
        return answer, running.finish()


def nothing_happened(trace):
    """No proxy policy was asked, no identity is left."""
    assert not trace.all('policy'), trace.text
    for event in trace.all('identity'):
        left = [event[k] for k in ('authid', 'authzid', 'peer', 'delegated')]
        assert left == [None] * 4, trace.text


def headers(t, stage):
    """A good token under a header that its client did not send (rows B3, B4,
    B5 and A3).
    """
    plus = ['--binding', 'tls-unique:0123', '--mech', 'GS2-KRB5-PLUS']

    def reheaded(header, args=()):
        return lambda s: header + token_of(capture(s, args=args))

    def unbound(header):
        return lambda s: header + unbound_token(s)

    mismatch = 'binding'
    for name, server, make, code, text in (
            ("another service's token, without bindings, under n,a=bob,",
             ALLOW, unbound(b'n,a=bob,'), 'SASL_BADBINDING', 'without'),
            ('a token without bindings under p=tls-unique',
             BINDING, unbound(b'p=tls-unique,,'), 'SASL_BADBINDING',
             'without'),
            ('a token without bindings under n,,',
             [], unbound(b'n,,'), 'SASL_BADBINDING', 'without'),
            ('the authzid added in flight',
             ALLOW, reheaded(b'n,a=bob,'), 'SASL_BADBINDING', mismatch),
            ('the authzid changed in flight',
             ALLOW, reheaded(b'n,a=bob,', ['--authzid', 'carol']),
             'SASL_BADBINDING', mismatch),
            ('the binding taken away in flight',
             BINDING, reheaded(b'n,,', plus), 'SASL_BADBINDING', mismatch),
            ('the binding made a y in flight',
             [], reheaded(b'y,,', plus), 'SASL_BADBINDING', mismatch),
            ('a false p in flight',
             BINDING, reheaded(b'p=tls-unique,,'), 'SASL_BADBINDING',
             mismatch),
            ('y while the server has a binding',
             BINDING, reheaded(b'y,,'), 'SASL_BADAUTH', 'downgrade'),
            ('n under a critical binding',
             CRITICAL, capture, 'SASL_BADBINDING', 'requires'),
            ('p while the server has no binding',
             [], reheaded(b'p=tls-unique,,', plus), 'SASL_BADBINDING',
             'tls-unique'),
            ('p with another type',
             ['--binding', 'tls-exporter:0123'],
             reheaded(b'p=tls-unique,,', plus), 'SASL_BADBINDING',
             'tls-exporter'),
            ('F, before a good framed token',
             [], reheaded(b'F,n,,'), 'SASL_BADPROT', 'F,')):
        with t.case(name):
            answer, trace = one_attempt(stage, server, make)
            refusal(answer, code, text)
            nothing_happened(trace)
    with t.case('other octets of the binding'):
        login = stage.login(client=['--binding', 'tls-unique:01'],
                            server=['--binding', 'tls-unique:0100'],
                            mech='GS2-KRB5-PLUS')
        login.must(login.client.status == 1, 'logged in')
        login.server_logged('binding')
    with t.case('-PLUS taken out of the list: the client says y'):
        login = stage.login(both=BINDING, mech=None,
                            server=['--mechlist', 'GS2-KRB5 PLAIN'])
        login.refused_by_server('SASL_BADAUTH', 'downgrade')
        login.equal(login.server.first('receive')['header'], 'y,,', 'header')


def syntax(t, stage):
    """First messages that break the syntax (rows H1 to H4)."""
    token = token_of(capture(stage))
    bad = [b'x,,', b'\0,,', b'N,,', b'p=bad name!,,', b'p=tls=2Cunique,,',
           b'p=tls-unique\0x,,', b'p=,,', b'p,,', b'n,a=,', b'n,a=bob\0evil,',
           b'n,a=\xff\xfe,', b'n,a=\xc0\x80,', b'n,a=\xed\xa0\x80,',
           b'n,a=b=2cb,', b'n,a=b=20b,', b'n,A=bob,', b'f,n,,', b'F,q,,',
           b',', b',,', b'nn,', b'nx,,']
    cases = [(header + token, f'header {header!r} before a good token', ' ')
             for header in bad]
    cases += [(first, f'first message {first!r}, and nothing after it', text)
              for first, text in ((b'', 'empty initial response'),
                                  (b'n,,', 'no token'), (b'n,a=x', ' '),
                                  (b'n', ' '), (b'n,', ' '))]
    with stage.server(['--count', str(len(cases)), '--probe',
                       *ALLOW]) as server:
        for first, name, text in cases:
            with t.case(name), relay.connect(server.port) as connection:
                refusal(attempt(connection, first), 'SASL_BADPROT', text)
        trace = server.finish()
    with t.case('nothing of them got any further'):
        nothing_happened(trace)
        refused = trace.all('result', code='SASL_BADPROT')
        assert len(refused) == len(cases), trace.text


def changed(message, lowest, dice):
    """A message with one bit changed, from an octet on."""
    at = dice.randrange(lowest, len(message))
    octets = bytearray(message)
    octets[at] ^= 1 << dice.randrange(8)
    return bytes(octets)


def tokens(t, stage):
    """Tokens that are changed, cut off, or sent twice. Some octets of a krb5
    token are under no checksum (names and numbers that help to find the key),
    so that it may be good; it is never anyone else's."""
    first, second = capture(stage), capture(stage)
    dice = random.Random(5801)
    kinds = (
        ('the authenticator changed', 100, {'fail'},
         lambda: changed(first, len(first) - 80, dice)),
        ('tokens cut off', 100, {'fail'},
         lambda: first[:dice.randrange(len(first))]),
        ('tokens of noise alone', 20, {'fail'},
         lambda: b'n,,' + dice.randbytes(1 << dice.randrange(20))),
        ('tokens changed anywhere', 200, {'fail', 'ok'},
         lambda: changed(first, 3, dice)))
    connections = sum(kind[1] for kind in kinds) + 2
    with stage.server(['--count', str(connections)]) as server:
        for name, count, words, make in kinds:
            with t.case(f'{count} {name}'):
                for _ in range(count):
                    with relay.connect(server.port) as connection:
                        answer = attempt(connection, make())
                    assert answer.word in words, answer
        with t.case('the same message, unchanged, a second time: a replay'):
            with relay.connect(server.port) as connection:
                assert attempt(connection, second).word == 'ok'
            with relay.connect(server.port) as connection:
                refusal(attempt(connection, second), 'SASL_BADAUTH', 'replay')
        trace = server.finish()
    with t.case('nobody but alice logged in'):
        users = {(e['authid'], e['authzid'], e['peer'])
                 for e in trace.all('identity')}
        assert users == {('alice', 'alice', 'alice@EXAMPLE.TEST')}, users


def attempts(t, stage):
    """What an attempt leaves behind for the next on the same connection."""
    wrong = b'\0carol\0not her password'
    right = b'\0carol\0carol.secret.1'
    with stage.server([*BINDING]) as server:
        with t.case('y, refused; then PLAIN with a wrong password'), \
                relay.connect(server.port) as connection:
            first = b'y,,' + token_of(capture(stage))
            refusal(attempt(connection, first), 'SASL_BADAUTH', 'downgrade')
            answer = attempt(connection, wrong, 'PLAIN')
            assert answer.word == 'fail', answer
    with stage.server([]) as server:
        with t.case('before the last word, PLAIN with a wrong password'), \
                relay.connect(server.port) as connection:
            answer = connection.attempt(capture(stage))
            assert answer.word == 'continue', answer
            answer = attempt(connection, wrong, 'PLAIN')
            assert answer.word == 'fail', answer
    binding = ['--binding', 'tls-unique:0123', '--mech', 'GS2-KRB5-PLUS']
    with stage.server([*CRITICAL]) as server:
        with t.case('refused with a binding; then PLAIN, critical binding'), \
                relay.connect(server.port) as connection:
            first = bytearray(capture(stage, args=binding))
            first[-1] ^= 1
            answer = attempt(connection, bytes(first))
            assert answer.word == 'fail', answer
            answer = attempt(connection, right, 'PLAIN')
            assert answer.word == 'fail', answer
    with stage.server([]) as server:
        with t.case('a second attempt, good, after a refused one'), \
                relay.connect(server.port) as connection:
            refusal(attempt(connection, b'x,,'), 'SASL_BADPROT', '')
            answer = attempt(connection, capture(stage))
            assert answer.word == 'ok', answer
    with stage.server([]) as server:
        with t.case('steps after a failure'), \
                relay.connect(server.port) as connection:
            refusal(attempt(connection, b'x,,'), 'SASL_BADPROT', '')
            for data in (b'', b'anything'):
                assert connection.step(data).word == 'fail'
    with stage.server([]) as server:
        with t.case('an extra token where the last word should be'), \
                relay.connect(server.port) as connection:
            answer = connection.attempt(capture(stage))
            assert answer.word == 'continue', answer
            assert connection.step(b'extra').word == 'fail'
            assert connection.step(b'').word == 'fail'


def denied(t, stage):
    """A login that the application denies leaves nothing."""
    with t.case('denied by the proxy policy: nothing is left to ask for'):
        login = stage.login(client=['--authzid', 'bob'],
                            server=['--proxy-policy', 'deny', '--probe'])
        login.refused_by_server('SASL_NOAUTHZ', 'policy says no')
        seen = login.server.first('identity')
        login.equal((seen['peer'], seen['delegated']), (None, None),
                    'names and credentials')


class FalseServer(relay.OneServer):
    """Answers a GS2-KRB5 client's first message with frames of its own."""

    def __init__(self, *answers):
        super().__init__()
        self.answers = answers

    def serve(self, connection):
        connection.send('M', b'GS2-KRB5')
        connection.receive()
        for kind, data in self.answers:
            connection.send(kind, data)


def servers(t, stage):
    """Servers that have no key."""
    for name, answers in (
            ('success, and no proof', [('o', b'')]),
            ('success, and an empty proof', [('O', b'')]),
            ('success, and octets', [('O', b'\x60\x03\x06\x01\x00')]),
            ('a challenge of octets', [('C', b'nonsense'), ('o', b'')]),
            ('an empty challenge, then success', [('C', b''), ('o', b'')])):
        with t.case(f'a false server: {name}'):
            with FalseServer(*answers) as server:
                trace = stage.client(server.port, ['--mech', 'GS2-KRB5'])
            assert trace.status == 1, trace.text
            assert trace.failure()[0] == 'SASL_BADSERV', trace.text
            assert trace.first('outcome')['login'] == 'no', trace.text
            assert len(trace.failure()[1]) > 30, trace.text


def main(t):
    """All of them in one realm."""
    with scenario.Stage() as stage:
        for part in (headers, syntax, tokens, attempts, denied, servers):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
