#!/usr/bin/env python3
"""Active Directory, with a real domain controller (tests/lib/python/ad.py):
the groups, the SID and the UPN of a user as the application sees them, rules
on them, and what a server sees of a user whom a front end brings (S4U2Proxy,
S4U2Self).
"""

import base64
import json
import os
import re
import subprocess
import sys

import ad
import inspected
import realm
import setups
import sources
import tap
import tree
from sources import props, values

GROUPS, SID, UPN = '*gss-ad-groups', '*gss-ad-user-sid', '*gss-ad-upn'
ASKED = [GROUPS, GROUPS[1:], SID, UPN]
DELEGATION = '*gss64:urn:mspac:delegation-info'
TOLD = 'does not meet the requirements of the server'
PROVED, BROUGHT = 'S-1-18-1', 'S-1-18-2'


def domain_sid(stage):
    """The SID of the domain."""
    return stage.sids['alice'].rsplit('-', 1)[0]


def groups_in(seen):
    """A set of them. From Samba 4.22 on, S-1-5-21-0-0-0-497 is in each ticket:
    the claims in it (there are none) are valid."""
    return set(seen) - {'S-1-5-21-0-0-0-497'}


def groups_of_alice(stage):
    """What a ticket of alice's must say: the group that users are in, hers,
    the one that hers is in, the domain's own, and that she proved herself."""
    return {f'{domain_sid(stage)}-513', stage.sids['Mailers'],
            stage.sids['Staff'], stage.sids['Printers'], PROVED}


def properties(t, stage):
    """What the application sees."""
    t.note(json.dumps(stage.sids, indent=1))
    login = stage.login(client_env=stage.ticket('alice'),
                        server=[*props(*ASKED), '--proxy-policy', 'allow'])
    with t.case('alice logs in with a ticket of the domain'):
        login.succeeds('alice', principal='alice@AD.TEST')
    for at in ('policy', 'end'):
        with t.case(f'alice ({at}): her groups, nested ones and resources'):
            for name in ASKED[:2]:
                got = values(login, name, at)
                login.equal(groups_in(got), groups_of_alice(stage), name)
                login.equal(len(got), len(set(got)), 'twice')
            login.must(stage.sids['Newsletter'] not in got,
                       'a list of addresses is no group')
        with t.case(f'alice ({at}): her SID and her UPN'):
            login.equal(values(login, SID, at), [stage.sids['alice']], SID)
            login.equal(values(login, UPN, at), ['alice.grün@ad.test'], UPN)
    with t.case('bob: the groups of every user; a UPN that the KDC made'):
        login = stage.login(client_env=stage.ticket('bob'),
                            server=props(*ASKED))
        login.succeeds('bob', principal='bob@AD.TEST')
        login.equal(groups_in(values(login, GROUPS)),
                    {f'{domain_sid(stage)}-513', PROVED}, GROUPS)
        login.equal(values(login, SID), [stage.sids['bob']], SID)
        login.equal(values(login, UPN), ['bob@ad.test'], UPN)
    with t.case('alice, whose ticket has no PAC: nothing, in silence'):
        login = stage.login(
            client_env=stage.without_pac('alice'),
            server=props(*ASKED))
        login.succeeds('alice', principal='alice@AD.TEST')
        login.equal([values(login, name) for name in ASKED], [[]] * 4,
                    'properties')
        login.must('is not used' not in login.server.text, 'log')


def rules(t, stage):
    """Who is let in."""
    setup = sources.setup_of('a group of an Active Directory domain')
    with t.case('the setup of sasl.conf.example has a decoder and a rule'):
        assert list(setup) == ['gs2_pac_decoder', 'gs2_require',
                               'gs2_attributes'], setup
    setup['gs2_pac_decoder'] = ad.DECODER
    example = setup['gs2_require'].split('=')[-1]
    rule = setup['gs2_require']

    def attempt(user, text, ticket=stage.ticket):
        return stage.login(client_env=ticket(user),
                           server=props('*groups', GROUPS),
                           options=dict(setup, gs2_require=text))

    for group in ('Mailers', 'Staff', 'Printers'):
        text = rule.replace(example, stage.sids[group])
        with t.case(f'only {group}: alice is let in, by the setup'):
            login = attempt('alice', text)
            login.succeeds('alice', principal='alice@AD.TEST')
            login.equal(values(login, '*groups'), values(login, GROUPS),
                        'mapped')
        with t.case(f'only {group}: bob is not'):
            login = attempt('bob', text)
            login.refused_by_server('SASL_NOAUTHZ', TOLD)
            login.client_was_told(TOLD)
            login.server_logged('not met: gs2:ad-groups='
                                + stage.sids[group])
            login.must('-1-5-21-' not in login.client.text,
                       'the client is told which group')
        with t.case(f'only {group}: alice without a PAC is not'):
            attempt('alice', text, stage.without_pac).refused_by_server(
                'SASL_NOAUTHZ', TOLD)
    with t.case("one user, by SID and by UPN"):
        for text in (f'gs2:ad-user-sid={stage.sids["bob"]}',
                     'gs2:ad-upn=bob@ad.test'):
            attempt('bob', text).succeeds('bob', principal='bob@AD.TEST')
            attempt('alice', text).refused_by_server('SASL_NOAUTHZ', TOLD)
    with t.case('the SID is who she is: gs2_authid'):
        stage.login(client_env=stage.ticket('alice'), options={
            'gs2_authid': 'attribute gs2:ad-user-sid'}).succeeds(
                stage.sids['alice'], principal='alice@AD.TEST')


def roles(t, stage):
    """Names for groups, nested ones among them."""
    setup = sources.setup_of('names for groups of Active Directory')
    with t.case('the setup of sasl.conf.example names two groups'):
        assert list(setup) == ['gs2_pac_decoder', 'gs2_roles',
                               'gs2_role_mailers', 'gs2_role_admins'], setup
    setup['gs2_pac_decoder'] = ad.DECODER

    def held(user, group, ticket=stage.ticket):
        rule = setup['gs2_role_mailers'].split('=')
        rule[-1] = stage.sids[group]
        login = stage.login(client_env=ticket(user),
                            server=props('*gs2-roles'),
                            options=dict(setup,
                                         gs2_role_mailers='='.join(rule)))
        login.succeeds(user, principal=f'{user}@AD.TEST')
        return values(login, '*gs2-roles')

    for group in ('Mailers', 'Staff', 'Printers'):
        with t.case(f'a role for {group}: alice has it, bob has not, nor has '
                    'alice without a PAC'):
            assert held('alice', group) == ['mailers']
            assert held('bob', group) == []
            assert held('alice', group, stage.without_pac) == []


def assurance(t, stage):
    """Two tickets of one user at one time, one with the group that stands for
    a smart card (doc/activedirectory.md): as Windows makes them by the
    certificate, where Samba does not look at the certificate's policies."""
    stage.member('addmembers', 'Cards', 'alice')
    with_card = stage.ticket('alice', ['-l', '2h'])
    stage.realm.run([realm.tool('kvno'), 'imap/localhost'], env=with_card)
    stage.member('removemembers', 'Cards', 'alice')
    without = stage.ticket('alice', ['-l', '1h'])
    options = dict(re.findall(r'(gs2_\S+): (.*)', setups.document(
        tree.srcdir('doc', 'activedirectory.md')).split('## A group for')[1]))
    with t.case('the page names a decoder and a role'):
        assert list(options) == ['gs2_pac_decoder', 'gs2_roles',
                                 'gs2_role_card'], options
    rule = re.sub(r'S-1-\S+', stage.sids['Cards'], options['gs2_role_card'])
    options |= {'gs2_pac_decoder': ad.DECODER, 'gs2_role_card': rule}
    for what, cache, has in (('with the card', with_card, ['card']),
                             ('with the password', without, [])):
        with t.case(f'alice, {what}: her role, and the rule'):
            login = stage.login(client_env=cache, options=options,
                                server=props('*gs2-roles'))
            login.succeeds('alice', principal='alice@AD.TEST')
            login.equal(values(login, '*gs2-roles'), has, 'roles')
            login = stage.login(client_env=cache, options={
                'gs2_require': rule})
            if has:
                login.succeeds('alice', principal='alice@AD.TEST')
            else:
                login.refused_by_server('SASL_NOAUTHZ', TOLD)
                login.server_logged('not met: gs2:ad-groups='
                                    + stage.sids['Cards'])


def machines(t, stage):
    """The domain gives a ticket for a name that none of its accounts has to
    the machine of that name."""
    login = stage.login(client_env=stage.ticket('helpdesk'),
                        server=props(*ASKED))
    with t.case('the machine helpdesk$ logs in as helpdesk, who has no '
                'account'):
        login.succeeds('helpdesk', principal='helpdesk@AD.TEST')
    with t.case('it has no group of users, and its SID and UPN are its own'):
        login.equal(groups_in(values(login, GROUPS)),
                    {f'{domain_sid(stage)}-515', PROVED}, GROUPS)
        login.equal(values(login, UPN), ['helpdesk$@ad.test'], UPN)
    users = {'gs2_require': f'gs2:ad-groups={domain_sid(stage)}-513'}
    with t.case('where the group of all users is required: it is refused'):
        login = stage.login(client_env=stage.ticket('helpdesk'),
                            options=users)
        login.refused_by_server('SASL_NOAUTHZ', TOLD)
        login.server_logged('not met: gs2:ad-groups=', '-513')
    with t.case('where the group of all users is required: bob is not'):
        stage.login(client_env=stage.ticket('bob'), options=users).succeeds(
            'bob', principal='bob@AD.TEST')


def capitals(t, stage):
    """The domain accepts a name in capitals and in small letters."""
    rule = {'gs2_require': 'not gs2:principal=bob@AD.TEST'}
    with t.case('a rule that bob is not: bob is refused, BOB is not'):
        stage.login(client_env=stage.ticket('bob'), options=rule
                    ).refused_by_server('SASL_NOAUTHZ', TOLD)
        stage.login(client_env=stage.ticket('BOB'), options=rule).succeeds(
            'BOB', principal='BOB@AD.TEST')


def mistakes(t, stage):
    """Nobody gets in by a configuration that is wrong."""
    group = f'gs2:ad-groups={stage.sids["Mailers"]}'
    needs = 'needs a PAC decoder, and gs2_pac_decoder is not set'
    for options, why in (
            ({'gs2_require': group, 'gs2_pac_decoder': None},
             f'option gs2_require: gs2:ad-groups {needs}'),
            ({'gs2_attributes': 'upn=gs2:ad-upn', 'gs2_pac_decoder': None},
             f'option gs2_attributes: gs2:ad-upn {needs}'),
            ({'gs2_require': f'not {group}'},
             'option gs2_require: line 1, column 5: "not" before the '
             'attribute gs2:ad-groups'),
            ({'gs2_require': group, 'gs2_pac_decoder': '/nowhere/x.so'},
             'option gs2_pac_decoder: /nowhere/x.so: No such file')):
        with t.case(f'{why}: no GS2 mechanism'):
            login = stage.login(client_env=stage.ticket('alice'),
                                options=options)
            login.equal(login.server.all('identity'), [], 'logins')
            login.server_logged(why, 'no GS2 mechanism is offered')


def proxied_by_front_end(stage, user):
    """The environment of http/localhost as the user, who logged in there
    (S4U2Proxy)."""
    front = stage.front_end()
    proxied = {'KRB5CCNAME': 'FILE:' + stage.path(user + '.proxied')}

    def tool(*args, env):
        done = subprocess.run(
            [sys.executable, tree.helper('frontend.py'), *args],
            env=dict(stage.realm.env, **env), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise realm.RealmError(done.stderr)
        return done.stdout.strip()

    token = tool('token', 'http@localhost', env=stage.ticket(user))
    tool('accept', token, proxied['KRB5CCNAME'], env=front)
    return proxied


def front_ends(t, stage):
    """What the server sees of a user whom http/localhost brings."""
    proxied = proxied_by_front_end(stage, 'alice')
    conjured = stage.conjured('alice')
    seen = {}
    for how, cache in (('herself', stage.ticket('alice')),
                       ('by S4U2Proxy', proxied),
                       ('by S4U2Self and S4U2Proxy', conjured)):
        with t.case(f'alice {how}: logs in as alice'):
            login = stage.login(client_env=cache, server=props(
                *ASKED, DELEGATION, '*gss:auth-indicators'))
            login.succeeds('alice', principal='alice@AD.TEST')
            seen[how] = {name: values(login, name) for name in
                         (*ASKED, DELEGATION, '*gss:auth-indicators')}
            login.equal(login.server.first('identity')['delegated'], None,
                        'a delegated credential')
    herself, brought, made_up = seen.values()
    with t.case('by S4U2Proxy: her groups, as if she were there'):
        for name in ASKED:
            assert brought[name] == herself[name], (name, seen)
        assert PROVED in brought[GROUPS], seen
    with t.case('by S4U2Self: S-1-18-2 says that she proved nothing'):
        assert groups_in(made_up[GROUPS]) == (groups_of_alice(stage) - {PROVED}
                                        | {BROUGHT}), seen
    with t.case('what tells them apart: urn:mspac:delegation-info'):
        assert herself[DELEGATION] == [], seen
        for one in (brought, made_up):
            text = base64.b64decode(one[DELEGATION][0])
            assert 'http/localhost@AD.TEST'.encode('utf-16-le') in text, one
    with t.case('no indicators in either: the domain has none'):
        assert not any(one['*gss:auth-indicators'] for one in seen.values())

    group = f'gs2:ad-groups={stage.sids["Mailers"]}'
    proved = f'{group} and gs2:ad-groups={PROVED}'
    with t.case('a rule on her group lets all three in'):
        for cache in (stage.ticket('alice'), proxied, conjured):
            stage.login(client_env=cache, options={'gs2_require': group}
                        ).succeeds('alice', principal='alice@AD.TEST')
    with t.case('with S-1-18-1, whom the domain knows from the front end '
                'alone is refused'):
        for cache in (stage.ticket('alice'), proxied):
            stage.login(client_env=cache, options={'gs2_require': proved}
                        ).succeeds('alice', principal='alice@AD.TEST')
        login = stage.login(client_env=conjured,
                            options={'gs2_require': proved})
        login.refused_by_server('SASL_NOAUTHZ', TOLD)
        login.server_logged(f'not met: gs2:ad-groups={PROVED}')


def inspected_groups(t, stage):
    """What gs2-inspect says of the same."""
    with t.case('gs2-inspect shows the groups, and judges a rule on them'):
        if not os.path.exists(inspected.PROGRAM):
            raise tap.Skip('gs2-inspect is not built')
        conf = stage.path('inspect.conf')
        with open(conf, 'w', encoding='utf-8') as out:
            out.write(f'gs2_pac_decoder: {ad.DECODER}\n'
                      'gs2_attributes: groups=gs2:ad-groups\n'
                      f'gs2_require: gs2:ad-groups={stage.sids["Mailers"]}\n')
        args = ['login', '-j', '-n', 'localhost', '-c', conf]
        got = inspected.inspect(stage, *args,
                                env=stage.ticket('alice')).json(0)
        attrs = {a['name']: a for a in got['attributes']}
        groups = attrs['gs2:ad-groups']
        assert groups['properties'] == [
            GROUPS, '*gss:gs2:ad-groups', '*gss64:gs2:ad-groups',
            '*groups'], groups
        assert groups_in(v['value'] for v in groups['values']) == \
            groups_of_alice(stage), groups
        assert attrs['gs2:ad-upn']['values'] == [
            {'value': 'alice.grün@ad.test'}], attrs
        got = inspected.inspect(stage, *args,
                                env=stage.ticket('bob')).json(1)
        assert [c['met'] for c in got['rules'][0]['comparisons']] == [False]


def main(t):
    """All of them in one domain."""
    if not ad.is_root():
        t.skip('logins in an Active Directory domain',
               "only root can provision Samba's domain controller")
        return
    with ad.Stage() as stage:
        before = t.failed
        for part in (properties, rules, roles, assurance, machines, capitals,
                     mistakes, inspected_groups, front_ends):
            part(t, stage)
        if t.failed > before:
            t.note(stage.realm.log())


if __name__ == '__main__':
    tap.run(main)
