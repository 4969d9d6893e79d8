#!/usr/bin/env python3
"""gs2-inspect login: what it prints of logins that succeed and that a rule
refuses, as text and as JSON, and its exit status.
"""

import re
import subprocess
import time

import inspected
import sources
import tap
import tree

LOGIN = inspected.LOGIN
MECHS = inspected.MECHS

ATTRIBUTES = '''
  attribute                    authenticated  complete  properties
  auth-indicators              yes            yes       \
*gss:auth-indicators *gss64:auth-indicators
    spake
    with space, comma
    grün
'''
INDICATORS = '  auth-indicators '
# The PAC and its buffers: KDCs from 1.21 on add the nineteenth.
VERSION = re.search(r'version 1\.(\d+)', subprocess.run(
    [tap.find('klist', 'krb5-user'), '-V'], check=True,
    stdout=subprocess.PIPE, encoding='utf-8').stdout)
OCTETS = 6 if int(VERSION[1]) >= 21 else 5
MORE = f'  and {OCTETS} whose values are octets: -v shows them\n'
ATTRIBUTES += MORE

ALL_WELL = '''\
logged in as alice

  server       imap@localhost
  mechanism    GS2-KRB5
  binding      none
  ticket       alice@EXAMPLE.TEST until TIME in FILE:DIR/alice.spake.cc
  principal    alice@EXAMPLE.TEST
  realm        EXAMPLE.TEST
  identity     alice
  local name   alice
''' + ATTRIBUTES

ASSERTED = '''\
  urn:x:mail                   no             yes       none
    a@x.test  shown as urn:x:mail
    b@x.test  shown as urn:x:mail
'''

LET_IN = '''\
logged in as alice@EXAMPLE.TEST

  server       imap@localhost
  mechanism    GS2-KRB5-PLUS
  binding      tls-exporter, 32 octets
               HEX
  ticket       alice@EXAMPLE.TEST until TIME in FILE:DIR/alice.spake.cc
  principal    alice@EXAMPLE.TEST
  realm        EXAMPLE.TEST
  identity     alice@EXAMPLE.TEST
  local name   alice
''' + ATTRIBUTES.replace(
    '*gss64:auth-indicators\n', '*gss64:auth-indicators *indicators\n') + '''
gs2_require is true
  gs2:realm=EXAMPLE.TEST and (auth-indicators=spake or auth-indicators=otp)
    true     gs2:realm=EXAMPLE.TEST
    true     auth-indicators=spake
    false    auth-indicators=otp (the login has other values)

gs2_proxy_require is not set
'''

RULE_FALSE = '''\
no login: the server refuses: the login does not meet the requirements of the \
server
server's log: GS2-KRB5 login failed: client=- code=SASL_NOAUTHZ fault=- \
binding=- rules=not-met authid="alice" authzid="bob" principal="alice@EXAMPLE.TEST" \
reason="the login does not meet the requirements of the server" \
detail="not met: auth-indicators=otp, gs2:binding=*, in the rule: \
auth-indicators=otp and not gs2:mech=GS2-KRB5 or gs2:binding=*"
next: see which comparison is false, below

  server       imap@localhost
  mechanism    GS2-KRB5
  binding      none
  ticket       alice@EXAMPLE.TEST until TIME in FILE:DIR/alice.spake.cc
  principal    alice@EXAMPLE.TEST
  realm        EXAMPLE.TEST
  identity     alice
  acts as      bob
  local name   alice
''' + ATTRIBUTES + '''
gs2_require is false
  auth-indicators=otp and not gs2:mech=GS2-KRB5 or gs2:binding=*
    false    auth-indicators=otp (the login has other values)
    false    not gs2:mech=GS2-KRB5
    false    gs2:binding=* (the login has none)

gs2_proxy_require is false
  gs2:authid=admin
    false    gs2:authid=admin (the login has another one)
'''

ATTRIBUTE_MISSING = '''\
no login: the server refuses: the login does not meet the requirements of the \
server
server's log: GS2-KRB5 login failed: client=- code=SASL_NOAUTHZ fault=- \
binding=- rules=not-met authid="alice" authzid=- principal="alice@EXAMPLE.TEST" \
reason="the login does not meet the requirements of the server" \
detail="not met: auth-indicators=spake, in the rule: auth-indicators=spake"
next: see which comparison is false, below

  server       imap@localhost
  mechanism    GS2-KRB5
  binding      none
  ticket       alice@EXAMPLE.TEST until TIME in FILE:DIR/alice.no-pac.cc
  principal    alice@EXAMPLE.TEST
  realm        EXAMPLE.TEST
  identity     alice
  local name   alice

no attributes

gs2_require is false
  auth-indicators=spake
    false    auth-indicators=spake (the login has no such attribute, or an \
unauthenticated one)

gs2_proxy_require is true, and does not apply: acts as nobody else
  gs2:authid=alice
    true     gs2:authid=alice
'''

BROKEN_RULE = '''\
DIR/broken.conf:2:32: closed: gs2_require: a comparison expected, found 'or'
  gs2_require:  gs2:realm=* and  or
                                 ^
'''


def shown_in_document():
    """The login that doc/administrator.md shows, as if it had been in this stage."""
    path = tree.srcdir('doc', 'administrator.md')
    with open(path, encoding='utf-8') as page:
        shown = re.search(r'^\$ gs2-inspect login .*\n((?:[^`].*\n|\n)*)',
                          page.read(), re.M)[1]
    return inspected.Answer.plain(shown, [
        ('/tmp/krb5cc_1000', 'DIR/alice.no-pac.cc')])


def logins(t, stage):
    """Logins that succeed, and that a rule refuses."""
    ticket = stage.ticket('spake')
    with t.case('all well'):
        inspected.inspect(stage, *LOGIN, env=ticket).is_(0, ALL_WELL)
    with t.case('octets, on request alone, behind what can be read'):
        answer = inspected.inspect(stage, *LOGIN, '-v', env=ticket)
        assert answer.status == 0 and MORE not in answer.out, answer
        names = re.findall(r'^  (\S+) +yes +yes ', answer.out, re.M)
        assert names[0] == 'auth-indicators', answer
        assert 'urn:mspac:' in names and len(names) == 1 + OCTETS, answer
        octets = re.search(r'^  urn:mspac:16 .*\n    \(16 octets\)\n'
                           r'      ([0-9a-f]{32})\n', answer.out, re.M)
        assert octets, answer
    with t.case('all well: a rule is true, attributes are mapped, a binding'):
        conf = inspected.write(stage, 'good.conf', (
            'gs2_require: gs2:realm=EXAMPLE.TEST and (auth-indicators=spake '
            'or auth-indicators=otp)\n'
            'gs2_attributes: indicators=auth-indicators pac:base64=urn:mspac:'
            '\ngs2_authid: full\n'))
        inspected.inspect(stage, *LOGIN, '-c', conf, '-b', 'tls-exporter',
                          '-x', env=ticket).is_(0, LET_IN)
    with t.case('a rule is false, and that for acting as others is'):
        conf = inspected.write(stage, 'false.conf', (
            'gs2_require: auth-indicators=otp and not gs2:mech=GS2-KRB5 or '
            'gs2:binding=*\ngs2_proxy_require: gs2:authid=admin\n'))
        answer = inspected.inspect(stage, *LOGIN, '--conf', conf, '--authzid',
                                   'bob', env=ticket)
        answer.is_(1, RULE_FALSE)
    with t.case('an attribute is missing'):
        conf = inspected.write(stage, 'missing.conf', (
            'gs2_require: auth-indicators=spake\n'
            'gs2_proxy_require: gs2:authid=alice\n'))
        inspected.inspect(stage, *LOGIN, '-c', conf, env=stage.ticket(
            'no-pac')).is_(1, ATTRIBUTE_MISSING)
    t.equal(shown_in_document(), ATTRIBUTE_MISSING,
            'doc/administrator.md shows what is printed')
    with t.case('a broken rule'):
        conf = inspected.write(stage, 'broken.conf', (
            '# rules\ngs2_require:  gs2:realm=* and  or\n'))
        inspected.inspect(stage, 'login', '-c', conf, '-n', 'localhost',
                          env=ticket).is_(
            1, '', BROKEN_RULE + 'gs2-inspect: this configuration is closed: '
            'nobody gets in by GS2\n')
        for args, login, effect in (
                (LOGIN, {'login': False}, 'nobody gets in by GS2'),
                (MECHS, {}, 'no mechanism of GS2 is offered')):
            got = inspected.inspect(stage, *args, '-j', '-c', conf,
                                    env=ticket).json(1)
            assert got == {
                'v': 1, **login, 'failure': {
                    'side': 'server', 'cause': None, 'code': -7, 'text':
                    f'this configuration is closed: {effect}', 'log': None,
                    'next': None},
                'file': conf, 'server': None, 'state': 'closed',
                'services': [{'service': None, 'state': 'closed',
                              'options': {}}], 'errors': [{
                    'file': conf, 'line': 2, 'column': 32,
                    'state': 'closed', 'text': 'gs2_require: a '
                    "comparison expected, found 'or'"}],
                'warnings': got['warnings'], 'unsure': None}, got
        inspected.inspect(stage, *MECHS, '-c', conf, env=ticket).is_(
            1, '', BROKEN_RULE + 'gs2-inspect: this configuration is closed: no '
            'mechanism of GS2 is offered\n')
    with t.case('a rule that is not in force: the server goes on without it'):
        conf = inspected.write(stage, 'ignored.conf', (
            'gs2_requires: auth-indicators=otp\n'))
        answer = inspected.inspect(stage, *LOGIN, '-c', conf, env=ticket)
        assert answer.status == 0, answer
        assert answer.err == (
            'DIR/ignored.conf:1:1: not in force: there is no option '
            'gs2_requires; did you mean gs2_require?\n'
            '  gs2_requires: auth-indicators=otp\n  ^\n'), answer
        assert answer.out.startswith('logged in as alice\n'), answer
    with t.case('a rule for one service of Cyrus'):
        conf = inspected.write(stage, 'imapd.conf', (
            'configdirectory: /nonexistent\n'
            'sieve_sasl_gs2_require: auth-indicators=otp\n'))
        for service, status in ((), 0), (('-p', 'Sieve'), 1):
            answer = inspected.inspect(stage, *LOGIN, *service, '-c', conf,
                                       env=ticket)
            assert answer.status == status, answer


ROLES = '''
gs2_role_card is true
  auth-indicators=spake
    true     auth-indicators=spake

gs2_role_mailers is false
  auth-indicators=mail or gs2:realm=OTHER.TEST
    false    auth-indicators=mail (the login has other values)
    false    gs2:realm=OTHER.TEST (the login has another one)

gs2_require is true
  gs2:role=card
    true     gs2:role=card

gs2_proxy_require is not set
'''


def roles(t, stage):
    """Which roles a login has, and which comparison was false."""
    conf = inspected.write(stage, 'roles.conf', (
        'gs2_roles: card mailers\ngs2_require: gs2:role=card\n'
        'gs2_role_card: auth-indicators=spake\n'
        'gs2_role_mailers: auth-indicators=mail or gs2:realm=OTHER.TEST\n'))
    with t.case('roles: one is had, one is not'):
        inspected.inspect(stage, *LOGIN, '-c', conf, env=stage.ticket(
            'spake')).is_(0, ALL_WELL + ROLES)
    conf = inspected.write(stage, 'tag.conf', (
        'gs2_roles: card mailers\ngs2_tag: /\n'
        'gs2_role_card: auth-indicators=spake\n'
        'gs2_role_mailers: auth-indicators=mail or gs2:realm=OTHER.TEST\n'
        'gs2_require: gs2:role=card\n'))
    with t.case('roles: one is behind the name'):
        inspected.inspect(stage, *LOGIN, '-c', conf, env=stage.ticket(
            'spake')).is_(0, (ALL_WELL + ROLES).replace(
                '  identity     alice\n', '  identity     alice\n'
                '  tag          /card\n  tagged name  alice/card\n'))
    with t.case('roles: one is behind the name, JSON'):
        got = inspected.inspect(stage, *LOGIN, '-j', '-c', conf,
                                env=stage.ticket('spake')).json(0)
        assert [got[k] for k in ('authid', 'authzid', 'tag', 'tagged')] == [
            'alice', 'alice', '/card', 'alice/card'], got
    with t.case('roles: JSON'):
        got = inspected.inspect(stage, *LOGIN, '-j', '-c', conf,
                                env=stage.ticket('no-pac')).json(1)
        assert [(r['option'], r['met']) for r in got['rules']] == [
            ('gs2_role_card', False), ('gs2_role_mailers', False),
            ('gs2_require', False)], got


def documents(t, stage):
    """The JSON of a login."""
    conf = inspected.write(stage, 'json.conf', (
        'gs2_require: gs2:binding=* and (auth-indicators=otp or not '
        'gs2:realm=A)\ngs2_attributes: second=auth-indicators\n'))
    args = (*LOGIN, '-j', '-c', conf)
    ticket = stage.ticket('spake')
    with t.case('JSON: a login'):
        got = inspected.inspect(stage, *args, '-b', 'tls-unique',
                                env=ticket).json(0)
        attrs = {a['name']: a for a in got.pop('attributes')}
        until = got['ticket'].pop('until')
        said = {name: got.pop(name) for name in (
            'file', 'server', 'state', 'services', 'errors', 'warnings',
            'unsure')}
        assert (said['state'], said['errors']) == ('in force', []), said
        assert abs(until - time.time() - 86400) < 3600, until
        assert got == {
            'v': 1, 'login': True, 'mechanism': 'GS2-KRB5-PLUS',
            'service': 'imap', 'host': 'localhost',
            'binding': {'type': 'tls-unique', 'octets': 32},
            'ticket': {'principal': 'alice@EXAMPLE.TEST',
                       'cache': ticket['KRB5CCNAME']},
            'principal': 'alice@EXAMPLE.TEST', 'realm': 'EXAMPLE.TEST',
            'authid': 'alice', 'authzid': 'alice', 'local': 'alice',
            'tag': None, 'tagged': None,
            'rules': [{
                'option': 'gs2_require', 'rule': 'gs2:binding=* and '
                '(auth-indicators=otp or not gs2:realm=A)',
                'applies': True, 'met': True, 'comparisons': [
                    {'text': 'gs2:binding=*', 'met': True},
                    {'text': 'auth-indicators=otp', 'met': False},
                    {'text': 'not gs2:realm=A', 'met': True}]}]}, got
        assert attrs['auth-indicators'] == {
            'name': 'auth-indicators', 'readable': True,
            'authenticated': True, 'complete': True,
            'values': [{'value': v} for v in sources.INDICATORS['spake']],
            'properties': ['*gss:auth-indicators', '*gss64:auth-indicators',
                           '*second']}, attrs
        assert set(attrs['urn:mspac:']['values'][0]['value']) == {'b64'}
    with t.case('JSON: octets of the binding, on request alone'):
        got = inspected.inspect(stage, *args, '-x', '-b', 'tls-unique',
                                env=ticket).json(0)
        assert re.fullmatch('[0-9a-f]{64}', got['binding']['hex']), got
    with t.case('JSON: a refusal'):
        got = inspected.inspect(stage, *args, env=ticket).json(1)
        failure = got['failure']
        assert got['login'] is False and failure == {
            'side': 'server', 'cause': None, 'code': -4, 'log': None,
            'text': 'GS2-KRB5 is offered by this server only where there is a '
            'channel binding', 'next': 'log in over TLS, with a server and a '
            'client that bind to it (here: -b)'}, got
    with t.case('JSON: a refusal by the rule'):
        conf = inspected.write(stage, 'json.conf', (
            'gs2_require: auth-indicators=otp\n'))
        got = inspected.inspect(stage, *args, env=ticket).json(1)
        failure = got['failure']
        assert 'not met: auth-indicators=otp' in failure.pop('log'), got
        assert got['login'] is False and failure == {
            'side': 'server', 'cause': None, 'code': -14,
            'text': 'the login does not meet the requirements of the server',
            'next': 'see which comparison is false, below'}, got
    with t.case('JSON: a line that is not in force'):
        conf = inspected.write(stage, 'json.conf', (
            'gs2_require: gs2:realm=*\ngs2_requires: gs2:realm=A\n'))
        for more in ((), ('--as', 'bob@EXAMPLE.TEST')):
            got = inspected.inspect(stage, *args, *more, env=ticket).json(0)
            assert (got['login'], got['state'], got['errors']) == (
                True, 'not in force', [{
                    'file': conf, 'line': 2, 'column': 1, 'state':
                    'not in force', 'text': 'there is no option '
                    'gs2_requires; did you mean gs2_require?'}]), got
        got = inspected.inspect(stage, *MECHS, '-j', '-c', conf).json(0)
        assert got['state'] == 'not in force', got
    with t.case('JSON: no login'):
        env = {'KRB5CCNAME': 'FILE:' + stage.path('none')}
        got = inspected.inspect(stage, *LOGIN, '-j', env=env).json(2)
        assert got['failure']['side'] == 'client', got
        assert got['failure']['text'].endswith('get a ticket with kinit'), got


def unauthenticated(t, stage):
    """An attribute that nobody vouches for, beside those of the KDC."""
    try:
        module = stage.with_module()
    except tap.Skip as reason:
        t.skip('an attribute that is not authenticated', reason)
        return
    ticket = stage.fresh(how='spake')
    # Behind kinit: what the ticket for tickets has is in the others again.
    stage.inject('alice@EXAMPLE.TEST asserted urn:x:mail a@x.test',
                 'alice@EXAMPLE.TEST asserted urn:x:mail b@x.test')
    conf = inspected.write(stage, 'asserted.conf', (
        'gs2_require: urn:x:mail=a@x.test\ngs2_attributes: mail=urn:x:mail\n'))
    with t.case('an attribute that is not authenticated: shown as such'):
        inspected.inspect(stage, *LOGIN, env=ticket, wrapper=module).is_(
            0, ALL_WELL.replace(INDICATORS, ASSERTED + INDICATORS))
    with t.case('an attribute that is not authenticated: meets no rule'):
        answer = inspected.inspect(stage, *LOGIN, '-c', conf, env=ticket,
                                   wrapper=module)
        answer.is_(1, answer.out)
        assert ASSERTED + INDICATORS in answer.out, answer
        assert '\n\ngs2_require is false\n' in answer.out, answer
        assert answer.out.count(
            '    false    urn:x:mail=a@x.test (the login has no such '
            'attribute, or an unauthenticated one)\n') == 1, answer
    with t.case('an attribute that is not authenticated: JSON'):
        got = inspected.inspect(stage, *LOGIN, '-j', '-c', conf, env=ticket,
                                wrapper=module).json(1)
        attrs = {a['name']: a for a in got['attributes']}
        assert attrs['urn:x:mail'] == {
            'name': 'urn:x:mail', 'readable': True, 'authenticated': False,
            'complete': True, 'properties': [], 'values': [
                {'value': value, 'display': 'urn:x:mail'}
                for value in ('a@x.test', 'b@x.test')]}, attrs
        assert attrs['auth-indicators']['authenticated'], attrs
    stage.inject()


def main(t):
    """All of them in one realm."""
    with sources.Sources() as stage:
        for part in (logins, documents, roles, unauthenticated):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
