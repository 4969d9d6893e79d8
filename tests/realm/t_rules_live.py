#!/usr/bin/env python3
"""Rules on real logins: what satisfies them and what does not, who decides
first, what the log says and what the client is told.
"""

import base64

import sources
import tap
from sources import props, quoted, values

ALLOW = ['--proxy-policy', 'allow']
IND = 'auth-indicators'
GRUEN = 'with space, comma'
BINDING = ['--binding', 'tls-exporter:' + 'a5' * 32]
TOLD = 'the login does not meet the requirements of the server'


def require(rule):
    """The option, as sasl.conf has it."""
    return {'gs2_require': rule}


def rules_and_tickets(t, stage):
    """The same rule, met by one ticket and not by another (row A6)."""
    b64 = base64.b64encode('grün'.encode()).decode()
    every_pac = set(sources.INDICATORS) - {'no-pac'}
    rows = [
        (f'{IND}=*', {'spake', 'fast', 'pkinit', 'otp'}),
        (f'{IND}=spake', {'spake'}),
        (f'{IND}={quoted(GRUEN)}', {'spake'}),
        (f'{IND}="grün"', {'spake'}),
        (f'{IND}:={b64}', {'spake'}),
        # A smart card, a token, either of them; never a password.
        (f'{IND}=smartcard', {'pkinit'}),
        (f'{IND}=otp', {'otp'}),
        (f'{IND}=smartcard or {IND}=otp', {'pkinit', 'otp'}),
        (f'{IND}=otp and {IND}="hardware token, grün"', {'otp'}),
        (f'{IND}=otp and {IND}=smartcard', set()),
        (f'{IND}={quoted(sources.INDICATORS["fast"][0])}', {'fast'}),
        # Whole values, octet by octet.
        (f'{IND}=spak', set()), (f'{IND}=spakes', set()),
        (f'{IND}=Spake', set()), (f'{IND}="spake "', set()),
        (f'{IND}=with', set()), (f'{IND}=""', set()),
        ('Auth-Indicators=*', set()), (f'"{IND} "=*', set()),
        # Precedence.
        (f'{IND}=spake or {IND}=smartcard and gs2:realm=X', {'spake'}),
        (f'({IND}=spake or {IND}=smartcard) and gs2:realm=X', set()),
        (f'{IND}=smartcard and not gs2:realm=X', {'pkinit'}),
        # What a PAC has.
        ('"urn:mspac:"=*', every_pac),
        ('urn:mspac:client-info=*', every_pac),
        ('urn:mspac=*', set()),
        # Nothing of this is an attribute.
        ('mail=*', set()), ('gss:auth-indicators=*', set()),
    ]
    had = tickets(t, stage)
    for rule, met_by in rows:
        with t.case(f'{rule}: met by {sorted(met_by) or "none"}'):
            if met_by is every_pac:
                stage.needs_pac()
            got = {how for how in had if logs_in(stage, rule, how)}
            assert got == met_by & had, f'{sorted(got)}'


def tickets(t, stage):
    """The ways that give a ticket: one that does not is one failure, not one
    of each rule."""
    had = set()
    for how in sources.INDICATORS:
        with t.case(f'a ticket by {how}'):
            stage.ticket(how)
            had.add(how)
    return had


def logs_in(stage, rule, how):
    """True where alice's login succeeds under the rule; else it must be
    refused by it."""
    login = stage.login(client_env=stage.ticket(how), options=require(rule))
    if login.client.status == 0:
        login.succeeds('alice')
        return True
    login.refused_by_server('SASL_NOAUTHZ', TOLD)
    failed, = login.server.audit('failed')
    login.equal((failed['authid'], failed['rules']), ('alice', 'not-met'),
                'who was refused')
    login.contains(failed['detail'], 'not met: ', 'the log')
    login.contains(failed['detail'], f'in the rule: {rule}', 'the log')
    return False


def facts(t, stage):
    """The facts of a login, each met and each not."""
    met = {'gs2:mech': 'GS2-KRB5', 'gs2:layer': 'none',
           'gs2:principal': 'alice@EXAMPLE.TEST',
           'gs2:realm': 'EXAMPLE.TEST', 'gs2:service': 'imap',
           'gs2:acceptor': 'imap/localhost@EXAMPLE.TEST',
           'gs2:ticket-service': 'imap',
           'gs2:authid': 'alice', 'gs2:authzid': 'alice'}
    ticket = stage.ticket('timestamp')
    for name, value in met.items():
        with t.case(f'{name}={value}, and no other value'):
            for rule, ok in ((f'{name}={value}', True), (f'{name}=*', True),
                             (f'not {name}={value}', False),
                             (f'{name}={value}x', False),
                             (f'not {name}={value[:-1]}', True)):
                login = stage.login(client_env=ticket, options=require(rule))
                if ok:
                    login.succeeds('alice')
                else:
                    login.refused_by_server('SASL_NOAUTHZ', TOLD)
    for rule, how, ok in (('gs2:binding=tls-exporter', BINDING, True),
                          ('gs2:binding=tls-unique', BINDING, False),
                          ('not gs2:binding=tls-unique', BINDING, True),
                          # Who is unbound is not bound by another.
                          ('not gs2:binding=tls-unique or gs2:authid=bob', [],
                           False)):
        with t.case(f'{rule}, {"bound" if how else "not bound"}'):
            login = stage.login(client_env=ticket, both=how, mech=None,
                                options=require(rule))
            if ok:
                login.succeeds('alice')
            else:
                login.refused_by_server('SASL_NOAUTHZ', TOLD)
    for rule in 'gs2:binding=*', 'not gs2:binding=tls-unique':
        with t.case(f'{rule}, not bound: not offered'):
            login = stage.login(client_env=ticket, options=require(rule))
            login.equal([e['offered'] for e in login.server.all('mechs')],
                        ['PLAIN'], 'offered')
            login.equal(login.server.all('identity'), [], 'somebody got in')
    with t.case('gs2:authzid and gs2:authid of a proxy'):
        rule = 'gs2:authid=alice and gs2:authzid=bob'
        asked = dict(client_env=ticket, server=ALLOW, options=require(rule))
        stage.login(client=['--authzid', 'bob'], **asked).succeeds(
            'alice', authzid='bob')
        stage.login(**asked).refused_by_server('SASL_NOAUTHZ', TOLD)


def another_service(t, stage):
    """A ticket for another service of the host, where any key will do."""
    keytab = stage.path('ldap.keytab')
    stage.realm.ktadd(keytab, 'ldap/localhost')
    for rule, ok in (('gs2:service=imap', True),
                     ('gs2:ticket-service=imap', False),
                     ('gs2:ticket-service=ldap', True)):
        with t.case(f'a ticket for ldap, gs2_acceptor: *, {rule}'):
            login = stage.login(
                client=['--service', 'ldap'],
                options={'gs2_acceptor': '*', 'gs2_keytab': keytab,
                         **require(rule)})
            if ok:
                login.succeeds('alice')
            else:
                login.refused_by_server('SASL_NOAUTHZ', TOLD)


def what_is_told(t, stage):
    """A refusal: the log has all, the client nothing."""
    rule = f'gs2:realm=EXAMPLE.TEST and ({IND}=otp or {IND}=smartcard)'
    with t.case('the log names user, rule and comparison'):
        login = stage.login(client_env=stage.ticket('spake'), server=ALLOW,
                            options=require(rule))
        login.refused_by_server('SASL_NOAUTHZ', TOLD)
        login.server_logged('GS2-KRB5 login failed: client=127.0.0.1;',
                            ' authid="alice" ',
                            f'not met: {IND}=otp, {IND}=smartcard,',
                            f'in the rule: {rule}')
    with t.case('once'):
        login.equal(len([s for s in login.server.logs() if 'not met' in s]),
                    1, 'log lines')
    with t.case('the client learns neither rule nor comparison'):
        login.client_was_told(TOLD)
        for part in (IND, 'otp', 'smartcard', 'EXAMPLE.TEST and', 'not met',
                     'realm'):
            login.must(part not in login.client.failure()[1] and part not in
                       login.client.first('receive', type='fail')['text'],
                       f'the client was told {part}')
    with t.case('the application was not asked'):
        login.equal(login.server.all('policy'), [], 'proxy policy')
    with t.case('no value of an attribute is in the log'):
        login.must('comma' not in login.server.text, login.server.text)


def proxies(t, stage):
    """gs2_proxy_require comes before the application's proxy policy."""
    rule = {'gs2_proxy_require': f'{IND}=smartcard'}

    def attempt(how, authzid, policy='allow'):
        return stage.login(
            client=['--authzid', authzid], client_env=stage.ticket(how),
            server=['--proxy-policy', policy, *props(f'*gss:{IND}')],
            options=rule)

    with t.case('not met: refused, and the application is not asked'):
        login = attempt('spake', 'bob')
        login.refused_by_server('SASL_NOAUTHZ', TOLD)
        login.equal(login.server.all('policy'), [], 'proxy policy')
        login.server_logged(f'not met: {IND}=smartcard')
    with t.case('not met, but as oneself: let in'):
        for authzid in ('', 'alice'):
            login = attempt('spake', authzid)
            login.succeeds('alice')
            login.equal(len(login.server.all('policy')), 1, 'proxy policy')
    with t.case('met: then the application decides, and sees properties'):
        login = attempt('pkinit', 'bob')
        login.succeeds('alice', authzid='bob')
        login.equal(values(login, f'*gss:{IND}', 'policy'),
                    sources.INDICATORS['pkinit'], 'in the callback')
    with t.case('met, and the application says no'):
        login = attempt('pkinit', 'bob', 'deny')
        login.refused_by_server('SASL_NOAUTHZ', 'the proxy policy says no')
        login.must('not met' not in login.server.text, 'the rule was met')
    with t.case('gs2_require counts for a proxy as well'):
        login = stage.login(
            client=['--authzid', 'bob'], client_env=stage.ticket('pkinit'),
            server=ALLOW, options=dict(rule, **require(f'{IND}=otp')))
        login.refused_by_server('SASL_NOAUTHZ', TOLD)
        login.server_logged(f'not met: {IND}=otp')


def ldap_names(t, stage):
    """In LDAP an authzid that is a name has "u:" in front (RFC 4513 section
    5.2.1.8): one who asks for himself like that is no proxy."""
    for service, authzid, is_self in (
            ('ldap', 'u:alice', True), ('ldap', 'alice', True),
            ('ldap', 'u:bob', False), ('ldap', 'u:', False),
            ('ldap', 'u:alic', False), ('ldap', 'u:alicea', False),
            ('ldap', 'u:u:alice', False), ('ldap', 'U:alice', False),
            ('ldap', 'dn:alice', False), ('imap', 'u:alice', False)):
        word = 'himself' if is_self else 'another'
        with t.case(f'{service}: {authzid} is {word} to alice'):
            login = stage.login(
                both=['--service', service], client=['--authzid', authzid],
                client_env=stage.ticket('spake'),
                server=['--proxy-policy', 'allow', *props(f'gss:{IND}')],
                options={'gs2_proxy_require': f'{IND}=smartcard'})
            if is_self:
                login.succeeds('alice', authzid=authzid)
                login.equal(values(login, f'gss:{IND}'),
                            sources.INDICATORS['spake'], 'indicators')
            else:
                login.refused_by_server('SASL_NOAUTHZ', TOLD)


def foreign_users(t, stage):
    """A user of a trusted realm, who carries the same attribute."""
    stage.inject(f'carol@{sources.FOREIGN} indicator otp',
                 f'carol@{sources.FOREIGN} attribute urn:x:role admin')
    both = f'gs2:realm=EXAMPLE.TEST and {IND}=otp'
    carol = stage.foreigner()
    with t.case(f'carol@{sources.FOREIGN} logs in where there is no rule'):
        login = stage.login(client_env=carol, server=props(f'*gss:{IND}'))
        login.succeeds(f'carol@{sources.FOREIGN}',
                       principal=f'carol@{sources.FOREIGN}')
        login.equal(values(login, f'*gss:{IND}'), ['otp'], 'attribute')
    with t.case('a rule that names the realm refuses the attribute'):
        login = stage.login(client_env=carol, options=require(both))
        login.refused_by_server('SASL_NOAUTHZ', TOLD)
        login.server_logged('not met: gs2:realm=EXAMPLE.TEST')
    with t.case('a rule that does not name it lets the attribute in'):
        stage.login(client_env=carol, options=require(f'{IND}=otp')).succeeds(
            f'carol@{sources.FOREIGN}', principal=f'carol@{sources.FOREIGN}')
    with t.case('the realm that is named may be the foreign one'):
        rule = f'gs2:realm={sources.FOREIGN} and {IND}=otp'
        stage.login(client_env=carol, options=require(rule)).succeeds(
            f'carol@{sources.FOREIGN}', principal=f'carol@{sources.FOREIGN}')
    with t.case('bob, who carries none, does not get in by it'):
        stage.login(client_env=stage.foreigner('bob'),
                    options=require(f'{IND}=otp')).refused_by_server(
                        'SASL_NOAUTHZ', TOLD)
    stage.inject()


BROKEN = [
    # option, text, where, a part of the reason
    ('gs2_require', f'{IND}=otp and', 'line 1, column 24:',
     'a comparison expected, where the text ends'),
    ('gs2_require', f'{IND}=otp AND gs2:realm=X', 'column 21', 'lower case'),
    ('gs2_require', f'not {IND}=otp', 'column 5', 'absence'),
    ('gs2_require', 'not gs2:binding=*', 'column 5', 'absence'),
    ('gs2_require', 'gs2:relm=X', 'column 1', 'there is no gs2:relm'),
    ('gs2_require', f'({IND}=otp', 'line 1, column 21:', "or ')' expected"),
    ('gs2_require', 'urn:mspac:=*', 'line 1, column 12:', 'base64'),
    ('gs2_require', '"unterminated=x', 'line 1, column 1:', 'not closed'),
    ('gs2_proxy_require', 'x = y', 'column 2', "'='"),
    ('gs2_attributes', f'userPassword={IND}', 'column 1', 'userPassword'),
    ('gs2_attributes', f'x=y authzTo={IND}', 'column 5', 'authzTo'),
    ('gs2_attributes', f'authPassword={IND}', 'column 1', 'authPassword'),
    ('gs2_attributes', f'authzFrom={IND}', 'column 1', 'authzFrom'),
    ('gs2_attributes', f'cmusaslsecretPLAIN={IND}', 'column 1', 'cmusasl'),
    ('gs2_attributes', f'slapAuthcDN={IND}', 'column 1', 'slapAuthcDN'),
    ('gs2_attributes', f'gss:x={IND}', 'column 1', 'gss'),
    ('gs2_attributes', f'mail={IND} mail=x', 'column 22', 'named twice'),
    ('gs2_attributes', 'mail=gs2:realm', 'column 6', 'fact of the login'),
    ('gs2_authid', 'somehow', 'gs2_authid', 'somehow'),
]


def broken_configurations(t, stage):
    """A configuration that does not parse lets nobody in."""
    for option, text, where, why in BROKEN:
        with t.case(f'{option}: {text}'):
            login = stage.login(
                client_env=stage.ticket('pkinit'), options={option: text},
                both=['--count', '3'], server=props('*mail', '*userPassword'))
            login.equal(login.server.all('identity'), [], 'somebody got in')
            login.equal([e['offered'] for e in login.server.all('mechs')],
                        ['PLAIN'] * 3, 'offered')
            about = [s for s in login.server.logs() if option in s
                     and 'is not set' not in s]
            login.equal(len(about), 1, 'lines about it in three connections')
            login.contains(about[0], where, 'the place')
            login.contains(about[0], why, 'the reason')
            told = login.client.text
            for part in (option, text, where, 'column'):
                login.must(part not in told, f'the client was told {part}')
    with t.case('after a broken configuration, a good one'):
        stage.login(client_env=stage.ticket('pkinit'),
                    options=require(f'{IND}=pkinit')).succeeds('alice')


def rules_in_force(t, stage):
    """The first use of each configuration says what counts."""
    def said(options):
        login = stage.login(client_env=stage.ticket('pkinit'),
                            both=['--count', '3'], options=options)
        login.equal(len(login.server.all('identity')), 3, 'logins')
        return login, [e['text'] for e in login.server.all('log')
                       if ' is not set' in e['text'] or
                       e['text'].startswith('GS2: gs2_')]

    with t.case('no rules: said once in three logins'):
        login, lines = said({'gs2_requires': f'{IND}=otp'})
        login.equal(lines, ['GS2: gs2_roles is not set',
                            'GS2: gs2_require is not set',
                            'GS2: gs2_proxy_require is not set',
                            'GS2: gs2_attributes is not set'], 'log')
    with t.case('rules: said once, in full'):
        login, lines = said({'gs2_roles': 'card',
                             'gs2_role_card': 'gs2:authid=alice',
                             'gs2_require': f'{IND}=pkinit',
                             'gs2_proxy_require': 'gs2:authid=carol',
                             'gs2_attributes': f'x:base64={IND}'})
        login.equal(lines, ['GS2: gs2_roles is card',
                            f'GS2: gs2_require is {IND}=pkinit',
                            'GS2: gs2_proxy_require is gs2:authid=carol',
                            f'GS2: gs2_attributes is x:base64={IND}',
                            'GS2: gs2_role_card is gs2:authid=alice'], 'log')


def main(t):
    """All of them in one realm."""
    with sources.Sources() as stage:
        for part in (rules_and_tickets, facts, another_service, what_is_told,
                     proxies, ldap_names, foreign_users, broken_configurations,
                     rules_in_force):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
