#!/usr/bin/env python3
"""gs2-inspect login --as: whether a user who is not here would get in. The
answer is that of a real login.
"""

import os
import re
import shutil

import inspected
import scenario
import sources
import tap
import tree
from inspected import LOGIN


def what_if(t, stage):
    """Rules, names and assumptions."""
    ticket = stage.ticket('spake')
    has = [word for value in sources.INDICATORS['spake']
           for word in ('--assume', f'auth-indicators={value}')]
    alice = ('--as', 'alice@EXAMPLE.TEST')
    rules = ('auth-indicators=spake', 'auth-indicators=otp',
             'gs2:realm=EXAMPLE.TEST and gs2:authid=alice',
             'gs2:principal=alice@EXAMPLE.TEST', 'not gs2:authid=bob',
             'gs2:binding=*', 'gs2:layer=none', 'gs2:role=card',
             'not gs2:binding=tls-unique',
             'gs2:role=other or auth-indicators="with space, comma"',
             'gs2:service=imap and gs2:mech=GS2-KRB5', 'gs2:authzid=bob',
             'auth-indicators=*', 'not auth-indicators=spak')
    for n, rule in enumerate(rules):
        conf = inspected.write(stage, 'if.conf', (
            'gs2_roles: card other\ngs2_role_card: auth-indicators=spake\n'
            f'gs2_role_other: a=b\ngs2_require: {rule}\n'
            'gs2_proxy_require: gs2:authid=admin\n'))
        for who in ((), ('-a', 'bob')):
            with t.case(f'what if: {rule} {" ".join(who)}'):
                done = inspected.inspect(stage, *LOGIN, '-jc', conf, *who,
                                         env=ticket)
                guess = inspected.inspect(stage, *LOGIN, '-jc', conf, *who,
                                          *alice, *has)
                assert done.status == guess.status, (done, guess)
                got, wanted = guess.json(done.status), done.json(done.status)
                if 'rules' in wanted:
                    assert got['rules'] == wanted['rules'], (n, done, guess)
    for option, user, authid in (('full', 'bob@EXAMPLE.TEST',
                                  'bob@EXAMPLE.TEST'),
                                 ('auto', 'bob', 'bob'),
                                 ('auto', 'carol@OTHER.TEST',
                                  'carol@OTHER.TEST'),
                                 ('attribute uid', 'x@EXAMPLE.TEST', 'carl')):
        with t.case(f'what if: gs2_authid {option}, {user}'):
            conf = inspected.write(stage, 'if.conf', f'gs2_authid: {option}\n')
            got = inspected.inspect(stage, *LOGIN, '-jc', conf, '--as', user,
                                    '--assume=uid=carl').json(0)
            assert (got['authid'], got['as']) == (authid, user), got
    with t.case('what if: as text'):
        conf = inspected.write(stage, 'if.conf', (
            'gs2_require: auth-indicators=otp and gs2:binding=*\n'))
        inspected.inspect(stage, *LOGIN, '-c', conf, '--as', 'bob@X.TEST',
                          '--assume', 'auth-indicators=otp').is_(1, WHAT_IF)
    for args, says in (
            (('--assume', 'gs2:realm=X'),
             'gs2:realm follows from the rest and cannot be assumed'),
            (('--assume', 'gs2:role=card'),
             'gs2:role follows from the rest and cannot be assumed'),
            (('--assume', 'gs2:bindng=X'),
             'there is no fact and no attribute gs2:bindng'),
            (('-m', 'GS2-NONE'), 'there is no mechanism GS2-NONE')):
        with t.case(f'what if: {says}'):
            inspected.inspect(stage, *LOGIN, *alice, *args).is_(
                2, '', f'gs2-inspect: {says}\n')
    with t.case('what if: an attribute that is the name, and is not assumed'):
        conf = inspected.write(stage, 'if.conf', 'gs2_authid: attribute uid\n')
        inspected.inspect(stage, *LOGIN, '-c', conf, *alice).is_(
            2, '', 'gs2-inspect: gs2_authid wants the attribute uid, which is '
            'not assumed\n')
    for service, user, status in (('ldap', 'u:alice', 0), ('ldap', 'u:bob', 1),
                                  ('ldap', 'alice', 0), ('imap', 'u:alice', 1)):
        with t.case(f'what if: {service}, as {user}'):
            conf = inspected.write(stage, 'if.conf',
                                   'gs2_proxy_require: a=b\n')
            got = inspected.inspect(stage, *LOGIN, '-jc', conf, *alice, '-s',
                                    service, '-a', user).json(status)
            assert got['rules'][-1]['applies'] == bool(status), got
    with t.case('what if: an attribute with quotation marks'):
        conf = inspected.write(stage, 'if.conf', 'gs2_require: "a\\"b\\\\"=x\n')
        for more, hint in (((), 'the login has no such attribute, or an '
                                'unauthenticated one'),
                           (('--assume', 'a"b\\=y'),
                            'the login has other values')):
            answer = inspected.inspect(stage, *LOGIN, '-c', conf, *alice,
                                       *more)
            assert (f'\n    false    "a\\"b\\\\"=x ({hint})\n'
                    ) in answer.out, answer


WHAT_IF = '''\
bob@X.TEST would not be let in: gs2_require is not met

  service      imap
  mechanism    GS2-KRB5
  identity     bob@X.TEST
  assumed      auth-indicators=otp

gs2_require is false
  auth-indicators=otp and gs2:binding=*
    true     auth-indicators=otp
    false    gs2:binding=* (the login has none)

gs2_proxy_require is not set
'''


def facts_of(page, start, end):
    """The facts that a manual page names between two texts."""
    with open(tree.srcdir(page), encoding='utf-8') as text:
        part = text.read().split(start)[1].split(end)[0]
    return set(re.findall(r'\bgs2:[a-z]+(?:-[a-z]+)*', part))


def assumptions(t, stage):
    """Which facts can be assumed: those that gs2-inspect(1) names, of all that
    libgs2(5) has."""
    os.mkdir(stage.path('both'))
    for plugin in (scenario.PLUGIN,
                   tree.builddir('gssapi', '.libs', 'libgssapiv2.so')):
        shutil.copy(plugin, stage.path('both'))
    every = facts_of('libgs2.5', '\nare facts of the login:\n', '\n.El\n')
    named = '\n.Pq Li gs2:binding'
    for mech, end in (('GS2-KRB5', 'for GSSAPI'), ('GSSAPI', '\n'),
                      ('GSS-SPNEGO', '\n')):
        with t.case(f'what can be assumed of {mech}: as the page says'):
            wanted = {'gs2:binding', *facts_of('gs2-inspect.1', named, end)}
            answers = {}
            for fact in every:
                given = f'{fact}=tls-server-end-point'
                conf = inspected.write(stage, 'if.conf', (
                    f'gs2_require: {given}\n' if fact in wanted else ''))
                answers[fact] = inspected.inspect(
                    stage, *LOGIN, '-m', mech, '-c', conf, '--as',
                    'alice@EXAMPLE.TEST', '-A', given, plugins='both')
            assert {fact for fact, answer in answers.items()
                    if answer.status == 0} == wanted, answers
            for fact in every - wanted:
                answers[fact].is_(2, '', (
                    f'gs2-inspect: {fact} follows from the rest and cannot be '
                    'assumed\n'))


def main(t):
    """All of it in one realm."""
    with sources.Sources() as stage:
        what_if(t, stage)
        assumptions(t, stage)


tap.run(main)
