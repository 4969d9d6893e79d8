#!/usr/bin/env python3
"""Properties that somebody else set: another auxprop plugin (sasldb), or an
earlier attempt on the same connection, by whatever mechanism.
"""

import base64
import hashlib
import hmac
import os
import shutil

import relay
import sasldb
import scenario
import sources
import tap
from sources import props, values

IND = 'auth-indicators'
SPAKE = sources.INDICATORS['spake']
MAP = {'gs2_attributes': f'mail={IND}'}
ASKED = props(f'*gss:{IND}', f'gss:{IND}', f'*gss64:{IND}', '*mail', 'mail',
              '*gss-attributes-json')
NOTHING_OF_ATTRIBUTES = [f'*gss:{IND}', f'gss:{IND}', f'*gss64:{IND}',
                         '*gss-attributes-json']


def first_message(stage, authzid='', how='spake'):
    """What alice says first."""
    with relay.CapturingServer('GS2-KRB5') as server:
        stage.client(server.port, ['--mech', 'GS2-KRB5', '--authzid',
                                   authzid], env=stage.ticket(how))
    return server.first


def gs2(connection, message):
    """One attempt of alice's to its end."""
    answer = connection.attempt(message)
    return connection.step(b'') if answer.word == 'continue' else answer


def plain(connection):
    """One of carol's, by password."""
    return connection.attempt(b'\0carol\0carol.secret.1', 'PLAIN')


def scram(connection):
    """One of carol's by SCRAM-SHA-1 (RFC 5802), up to what the server says at
    its end."""
    def mac(key, text):
        return hmac.new(key, text, 'sha1').digest()

    bare = b'n=carol,r=abcdefgh'
    first = connection.attempt(b'n,,' + bare, 'SCRAM-SHA-1').data
    nonce, salt, count = (part[2:] for part in first.split(b','))
    key = mac(hashlib.pbkdf2_hmac('sha1', b'carol.secret.1',
                                  base64.b64decode(salt), int(count)),
              b'Client Key')
    last = b'c=biws,r=' + nonce
    signed = mac(hashlib.sha1(key).digest(), b','.join((bare, first, last)))
    proof = bytes(a ^ b for a, b in zip(key, signed))
    return connection.step(last + b',p=' + base64.b64encode(proof))


def two(stage, attempts, options=MAP, wrapper=()):
    """Attempts on one connection: what was answered, and a Login whose last
    event of each property is that of the last attempt."""
    with stage.server(['--probe', *ASKED], options=options,
                      wrapper=wrapper) as running:
        with relay.connect(running.port) as connection:
            said = [attempt(connection).word for attempt in attempts]
        return said, scenario.Login(scenario.Trace('', 0), running.finish())


def other_plugin(t, stage):
    """Where the map names a property, it has one source."""
    def attempt(how, options=None, client=()):
        return stage.login(client_env=stage.ticket(how), server=[
            *ASKED, '--proxy-policy', 'allow'], options=options,
                           client=client)

    with t.case('not in the map: sasldb alone says what mail is'):
        login = attempt('spake')
        login.equal(values(login, '*mail'), ['alice@sasldb'], '*mail')
        login.equal(values(login, 'mail'), ['alice@sasldb'], 'mail')
    with t.case("in the map: the attribute replaces sasldb's value"):
        login = attempt('spake', MAP)
        for at in ('policy', 'end'):
            login.equal(values(login, '*mail', at), SPAKE, '*mail')
            login.equal(values(login, 'mail', at), SPAKE, 'mail')
    with t.case('in the map, no attribute: the property stays away'):
        login = attempt('timestamp', MAP)
        for at in ('policy', 'end'):
            login.equal(values(login, '*mail', at), [], '*mail')
            login.equal(values(login, 'mail', at), [], 'mail')
    with t.case('in the map, as bob: not even sasldb says what his mail is'):
        login = attempt('spake', MAP, ['--authzid', 'bob'])
        login.succeeds('alice', authzid='bob')
        login.equal(values(login, '*mail'), SPAKE, '*mail')
        login.equal(values(login, 'mail'), [], 'mail')


def at_refusal(login, name):
    """The values of a property when the first attempt had been refused."""
    events = login.server.events
    end = [e['type'] for e in events if e.kind == 'send'].index('fail')
    sent = [i for i, e in enumerate(events) if e.kind == 'send'][end]
    seen = [e for e in events[:sent] if e.kind == 'auxprop'
            and e['name'] == name]
    login.must(seen, f'{name} was not looked at')
    return seen[-1]['value'] or []


def next_attempt(t, stage):
    """A refused attempt leaves nothing to the next one."""
    ways = [
        # how alice is refused, her authzid, options, a part of the reason
        ('by the proxy policy, after all was published', 'bob', MAP,
         'Requested identity not authenticated'),
        ('by a rule', '', dict(MAP, gs2_require='gs2:realm=X'),
         'requirements of the server'),
        ('by gs2_proxy_require', 'bob',
         dict(MAP, gs2_proxy_require='gs2:authid=carol'),
         'requirements of the server'),
        ('by gs2_authid', '', dict(MAP, gs2_authid=f'attribute {IND}'),
         'lacks the attribute'),
    ]
    for how, authzid, options, why in ways:
        # A new one each time: GSS refuses a replay.
        message = first_message(stage, authzid)
        with t.case(f'alice is refused {how}: nothing is left of it'):
            said, login = two(stage, [lambda c, m=message: gs2(c, m), plain],
                              options)
            login.equal(said, ['fail', 'ok'], 'answers')
            login.contains(login.server.failure()[1], why, 'reason')
            for name in (*NOTHING_OF_ATTRIBUTES, 'mail'):
                login.equal(at_refusal(login, name), [], f'{name} then')
            login.must(SPAKE[0] not in at_refusal(login, '*mail'), '*mail')
        with t.case(f'alice is refused {how}: carol by PLAIN has her own'):
            for name in NOTHING_OF_ATTRIBUTES:
                login.equal(values(login, name), [], name)
            login.equal(values(login, '*mail'), ['carol@sasldb'], '*mail')
            login.equal(values(login, 'mail'), ['carol@sasldb'], 'mail')
            login.equal(login.server.last('identity')['authid'], 'carol',
                        'identity')
            login.equal(login.server.last('identity')['peer'], None,
                        'SASL_GSS_PEER_NAME')
    with t.case('first carol by PLAIN, refused; then alice has her own'):
        bad = b'\0carol\0not-her-password'
        said, login = two(stage, [lambda c: c.attempt(bad, 'PLAIN'),
                                  lambda c: gs2(c, first_message(stage))])
        login.equal(said, ['fail', 'ok'], 'answers')
        login.equal(values(login, '*mail'), SPAKE, '*mail')
        login.equal(values(login, f'*gss:{IND}'), SPAKE, 'indicators')


def unreadable_to_server(stage):
    """Makes sasldb a file that the server cannot read; the command that runs
    the server so. Root has the right to read all, which is taken away."""
    if os.geteuid() != 0:
        os.chmod(stage.sasldb, 0)
        return []
    os.chown(stage.sasldb, 65534, 65534)
    os.chmod(stage.sasldb, 0o600)
    return [tap.find('setpriv', 'util-linux'),
            '--bounding-set=-dac_override,-dac_read_search']


def unreadable(t, stage):
    """What we fill is not looked up in sasldb: a server that may not read it,
    as Debian makes it, has users all the same."""
    wrapper = unreadable_to_server(stage)

    def attempt(authzid):
        with stage.server([*ASKED, '--proxy-policy', 'allow'],
                          options=MAP, wrapper=wrapper) as running:
            trace = stage.client(running.port, [
                '--mech', 'GS2-KRB5', '--authzid', authzid],
                                 env=stage.ticket('spake'))
            return scenario.Login(trace, running.finish())

    for authzid in ('', 'bob'):
        with t.case(f'sasldb unreadable, alice as {authzid or "herself"}: '
                    'she has her properties'):
            login = attempt(authzid)
            login.succeeds('alice', authzid=authzid or None)
            for at in ('policy', 'end'):
                login.equal(values(login, f'*gss:{IND}', at), SPAKE, '*gss:')
                login.equal(values(login, '*mail', at), SPAKE, '*mail')
                login.equal(values(login, 'mail', at),
                            [] if authzid else SPAKE, 'mail')
    with t.case('sasldb unreadable, a property that is not ours: refused, and '
                'nothing is left of ours'):
        message = first_message(stage)
        said, login = two(stage, [lambda c: gs2(c, message)], None, wrapper)
        login.equal(said, ['fail'], 'answers')
        login.contains(login.server.failure()[1], 'canon_user', 'reason')
        for name in (*NOTHING_OF_ATTRIBUTES, '*mail', 'mail'):
            login.equal(at_refusal(login, name), [], name)


def unasked(t, stage):
    """libsasl takes whatever comes after another mechanism's last message for
    its answer, and says yes without asking us."""
    shutil.copy(scenario.system_plugin('libscram.so'), stage.path('ours'))
    with t.case('carol by SCRAM, and what looks like GS2 before its end: '
                'carol without properties'):
        said, login = two(stage, [
            scram, lambda c: c.attempt(b'no message of GS2')])
        login.equal(said, ['continue', 'ok'], 'answers')
        identity = login.server.last('identity')
        login.equal((identity['authid'], identity['mech']),
                    ('carol', 'GS2-KRB5'), 'who, and by what')
        for name in (*NOTHING_OF_ATTRIBUTES, '*mail', 'mail'):
            login.equal(values(login, name), [], name)


def main(t):
    """All of them in one realm."""
    with sources.Sources() as stage:
        sasldb.store(stage, 'mail', {
            user: f'{user}@sasldb' for user in ('alice', 'bob', 'carol')})
        for part in (other_plugin, next_attempt, unasked, unreadable):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
