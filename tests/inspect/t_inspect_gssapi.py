#!/usr/bin/env python3
"""gs2-inspect on GSSAPI and GSS-SPNEGO, with our file in libsasl's directory,
with Cyrus SASL's, with both: mechs, login, conf, and what a login to a server
shows of it. The same of GS2-KRB5, and of one file of ours beside one of Cyrus
SASL's.
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

# Root without the right to read whatever there is; others do not have it.
UNPRIVILEGED = ['setpriv', '--bounding-set=-dac_override,-dac_read_search',
                '--inh-caps=-all'] if os.geteuid() == 0 else []
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
    for mech in BOTH:
        for kind, is_bound in (('tls-server-end-point', True),
                               ('tls-exporter', False)):
            with t.case(f'login -m {mech} -b {kind}'):
                conf = inspected.write(stage, 'login.conf',
                                       'gs2_require: gs2:binding=*\n')
                got = inspected.inspect(
                    stage, *LOGIN, '-j', '-m', mech, '-b', kind, '-c', conf,
                    plugins='gssapi-ours').json(0 if is_bound else 1)
                assert got['login'] is is_bound, got
                assert (got['binding'] or {}).get('type') == (
                    kind if is_bound else None), got
                assert not is_bound or got['mechanism'] == mech, got
    with t.case('login -m GSSAPI by the other file, past the rule'):
        # The system's sasldb is another's file.
        conf = inspected.write(stage, 'login.conf',
                               RULE + 'mech_list: GSSAPI GS2-KRB5 EXTERNAL\n'
                               f'sasldb_path: {stage.path("no-sasldb")}\n')
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


def gs2(t, stage):
    """GS2-KRB5 of Cyrus SASL's own file: it asks no rule."""
    path = inspected.write(stage, 'gs2.conf', (
        f'{RULE}gs2_authid: full\nmech_list: GS2-KRB5 EXTERNAL\n'))
    where = stage.path('gs2-theirs', 'libgs2.so')
    said = (f'libsasl has GS2 from {where}, which is not of cyrus-sasl-gs2 and '
            'reads no such option')
    with t.case('conf: GS2 of the other file'):
        got = inspected.inspect(stage, 'conf', '-j', path,
                                plugins='gs2-theirs').json(1)
        assert got['services'] == [{'service': None, 'state': 'not in force',
                                    'options': {}}], got
        assert [(row['line'], row['state'], row['text'])
                for row in got['errors']] == [
            (1, 'not in force', said), (2, 'not in force', said)], got
        assert got['state'] == 'not in force' and not got['warnings'], got
    with t.case('conf: GS2 of the other file, a server'):
        options = dict(line.split(': ') for line in RULE.splitlines())
        stage.login(server_plugins='debian',
                    options=options).succeeds()
        stage.login(server_plugins='ours', options=options
                    ).refused_by_server('SASL_NOAUTHZ')
    with t.case('conf: GS2 of the other file, as text'):
        answer = inspected.inspect(stage, 'conf', path, plugins='gs2-theirs')
        assert answer.out.endswith(
            'DIR/gs2.conf: not in force: no login asks a rule, and whoever '
            'has a ticket gets in\n') and answer.status == 1, answer
    for name, text, state, warned in (
            ('gs2-both', RULE, 'not in force', None),
            ('gs2-theirs', 'gs2_require: or\n', 'not in force', None),
            ('gs2-theirs', f'{RULE}foo\n', 'closed', None),
            ('gs2-theirs', '', 'in force', ': libsasl has GS2 from '),
            ('gs2-theirs', f'{RULE}mech_list: PLAIN\n', 'closed', None),
            ('gs2-theirs-gssapi-ours', f'{RULE}mech_list: GSSAPI EXTERNAL\n',
             'in force', None),
            ('gs2-theirs-gssapi-ours', f'{RULE}mech_list: GSSAPI GS2-KRB5 '
             'EXTERNAL\n', 'in force', ': GS2-KRB5 lets people in'),
            ('gs2-theirs-gssapi-ours', 'gs2_proxy_require: a=b\n'
             'mech_list: GSSAPI GS2-KRB5 EXTERNAL\n', 'in force',
             ': libsasl has GS2 from '),
            ('gs2-theirs-gssapi-ours', f'{RULE}mech_list: GS2-KRB5 '
             'EXTERNAL\n', 'not in force', None),
            ('gssapi-alone', RULE, 'in force', 'mech_list is not set'),
            ('gssapi-alone', f'{RULE}mech_list: GS2-KRB5 EXTERNAL\n',
             'closed', None)):
        with t.case(f'conf: {name}: {text.splitlines()}: {state}'):
            path = inspected.write(stage, 'file.conf', text)
            got = inspected.inspect(stage, 'conf', '-j', path, plugins=name
                                    ).json(int(state != 'in force'))
            assert got['state'] == state, got
            assert bool(got['warnings']) == bool(warned), got
            assert (warned or '') in ''.join(
                ': ' + row['text'] for row in got['warnings']), got
    with t.case('conf: GS2 of the other file, for one service of imapd'):
        path = inspected.write(stage, 'imapd.conf', (
            'configdirectory: /x\nsasl_gs2_require: a=b\n'
            'sasl_pwcheck_method: none\nsasl_mech_list: GSSAPI EXTERNAL\n'
            'imap_sasl_mech_list: GS2-KRB5 EXTERNAL\n'))
        got = inspected.inspect(stage, 'conf', '-j', path,
                                plugins='gs2-theirs-gssapi-ours').json(1)
        assert [(row['service'], row['state']) for row in got['services']] == [
            (None, 'in force'), ('imap', 'not in force')], got
    with t.case('conf: a plugin that the caller cannot read'):
        place = plugins(stage, 'closed', PLUGIN)
        os.chmod(stage.path(place, 'libgs2.so'), 0)
        got = inspected.inspect(stage, 'conf', '-j', inspected.write(
            stage, 'file.conf', RULE), plugins=place,
                                wrapper=UNPRIVILEGED).json(2)
        assert got['unsure'].endswith('libgs2.so, which cannot be read'), got


def gets_in(stage, mech, folder, rule, mech_list):
    """Whether a server with these plugins lets alice in."""
    done = stage.login(
        mech=mech, client_plugins='gssapi-ours', server_plugins=folder,
        options={'gs2_require': rule, 'mech_list': mech_list})
    identity = done.server.first('identity')['authid']
    assert identity in (None, 'alice', 'alice@EXAMPLE.TEST'), done
    return identity is not None


def past_by_others(t, stage):
    """Where one of GS2 and GSSAPI is ours and the other one Cyrus SASL's: who
    gets in past a rule, and past one that is broken; the cure."""
    theirs, both = 'gs2-theirs-gssapi-ours', 'mech_list: GSSAPI GS2-KRB5\n'

    def ask(text, folder, *args, name='others.conf'):
        path = inspected.write(stage, name, text)
        return inspected.inspect(stage, 'conf', '-j', *args, path,
                                 plugins=folder)

    with t.case('the cure names the one that asks the rule'):
        for name, own, prefix in (('others.conf', '', ''), (
                'imapd.conf', 'configdirectory: /x\nallowapop: no\n'
                'sasl_pwcheck_method: none\n', 'sasl_')):
            text = ''.join(f'{prefix}{line}\n' for line in
                           (RULE + both).splitlines())
            got = ask(own + text, theirs, name=name).json(0)
            assert [row['text'].rpartition(': ')[2].split()[0]
                    for row in got['warnings'] if 'cure' in row] == [
                        'GS2-KRB5'], got
            cure, = {row['cure'] for row in got['warnings'] if 'cure' in row}
            assert cure == f'{prefix}mech_list: GSSAPI EXTERNAL', got
            got = ask(own + f'{prefix}{RULE}{cure}\n', theirs, '-r',
                      name=name).json(0)
            assert got['warnings'] == [], got
    with t.case('the cure, a server'):
        rule = RULE.strip().split(': ')[1]
        assert gets_in(stage, 'GS2-KRB5', theirs, rule, 'GSSAPI GS2-KRB5')
        assert not gets_in(stage, 'GSSAPI', theirs, rule, 'GSSAPI GS2-KRB5')
        for mech in ('GS2-KRB5', 'GSSAPI'):
            assert not gets_in(stage, mech, theirs, rule, 'GSSAPI EXTERNAL')
    for text, folder, status in (
            (RULE + both, theirs, 1), (RULE, theirs, 1),
            (f'{RULE}mech_list: GSSAPI\n', theirs, 0),
            (RULE + both, 'gssapi-ours', 0)):
        with t.case(f'--require-rule: {folder}, {text.splitlines()[1:]}'):
            ask(text, folder, '-r').json(status)
    for folder, example in ((theirs, '(GS2-KRB5, PLAIN)'),
                            ('gssapi-ours', '(PLAIN)'),
                            ('gssapi-theirs', '(GSSAPI, PLAIN)')):
        with t.case(f'mech_list is not set: {folder}'):
            row, = [row for row in ask(RULE, folder).json(0)['warnings']
                    if 'mech_list is not set' in row['text']]
            assert example in row['text'], row
    broken = 'gs2_require: or\n'
    for folder, mech_list, mechs_past, cure in (
            ('gssapi-theirs', both, ['GSSAPI'], 'GS2-KRB5 EXTERNAL'),
            ('gssapi-theirs', '', list(BOTH), 'GS2-KRB5 EXTERNAL'),
            ('gssapi-theirs', 'mech_list: GS2-KRB5\n', [], None),
            (theirs, both, ['GS2-KRB5'], 'GSSAPI EXTERNAL'),
            (theirs, 'mech_list: GSSAPI\n', [], None),
            ('gssapi-ours', both, [], None)):
        with t.case(f'closed, and who gets in: {folder}, {mech_list.strip()}'):
            got = ask(broken + mech_list, folder).json(1)
            assert got['state'] == 'closed', got
            assert [(row['text'].split()[0], row['cure'])
                    for row in got['warnings']] == [
                        (mech, f'mech_list: {cure}')
                        for mech in mechs_past], got
            for mech in ('GSSAPI', 'GS2-KRB5') if mech_list == both else ():
                assert gets_in(stage, mech, folder, 'or', 'GSSAPI GS2-KRB5'
                               ) == (mech in mechs_past), mech
    with t.case('closed, and who gets in: as text'):
        path = inspected.write(stage, 'others.conf', broken + both)
        answer = inspected.inspect(stage, 'conf', path, plugins=theirs)
        assert ('closed: nobody gets in by cyrus-sasl-gs2; see the warning\n'
                in answer.out), answer
        for command in (LOGIN, MECHS):
            answer = inspected.inspect(stage, *command, '-c', path,
                                       plugins='gssapi-theirs')
            assert ': warning: GSSAPI lets in whoever has' in answer.err, answer


def what_if(t, stage):
    """Who would get in by GSSAPI: as who does."""
    alice = ('--as', 'alice@EXAMPLE.TEST', '-A', 'gs2:layer=privacy')
    for mech in BOTH:
        for rule in (f'gs2:mech={mech}', 'gs2:mech=GS2-KRB5',
                     'gs2:layer=privacy', 'gs2:layer=none', 'gs2:binding=*',
                     'gs2:realm=EXAMPLE.TEST and gs2:authid=alice',
                     'gs2:role=sealed', 'gs2:role=open'):
            with t.case(f'what if: {mech}, {rule}'):
                conf = inspected.write(stage, 'if.conf', (
                    'gs2_roles: sealed open\n'
                    'gs2_role_sealed: gs2:layer=privacy\n'
                    f'gs2_role_open: gs2:layer=none\ngs2_require: {rule}\n'))
                done = inspected.inspect(stage, *LOGIN, '-jc', conf, '-m',
                                         mech, plugins='gssapi-ours')
                guess = inspected.inspect(stage, *LOGIN, '-jc', conf, '-m',
                                          mech, *alice, plugins='gssapi-ours')
                assert done.status == guess.status, (done, guess)
                got, wanted = guess.json(done.status), done.json(done.status)
                assert got['mechanism'] == mech, got
                assert got['rules'] == wanted['rules'], (done, guess)
    for args, name, said in (
            (('-m', 'GSSAPI', '-A', 'gs2:binding=tls-exporter'), 'gssapi-ours',
             'GSSAPI has no channel binding but tls-server-end-point'),
            (('-A', 'gs2:layer=privacy'), 'gssapi-ours',
             'gs2:layer follows from the rest and cannot be assumed'),
            (('-m', 'GSSAPI'), 'ours-alone', 'libsasl has no plugin for GSSAPI'),
            (('-m', 'GSSAPI'), 'gssapi-theirs',
             f'libsasl has GSSAPI from {stage.path("gssapi-theirs")}/'
             'libgssapiv2.so, which is not of cyrus-sasl-gs2: no rule is '
             'asked, and whoever has a ticket gets in'),
            ((), 'gs2-theirs',
             f'libsasl has GS2-KRB5 from {stage.path("gs2-theirs")}/libgs2.so, '
             'which is not of cyrus-sasl-gs2: no rule is asked, and whoever '
             'has a ticket gets in')):
        with t.case(f'what if: {name} {" ".join(args)}'):
            answer = inspected.inspect(stage, *LOGIN, '-j', *alice[:2], *args,
                                       plugins=name)
            got = json.loads(answer.raw)
            assert (answer.status, got['failure']['text']) == (2, said), got


def layers(t, stage):
    """The layer that a server lets GSSAPI have, within TLS and without."""
    for file, binding, layer in (
            ('any', (), 'privacy'), ('any', ('-b', 'tls-unique'), 'none'),
            ('slapd', (), 'privacy'),
            ('slapd', ('-b', 'tls-unique'), 'privacy'),
            ('smtpd', (), 'none'), ('smtpd', ('-b', 'tls-unique'), 'none'),
            ('memcached', (), 'none'), ('svn', (), 'privacy')):
        for mech in BOTH:
            with t.case(f'{file}, {mech}, {binding}: {layer}'):
                conf = inspected.write(stage, f'{file}.conf',
                                       f'gs2_require: gs2:layer={layer}\n')
                inspected.inspect(
                    stage, *LOGIN, '-j', '-s', 'imap', *binding, '-m', mech,
                    '-c', conf, plugins='gssapi-ours').json(0)


def main(t):
    theirs = system_plugin('libgssapiv2.so')
    their_gs2 = system_plugin('libgs2.so')
    sasldb = system_plugin('libsasldb.so') # a server without any lets in nobody
    with scenario.Stage() as stage:
        plugins(stage, 'gssapi-ours', PLUGIN, GSSAPI)
        plugins(stage, 'gssapi-alone', GSSAPI)
        plugins(stage, 'gssapi-theirs', PLUGIN, theirs, sasldb)
        plugins(stage, 'gssapi-both', PLUGIN, GSSAPI, theirs)
        plugins(stage, 'gs2-theirs', their_gs2)
        plugins(stage, 'gs2-both', PLUGIN, their_gs2)
        plugins(stage, 'gs2-theirs-gssapi-ours', their_gs2, GSSAPI, sasldb)
        mechs(t, stage)
        login(t, stage)
        conf(t, stage)
        gs2(t, stage)
        past_by_others(t, stage)
        what_if(t, stage)
        layers(t, stage)


tap.run(main)
