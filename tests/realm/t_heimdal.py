#!/usr/bin/env python3
"""Heimdal: a KDC, an initiator and an acceptor that are not MIT Kerberos'. Its
tickets have neither indicators nor a PAC, so that no rule on them is met; its
ends know GS2's token, its header and its binding as ours do.
"""

import base64
import subprocess
import sys

import heimdal
import relay
import saslclient
import scenario
import tap
import tree

PRINCIPAL = f'alice@{heimdal.NAME}'
CHANNEL, OTHER = b'\xa5' * 32, b'\x5a' * 32
BINDING = ['--binding', f'tls-exporter:{CHANNEL.hex()}']
PLUS = 'p=tls-exporter,,'
ALLOW = ['--proxy-policy', 'allow']


class Stage(scenario.Stage):
    """A realm of Heimdal's."""

    REALM = heimdal.Realm


class End:
    """One end on Heimdal's GSS-API alone (gss_end.py)."""

    def __init__(self, stage, role, header, data=b''):
        env = dict(stage.realm.env, GSS_LIBRARY=heimdal.LIBRARY)
        self.process = subprocess.Popen(
            [sys.executable, tree.helper('gss_end.py'), role, header,
             base64.b64encode(data).decode()], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.process.kill()
        self.process.communicate()

    def hear(self):
        """Its message."""
        line = self.process.stdout.readline()
        try:
            return base64.b64decode(line, validate=False)
        except ValueError as wrong:
            raise scenario.ScenarioError(
                line + self.process.stdout.read()) from wrong

    def say(self, message):
        """A message to it."""
        self.process.stdin.write(base64.b64encode(message).decode() + '\n')
        self.process.stdin.flush()

    def last_words(self):
        """What it says at its end."""
        return self.process.stdout.read().strip()


def tickets(t, stage):
    """Both clients of Kerberos at Heimdal's KDC, by GS2-KRB5 and -PLUS."""
    for who, env in (('MIT Kerberos', {}),
                     ('Heimdal', stage.realm.heimdal_ticket('alice'))):
        with t.case(f'a ticket of Heimdal\'s KDC, got by kinit of {who}'):
            login = stage.login(client_env=env)
            login.succeeds('alice', principal=PRINCIPAL)
        with t.case(f'{who}: with a channel binding'):
            login = stage.login(mech='GS2-KRB5-PLUS', both=BINDING,
                                client_env=env)
            login.succeeds('alice', principal=PRINCIPAL)
            login.server_logged('login accepted', 'binding=tls-exporter')
    for rule, met in (('auth-indicators=*', False),
                      (f'gs2:realm={heimdal.NAME}', True)):
        with t.case(f'the rule {rule} is {"met" if met else "not met"}'):
            login = stage.login(options={'gs2_require': rule})
            if met:
                login.succeeds('alice', principal=PRINCIPAL)
            else:
                login.refused_by_server('SASL_NOAUTHZ')
                login.server_logged('rules=not-met', f'not met: {rule}')


def initiators(t, stage):
    """Heimdal's initiator, our server."""
    def attempt(header, bound, server):
        mech = 'GS2-KRB5-PLUS' if header == PLUS else 'GS2-KRB5'
        with stage.server(server) as running, \
                relay.connect(running.port) as connection, \
                End(stage, 'initiate', header, bound) as end:
            answer = connection.attempt(end.hear(), mech)
            said = ''
            if answer.word != 'fail':
                end.say(answer.data)
                said = end.last_words()
            if answer.word == 'continue':
                answer = connection.step(b'')
            connection.sock.close()
            nobody = scenario.Trace('', 0)
            login = scenario.Login(nobody, running.finish())
            login.must(answer.word == 'fail' or said == 'done', said)
            return answer.word, login

    for header, bound, server, authzid in (
            ('n,,', b'', [], 'alice'), ('y,,', b'', [], 'alice'),
            ('n,a=bob,', b'', ALLOW, 'bob'),
            (PLUS, CHANNEL, BINDING, 'alice')):
        with t.case(f'an initiator of Heimdal\'s says {header}'):
            word, login = attempt(header, bound, server)
            login.equal(word, 'ok', 'answer')
            login.equal(login.server.first('identity')['peer'], PRINCIPAL,
                        'peer')
            login.equal(login.server.first('identity')['authzid'], authzid,
                        'SASL_USERNAME')
    for header, bound, server in (('n,,', CHANNEL, []),
                                  (PLUS, OTHER, BINDING)):
        with t.case(f'it says {header}, and is bound to something else'):
            word, login = attempt(header, bound, server)
            login.equal(word, 'fail', 'answer')
            login.contains(str(login), 'channel bind', 'the reason')


def acceptors(t, stage):
    """Our client, Heimdal's acceptor."""
    saslclient.load(stage.environment('ours'))
    for header, authzid, bound, theirs in (
            ('n,,', '', b'', b''), ('n,a=bob,', 'bob', b'', b''),
            (PLUS, '', CHANNEL, CHANNEL), (PLUS, '', CHANNEL, OTHER)):
        good = bound == theirs
        verb = 'takes' if good else 'refuses'
        with t.case(f'an acceptor of Heimdal\'s {verb} {header}'):
            mech = 'GS2-KRB5-PLUS' if bound else 'GS2-KRB5'
            binding = (b'tls-exporter', bound) if bound else None
            with saslclient.Login('imap', 'localhost', mech, authzid,
                                  binding) as login, \
                    End(stage, 'accept', header, theirs) as end:
                end.say(login.start())
                if not good:
                    said = end.last_words()
                    assert 'gss_accept_sec_context' in said, said
                    continue
                login.step(end.hear())
                assert end.last_words() == PRINCIPAL


def main(t):
    """All of it."""
    with Stage() as stage:
        tickets(t, stage)
        initiators(t, stage)
        acceptors(t, stage)


if __name__ == '__main__':
    tap.run(main)
