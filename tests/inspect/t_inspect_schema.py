#!/usr/bin/env python3
"""doc/gs2-inspect.schema.json is a schema, says what gs2-inspect(1) says, and
what each command prints is as it says: successes and failures of all kinds.
(All tests hold all that gs2-inspect -j prints against it: inspected.py.)
"""

import copy
import re

import inspected
import schema
import servers
import sources
import tap
import tree

LOGIN = inspected.LOGIN
MECHS = inspected.MECHS


def members(part):
    """All names of members, however deep."""
    if isinstance(part, list):
        return set().union(*map(members, part))
    if not isinstance(part, dict):
        return set()
    named = part['properties'] if schema.is_object(part) else ()
    return set(named).union(*map(members, part.values()))


def document(t):
    """The schema itself, and that it can fail."""
    with t.case('it is a schema'):
        schema.jsonschema.Draft7Validator.check_schema(schema.schema())
    with t.case('gs2-inspect(1) names each member'):
        with open(tree.srcdir('gs2-inspect.1'), encoding='utf-8') as page:
            json = page.read().partition('.Sh JSON')[2].partition('.Sh ')[0]
        words = set(re.findall(r'[a-z0-9]+', json.replace('\\(dq', ' ')))
        missing = members(schema.schema()) - words
        assert not missing, missing
    good = {'v': 1, 'failure': {'side': 'client', 'cause': None, 'code': -1,
                                'text': 'x', 'log': None, 'next': None}}
    for name, change in (
            ('another member', lambda d: d.update(more=1)),
            ('a member of a member', lambda d: d['failure'].update(more=1)),
            ('a member that lacks', lambda d: d['failure'].pop('code')),
            ('another type', lambda d: d['failure'].update(code='x')),
            ('another version', lambda d: d.update(v=2)),
            ('neither this nor that', lambda d: d.pop('failure'))):
        with t.case(f'refused: {name}'):
            bad = copy.deepcopy(good)
            schema.validate(bad)
            change(bad)
            try:
                schema.validate(bad)
            except schema.Wrong:
                continue
            raise AssertionError(bad)


def outcomes(t, stage):
    """Each command, each kind of outcome: one document."""
    rule = inspected.write(stage, 'rule.conf', 'gs2_require: gs2:realm=*\n')
    otp = inspected.write(stage, 'otp.conf', (
        'gs2_roles: a\ngs2_role_a: gs2:realm=*\ngs2_requires: x\n'
        'gs2_require: auth-indicators=otp and gs2:role=a\n'))
    broken = inspected.write(stage, 'broken.conf', 'gs2_require: or\n')
    imapd = stage.path('imapd.conf')
    with open(imapd, 'wb') as out:
        out.write(b'sasl_gs2_requires: \xff=a\n')
    unsure = inspected.write(stage, 'unsure.conf', (
        'configdirectory: /x\n@include: \x1b\n'))
    none = {'KRB5CCNAME': 'FILE:' + stage.path('none')}
    port = servers.free_port()
    for status, env, *args in (
            (0, None, *LOGIN), (0, None, *LOGIN, '-b', 'x', '-x'),
            (0, None, *LOGIN, '-c', rule), (1, None, *LOGIN, '-c', otp),
            (1, None, *LOGIN, '-c', broken), (2, none, *LOGIN),
            (2, None, *LOGIN, '-k', stage.path('none')),
            (2, None, *LOGIN, '-c', stage.path('none')),
            (0, None, *LOGIN, '-c', rule, '--as', 'bob@EXAMPLE.TEST',
             '--assume', 'gs2:binding=tls-unique'),
            (1, None, *LOGIN, '-c', otp, '--as', 'bob@EXAMPLE.TEST'),
            (2, None, *LOGIN, '-c', otp, '--as', 'bob', '-m', 'NONE'),
            (2, None, *LOGIN, '-c', otp, '--as', 'bob', '-A', 'gs2:x=y'),
            (0, None, *MECHS), (1, None, *MECHS, '-c', broken),
            (0, None, *MECHS, '-c', otp),
            (1, None, *MECHS, '-k', stage.path('none')), (0, none, *MECHS),
            (0, None, 'conf', rule), (1, None, 'conf', otp),
            (1, None, 'conf', broken), (1, None, 'conf', imapd),
            (2, None, 'conf', unsure), (2, None, *LOGIN, '-c', unsure),
            (2, None, *MECHS, '-c', unsure),
            (2, None, 'conf', stage.path('none')),
            (2, None, 'conf', 'no-server'),
            (2, None, 'imap', f'localhost:{port}'),
            (2, None, 'nosuch'), (2, None, 'conf'), (2, None, 'login', '-Z'),
            (2, None, 'login', '-w', 'x')):
        shown = ' '.join(args).replace(stage.dir, 'DIR')
        with t.case(f'{status}, {shown}' + (', no ticket' if env else '')):
            answer = inspected.inspect(stage, *args, '-j', env=env)
            assert answer.raw.count('\n') == 1, answer
            schema.validate(answer.json(status))


def main(t):
    """All of it in one realm."""
    if schema.jsonschema is None:
        raise tap.Skip('install the package python3-jsonschema')
    document(t)
    with sources.Sources() as stage:
        outcomes(t, stage)


if __name__ == '__main__':
    tap.run(main)
