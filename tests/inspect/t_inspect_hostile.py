#!/usr/bin/env python3
"""gs2-inspect as a client of servers that never come to an end, or do not speak
their protocol, by IMAP, SMTP and LDAP: lines, octets, messages and time are
bounded. What takes long is for GS2_FULL.
"""

import os
import shutil
import time

import fake_ldap
import hostile
import inspected
import servers
import tap
import tree
from fake_ldap import ber

ENDLESS = tree.builddir('tests', 'modules', '.libs', 'endless.so')
FULL = os.environ.get('GS2_FULL')
FIRST = b'biwsbW9yZQ=='  # what GS2-ENDLESS says, in base64

IMAP = [b'* OK\r\n', b'* CAPABILITY AUTH=%b\r\na1 OK\r\n']
SMTP = [b'220 here\r\n', b'250-here\r\n250 AUTH %b\r\n']


def message(number, operation):
    """An LDAP message."""
    return ber(0x30, ber(0x02, bytes([number])), operation)


def entry(mech):
    """The root DSE, of which the first request is the search."""
    return message(1, ber(0x64, ber(0x04), ber(0x30, ber(
        0x30, ber(0x04, b'supportedSASLMechanisms'),
        ber(0x31, ber(0x04, mech))))))


def bind(number, code, text=b'', *more):
    """The answer to a bind, which is the second request or a later one."""
    return message(number, ber(0x61, ber(0x0a, bytes([code])), ber(0x04),
                               ber(0x04, text), *more))


DONE = message(1, fake_ldap.result(0, fake_ldap.SEARCH_DONE))


def until_mechs(protocol, mech):
    """What such a server says up to its mechanisms."""
    if protocol == 'ldap':
        return [entry(mech) + DONE]
    return [line.replace(b'%b', mech)
            for line in (IMAP if protocol == 'imap' else SMTP)]


class World:
    """Who asks, with a mechanism that never ends."""

    def __init__(self, home):
        self.home = home
        self.tls = hostile.tls_of(home)
        folder = home.path('endless')
        os.mkdir(folder)
        shutil.copy(ENDLESS, folder)
        self.env = {'SSL_CERT_FILE': home.path('ca.pem'),
                    'SASL_PATH': f'{home.path("ours-alone")}:{folder}'}

    def ask(self, protocol, *lines, args=(), told=None, timeout=60):
        """gs2-inspect's answer about a server that says these lines."""
        with hostile.server(None, *lines, tls=self.tls, told=told) as port:
            return inspected.inspect(
                self.home, protocol, *args, f'localhost:{port}',
                env=self.env, timeout=timeout)


def legs(t, world):
    """Challenges without an end, which the client goes on to answer."""
    in_progress = [bind(number, 14) for number in range(2, 110)]
    for protocol, more in (('imap', [b'+ AAAA\r\n'] * 110),
                           ('smtp', [b'334 AAAA\r\n'] * 110),
                           ('ldap', in_progress)):
        for args, status in (([], 2), (['-j'], 2)):
            with t.case(f'{protocol}: challenges without an end '
                        f'{" ".join(args)}'):
                told = []
                answer = world.ask(
                    protocol, *until_mechs(protocol, b'GS2-ENDLESS'), *more,
                    args=['-m', 'GS2-ENDLESS', *args], told=told)
                assert answer.status == status, answer
                assert 'the server has more than 100 challenges' \
                    in answer.out, answer
                said = [words for words in told
                        if FIRST in words or b'n,,more' in words]
                assert len(said) in (100, 101), len(said)


def lines(t, world):
    """Answers without an end."""
    for what, protocol, said, text in (
            ('lines', 'imap', [IMAP[0], lambda: b'* CAPABILITY\r\n'],
             'answers with more than 1000 lines'),
            ('lines', 'smtp', [SMTP[0], lambda: b'250-more\r\n'],
             'answers with more than 1000 lines'),
            ('lines of a greeting', 'smtp', [lambda: b'220-more\r\n'],
             'answers with more than 1000 lines'),
            ('entries', 'ldap', [lambda: entry(b'X')],
             'answers with more than 1000 entries'),
            ('octets', 'imap', [IMAP[0], lambda: b'* ' + b'x' * 60000 +
                                b'\r\n'], 'sends more than 4000000 octets'),
            ('octets', 'ldap', [lambda: entry(b'x' * 60000)],
             'sends more than 4000000 octets'),
            ('a line', 'smtp', [lambda: b'2'],
             'sends a line of more than 65536 octets'),
            ('a message', 'ldap', [b'\x30\x84\x00\x10\x00\x01'],
             'sends a message of more than 1048576 octets')):
        with t.case(f'{protocol}: {what} without an end'):
            world.ask(protocol, *said).is_(
                2, '', f'gs2-inspect: localhost {text}\n')


def strangers(t, world):
    """Servers of another protocol, or of none."""
    for what, protocol, said, text in (
            ('IMAP', 'smtp', [b'* OK\r\n'], 'does not speak SMTP'),
            ('a code without a blank', 'smtp', [b'220x\r\n'],
             'does not speak SMTP'),
            ('a refusal', 'smtp', [b'554 5.3.2 \x1b[2J no\r\n'],
             'refuses to serve: 554 5.3.2 \\x1b[2J no'),
            ('a refusal', 'imap', [b'* BYE \x1b[2J no\r\n'],
             'refuses to serve: * BYE \\x1b[2J no'),
            ('IMAP', 'ldap', [b'* OK\r\n'], 'does not speak LDAP'),
            ('a length that is not told', 'ldap', [b'\x30\x80\2\1\1\0\0'],
             'does not speak LDAP'),
            ('a length of five octets', 'ldap', [b'\x30\x85\0\0\0\0\1'],
             'does not speak LDAP'),
            ('no number', 'ldap', [ber(0x30, ber(0x04, b'\1'))],
             'sends a message that is not of LDAP'),
            ('a number below 0', 'ldap', [ber(0x30, ber(0x02, b'\xff'),
                                              ber(0x65))],
             'sends a message that is not of LDAP'),
            ('an element that is cut short', 'ldap',
             [ber(0x30, ber(0x02, b'\1'), b'\x65\x09\x0a')],
             'sends a message that is not of LDAP'),
            ('nothing behind the number', 'ldap', [ber(0x30, ber(
                0x02, b'\1'))], 'sends a message that is not of LDAP'),
            ('a result without its parts', 'ldap', [message(1, ber(
                0x65, ber(0x0a, b'\0')))],
             'sends an answer that is not of LDAP'),
            ("another request's answer", 'ldap', [message(
                7, fake_ldap.result(0, fake_ldap.SEARCH_DONE))],
             'sends an answer that is not of LDAP'),
            ('a refusal', 'ldap', [message(1, ber(
                0x65, ber(0x0a, b'\x33'), ber(0x04), ber(0x04, b'\x1b[2J')))],
             'refuses to name its mechanisms: result 51: \\x1b[2J'),
            ('a notice of disconnection', 'ldap', [message(0, ber(
                0x78, ber(0x0a, b'\x34'), ber(0x04), ber(0x04, b'away')))],
             'refuses to go on: result 52: away'),
            ('the end within a message', 'ldap', [entry(b'X')[:20]],
             'ends the connection')):
        with t.case(f'{protocol}: {what}'):
            world.ask(protocol, *said).is_(
                2, '', f'gs2-inspect: localhost {text}\n')


def first_messages(t, world):
    """A first message goes with the command where it may: in SMTP a command has
    at most 512 octets. Nothing else is taken for a login."""
    for mech, said in ((b'GS2-ENDLESS', b'AUTH GS2-ENDLESS ' + FIRST +
                        b'\r\n'), (b'GS2-KRB5', b'AUTH GS2-KRB5\r\n')):
        with t.case(f'smtp: the first message of {mech.decode()}'):
            told = []
            answer = world.ask(
                'smtp', *until_mechs('smtp', mech), b'535 no\r\n',
                args=['-m', mech.decode()], told=told)
            assert answer.status == 1 and answer.out.startswith(
                'no login: the server refuses: 535 no\n'), answer
            assert told[1] == said, told
    for protocol, line in (('imap', b'a2 OK\r\n'), ('smtp', b'235 in\r\n'),
                           ('ldap', bind(2, 0))):
        with t.case(f'{protocol}: success before the server has proved '
                    'itself'):
            answer = world.ask(protocol, *until_mechs(protocol, b'GS2-KRB5'),
                               line)
            assert answer.status == 2 and answer.out.startswith(
                'no login: the client gives up: the server says OK before it '
                'has proved who it is\n'), answer
    with t.case('ldap: success with a message that proves nothing'):
        answer = world.ask('ldap', *until_mechs('ldap', b'GS2-KRB5'),
                           bind(2, 0, b'', ber(0x87, b'no token')))
        assert answer.status == 2 and answer.out.startswith(
            'no login: the client gives up: '), answer
    for protocol, line in (('imap', b'+ ????\r\n'), ('smtp', b'334 ????\r\n')):
        with t.case(f'{protocol}: a challenge that is not base64'):
            answer = world.ask(protocol, *until_mechs(protocol, b'GS2-KRB5'),
                               line)
            assert answer.status == 2 and answer.out.startswith(
                "no login: the client gives up: the server's challenge is not "
                'base64\n'), answer


def drip(octets, seconds):
    """Says some octets from time to time."""
    def say():
        time.sleep(seconds)
        return octets
    return say


def slow(t, world):
    """Two minutes are for all answers, 30 seconds for one."""
    for what, protocol, said, text in (
            ('no answer', 'ldap', [drip(b'0', 40)],
             'says nothing for 30 seconds'),
            ('an answer, octet by octet', 'smtp', [SMTP[0], drip(b'2', 1)],
             'does not end its answer within 30 seconds')):
        with t.case(f'{protocol}: {what}'):
            world.ask(protocol, *said, timeout=200).is_(
                2, '', f'gs2-inspect: localhost {text}\n')
    with t.case('imap: each answer in time, and no end'):
        began = time.monotonic()
        answer = world.ask(
            'imap', *until_mechs('imap', b'GS2-ENDLESS'),
            drip(b'+ AAAA\r\n', 25), args=['-m', 'GS2-ENDLESS'], timeout=300)
        assert answer.status == 2 and answer.out.startswith(
            'no login: the client gives up: localhost does not come to an end '
            'within 120 seconds\n'), answer
        # The server looks up every 25 seconds.
        assert 119 < time.monotonic() - began < 160


def main(t):
    """All of them, in one realm."""
    with servers.Home() as home:
        world = World(home)
        for part in (legs, lines, strangers, first_messages):
            part(t, world)
        if FULL:
            slow(t, world)


if __name__ == '__main__':
    tap.run(main)
