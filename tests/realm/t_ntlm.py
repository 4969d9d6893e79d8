#!/usr/bin/env python3
"""NTLM (Debian's gss-ntlmssp), which GS2 must not offer: RFC 5801 section 3.1
wants mutual authentication, and in NTLM the acceptor proves nothing. The
mechanism says so itself, by an attribute that it lacks (RFC 5587), and a raw
login shows that it is true. It needs no root and no domain: user and password
are in a file.
"""

import ctypes
import os
import tempfile

import rawgss
import scenario
import tap

CONFIG = '/etc/gss/mech.d/mech.ntlmssp.conf'
NTLM = rawgss.Oid.of('1.3.6.1.4.1.311.2.2.10')
NAME = 'GS2-NTLM'
USER_FILE = 'HOME:alice:alice.secret.1\n'


def the_mechanism(t):
    """It is there, and what it says of itself."""
    attributes = rawgss.mech_attributes(NTLM)

    def has(name):
        return rawgss.attribute_named(f'GSS_C_MA_{name}') in attributes

    t.ok(NTLM.octets() in rawgss.mechanisms(), 'GSS has NTLM')
    t.equal(rawgss.saslname(NTLM), NAME, 'and a SASL name for it')
    t.ok(has('AUTH_INIT') and has('CBINDINGS'), 'it authenticates the '
         'initiator, and binds to a channel')
    t.equal([n for n in ('MECH_NEGO', 'NOT_MECH', 'MECH_GLUE',
                         'MECH_COMPOSITE', 'DEPRECATED') if has(n)], [],
            'and is a mechanism as others are')
    t.ok(not has('AUTH_TARG'), 'but it does not authenticate the acceptor')


def a_raw_login(t):
    """What an attribute says is true of a login."""
    with t.case('an initiator that asks for it gets no mutual authentication'):
        initiator = rawgss.Initiator(ctypes.byref(NTLM))
        acceptor = rawgss.Acceptor(NTLM)
        token = initiator.step()
        while not acceptor.done:
            answer = acceptor.step(token)
            if answer:
                token = initiator.step(answer)
        assert initiator.done, 'the initiator is not done'
        # Its length counts a NUL.
        shown = rawgss.display_name(acceptor.name)
        assert shown.rstrip(b'\0') == b'HOME\\alice', shown
        assert not acceptor.flags.value & rawgss.MUTUAL, acceptor.flags


def offers(t, stage):
    """Nobody offers it, nobody takes it."""
    env = {name: os.environ[name] for name in ('GSS_MECH_CONFIG',
                                               'NTLM_USER_FILE')}
    both = {'client_env': env, 'server_env': env}
    with t.case('a server that has it offers GS2-KRB5 alone'):
        login = stage.login(**both)
        login.equal(login.server.first('mechs')['offered'], 'GS2-KRB5 PLAIN',
                    'offered')
        login.succeeds('alice')
    with t.case('not even where gs2_mechs names it'):
        login = stage.login(mech=NAME, options={'gs2_mechs': NAME}, **both)
        login.equal(login.server.first('mechs')['offered'], 'PLAIN',
                    'offered')
        login.equal(login.client.all('send', type='start'), [], 'messages')
    with t.case('a client that has it does not take it from a server that '
                'lies'):
        login = stage.login(mech=NAME, server=['--mechlist', NAME], **both)
        login.equal(login.client.first('receive', type='mechs')['text'],
                    NAME, 'offered')
        login.refused_by_client('SASL_NOMECH')
        login.equal(login.client.all('send', type='start'), [], 'messages')


def main(t):
    """The environment first: GSS reads it once."""
    with tempfile.NamedTemporaryFile('w', prefix='gs2-ntlm.') as users:
        users.write(USER_FILE)
        users.flush()
        os.environ.update(GSS_MECH_CONFIG=CONFIG, NTLM_USER_FILE=users.name)
        tap.find(CONFIG, 'gss-ntlmssp')
        the_mechanism(t)
        a_raw_login(t)
        with scenario.Stage() as stage:
            offers(t, stage)


if __name__ == '__main__':
    tap.run(main)
