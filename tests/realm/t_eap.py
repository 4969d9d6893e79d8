#!/usr/bin/env python3
"""Users of another organisation by Moonshot: EAP-TTLS with a password in the
tunnel, through the server to their RADIUS server, which says who they are and
what they are entitled to (RFC 7055; the names of attributes are of RFC 7056).
"""

import base64
import ctypes
import json
import os
import xml.etree.ElementTree

import eap
import lockout
import rawgss
import relay
import sources
import t_log
import tap
from sources import props, quoted, values

ALLOW = ['--proxy-policy', 'allow']
BINDING = ['--binding', 'tls-exporter:0123456789abcdef']
OTHER = ['--binding', 'tls-exporter:0123456789abcdee']
JSON = '*gss-attributes-json'
TOLD = 'the login does not meet the requirements of the server'
REJECTED = 'Authentication rejected by RADIUS server'
UNBOUND = 'Channel bindings do not match'

# Nine messages of the client's; without success data an empty last word.
NINE = ['send start', *['receive continue', 'send continue'] * 8,
        'receive ok']
TEN = [*NINE[:-1], 'receive continue', 'send continue', 'receive ok']


def logins(t, stage):
    """Who is let in, and how."""
    with t.case('with success data in nine messages'):
        login = stage.login(both=['--success-data'])
        t.note(' '.join(f'{e.kind}:{e["size"]}' for e in login.client.events
                        if e.kind in ('send', 'receive')))
        login.succeeds('alice@home.test', principal='alice@home.test',
                       header='n,,', messages=NINE)
        login.equal(login.server.first('identity')['mech'], eap.MECH,
                    'SASL_MECHNAME')
        login.equal(login.client.first('identity')['peer'], 'imap@localhost',
                    'the server as the client sees it')
    with t.case('without, an empty last word after them'):
        stage.login().succeeds('alice@home.test', principal='alice@home.test',
                               messages=TEN)
    with t.case('EAP-AES128-PLUS, with a binding'):
        login = stage.login(both=BINDING, mech='EAP-AES128-PLUS',
                            options={'gs2_require':
                                     'gs2:binding=tls-exporter'})
        login.succeeds('alice@home.test', principal='alice@home.test',
                       header='p=tls-exporter,,', messages=TEN)
    with t.case('EAP-AES256-PLUS'):
        login = stage.login(both=BINDING, mech='EAP-AES256-PLUS')
        login.succeeds('alice@home.test', principal='alice@home.test')
    with t.case('the RADIUS server says who it is, not the client'):
        login = stage.login(client_env=stage.user('bob@home.test'))
        login.succeeds('robert@home.test', principal='robert@home.test')
    with t.case('an authzid'):
        login = stage.login(client=['--authzid', 'bob'], server=ALLOW)
        login.succeeds('alice@home.test', authzid='bob', header='n,a=bob,',
                       principal='alice@home.test')


def credentials(t, stage):
    """With which identity a client comes."""
    alice = ['--authname', 'alice@home.test']
    with t.case('the authname is that of the identity'):
        stage.login(client=alice).succeeds('alice@home.test',
                                           principal='alice@home.test')
    with t.case('the authname has no credential'):
        login = stage.login(client=alice,
                            client_env=stage.user('bob@home.test'))
        login.refused_by_client('SASL_FAIL', 'Missing default password')
        login.equal(login.client.all('send', type='start'), [], 'messages')
    with t.case('then its password is asked for, and tried'):
        # Moonshot takes no certificate that nobody confirmed, unless the
        # identity is in a file: it gives up in the tunnel.
        login = stage.login(client=[*alice, '--password', eap.PASSWORD],
                            client_env=stage.user('bob@home.test'))
        login.equal(len(login.client.all('callback', id='SASL_CB_PASS')), 1,
                    'questions')
        login.equal(login.client.messages()[:7], NINE[:7], 'messages')
        login.refused_by_client('SASL_BADSERV', REJECTED)
    with t.case('there is no credential at all'):
        login = stage.login(client_env={})
        login.refused_by_client('SASL_FAIL', 'Missing default password or '
                                'other credentials')


def attributes(t, stage):
    """What the application sees."""
    asked = [f'*gss:{eap.FILTER_ID}', f'gss:{eap.FILTER_ID}',
             f'*gss64:{eap.FILTER_ID}', f'*gss-display:{eap.FILTER_ID}',
             '*entitlement', f'*gss:{eap.ASSERTION}', JSON]
    options = {'gs2_attributes': f'entitlement="{eap.ENTITLEMENT}"'}
    login = stage.login(server=[*props(*asked), *ALLOW], options=options)
    with t.case('*gss:radius-attribute 11 has two values'):
        login.succeeds('alice@home.test', principal='alice@home.test')
        for at in ('policy', 'end'):
            for name in (asked[0], asked[1], asked[3]):
                login.equal(values(login, name, at), eap.FILTERS, name)
        login.equal([base64.b64decode(v).decode()
                     for v in values(login, asked[2])], eap.FILTERS, asked[2])
    with t.case('a mapped name, for the entitlement of the SAML assertion'):
        for at in ('policy', 'end'):
            login.equal(values(login, '*entitlement', at), eap.ENTITLEMENTS,
                        at)
    with t.case('the assertion itself, put together again'):
        found = xml.etree.ElementTree.fromstring(
            values(login, f'*gss:{eap.ASSERTION}')[0])
        login.equal([e.text for e in found.iter() if
                     e.tag.endswith('}AttributeValue')],
                    [*eap.ENTITLEMENTS, 'alice.liddell@home.test'], 'values')
    with t.case('all of it as JSON; of keys and passwords, nothing'):
        document = json.loads(values(login, JSON)[0])
        login.equal((document['principal'], document['realm']),
                    ('alice@home.test', None), 'who')
        names = [a['name'] for a in document['attributes']]
        t.note(' | '.join(names))
        login.must({eap.FILTER_ID, eap.ENTITLEMENT, eap.PERSON,
                    eap.ASSERTION} <= set(names), f'{names}')
        # MS-MPPE-Send-Key and -Recv-Key are attributes of vendor 311.
        login.must(not [n for n in names if ' 26.311.' in n], f'{names}')
        login.must(eap.PASSWORD not in login.server.text + login.client.text,
                   'the password is shown')
    with t.case('bob has attributes of his own, carol has none, and the log is silent'):
        for user, principal, got in (
                ('bob', 'robert', [['guest'], eap.ENTITLEMENTS[1:]]),
                ('carol', 'carol', [[], []])):
            login = stage.login(client_env=stage.user(f'{user}@home.test'),
                                server=props(*asked), options=options)
            login.succeeds(f'{principal}@home.test',
                           principal=f'{principal}@home.test')
            login.equal([values(login, name)
                         for name in (asked[0], '*entitlement')], got, user)
            login.equal([s for s in login.server.logs() if 'urn:ietf' in s
                         and 'gs2_attributes' not in s], [], 'log')


def rules(t, stage):
    """Who may log in."""
    entitled = f'{quoted(eap.ENTITLEMENT)}='
    filtered = f'{quoted(eap.FILTER_ID)}='
    for rule, met, not_met in (
            (entitled + eap.ENTITLEMENTS[0], 'alice', 'bob'),
            (entitled + '* and gs2:mech=EAP-AES128', 'bob', 'carol'),
            (filtered + quoted(eap.FILTERS[1]), 'alice', 'bob'),
            (filtered + 'guest or gs2:principal=carol@home.test', 'carol',
             'alice'),
            (entitled + eap.ENTITLEMENTS[0][:-1] + ' or gs2:realm=*', None,
             'alice')):
        with t.case(f'{rule}: met by {met or "nobody"}, not by {not_met}'):
            for user in filter(None, (met, not_met)):
                login = stage.login(
                    client_env=stage.user(f'{user}@home.test'),
                    options={'gs2_require': rule})
                if user == met:
                    login.equal(login.client.first('outcome')['login'], 'yes',
                                user)
                    continue
                login.refused_by_server('SASL_NOAUTHZ', TOLD)
                failed, = login.server.audit('failed')
                login.contains(failed['detail'], 'not met: ', 'the log')
                login.contains(failed['detail'], f'in the rule: {rule}',
                               'the log')
                login.client_was_told(TOLD)


def identities(t, stage):
    """gs2_authid: attribute NAME, and a user without a name."""
    def attempt(user, options, server=()):
        return stage.login(client_env=stage.user(f'{user}@home.test'),
                           server=server, options=options)

    with t.case('an attribute says who alice is'):
        attempt('alice', {'gs2_authid': f'attribute {eap.PERSON}'}).succeeds(
            'alice.liddell@home.test', principal='alice@home.test')
    for user, name, why in (
            ('bob', eap.PERSON, 'absent or unreadable'),
            ('alice', eap.FILTER_ID, 'not one value of text')):
        with t.case(f'{name} of {user} is {why}: no login'):
            login = attempt(user, {'gs2_authid': f'attribute {name}'})
            login.refused_by_server('SASL_NOAUTHZ',
                                    'lacks the attribute that says who it is')
            login.server_logged(f'attribute {name} is {why}')
    allow = {'gs2_accept_anonymous': 'yes'}
    for options, server, text in (
            ({}, [], 'the server does not allow it'),
            (allow, ['--secflag', 'noanonymous'],
             'the application does not allow it')):
        with t.case(f'a user without a name: {text}'):
            attempt('dave', options, server).refused_by_server(
                'SASL_NOAUTHZ', 'the client is anonymous', text)
    with t.case('let in where both do, with what is known of the user'):
        login = attempt('dave', allow, props(f'*gss:{eap.FILTER_ID}'))
        seen = login.server.first('identity')
        login.equal([seen[key] for key in ('authid', 'authzid', 'peer')],
                    ['anonymous', 'anonymous', ''], 'identities')
        login.equal(values(login, f'*gss:{eap.FILTER_ID}'), ['visitor'],
                    'attribute')


def refusals(t, stage):
    """A wrong password, a wrong server."""
    for user, password in (('alice', 'not.the.one'),
                           ('nobody', eap.PASSWORD)):
        with t.case(f'{user}, {password}: both sides say why'):
            login = stage.login(client_env=stage.user(f'{user}@home.test',
                                                      password))
            login.refused_by_client('SASL_BADSERV', REJECTED)
            login.server_logged('EAP-AES128 login failed: ', ' authid=- ',
                                'GSS acceptor: ', REJECTED)
            login.must(password not in login.server.text, 'in the log')
            failed, = login.server.audit('failed')
            # It may as well be the server's RADIUS that does not answer.
            for prefix in t_log.PREFIXES:
                login.equal(lockout.addresses(prefix.format(failed.line) + '\n'),
                            [], 'whom fail2ban counts')
    with t.case('a server that is another than the client wants'):
        login = stage.login(options={'gs2_acceptor': 'smtp@localhost'})
        login.refused_by_client('SASL_BADSERV', 'Acceptor identity different '
                                'than expected')


def bindings(t, stage):
    """EAP refuses bindings that differ, and never says that they are there;
    so gs2_binding_verified_by has it built in (row U2)."""
    with t.case('another binding'):
        login = stage.login(client=BINDING, server=OTHER,
                            mech='EAP-AES128-PLUS')
        login.equal(login.client.first('outcome')['login'], 'no', 'outcome')
        login.refused_by_client('SASL_BADSERV', 'GSS initiator: ')
        login.server_logged('EAP-AES128 login failed', UNBOUND)
    for bound, header, why in (
            (b'n,,', b'n,,', None),
            (b'n,,', b'n,a=admin,', UNBOUND),
            (b'n,a=admin,', b'n,,', UNBOUND),
            (None, b'n,,', 'Channel binding token missing')):
        with t.case(f'bound to {bound}, sent behind {header}: '
                    f'{why or "good"}'):
            answer, trace = raw_login(stage, bound, header)
            if why is None:
                assert answer.word == 'ok', trace.text
                continue
            assert answer.word == 'fail', trace.text
            assert trace.failure()[0] == 'SASL_BADBINDING', trace.text
            assert why in trace.failure()[1], trace.text
            assert not trace.all('policy'), trace.text


def raw_login(stage, bound, header):
    """A login by an initiator of our own; the last Answer, and the server's
    trace."""
    os.environ.pop('GSS_MECH_CONFIG', None)
    os.environ.update(stage.user('alice@home.test'))
    initiator = rawgss.Initiator(
        ctypes.byref(rawgss.Oid.of('1.3.6.1.5.5.15.1.1.17')), bound)
    with stage.server(ALLOW) as running:
        with relay.connect(running.port) as connection:
            answer = connection.attempt(
                header + rawgss.without_framing(initiator.step()), eap.MECH)
            while answer.word == 'continue' and not initiator.done:
                try:
                    token = initiator.step(answer.data)
                except OSError:  # it was an error token
                    token = b''
                answer = connection.step(token)
        return answer, running.finish()


def offers(t, stage):
    """With everything that Debian has, and without a RADIUS server."""
    with t.case('all of it is offered'):
        login = stage.login(both=BINDING, mech='EAP-AES128-PLUS')
        login.equal(sorted(login.server.first('mechs')['offered'].split()),
                    ['EAP-AES128', 'EAP-AES128-PLUS', 'EAP-AES256',
                     'EAP-AES256-PLUS', 'GS2-KRB5', 'GS2-KRB5-PLUS', 'PLAIN'],
                    'offered')
    with t.case('not where no /etc/radsec.conf names a RADIUS server'):
        with stage.server(wrapper=()) as running:
            with relay.connect(running.port) as connection:
                assert connection.mechs == ['GS2-KRB5', 'PLAIN'], \
                    connection.mechs
            trace = running.finish()
            assert any('EAP-AES128 is not available for imap@localhost: '
                       in line for line in trace.logs()), trace.text


def documented(t, stage):
    """The setup of sasl.conf.example."""
    options = sources.setup_of('guests by Moonshot')
    with t.case('the documented setup lets alice in, and shows entitlements'):
        login = stage.login(server=props('*entitlement'), options=options)
        login.succeeds('alice.liddell@home.test', principal='alice@home.test')
        login.equal(values(login, '*entitlement'), eap.ENTITLEMENTS,
                    'entitlement')
    with t.case('and not bob, who is not entitled'):
        login = stage.login(client_env=stage.user('bob@home.test'),
                            options=dict(options, gs2_authid='auto'))
        login.refused_by_server('SASL_NOAUTHZ', TOLD)


def main(t):
    """All of them with one RADIUS server."""
    try:
        with eap.Federation() as stage:
            for part in (logins, credentials, attributes, rules, identities,
                         refusals, bindings, offers, documented):
                part(t, stage)
            if t.failed:
                t.note(stage.radius.log()[-20000:])
    except tap.Skip as reason:
        t.skip('logins by Moonshot', reason)


if __name__ == '__main__':
    tap.run(main)
