#!/usr/bin/env python3
"""gs2-inspect login --as: whether a user who is not here would get in. The
answer is that of a real login.
"""

import json
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


ANONYMOUS = 'WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS'
TAG = 'gs2_tag: /\ngs2_roles: smartcard\ngs2_role_smartcard: a=b\n'
INDICATOR = 'gs2_authid: attribute auth-indicators\n'


def agree(t, stage, what, conf, user, *args, has=(), why=None):
    """A login of a user, by their name and ticket, and the guess about it have
    one answer: the same names, or the same text, if the server says why."""
    name, ticket = user
    file = inspected.write(stage, 'if.conf', conf)
    assume = [word for value in has
              for word in ('--assume', f'auth-indicators={value}')]
    with t.case(f'as a login: {what}'):
        done = inspected.inspect(stage, *LOGIN, '-jc', file, *args, env=ticket)
        guess = inspected.inspect(stage, *LOGIN, '-jc', file, *args, '--as',
                                  name, *assume)
        wanted, got = json.loads(done.raw), json.loads(guess.raw)
        assert guess.status == (0 if wanted['login'] else 1), (done, guess)
        assert got['login'] == wanted['login'] == (why is None), (done, guess)
        if why is None:
            for key in ('authid', 'authzid', 'principal', 'realm'):
                assert got[key] == wanted[key], (key, done, guess)
        else:
            assert why in got['failure']['text'], (done, guess)
            if done.status == 1:
                assert got['failure']['text'].startswith(
                    wanted['failure']['text']), (done, guess)


def names(t, stage):
    """What is refused before any rule is asked, and what libsasl makes of
    names."""
    alice = ('alice@EXAMPLE.TEST', stage.ticket('spake'))
    stage.realm.addprinc('WELLKNOWN/ANONYMOUS')
    cache = 'FILE:' + stage.path('anonymous.cc')
    stage.realm.kinit('@EXAMPLE.TEST', ccache=cache, args=['-n'])
    nobody = (ANONYMOUS, {'KRB5CCNAME': cache})
    agree(t, stage, 'anonymous', 'gs2_require: gs2:authid=anonymous\n', nobody,
          why='anonymous and the server does not allow it')
    host = ('host/x.example.test@EXAMPLE.TEST',
            stage.newcomer('host/x.example.test'))
    tag = 'has the character that stands between a user and a role here'
    agree(t, stage, 'a name with the tag', TAG, host, why=tag)
    agree(t, stage, 'an authzid with the tag', TAG, alice, '-a',
          'bob/smartcard', why=tag)
    agree(t, stage, 'an authzid with an escape, in LDAP', TAG, alice, '-s',
          'ldap', '-a', 'dn:uid=alice\\2fsmartcard,cn=auth',
          why='is a DN with "\\" or "#" in it')
    agree(t, stage, 'without a tag', '', host, '-a', 'bob/smartcard')
    agree(t, stage, 'an authzid with blanks', 'gs2_require: gs2:authzid=bob\n',
          alice, '-a', ' bob ')
    agree(t, stage, 'an authzid with a tabulator', '', alice, '-a', 'b\tb',
          why='has a control character in it')
    agree(t, stage, 'an attribute with three values', INDICATOR, alice,
          has=sources.INDICATORS['spake'],
          why='(attribute auth-indicators is not one value of text)')
    agree(t, stage, 'an attribute with a blank at its end', INDICATOR,
          ('alice@EXAMPLE.TEST', stage.ticket('fast')), has=['bob '],
          why='the peer\'s name "bob " has white space at an end')
    stage.inject('alice@EXAMPLE.TEST indicator carl')
    agree(t, stage, 'an attribute', INDICATOR + 'gs2_require: gs2:authid=carl\n',
          ('alice@EXAMPLE.TEST', stage.fresh()), has=['carl'])
    stage.inject()
    with t.case('an attribute with an empty value, which no KDC here makes'):
        conf = inspected.write(stage, 'if.conf', INDICATOR)
        answer = inspected.inspect(stage, *LOGIN, '-c', conf, '--as', alice[0],
                                   '-A', 'auth-indicators=')
        assert answer.status == 1, answer
        assert ": the peer's identity attribute is empty\n" in answer.out, answer


def mechanisms(t, stage):
    """What the server does not offer lets nobody in."""
    alice = ('alice@EXAMPLE.TEST', stage.ticket('spake'))
    for conf, args in (('gs2_mechs: GS2-IAKERB\nmech_list: GS2-KRB5 EXTERNAL\n',
                        ()),
                       ('', ('-m', 'GS2-IAKERB')),
                       ('gs2_mechs: GS2-KRB5 GS2-IAKERB\nmech_list: GS2-KRB5\n',
                        ('-m', 'GS2-IAKERB')),
                       ('mech_list: EXTERNAL\n', ('-m', 'GS2-KRB5'))):
        agree(t, stage, f'{conf!r} {" ".join(args)}', conf, alice, *args,
              why='nobody gets in')
    with t.case('closed, as text'):
        conf = inspected.write(stage, 'if.conf', (
            'gs2_mechs: GS2-IAKERB\nmech_list: GS2-KRB5 EXTERNAL\n'))
        inspected.inspect(stage, *LOGIN, '-c', conf, '--as', alice[0]).is_(
            1, CLOSED, 'DIR/if.conf:2:1: closed: mech_list names no mechanism '
            'of GS2\n  mech_list: GS2-KRB5 EXTERNAL\n  ^\n')
    for option in ('gs2_mechs', 'mech_list'):
        with t.case(f'without -m: the mechanism that {option} names'):
            conf = inspected.write(
                stage, 'if.conf', 'gs2_mechs: GS2-IAKERB GS2-KRB5\n'
                f'{option}: GS2-IAKERB\n' if option == 'mech_list' else
                'gs2_mechs: GS2-IAKERB\n')
            got = inspected.inspect(stage, *LOGIN, '-jc', conf, '--as',
                                    alice[0]).json(0)
            assert got['mechanism'] == 'GS2-IAKERB', got


CLOSED = '''\
alice@EXAMPLE.TEST would not be let in: nobody gets in, because the server \
offers no mechanism of GS2
next: mech_list must name a mechanism that gs2_mechs lets the server offer

  service      imap
  mechanism    none
  identity     none
'''


def main(t):
    """All of it in one realm."""
    sources.INDICATORS['fast'] = ['bob ']
    with sources.Sources() as stage:
        what_if(t, stage)
        names(t, stage)
        mechanisms(t, stage)
        assumptions(t, stage)


tap.run(main)
