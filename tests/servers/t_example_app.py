#!/usr/bin/env python3
"""example-server.c, the application that others are written after: who gets
in, as whom, and what it reads of a user's attributes, in a realm that gives
them; and doc/applications.md shows its code as it is.
"""

import base64
import os
import re
import subprocess

import realm
import saslclient
import scenario
import sources
import tap
import tree

PROGRAM = tree.builddir('tests', 'servers', 'example-server')
NO = 'NO SASL(-14): authorization failure: '
CARD = NO + 'log in with your smart card'
DESK = NO + 'you are not of the help desk'
PAC = NO + 'your ticket has no PAC'
IND = 'auth-indicators'


class App:
    """The example server, and the other end of its lines."""

    def __init__(self, stage, wrapper=()):
        self.process = subprocess.Popen(
            [*wrapper, PROGRAM], env=stage.environment('ours-alone'),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=realm.die_with_parent)
        self.mechs = self.line()

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def line(self):
        """The next line of the server."""
        return self.process.stdout.readline().rstrip('\n')

    def say(self, text):
        """A line to the server; its answer."""
        self.process.stdin.write(text + '\n')
        self.process.stdin.flush()
        return self.line()

    def say_octets(self, octets, before=''):
        """The same in base64."""
        return self.say(before + base64.b64encode(octets).decode())

    def log_in(self, ticket, authzid=''):
        """One attempt with a ticket; the server's last word."""
        os.environ.update(ticket)
        with saslclient.Login('imap', 'localhost', 'GS2-KRB5',
                              authzid) as login:
            answer = self.say_octets(login.start(), 'GS2-KRB5 ')
            while answer.startswith('+'):
                challenge = base64.b64decode(answer[1:])
                answer = self.say_octets(login.step(challenge))
        return answer

    def attribute(self, name):
        """The values that the server has of an attribute."""
        found, line = [], self.say(name)
        while line.startswith('VALUE '):
            found.append(base64.b64decode(line[6:]))
            line = self.line()
        if line != 'END':
            raise scenario.ScenarioError(f'{name}: {line!r} after {found}')
        return found


def answers(t, stage, what, ticket, wanted, authzid=''):
    """One login, and the server's last word."""
    with App(stage) as app:
        t.equal(app.log_in(ticket, authzid), wanted, what)


def no_pac(stage, user):
    """A ticket by smart card that says nothing but that."""
    cache = {'KRB5CCNAME': 'FILE:' + stage.path(f'{user}.bare.cc')}
    keys = os.path.join(stage.keys, user)
    stage.realm.kinit(user, env=cache, args=[
        '--no-request-pac', '-X',
        f'X509_user_identity=FILE:{keys}.pem,{keys}.key'])
    return cache


def factors(t, stage):
    """With and without a second factor."""
    with App(stage) as app:
        t.equal(app.mechs, 'MECHS GS2-KRB5', 'the mechanism is offered')
        t.equal(app.log_in(stage.ticket('pkinit')), 'OK alice',
                'a smart card: let in')
        t.equal(app.attribute(IND),
                [v.encode() for v in sources.INDICATORS['pkinit']],
                'after the login the indicators are read by the name')
        t.equal(app.attribute('no such attribute'), [],
                'an attribute that is not there has no values')
    for how in ('timestamp', 'spake', 'fast'):
        answers(t, stage, f'{how}: refused', stage.ticket(how), CARD)
    answers(t, stage, 'bob by smart card: let in',
            stage.ticket('pkinit', 'bob'), 'OK bob')


def proxies(t, stage):
    """Who acts as somebody else."""
    carol = stage.ticket('pkinit', 'carol')
    answers(t, stage, 'carol as alice: let in', carol, 'OK alice', 'alice')
    answers(t, stage, 'carol as carol: let in', carol, 'OK carol', 'carol')
    answers(t, stage, 'carol without a card, as alice: refused',
            stage.ticket('timestamp', 'carol'), CARD, 'alice')
    for authzid in ('alice', 'carol'):
        answers(t, stage, f'bob as {authzid}: refused',
                stage.ticket('pkinit', 'bob'), DESK, authzid)


def forged(t, stage):
    """Tickets that say what no KDC has said, or too little."""
    for who, authzid, wanted in (('herself: let in', '', 'OK carol'),
                                 ('alice: refused', 'alice', PAC)):
        what = f'carol with a PAC that is forged, as {who}'
        try:
            ticket = stage.forged('carol', 'pkinit')
        except tap.Skip as reason:
            t.skip(what, reason)
        else:
            answers(t, stage, what, ticket, wanted, authzid)
    answers(t, stage, 'carol without a PAC, as alice: refused',
            no_pac(stage, 'carol'), PAC, 'alice')


def asserted(t, stage):
    """Attributes that the user has given to himself."""
    try:
        module = stage.with_module()
    except tap.Skip as reason:
        t.skip('attributes that are asserted by the user', reason)
        return
    ticket = stage.ticket('pkinit')
    message = stage.asserting(ticket, 'urn:x:mail', 'root@x.test')
    with App(stage, module) as app:
        answer = app.say_octets(message, 'GS2-KRB5 ')
        if answer.startswith('+'):
            answer = app.say('')
        t.equal(answer, 'OK alice', 'asserted by the user: let in')
        t.equal(app.attribute('urn:x:mail'), [],
                'asserted by the user: the attribute is not shown')


def broken(t, stage):
    """Lines that are no login."""
    malformed = 'this line is malformed'
    for what, line, answer in (
            ('no such mechanism', 'GS2-NONE bg==',
             "SASL(-4): no mechanism available: Couldn't find mech GS2-NONE"),
            ('no base64', 'GS2-KRB5 ?', malformed),
            ('no token', 'GS2-KRB5 bg==',
             'SASL(-5): bad protocol / cancel: malformed GS2 header: no comma '
             'after the channel binding flag at octet 1, where the message '
             'ends'),
            ('no base64 later', 'GS2-KRB5', malformed),
            ('an empty line', '',
             "SASL(-4): no mechanism available: Couldn't find mech ")):
        with App(stage) as app:
            got = app.say(line)
            if got.startswith('+'):
                got = app.say('?')
            t.equal(got, f'NO {answer}', f'{what}: refused, with a reason')


def shown(t):
    """The code of doc/applications.md is that of the examples, line by
    line."""
    with open(tree.srcdir('doc', 'applications.md'),
              encoding='utf-8') as text:
        code = ''.join(re.findall(r'^```c\n(.*?)^```$', text.read(),
                                  re.M | re.S))
    examples = set()
    for name in ('example-server.c', 'tls-lines.h', 'tls-server.c'):
        with open(tree.srcdir('tests', 'servers', name),
                  encoding='utf-8') as text:
            examples |= {line.strip() for line in text}
    wrong = [line for line in code.splitlines()
             if line.strip() and line.strip() not in examples]
    t.ok(len(code.splitlines()) >= 30, 'the page shows some code', code)
    t.equal(wrong, [], 'its lines are lines of the examples')


def main(t):
    """All of it in one realm; the server's host is this machine's, so the
    key is named."""
    shown(t)
    with sources.Sources() as stage:
        stage.configure({'gs2_acceptor': 'imap@localhost'})
        os.rename(stage.path('conf', 'sasl-peer.conf'),
                  stage.path('conf', 'example-server.conf'))
        saslclient.load(stage.environment('ours-alone'))
        for part in (factors, proxies, forged, asserted, broken):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
