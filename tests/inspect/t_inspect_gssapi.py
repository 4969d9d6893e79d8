#!/usr/bin/env python3
"""gs2-inspect on GSSAPI and GSS-SPNEGO, with our file in libsasl's directory,
with Cyrus SASL's, with both: mechs, login, conf, and what a login to a server
shows of it.
"""

import json
import os
import shutil

import inspected
import scenario
import tap
import tree
from inspected import LOGIN, MECHS
from scenario import PLUGIN, system_plugin

GSSAPI = tree.builddir('gssapi', '.libs', 'libgssapiv2.so')
BOTH = ('GSSAPI', 'GSS-SPNEGO')
RULE = 'gs2_require: gs2:realm=OTHER.TEST\n'


def plugins(stage, name, *files):
    """A directory of plugins with these; two of one name are kept apart."""
    os.mkdir(stage.path(name))
    for number, file in enumerate(files):
        to = stage.path(name, os.path.basename(file))
        if os.path.exists(to):
            to = to.replace('lib', f'lib{number}', 1)
        shutil.copy(file, to)
    return name


def mechs(t, stage):
    """Which are listed, and whether each side has them."""
    for name, wanted in (('gssapi-ours', BOTH), ('gssapi-theirs', ()),
                         ('gssapi-alone', BOTH)):
        with t.case(f'mechs: {name}'):
            got = inspected.inspect(stage, *MECHS, '-j',
                                    plugins=name).json(0)
            rows = {row['name']: (row['server'], row['client'])
                    for row in got['mechanisms']}
            assert {row: rows.get(row) for row in BOTH} == {
                row: (True, True) if row in wanted else None
                for row in BOTH}, rows
    with t.case('mechs: mech_list does not name it'):
        conf = inspected.write(stage, 'list.conf', 'mech_list: GS2-KRB5\n')
        got = inspected.inspect(stage, *MECHS, '-j', '-c', conf,
                                plugins='gssapi-ours').json(0)
        assert [(row['server'], row['why']) for row in got['mechanisms']
                if row['name'] in BOTH] == [
                    (False, 'mech_list does not name it')] * 2, got


def login(t, stage):
    """login -m: the rules and the facts of it."""
    for mech, only in ((BOTH[0], ''), (BOTH[1], ''), (BOTH[0], BOTH[0])):
        with t.case(f'login -m {mech}, mech_list {only or "not set"}'):
            conf = inspected.write(stage, 'login.conf', (
                (f'mech_list: {only}\n' if only else '')
                + f'gs2_require: gs2:mech={mech} and gs2:layer=privacy\n'))
            got = inspected.inspect(stage, *LOGIN, '-j', '-m', mech, '-c',
                                    conf, plugins='gssapi-ours').json(0)
            assert got['login'] is True and got['mechanism'] == mech, got
            conf = inspected.write(stage, 'login.conf', RULE)
            got = inspected.inspect(stage, *LOGIN, '-j', '-m', mech, '-c',
                                    conf, plugins='gssapi-ours').json(1)
            assert got['login'] is False, got
    with t.case('login -m GSSAPI by the other file, past the rule'):
        conf = inspected.write(stage, 'login.conf',
                               RULE + 'mech_list: GSSAPI GS2-KRB5 EXTERNAL\n')
        answer = inspected.inspect(stage, *LOGIN, '-j', '-m', 'GSSAPI', '-c',
                                   conf, plugins='gssapi-theirs')
        got = json.loads(answer.out)
        assert [row['text'].split(': ')[-1] for row in got['warnings']] == [
            'GSSAPI lets people in without it'], got
        assert got['login'] is True and answer.status == 0, answer
    for mech, asks in (('GSSAPI', False), ('GS2-KRB5', True)):
        with t.case(f'login -m {mech}, GSSAPI of the other file: who asks'):
            answer = inspected.inspect(stage, *LOGIN, '-m', mech, '-c', conf,
                                       plugins='gssapi-theirs')
            assert ('another plugin for GSSAPI' in answer.err) == (
                not asks), answer
            assert ('gs2_require is false' in answer.out) == asks, answer
            assert 'gs2_require is true' not in answer.out, answer


def conf(t, stage):
    """Ways past a rule."""
    text = f'{RULE}mech_list: GSSAPI GS2-KRB5 GSS-SPNEGO EXTERNAL\n'
    path = inspected.write(stage, 'past.conf', text)
    for name, wanted in (('gssapi-ours', []), ('gssapi-alone', []),
                         ('gssapi-theirs', list(BOTH)),
                         ('gssapi-both', list(BOTH)),
                         ('ours-alone', list(BOTH))):
        with t.case(f'conf: {name}'):
            got = inspected.inspect(stage, 'conf', '-j', path,
                                    plugins=name).json(0)
            past = [row['text'].split(': ')[-1].split()[0]
                    for row in got['warnings']]
            assert past == wanted, got
    path = inspected.write(stage, 'plus.conf', 'mech_list: GSSAPI GS2-KRB5\n')
    for name, plus in (('gssapi-ours', 0), ('gssapi-theirs', 1)):
        with t.case(f'conf: each mechanism has a -PLUS: {name}'):
            got = inspected.inspect(stage, 'conf', '-j', path,
                                    plugins=name).json(0)
            assert len(got['warnings']) == plus, got
    path = inspected.write(stage, 'named.conf', (
        'mech_list: GSSAPI EXTERNAL\ngs2_mechs: GSSAPI\n'))
    for name, state, status in (('gssapi-ours', 'in force', 0),
                                ('gssapi-theirs', 'closed', 1)):
        with t.case(f'conf: gs2_mechs does not speak of GSSAPI: {name}'):
            got = inspected.inspect(stage, 'conf', '-j', path,
                                    plugins=name).json(status)
            assert got['state'] == state, got
    path = inspected.write(stage, 'alone.conf', f'{RULE}mech_list: GSSAPI\n')
    for name, state, status in (('gssapi-ours', 'in force', 0),
                                ('gssapi-theirs', 'closed', 1)):
        with t.case(f'conf: GSSAPI alone, {name}: {state}'):
            got = inspected.inspect(stage, 'conf', '-j', path,
                                    plugins=name).json(status)
            assert got['state'] == state, got


def damaged(t, stage):
    """A file that is cut, or says of itself what is not so: it is no file of
    ours, and nothing ends by it."""
    with open(GSSAPI, 'rb') as file:
        good = file.read()
    text = f'{RULE}mech_list: GSSAPI GS2-KRB5 EXTERNAL\n'
    path = inspected.write(stage, 'past.conf', text)
    place = stage.path('gssapi-damaged', 'libgssapiv2.so')
    os.mkdir(stage.path('gssapi-damaged'))
    # e_phoff, e_phentsize, e_phnum; a segment's offset and size.
    damages = [good[:n] for n in (0, 3, 16, 63, 64, 100, 700)]
    for at, size in ((0, 4), (32, 8), (54, 2)):
        damages.append(good[:at] + b'\xff' * size + good[at + size:])
    damages += [good[:64 + 56 * i + 8] + b'\xff' * 56
                + good[64 + 56 * (i + 1) + 8:] for i in range(4)]
    seen = []
    for damage in damages:
        with open(place, 'wb') as file:
            file.write(damage)
        answer = inspected.inspect(stage, 'conf', '-j', path,
                                   plugins='gssapi-damaged')
        seen.append((answer.status, answer.err))
    t.equal(set(seen), {(0, '')}, 'damaged files: conf goes on')
    os.remove(place)
    os.symlink('nowhere', place)
    inspected.inspect(stage, 'conf', '-j', path,
                      plugins='gssapi-damaged').json(0)
    os.remove(place)
    os.mkfifo(place)
    got = inspected.inspect(stage, 'conf', '-j', path,
                            plugins='gssapi-damaged').json(0)
    t.equal(len(got['warnings']), 1, 'a pipe of that name: not waited for')


def main(t):
    theirs = system_plugin('libgssapiv2.so')
    with scenario.Stage() as stage:
        plugins(stage, 'gssapi-ours', PLUGIN, GSSAPI)
        plugins(stage, 'gssapi-alone', GSSAPI)
        plugins(stage, 'gssapi-theirs', PLUGIN, theirs)
        plugins(stage, 'gssapi-both', PLUGIN, GSSAPI, theirs)
        mechs(t, stage)
        login(t, stage)
        conf(t, stage)
        damaged(t, stage)


tap.run(main)
