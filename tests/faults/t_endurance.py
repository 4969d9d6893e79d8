#!/usr/bin/env python3
"""Ten thousand logins in one process: memory and descriptors stay as they
are. And no block is lost: by valgrind, or, where the build has
AddressSanitizer, by its leak checker.
"""

import re

import scenario
import tap

MANY = 10000
SOME = 2000
# Kilobytes between the second sample and the last: 8 octets a login of MANY.
GROWTH = 64
# AddressSanitizer keeps freed blocks and stack traces for its reports.
GROWTH_SANITIZED = 4096

# Blocks that are still reachable at the end are the GSS library's, which keeps
# what it knows of each thread.
LOST = 'definite,indirect,possible'
VALGRIND = ['-q', '--leak-check=full',
            f'--show-leak-kinds={LOST}', f'--errors-for-leak-kinds={LOST}',
            '--error-exitcode=99', '--keep-debuginfo=yes',
            '--num-callers=30']
REPORT = re.compile(r'^==\d+==|^ERROR: |LeakSanitizer|AddressSanitizer',
                    re.M)


def show(t, side, samples):
    """The table of one side."""
    t.note(f'{side:10} logins  descriptors  resident KB')
    for sample in samples:
        t.note(f'{"":10} {sample["logins"]:>6}  {sample["descriptors"]:>11}'
               f'  {sample["rss"]:>11}')


def is_flat(t, side, trace, growth=GROWTH):
    """Checks ten samples of a side."""
    samples = trace.all('sample')
    show(t, side, samples)
    allowed = GROWTH_SANITIZED if scenario.SANITIZED else growth
    open_files = {s['descriptors'] for s in samples}
    sizes = [int(s['rss']) for s in samples]
    assert len(samples) == 10, f'{len(samples)} samples\n{trace.text}'
    assert len(open_files) == 1, f'descriptors: {open_files}'
    assert sizes[0] > 0, 'no resident size'
    assert sizes[-1] - sizes[1] <= allowed, f'growth: {sizes}'


def many(t, stage, count, name, refused=False, **options):
    """So many attempts, all of which succeed, or all of which fail."""
    options['both'] = [*options.get('both', []), '--quiet', '--count',
                       str(count)]
    logins, refusals = (0, count) if refused else (count, 0)
    login = None
    with t.case(f'{count} {name}: as many as there should be'):
        login = stage.login(**options)
        for trace in (login.client, login.server):
            summary = trace.first('summary')
            login.equal((summary['logins'], summary['refused']),
                        (str(logins), str(refusals)), 'logins, refused')
    if login is None:  # that case has failed
        return
    for side, trace in (('client', login.client), ('server', login.server)):
        with t.case(f'{count} {name}: the {side} does not grow'):
            is_flat(t, side, trace)


def growth(t, stage):
    """The ways in which an attempt can end."""
    binding = ['--binding', 'tls-exporter:' + 'ab' * 32]
    other = ['--binding', 'tls-exporter:' + 'cd' * 32]
    many(t, stage, MANY, 'logins')
    many(t, stage, SOME, 'logins with all there is',
         both=[*binding, '--success-data'], mech='GS2-KRB5-PLUS',
         client=['--authzid', 'bob', '--authname', 'alice'],
         server=['--proxy-policy', 'allow', '--props', 'mail,*mail'])
    many(t, stage, SOME, 'refusals: another binding', refused=True,
         mech='GS2-KRB5-PLUS', client=binding, server=other)
    many(t, stage, SOME, 'refusals by the policy', refused=True,
         client=['--authzid', 'bob'], server=['--proxy-policy', 'deny'])


def watched(stage, count, client_plugins='ours', **options):
    """Logins of processes whose memory is watched; both traces."""
    wrapper = []
    if not scenario.SANITIZED:
        wrapper = [tap.find('valgrind', 'valgrind'), *VALGRIND]
    env = {'ASAN_OPTIONS': 'detect_leaks=1:exitcode=99'}
    number = ['--count', str(count)]
    with stage.server([*number, *options.get('server', [])], wrapper=wrapper,
                      env=env) as server:
        client = stage.client(server.port, [*number,
                                            *options.get('client', [])],
                              client_plugins, wrapper=wrapper, env={
                                  **env, **options.get('client_env', {})})
        return scenario.Login(client, server.finish())


def losses(t, stage):
    """Nothing is lost, read past its end, or used before it is set."""
    none = {'KRB5CCNAME': 'FILE:' + stage.path('no-such-cache')}
    password = stage.realm.password('bob')
    binding = ['--binding', 'tls-unique:0102', '--mech', 'GS2-KRB5-PLUS']
    for name, status, options in (
            ('logins', 0, {'client': ['--mech', 'GS2-KRB5']}),
            ('logins with all there is', 0, {
                'client': [*binding, '--authzid', 'bob', '--secflag',
                           'pass-credentials', '--gss-creds'],
                'server': [*binding[:2], '--proxy-policy', 'allow',
                           '--props', '*mail', '--gss-creds']}),
            ('logins by password, with prompts', 0, {
                'client': ['--interact', '--authname', 'bob', '--password',
                           password], 'client_env': none}),
            ('refusals: the binding', 1, {
                'client': binding,
                'server': ['--binding', 'tls-unique:0103', '--probe']}),
            ('refusals: no credential', 1, {
                'client': ['--mech', 'GS2-KRB5', '--probe'],
                'client_env': none})):
        with t.case(f'memory of ten {name}'):
            login = watched(stage, 10, **options)
            for trace in (login.client, login.server):
                found = REPORT.search(trace.text)
                login.must(not found, 'a report about memory')
            login.equal(login.client.status, status, 'exit status')
    with t.case('the same watch sees what the Debian plugin loses'):
        login = watched(stage, 1, client_plugins='debian',
                        client=['--authname', 'alice', '--mech', 'GS2-KRB5'])
        login.must(REPORT.search(login.client.text), 'no report')
        login.equal(login.client.status, 99, 'exit status')


def main(t):
    """All of them in one realm."""
    with scenario.Stage() as stage:
        growth(t, stage)
        losses(t, stage)


if __name__ == '__main__':
    tap.run(main)
