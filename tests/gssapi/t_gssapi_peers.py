#!/usr/bin/env python3
"""GSSAPI and GSS-SPNEGO of libgssapiv2.so with those who have them from
elsewhere, in either role, with and without an authorization identity: gsasl,
which has no layer, and Cyrus SASL's file on Heimdal with each.  (Its own on MIT
Kerberos: t_gssapi.py; Java: t_gssapi_java.py.)
"""

import base64
import subprocess

import logged
import sasl_end
import tap

AUTHZIDS = (None, 'bob')
HEIMDAL = 'libsasl2-modules-gssapi-heimdal'
# What the build of Cyrus SASL's file on Heimdal says of every sealed layer.
HEIMDAL_SSF = {256: '56', 1: '1', 0: '0'}
SSF = {256: '256', 1: '1', 0: '0'}


class Gsasl(sasl_end.End):
    """gsasl: lines of base64, and nothing else; its layer is always none."""

    def __init__(self, stage, role, *more):
        self.role = role
        self.process = subprocess.Popen(
            [tap.find('gsasl', 'gsasl'), f'--{role}', '--mechanism=GSSAPI',
             '--service=imap', '--hostname=localhost', '--quiet', *more],
            env=stage.realm.env, encoding='ascii', stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        stage.ends.append(self)

    def say(self, octets):
        """A line to it."""
        self.process.stdin.write(base64.b64encode(octets).decode() + '\n')
        self.process.stdin.flush()

    def hear(self):
        """A line of it that is not meant for a person; None at its end."""
        for line in iter(self.process.stdout.readline, ''):
            line = line.strip()
            if line != 'GSSAPI' and not line.startswith(('Input', 'Using')):
                return base64.b64decode(line)
        return None


def to_gsasl(stage, **settings):
    """Our client to gsasl's server, up to what decides: our last answer, and
    what gsasl then says."""
    peer, client = Gsasl(stage, 'server'), stage.client(**settings)
    peer.process.stdout.readline() # the mechanism
    peer.process.stdout.readline() # nothing to say before the client has
    told = client.start()
    while told.code == 'CONTINUE':
        peer.say(told.data)
        told = client.step(peer.hear())
    if told.code != 'OK':
        return told, client, ''
    peer.say(told.data)
    # It is asked whether it likes the user, and then wants an empty response.
    said, _ = peer.process.communicate('y\n\n')
    return told, client, f'{said}status {peer.process.returncode}'


def from_gsasl(stage, *more, **settings):
    """gsasl's client to our server: our last answer."""
    peer = Gsasl(stage, 'client', *more)
    server = stage.server(policy='allow', **settings)
    answer = server.start(peer.hear())
    while answer.code == 'CONTINUE':
        peer.say(answer.data)
        answer = server.step(peer.hear() or b'')
    return answer, server.get()


def gsasl(t, stage):
    """Trap 34: its client answers with the server's size and layer 1; its
    server offers layer 1 with a size."""
    for authzid in AUTHZIDS:
        user = authzid or 'alice'
        with t.case(f'gsasl to ours, authzid {authzid}'):
            answer, got = from_gsasl(stage, *(
                [f'--authorization-id={authzid}'] if authzid else []))
            t.equal((answer.code, got.get('user'), got['ssf']),
                    ('OK', user, '0'), answer.text)
        with t.case(f'ours to gsasl, authzid {authzid}'):
            told, client, said = to_gsasl(stage, authzid=authzid)
            t.equal((told.code, client.get()['ssf']), ('OK', '0'), told.text)
            assert f'Authzid: {user}' in said or not authzid, said
            assert 'Display Name: alice@EXAMPLE.TEST' in said, said
            assert said.endswith('status 0'), said
    with t.case('gsasl to ours, which demands a layer: refused'):
        answer, got = from_gsasl(stage, min=256)
        t.equal(answer.code, 'BADPROT', answer.text)
        assert 'user' not in got, got
    with t.case('ours, which demands a layer, to gsasl: too weak'):
        t.equal(to_gsasl(stage, min=1)[0].code, 'TOOWEAK', 'the code')


def heimdal(t, stage):
    """Cyrus SASL's file, built on Heimdal; its SSF of a sealed layer is 56,
    and its server fails with every client's GSS-SPNEGO
    (gss_canonicalize_name)."""
    stage.folder('heimdal', [tap.find(
        f'{logged.APART}/{HEIMDAL}/usr/lib/*/sasl2/libgssapiv2.so', HEIMDAL)])
    logins = [('GSSAPI', way, most, authzid)
              for way in (('heimdal', 'ours'), ('ours', 'heimdal'))
              for most in SSF for authzid in AUTHZIDS]
    logins.append(('GSS-SPNEGO', ('heimdal', 'ours'), 256, None))
    for mech, way, most, authzid in logins:
        with t.case(f'{mech}: {way[0]} to {way[1]}, max_ssf {most}, authzid '
                    f'{authzid}'):
            client = stage.client(way[0], mech=mech, max=most,
                                  authzid=authzid)
            server = stage.server(way[1], mech=mech, policy='allow')
            said = sasl_end.login(client, server)
            got = {way[0]: client.get()['ssf'], way[1]: server.get()['ssf']}
            t.equal((server.get().get('user'), got['ours'], got['heimdal']),
                    (authzid or 'alice', SSF[most], HEIMDAL_SSF[most]), said)
            sasl_end.carry(client, server, most > 0)


def main(t):
    with sasl_end.Stage() as stage:
        for peer in (gsasl, heimdal):
            peer(t, stage)


tap.run(main)
