#!/usr/bin/env python3
"""Attributes of real tickets as auxiliary properties: what the application
sees in its proxy policy callback and after the login, and what it never sees.
"""

import base64
import json

import rawgss
import realm
import sources
import tap
from sources import props, values

ALLOW = ['--proxy-policy', 'allow']
IND = 'auth-indicators'
JSON = '*gss-attributes-json'


def document(login):
    """The JSON document as Python reads it."""
    return json.loads(values(login, JSON)[0])


def attribute(login, name):
    """An attribute of the document, or None."""
    found = [a for a in document(login)['attributes'] if a['name'] == name]
    login.must(len(found) < 2, f'{name} is there twice')
    return found[0] if found else None


def texts(found):
    """The values of an attribute of the document."""
    return [v['text'] for v in found['values']]


def indicators(t, stage):
    """Authentication indicators by four ways of pre-authentication."""
    asked = [f'*gss:{IND}', f'gss:{IND}', f'*gss64:{IND}',
             f'*gss-display:{IND}', JSON]
    for how in ('spake', 'fast', 'pkinit', 'otp'):
        want = sources.INDICATORS[how]
        with t.case(f'{how}: {want}'):
            login = stage.login(client_env=stage.ticket(how),
                                server=[*props(*asked), *ALLOW])
            login.succeeds('alice')
            for at in ('policy', 'end'):
                for name in asked[:2]:
                    login.equal(values(login, name, at), want, f'{name} {at}')
                login.equal([base64.b64decode(v).decode()
                             for v in values(login, asked[2], at)], want,
                            'base64')
                login.equal(values(login, asked[3], at), [], 'display values')
            login.equal(texts(attribute(login, IND)), want, 'JSON')
        with t.case(f'{how}: the log says why there is no display value'):
            login.server_logged(f'property *gss-display:{IND} is not set',
                                'a value has no display value')
    with t.case('otp: with a wrong one there is no ticket'):
        stage.TOKEN = '755225'
        try:
            stage.ticket('otp', 'dave')
        except realm.RealmError as error:
            assert 'Preauthentication failed' in str(error), error
        else:
            raise AssertionError('there is a ticket')
        finally:
            del stage.TOKEN
    for how in ('timestamp', 'no-pac'):
        with t.case(f'{how}: no indicators, which is no news'):
            login = stage.login(client_env=stage.ticket(how),
                                server=[*props(*asked), *ALLOW])
            login.succeeds('alice')
            for at in ('policy', 'end'):
                for name in asked[:4]:
                    login.equal(values(login, name, at), [], name)
            login.equal(attribute(login, IND), None, 'in JSON')
            login.equal([line for line in login.server.logs()
                         if IND in line], [], 'log')


def binary(t, stage):
    """Parts of the PAC: never text, so never under gss:."""
    names = ['urn:mspac:', 'urn:mspac:client-info',
             'urn:mspac:server-checksum', 'urn:mspac:privsvr-checksum']
    asked = [f'{p}{n}' for n in names for p in ('*gss:', '*gss64:')]
    login = stage.login(client_env=stage.ticket('spake'),
                        server=props(*asked, JSON))
    for name in names:
        with t.case(f'{name}: nothing under gss:, right under gss64:'):
            login.succeeds('alice')
            stage.needs_pac()
            login.equal(values(login, f'*gss:{name}'), [], 'as text')
            login.server_logged(f'property *gss:{name} is not set',
                                'a value is not text')
            got = values(login, f'*gss64:{name}')
            login.equal([v['b64'] for v in attribute(login, name)['values']],
                        got, 'JSON against gss64:')
            login.must(all('text' not in v
                           for v in attribute(login, name)['values']),
                       'text in JSON')
    with t.case('the PAC is that of alice, part by part'):
        stage.needs_pac()
        pac, info = (base64.b64decode(values(login, f'*gss64:{n}')[0])
                     for n in names[:2])
        # MS-PAC 2.7: a time, the name's length, the name.
        login.equal(info[8:], b'\x0a\0' + 'alice'.encode('utf-16-le'),
                    'client information')
        login.must(info in pac and pac[4:8] == bytes(4), 'not a PAC')
    with t.case('a ticket without a PAC: nothing, in silence'):
        login = stage.login(client_env=stage.ticket('no-pac'),
                            server=props(*asked, JSON))
        login.succeeds('alice')
        login.equal([values(login, name) for name in asked],
                    [[]] * len(asked), 'properties')
        login.equal(document(login), {
            'v': 1, 'mech': 'GS2-KRB5', 'binding': None,
            'layer': 'none', 'principal': 'alice@EXAMPLE.TEST', 'realm': 'EXAMPLE.TEST',
            'acceptor': 'imap/localhost@EXAMPLE.TEST',
            'ticket-service': 'imap', 'service': 'imap', 'authid': 'alice',
            'authzid': 'alice', 'roles': [], 'attributes': []}, 'JSON')
        login.equal([s for s in login.server.logs() if 'mspac' in s], [],
                    'log')


def forged_pac(t, stage):
    """A PAC whose signature is bad is listed, but cannot be read."""
    with t.case('a PAC as the KDC made it: GSS-API has it, and a rule is met'):
        stage.needs_pac()
        ticket = stage.ticket('spake')
        stage.login(client_env=ticket, options={
            'gs2_require': '"urn:mspac:"=*'}).succeeds('alice')
    try:
        ticket = stage.forged()
    except tap.Skip as reason:
        t.skip('a PAC with a bad signature', reason)
        return
    with t.case('a PAC with a bad signature: absent, and logged by name'):
        login = stage.login(client_env=ticket, server=props(
            '*gss64:urn:mspac:', '*gss64:urn:mspac:client-info',
            f'*gss:{IND}', JSON))
        login.succeeds('alice')
        for name in ('urn:mspac:', 'urn:mspac:client-info'):
            login.equal(values(login, f'*gss64:{name}'), [], name)
            login.equal(attribute(login, name), None, f'{name} in JSON')
            login.server_logged(f'"{name}" is not used',
                                'it is listed, but unavailable')
    with t.case('what else the ticket says stays good'):
        login.equal(values(login, f'*gss:{IND}'),
                    sources.INDICATORS['spake'], 'indicators')
    with t.case('it satisfies no rule'):
        stage.login(client_env=ticket, options={
            'gs2_require': '"urn:mspac:"=*'}).refused_by_server(
                'SASL_NOAUTHZ', 'does not meet the requirements')


ASKED = ['*gss:urn:x:mail', '*gss64:urn:x:mail', '*mail', '*gss:mail',
         '*gss-display:urn:x:mail', JSON]
MAP = {'gs2_attributes': 'mail=urn:x:mail'}
RULE = {'gs2_require': 'urn:x:mail=a@x.test'}


def issued(t, stage, module):
    """An attribute of our own, by the KDC's word."""
    stage.inject('alice@EXAMPLE.TEST attribute urn:x:mail b@x.test',
                 'alice@EXAMPLE.TEST attribute mail other@x.test',
                 'alice@EXAMPLE.TEST attribute urn:x:mail a@x.test',
                 'alice@EXAMPLE.TEST attribute urn:x:mail b@x.test')
    ticket = stage.fresh()

    def attempt(options):
        return stage.login(client_env=ticket, server=props(*ASKED),
                           options=options, server_wrapper=module)

    with t.case('issued by the KDC: published, in its order, duplicates too'):
        login = attempt(MAP)
        login.succeeds('alice')
        mails = ['b@x.test', 'a@x.test', 'b@x.test']
        login.equal(values(login, ASKED[0]), mails, ASKED[0])
        login.equal([base64.b64decode(v).decode()
                     for v in values(login, ASKED[1])], mails, ASKED[1])
        login.equal(values(login, '*mail'), mails, 'mapped')
        login.equal(values(login, ASKED[4]), ['urn:x:mail'] * 3,
                    'display values of the module')
        login.equal(texts(attribute(login, 'urn:x:mail')), mails, 'JSON')
    with t.case('mail and urn:x:mail do not mix'):
        login.equal(values(login, '*gss:mail'), ['other@x.test'], 'mail')
        login.equal(texts(attribute(login, 'mail')), ['other@x.test'],
                    'mail in JSON')
        attempt({'gs2_require': 'mail=a@x.test or urn:x:mail=other@x.test'}
                ).refused_by_server('SASL_NOAUTHZ')
    with t.case('issued by the KDC: satisfies a rule'):
        attempt(RULE).succeeds('alice')
    with t.case('a display value satisfies none'):
        attempt({'gs2_require': 'urn:x:mail=urn:x:mail'}
                ).refused_by_server('SASL_NOAUTHZ')
    stage.inject()


def asserted(t, stage, module):
    """The same attribute by the user's own word."""
    ticket = stage.fresh()

    def attempt(value, options):
        # A new message each time: GSS refuses a replay.
        return stage.say(stage.asserting(ticket, 'urn:x:mail', value),
                         props(*ASKED), options, module)

    with t.case('asserted by the user: published nowhere, logged'):
        answer, login = attempt('a@x.test', MAP)
        login.equal(answer.word, 'ok', 'answer')
        login.equal([values(login, name) for name in ASKED[:5]], [[]] * 5,
                    'properties')
        login.equal(attribute(login, 'urn:x:mail'), None, 'JSON')
        login.must('a@x.test' not in login.server.text, 'its value is shown')
        login.server_logged('"urn:x:mail" is not used',
                            'asserted by the peer, not authenticated')
    with t.case('asserted by the user: satisfies no rule'):
        answer, login = attempt('a@x.test', RULE)
        login.equal(answer.word, 'fail', 'answer')
        login.equal(login.server.failure()[0], 'SASL_NOAUTHZ', 'code')
        login.server_logged('not met: urn:x:mail=a@x.test')
    with t.case('asserted by the user: is no identity'):
        answer, login = attempt('bob', {
            'gs2_authid': 'attribute urn:x:mail'})
        login.equal(answer.word, 'fail', 'answer')
        login.contains(login.server.failure()[1],
                       'lacks the attribute that says who it is', 'text')


def issued_or_asserted(t, stage):
    """The same attribute by the KDC's word and by the user's."""
    try:
        module = stage.with_module()
    except tap.Skip as reason:
        t.skip('an attribute issued by the KDC, and asserted by the user',
               reason)
        return
    issued(t, stage, module)
    asserted(t, stage, module)


def proxies(t, stage):
    """`*` speaks of the authentication identity, nothing of the other."""
    want = sources.INDICATORS['pkinit']
    asked = [f'*gss:{IND}', f'gss:{IND}', '*ind', 'ind',
             'gss-attributes-json', JSON]
    options = {'gs2_attributes': f'ind={IND}'}
    both = dict(client_env=stage.ticket('pkinit'), options=options,
                server=[*props(*asked), *ALLOW])
    for authzid, own in (('bob', []), ('alice', want), ('', want)):
        with t.case(f'alice as {authzid or "nobody else"}'):
            login = stage.login(client=['--authzid', authzid], **both)
            login.succeeds('alice', authzid=authzid or None)
            for at in ('policy', 'end'):
                for name in ('*gss:' + IND, '*ind'):
                    login.equal(values(login, name, at), want, name)
                for name in ('gss:' + IND, 'ind'):
                    login.equal(values(login, name, at), own, name)
                login.equal(len(values(login, JSON, at)), 1, JSON)
                login.equal(len(values(login, JSON[1:], at)), 1 if own else 0,
                            JSON[1:])


def across_realms(t, stage):
    """What arrives of a user of a realm that ours trusts."""
    asked = props(f'*gss:{IND}', '*gss64:urn:mspac:client-info', JSON)
    carol = stage.foreigner()
    there = stage.foreign_server()
    name = f'carol@{sources.FOREIGN}'
    with t.case('at a server of her own realm: the mark of her KDC'):
        login = stage.login(client_env=dict(carol, **there), server_env=there,
                            server=asked)
        login.succeeds('carol', principal=name)
        login.equal(values(login, f'*gss:{IND}'), ['smartcard'], IND)
    with t.case('at a server of our realm: not the mark of her KDC'):
        login = stage.login(client_env=carol, server=asked)
        login.succeeds(name, principal=name)
        login.equal(values(login, f'*gss:{IND}'), [], IND)
        login.equal(attribute(login, IND), None, f'{IND} in JSON')
        login.equal(document(login)['realm'], sources.FOREIGN, 'realm')
    with t.case('and the PAC, signed anew, with her name and no realm'):
        stage.needs_pac()
        info = base64.b64decode(
            values(login, '*gss64:urn:mspac:client-info')[0])
        login.equal(info[8:], b'\x0a\0' + 'carol'.encode('utf-16-le'),
                    'client information')
    with t.case('a mark that our KDC gives her is its own word'):
        stage.inject(f'{name} indicator otp')
        login = stage.login(client_env=stage.foreigner(), server=asked)
        login.equal(values(login, f'*gss:{IND}'), ['otp'], IND)
        stage.inject()


def composite_name(t, stage):
    """The whole name, on request and with leave alone."""
    asked = props('*gss-composite-name', 'gss-composite-name', JSON)
    ticket = stage.ticket('pkinit')
    for option in (None, 'no'):
        with t.case(f'gs2_export {option}: nothing, and the log says so'):
            login = stage.login(client_env=ticket, server=asked,
                                options={'gs2_export': option})
            login.succeeds('alice')
            login.equal(values(login, '*gss-composite-name'), [], 'property')
            login.server_logged('*gss-composite-name is not set',
                                'gs2_export is not yes')
    with t.case('gs2_export yes: imports again, with the same attributes'):
        login = stage.login(client_env=ticket, server=asked,
                            options={'gs2_export': 'yes'})
        login.succeeds('alice')
        token, = values(login, '*gss-composite-name')
        again = rawgss.composite_attributes(base64.b64decode(token))
        here = {a['name'].encode(): [(base64.b64decode(v['b64']), True)
                                     for v in a['values']]
                for a in document(login)['attributes']}
        login.must(IND.encode() in again, f'no {IND} in {again}')
        login.equal(again, here, 'attributes')
    with t.case('gs2_export with a value that it does not have: nobody gets in'):
        login = stage.login(client_env=ticket, server=asked,
                            options={'gs2_export': 'perhaps'})
        login.equal(login.server.all('identity'), [], 'logins')
        login.server_logged('gs2_export', 'perhaps')


def identities(t, stage):
    """gs2_authid: local, and attribute NAME."""
    local = stage.krb5_config(
        '[realms]\n EXAMPLE.TEST = {\n'
        '  auth_to_local = RULE:[1:$1](alice)s/alice/wonderland/\n }\n')

    def attempt(authid, how, server_env=None, user='alice'):
        return stage.login(client_env=stage.ticket(how, user),
                           server_env=server_env,
                           options={'gs2_authid': authid})

    with t.case('local: auth_to_local in krb5.conf says who alice is'):
        attempt('local', 'timestamp', local).succeeds(
            'wonderland', principal='alice@EXAMPLE.TEST')
    with t.case('local: no rule for bob, no login'):
        login = attempt('local', 'timestamp', local, 'bob')
        login.refused_by_server('SASL_NOAUTHZ', 'no local name for the peer '
                                '(auth_to_local)')
        login.equal(login.server.audit('failed')[0]['principal'],
                    'bob@EXAMPLE.TEST', 'the log says who it was')
    with t.case('local: the default rule for bob'):
        attempt('local', 'timestamp', None, 'bob').succeeds('bob')
    with t.case('attribute: one value'):
        attempt(f'attribute {IND}', 'fast').succeeds(
            sources.INDICATORS['fast'][0], principal='alice@EXAMPLE.TEST')
    for name, how, why in ((IND, 'spake', 'not one value of text'),
                           (IND, 'timestamp', 'absent or unreadable'),
                           ('urn:mspac:client-info', 'timestamp',
                            'not one value of text'),
                           ('urn:mspac:', 'no-pac', 'absent or unreadable'),
                           ('no such one', 'spake', 'absent or unreadable')):
        with t.case(f'attribute {name}, ticket by {how}: {why}'):
            if 'mspac' in name and how != 'no-pac':
                stage.needs_pac()
            login = attempt(f'attribute {name}', how)
            login.refused_by_server('SASL_NOAUTHZ',
                                    'lacks the attribute that says who it is')
            login.client_was_told('lacks the attribute')
            login.server_logged(f'attribute {name} is {why}')
            login.must(why not in login.client.text, 'the client knows why')
    with t.case('attribute gs2:realm: a fact is no attribute'):
        login = attempt('attribute gs2:realm', 'spake')
        login.refused_by_server('SASL_NOMECH', 'has an error')
        login.server_logged('there is no attribute ', 'gs2:realm')


def main(t):
    """All of them in one realm."""
    with sources.Sources() as stage:
        for part in (indicators, binary, forged_pac, issued_or_asserted,
                     proxies, across_realms, composite_name, identities):
            stage.inject()
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
