#!/usr/bin/env python3
"""sasl.conf.example: its worked setups do what they say, taken from the file
itself (that of Active Directory in t_ad.py), and the file has every option
that the plugin reads.
"""

import base64
import re
import subprocess

import sources
import tap
import tree
from sources import props, values

ALLOW = ['--proxy-policy', 'allow']
IND = 'auth-indicators'
TOLD = 'does not meet the requirements of the server'
HEX = '0123456789abcdef' * 4


def read(*path):
    """A file of the source tree."""
    with open(tree.srcdir(*path), encoding='utf-8') as source:
        return source.read()


def complete(t, _stage):
    """The file as a document."""
    text = read('sasl.conf.example')
    table = subprocess.run([tree.builddir('tests/repo/tables'), 'options'],
                           stdout=subprocess.PIPE, text=True, check=True)
    used = {name for name in table.stdout.split() if name.startswith('gs2_')}
    shown = set(re.findall(r'^#(gs2_[a-z_]+): ', text, re.M))
    with t.case('it has every option of the plugin, and no other'):
        assert len(used) > 8, used
        shown = {name for name in shown if not name.startswith('gs2_role_')}
        assert used == shown, f'used: {used - shown}, shown: {shown - used}'
    with t.case('as it stands it sets nothing: all lines are comments'):
        wrong = [line for line in text.splitlines()
                 if line and not line.startswith('#')]
        assert not wrong, wrong
    with t.case('each setup is there once, and is closed'):
        begun = re.findall(r'^# === setup: (.*) ===$', text, re.M)
        assert len(begun) == len(set(begun)) == 8, begun
        assert len(re.findall(r'^# === end ===$', text, re.M)) == 8
    with t.case('an option line is no longer than libsasl reads'):
        assert max(map(len, text.splitlines())) < 4095


def two_factors(t, stage):
    """Two-factor logins only, of one's own realm."""
    setup = sources.setup_of('two factors only')
    with t.case('two factors: the setup is one rule'):
        assert list(setup) == ['gs2_require'], setup
    with t.case('two factors: a smart card (PKINIT) is let in'):
        stage.login(client_env=stage.ticket('pkinit'),
                    options=setup).succeeds('alice')
    with t.case('two factors: a one-time password is let in'):
        stage.inject('alice@EXAMPLE.TEST indicator otp')
        stage.login(client_env=stage.fresh(), options=setup).succeeds('alice')
        stage.inject()
    for how in ('timestamp', 'spake', 'fast', 'no-pac'):
        with t.case(f'two factors: {how} alone is refused'):
            login = stage.login(client_env=stage.fresh(how=how),
                                options=setup)
            login.refused_by_server('SASL_NOAUTHZ', TOLD)
            login.server_logged('not met: auth-indicators=otp, '
                                'auth-indicators=smartcard, in the rule')
    realm, foreign = 'EXAMPLE.TEST', f'carol@{sources.FOREIGN}'
    stage.inject(f'{foreign} indicator otp', f'{foreign} indicator smartcard')
    with t.case('two factors: a user of a foreign realm with both marks is '
                'refused'):
        login = stage.login(client_env=stage.foreigner(), options=setup,
                            server=props(f'*gss:{IND}'))
        login.refused_by_server('SASL_NOAUTHZ', TOLD)
        login.server_logged(f'not met: gs2:realm={realm}')
    with t.case('two factors: without the realm in the rule this user '
                'gets in'):
        rule = setup['gs2_require'].replace(f'gs2:realm={realm} and ', '')
        assert rule != setup['gs2_require']
        stage.login(client_env=stage.foreigner(),
                    options={'gs2_require': rule}).succeeds(
                        foreign, principal=foreign)
    stage.inject()


def help_desk(t, stage):
    """A help desk that may act as others."""
    setup = sources.setup_of('a help desk that may act as others')
    with t.case('help desk: the setup is one rule, for proxies'):
        assert list(setup) == ['gs2_proxy_require'], setup

    def attempt(user, how, authzid, policy='allow', env=None):
        return stage.login(client_env=env or stage.ticket(how, user),
                           client=['--authzid', authzid], options=setup,
                           server=['--proxy-policy', policy])

    for user in ('carol', 'dave'):
        with t.case(f'help desk: {user} with a smart card acts as alice'):
            attempt(user, 'pkinit', 'alice').succeeds(user, authzid='alice')
        with t.case(f'help desk: {user} without one does not'):
            login = attempt(user, 'spake', 'alice')
            login.refused_by_server('SASL_NOAUTHZ', TOLD)
            login.equal(login.server.all('policy'), [], 'proxy policy')
            login.server_logged('not met: auth-indicators=smartcard')
        with t.case(f'help desk: {user} without one works as {user}'):
            attempt(user, 'spake', '').succeeds(user)
    with t.case('help desk: bob with a smart card does not act as alice'):
        login = attempt('bob', 'pkinit', 'alice')
        login.refused_by_server('SASL_NOAUTHZ', TOLD)
        login.server_logged('not met: gs2:authid=carol, gs2:authid=dave')
    with t.case('help desk: bob works as bob'):
        attempt('bob', 'timestamp', 'bob').succeeds('bob')
    with t.case("help desk: the application's own policy decides after it"):
        login = attempt('carol', 'pkinit', 'alice', 'deny')
        login.refused_by_server('SASL_NOAUTHZ', 'the proxy policy says no')
    with t.case('help desk: carol of a foreign realm does not act as alice'):
        stage.inject(f'carol@{sources.FOREIGN} indicator smartcard')
        login = attempt('carol', '', 'alice', env=stage.foreigner())
        login.refused_by_server('SASL_NOAUTHZ', TOLD)
        login.server_logged('not met: gs2:realm=EXAMPLE.TEST')
        stage.inject()


def binding_for_all(t, stage):
    """Channel binding for all."""
    setup = sources.setup_of('channel binding for all')
    ticket = stage.ticket('timestamp')
    for name in ('tls-unique', 'tls-exporter', 'tls-server-end-point'):
        with t.case(f'binding: by {name} is let in'):
            login = stage.login(client_env=ticket, mech=None, options=setup,
                                both=['--binding', f'{name}:{HEX}'])
            login.succeeds('alice', header=f'p={name},,')
    with t.case('binding: a client without one is refused'):
        login = stage.login(client_env=ticket, options=setup,
                            server=['--binding', f'tls-unique:{HEX}'])
        login.refused_by_server('SASL_NOAUTHZ', TOLD)
        login.server_logged('not met: gs2:binding=*')
    with t.case('binding: so is a client that can bind and is not offered it'):
        login = stage.login(client_env=ticket, options=setup,
                            client=['--binding', f'tls-unique:{HEX}'])
        login.equal([e['offered'] for e in login.server.all('mechs')],
                    ['PLAIN'], 'offered')
        login.equal(login.server.all('identity'), [], 'somebody got in')
    with t.case('binding: two channels are refused before any rule'):
        login = stage.login(
            client_env=ticket, mech=None, options=setup,
            client=['--binding', f'tls-unique:{HEX}'],
            server=['--binding', 'tls-unique:' + HEX[::-1]])
        login.equal(login.client.first('outcome')['login'], 'no', 'outcome')
        login.server_logged('login failed', 'Incorrect channel bindings')
        login.must('not met' not in login.server.text, 'a rule was asked')
    with t.case('binding: without the setup, no binding is needed'):
        stage.login(client_env=ticket).succeeds('alice')


def for_the_application(t, stage):
    """Passing attributes to the application."""
    setup = sources.setup_of('attributes to the application')
    asked = [*props('*indicators', '*pac', 'indicators', 'pac',
                    '*gss64:urn:mspac:'), *ALLOW]
    with t.case('application: it sees what the setup maps, before and after'):
        login = stage.login(client_env=stage.ticket('spake'), server=asked,
                            options=setup)
        login.succeeds('alice')
        for at in ('policy', 'end'):
            for star in ('*', ''):
                login.equal(values(login, f'{star}indicators', at),
                            sources.INDICATORS['spake'], 'indicators')
                login.equal(values(login, f'{star}pac', at),
                            values(login, '*gss64:urn:mspac:'), 'pac')
        pac = base64.b64decode(values(login, '*pac')[0])
        login.must('alice'.encode('utf-16-le') in pac, "not alice's PAC")
    with t.case('application: nothing where the ticket has nothing'):
        login = stage.login(client_env=stage.ticket('no-pac'), server=asked,
                            options=setup)
        login.succeeds('alice')
        login.equal((values(login, '*indicators'), values(login, '*pac')),
                    ([], []), 'properties')
    with t.case('application: without the setup there are no such properties'):
        login = stage.login(client_env=stage.ticket('spake'), server=asked)
        login.succeeds('alice')
        login.equal((values(login, '*indicators'), values(login, '*pac')),
                    ([], []), 'properties')


def roles_by_card(t, stage):
    """Roles by smart card: everybody gets in, with the role or without."""
    setup = sources.setup_of('roles by smart card')
    for how, roles in (('pkinit', ['smartcard', 'strong']),
                       ('otp', ['strong']), ('spake', []), ('no-pac', [])):
        with t.case(f'roles: {how} has {roles}'):
            login = stage.login(client_env=stage.ticket(how), options=setup,
                                server=[*props('*gs2-roles', 'gs2-roles'),
                                        *ALLOW])
            login.succeeds('alice')
            for at in ('policy', 'end'):
                login.equal(values(login, '*gs2-roles', at), roles, at)
            login.equal(values(login, 'gs2-roles'), roles, 'as authzid')
            accepted, = login.server.audit('accepted')
            login.equal(accepted['roles'], ' '.join(roles) or '-', 'the log')
    with t.case('roles: a foreign user with the mark has none'):
        stage.inject(f'carol@{sources.FOREIGN} indicator smartcard')
        login = stage.login(client_env=stage.foreigner(), options=setup,
                            server=props('*gs2-roles'))
        login.succeeds(f'carol@{sources.FOREIGN}',
                       principal=f'carol@{sources.FOREIGN}')
        login.equal(values(login, '*gs2-roles'), [], 'roles')
        stage.inject()
    with t.case('roles: a rule may ask for one'):
        asks = dict(setup, gs2_require='gs2:role=strong')
        stage.login(client_env=stage.ticket('otp'),
                    options=asks).succeeds('alice')
        login = stage.login(client_env=stage.ticket('spake'), options=asks)
        login.refused_by_server('SASL_NOAUTHZ', TOLD)
        login.server_logged('not met: gs2:role=strong')


def main(t):
    """All of them in one realm."""
    with sources.Sources() as stage:
        for part in (complete, two_factors, help_desk, binding_for_all,
                     for_the_application, roles_by_card):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
