#!/usr/bin/env python3
"""The log: one line a login, accepted or failed, in the form that libgs2(5)
promises, whatever the client says; what is for debugging, and no secret in it;
fail2ban with the filter of doc/ on lines that real logins left.
"""

import os
import re

import lockout
import relay
import sources
import tap

ALLOW = ['--proxy-policy', 'allow']
BINDING = ['--binding', 'tls-exporter:0123456789abcdef']
DELEGATE = ['--secflag', 'pass-credentials']
BAD_BINDINGS = ('Incorrect channel bindings were supplied; mechanism '
                '1.2.840.113554.1.2.2')
REQUIRE = {'gs2_require': 'gs2:realm=EXAMPLE.TEST'}

# The grammar of libgs2(5), LOGGING.
WORD = r'[A-Za-z0-9.:;_%-]+'
QUOTED = r'"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\x[0-9a-f]{2})*"'
FIELD = re.compile(rf' ([a-z]+)=({QUOTED}|{WORD})')
LINE = re.compile(r'([A-Z0-9_-]+) login '
                  r'(accepted|authenticated|failed):'
                  rf'((?:{FIELD.pattern})+)')
KEYS = {'accepted': ['client', 'binding', 'rules', 'authid', 'authzid',
                     'principal', 'delegated', 'roles', 'tag'],
        'failed': ['client', 'code', 'fault', 'binding', 'rules', 'authid', 'authzid',
                   'principal', 'reason', 'detail']}
# The application is yet to be asked whether authid may act as authzid.
KEYS['authenticated'] = KEYS['accepted']


def parse(line):
    """A line by the grammar alone: the verdict, and the fields as text; None
    for what is not there."""
    found = LINE.fullmatch(line)
    assert found, f'not of the grammar: {line!r}'
    assert len(line) < 3000, len(line)
    fields = {}
    for key, value in FIELD.findall(found[3]):
        assert key not in fields, f'{key} twice: {line!r}'
        if value.startswith('"'):
            value = re.sub(rb'\\x(..)', lambda m: bytes([int(m[1], 16)]),
                           value[1:-1].encode('ascii'))
            fields[key] = value.decode('utf-8', 'surrogateescape')
        else:
            fields[key] = None if value == '-' else value
    assert list(fields)[:len(KEYS[found[2]])] == KEYS[found[2]], line
    return found[1], found[2], fields


def lines(trace):
    """The lines of a server on logins, whatever their level."""
    return [line for line in trace.logs(level=7)
            if re.search(r'\blogin (accepted|authenticated|failed)\b', line)]


def only(login, verdict, level, **wanted):
    """There is one line, of that verdict and level, with these fields."""
    found = lines(login.server)
    login.equal(len(found), 1, f'lines about it: {found}')
    mech, got, fields = parse(found[0])
    login.equal((mech, got), ('GS2-KRB5', verdict), 'line')
    login.equal(login.server.first('log', text=found[0])['level'], level,
                'level')
    login.must(re.fullmatch(r'127\.0\.0\.1;[0-9]+', fields['client'] or ''),
               'client')
    for key, value in wanted.items():
        login.equal(fields[key], value, key)
    return fields


def accepted(t, stage):
    """SASL_LOG_NOTE."""
    ours = {'principal': 'alice@EXAMPLE.TEST', 'authid': 'alice',
            'authzid': 'alice', 'binding': None, 'rules': 'none',
            'delegated': 'no'}
    store = stage.path('caches')
    os.mkdir(store, 0o700)
    kept = {'gs2_ccache_store': f'{store}/%u'}
    for what, knobs, other in (
            ('a plain one', {}, {}),
            ('with success data', {'both': ['--success-data']}, {}),
            ('with a binding', {'both': BINDING, 'mech': 'GS2-KRB5-PLUS'},
             {'binding': 'tls-exporter'}),
            ('as somebody else',
             {'client': ['--authzid', 'bob'], 'server': ALLOW},
             {'authzid': 'bob'}),
            ('under another name', {'options': {'gs2_authid': 'full'}},
             {'authid': 'alice@EXAMPLE.TEST',
              'authzid': 'alice@EXAMPLE.TEST'}),
            ('under a rule', {'options': REQUIRE}, {'rules': 'met'}),
            ('under a rule for proxies, by a login that is not one',
             {'options': {'gs2_proxy_require': 'gs2:authid=alice'}}, {}),
            ('under a rule for proxies',
             {'options': {'gs2_proxy_require': 'gs2:authid=alice'},
              'client': ['--authzid', 'bob'], 'server': ALLOW},
             {'authzid': 'bob', 'rules': 'met'}),
            ('that delegates', {'client': DELEGATE}, {'delegated': 'yes'}),
            ('that delegates, and it is kept',
             {'client': DELEGATE, 'options': kept}, {'delegated': 'kept'}),
            ('that delegates nothing, where it would be kept',
             {'options': kept}, {})):
        with t.case(f'accepted: {what}'):
            login = stage.login(**knobs)
            login.equal(login.client.status, 0, 'exit status')
            who = dict(ours, **other)
            verdict = ('accepted' if who['authzid'] == who['authid']
                       else 'authenticated')
            only(login, verdict, '4', **who)
    with t.case('accepted: one line each'):
        login = stage.login(both=['--count', '5'])
        login.equal([parse(line)[1] for line in lines(login.server)],
                    ['accepted'] * 5, 'lines')


def failed(t, stage):
    """SASL_LOG_FAIL."""
    nobody = {'authid': None, 'authzid': None, 'principal': None,
              'binding': None, 'rules': None, 'detail': None,
              'fault': None}
    alice = dict(nobody, authid='alice', principal='alice@EXAMPLE.TEST')
    with t.case('failed: a rule that is not met'):
        login = stage.login(options={'gs2_require': '"gs2:realm"="X Y"'},
                            both=BINDING, mech='GS2-KRB5-PLUS')
        only(login, 'failed', '2', **dict(
            alice, code='SASL_NOAUTHZ', rules='not-met',
            binding='tls-exporter',
            reason='the login does not meet the requirements of the server',
            detail='not met: "gs2:realm"="X Y", in the rule: '
                   '"gs2:realm"="X Y"'))
    with t.case("failed: the server's replay cache, and no path to the client"):
        login = stage.login(
            server_env={'KRB5RCACHENAME': 'file2:/nowhere/replays'})
        fields = only(login, 'failed', '2', fault=None, code='SASL_FAIL',
                      reason='the server cannot accept a GSS token; its log '
                      'says why')
        login.contains(fields['detail'], '/nowhere/replays', 'the log')
        login.must('/nowhere' not in login.client.text, 'a path')
    with t.case('failed: a rule for proxies that is not met'):
        login = stage.login(options={'gs2_proxy_require': 'gs2:authid=bob'},
                            client=['--authzid', 'bob'], server=ALLOW)
        only(login, 'failed', '2', code='SASL_NOAUTHZ', rules='not-met',
             authid='alice', authzid='bob')
    with t.case('failed: no local name'):
        login = stage.login(options={'gs2_authid': 'attribute mail'})
        only(login, 'failed', '2', code='SASL_NOAUTHZ', rules=None,
             authid=None)
    with t.case('failed: another binding'):
        login = stage.login(client=['--binding', 'tls-exporter:01'],
                            server=['--binding', 'tls-exporter:02'],
                            mech='GS2-KRB5-PLUS')
        fields = only(login, 'failed', '2', **dict(
            nobody, code='SASL_BADBINDING', fault='client',
            binding='tls-exporter', detail=BAD_BINDINGS))
        login.contains(fields['reason'], 'Incorrect channel bindings',
                       'reason')
    with t.case('failed: what is no first message'):
        with stage.server([]) as server:
            with relay.connect(server.port) as connection:
                connection.attempt(b'x,,token')
            trace = server.finish()
        line, = lines(trace)
        mech, verdict, fields = parse(line)
        assert (mech, verdict) == ('GS2-KRB5', 'failed'), trace.text
        assert fields['code'] == 'SASL_BADPROT', trace.text
        wanted = dict(nobody, fault='client')
        assert {k: fields[k] for k in wanted} == wanted, trace.text


# Authorization identities that are to end the line, the field, or the log.
HOSTILE = {
    'a line feed': 'eve\nGS2-KRB5 login accepted: client=127.0.0.1;1',
    'CR LF': 'eve\r\neve',
    'DEL and other controls': 'e\x7f\x01\x1b[2Jve',
    'a quote': 'eve" client=192.0.2.66;1 authid="root',
    'backslashes': 'eve\\" \\x22 \\',
    'the fields of another line': ' client=192.0.2.66;1 code=SASL_BADAUTH '
                                  'fault=client ',
    'a whole line': 'GS2-KRB5 login failed: client=192.0.2.66;1 '
                    'code=SASL_BADAUTH fault=client binding=-',
    'a hyphen': '-',
    'a format': '%s%n%m%%',
    'UTF-8': 'grün \u202e \u200d',
    'a line separator': 'grün \u2028 \u202e',
    '1,000 octets': 'x' * 1000,
    '1,000 quotes': '"' * 1000,
    '998 line feeds': 'x' + '\n' * 998 + 'x',
    '40,000 octets': 'y' * 40000,
}


def is_line(authzid):
    """Whether an application may see it: nothing in it ends a line."""
    return not re.search('[\0-\x1f\x7f-\x9f\u2028\u2029]', authzid)


def is_fit(authzid):
    """And it has room in libsasl."""
    return is_line(authzid) and len(authzid) <= 1024


def escaped_line(authzid):
    """As a header has it."""
    return authzid.replace('=', '=3D').replace(',', '=2C').encode()


def cut(fields, authzid):
    """The field is the authzid, or as much of it as there is room for."""
    shown = fields['authzid']
    return shown == authzid or (
        shown.endswith('...') and authzid.startswith(shown[:-3]) and
        len(authzid) > 60 and len(shown) >= 60)


def hostile(t, stage):
    """The client's own words, in both lines: a server that refuses all of
    them before anybody proved anything, and one that lets alice be them."""
    with stage.server(['--count', str(len(HOSTILE))]) as server:
        for authzid in HOSTILE.values():
            with relay.connect(server.port) as connection:
                answer = connection.attempt(
                    b'n,a=' + escaped_line(authzid) + b',no token')
                if answer.word == 'continue':
                    connection.step(b'')
        trace = server.finish()
    refused = trace.all('log', level='2')
    t.equal(len(refused), len(HOSTILE), 'hostile: one line each')
    for event, (what, authzid) in zip(refused, HOSTILE.items()):
        with t.case(f'hostile, failed: {what}'):
            _mech, verdict, fields = parse(event['text'])
            assert verdict == 'failed'
            assert fields['client'].startswith('127.0.0.1;'), fields
            assert cut(fields, authzid), fields
    for what, authzid in HOSTILE.items():
        if len(authzid) > 1024:
            continue
        if not is_line(authzid):
            with t.case(f'hostile, refused after the handshake: {what}'):
                login = stage.login(client=['--authzid', authzid],
                                    server=ALLOW)
                fields = only(login, 'failed', '2', authid='alice',
                              code='SASL_BADPROT')
                login.must(cut(fields, authzid), f'authzid {fields}')
                login.equal(login.server.all('policy'), [], 'policy')
            continue
        with t.case(f'hostile, accepted: {what}'):
            login = stage.login(client=['--authzid', authzid], server=ALLOW)
            login.equal(login.client.status, 0, 'exit status')
            fields = only(login, 'authenticated', '4', authid='alice')
            seen = login.server.first('identity')['authzid']
            login.must(cut(fields, seen), f'authzid {fields}')
            login.equal(seen, authzid.strip(), 'SASL_USERNAME')


def debugging(t, stage):
    """SASL_LOG_DEBUG: what came and went, which attributes were looked at."""
    names = ['auth-indicators', 'urn:mspac:client-info', 'no such']
    login = stage.login(client_env=stage.ticket('spake'),
                        server=sources.props(*[f'*gss64:{n}' for n in names]))
    with t.case('debugging: the legs, with the sizes that went by'):
        login.succeeds('alice')
        debug = [e['text'] for e in login.server.all('log', level='5')]
        size = [e['size'] for e in login.server.events
                if e.kind in ('receive', 'send') and e['size']]
        login.must(f'GS2-KRB5 leg 1: in={size[0]} out={size[1]} '
                   'context=complete' in debug, 'leg 1')
        login.equal(len([s for s in debug if ' leg ' in s]), 1, 'legs')
    with t.case('debugging: the attributes that were asked for'):
        stage.needs_pac()
        login.equal(sorted(s for s in debug if ' attribute ' in s), [
            'GS2-KRB5 attribute "auth-indicators": present values=3',
            'GS2-KRB5 attribute "no such": absent values=0',
            'GS2-KRB5 attribute "urn:mspac:client-info": present values=1'],
            'attributes')
    with t.case('debugging: of a refused login as well'):
        login = stage.login(client_env=stage.ticket('spake'), options={
            'gs2_require': 'auth-indicators=otp'})
        login.refused_by_server('SASL_NOAUTHZ')
        debug = [e['text'] for e in login.server.all('log', level='5')]
        login.equal([s for s in debug if ' attribute ' in s], [
            'GS2-KRB5 attribute "auth-indicators": present values=3'],
            'attributes')
        for value in sources.INDICATORS['spake'][1:]:
            login.must(not any(value in s for s in login.server.logs(7)),
                       f'{value} is logged')
    with t.case('debugging: a handshake that fails'):
        login = stage.login(client=['--binding', 'tls-exporter:01'],
                            server=['--binding', 'tls-exporter:02'],
                            mech='GS2-KRB5-PLUS')
        login.must(any(re.fullmatch(r'GS2-KRB5 leg 1: in=\d+ out=\d+ '
                                    'context=failed', s)
                       for s in login.server.logs(5)), 'leg 1')


# How rsyslogd begins a line; what servers begin with is t_fail2ban.py's.
PREFIXES = ('Nov 22 04:00:00 mail imap[4711]: ',
            '2026-11-22T04:00:00.123456+01:00 mail imap[4711]: ')


def in_files(lines_of_logins):
    """The text of a log that has each line in each form."""
    return ''.join(f'{prefix}{line}\n' for prefix in PREFIXES
                   for line in lines_of_logins)


def honest(stage):
    """How logins of honest clients fail by a clock, by a key that is too old,
    by a replay cache that cannot be written."""
    old = stage.path('old.keytab')
    stage.realm.addprinc('sieve/localhost')
    stage.realm.ktadd(old, 'sieve/localhost')
    stage.realm.kadmin('cpw -randkey sieve/localhost')
    stage.realm.addprinc('pop/localhost')
    wrong = stage.path('wrong.keytab')
    stage.realm.ktadd(wrong, 'pop/localhost')
    # Another key under the same number: what a restored backup leaves.
    stage.realm.kadmin('delprinc -force pop/localhost')
    stage.realm.addprinc('pop/localhost')
    stage.realm.kadmin('cpw -randkey pop/localhost')
    yield {'both': ['--service', 'sieve'],
           'server_env': {'KRB5_KTNAME': 'FILE:' + old}}
    yield {'both': ['--service', 'pop'],
           'server_env': {'KRB5_KTNAME': 'FILE:' + wrong}}
    yield {'server_env': {'KRB5RCACHENAME': 'file2:/nowhere/replays'}}
    yield {'server_env': {'KRB5RCACHENAME': 'file2:/dev/full'}}


def locked_out(t, stage):
    """doc/fail2ban-gs2.conf: who is counted, and who is not."""
    counted, ignored = [], []
    with stage.server(['--count', str(len(HOSTILE) + 1)]) as server:
        for first in [b'x,,token', *(b'n,a=' + escaped_line(a) + b',no token'
                                     for a in HOSTILE.values())]:
            with relay.connect(server.port) as connection:
                if connection.attempt(first).word == 'continue':
                    connection.step(b'')
        counted += lines(server.finish())
    for into, knobs in (
            (counted, {'client': ['--binding', 'tls-exporter:01'],
                       'server': ['--binding', 'tls-exporter:02'],
                       'mech': 'GS2-KRB5-PLUS'}),
            # An honest client may have no channel binding, or another type.
            (ignored, {'server': ['--binding', 'tls-unique:01:critical']}),
            (ignored, {'client': ['--binding', 'tls-unique:01'],
                       'server': ['--binding', 'tls-exporter:01'],
                       'mech': 'GS2-KRB5-PLUS'}),
            *((ignored, knobs) for knobs in honest(stage)),
            (ignored, {'options': {'gs2_require': 'gs2:realm=X'}}),
            (ignored, {'options': {'gs2_ccache_store': '/nowhere/%u'},
                       'client': DELEGATE}),
            (ignored, {}),
            *((ignored, {'client': ['--authzid', authzid], 'server': ALLOW})
              for authzid in HOSTILE.values() if is_fit(authzid))):
        into += lines(stage.login(**knobs).server)
    assert len(counted) == len(HOSTILE) + 2, counted
    assert len(ignored) == 9 + len([*filter(is_fit, HOSTILE.values())]), \
        ignored
    with t.case('fail2ban: each failure of a hostile client counts'):
        found = lockout.addresses(in_files(counted))
        assert found == ['127.0.0.1'] * len(PREFIXES) * len(counted), found
    with t.case('fail2ban: nothing else does'):
        found = lockout.addresses(in_files(ignored))
        assert found == [], found
    with t.case('fail2ban: an address of IPv6, a mechanism of another name'):
        line = counted[0].replace('127.0.0.1;', '2001:db8::7;')
        line = line.replace('GS2-KRB5 ', 'EAP-AES128 ', 1)
        assert lockout.addresses(in_files([line])) == ['2001:db8::7'] * 2


def main(t):
    """All of them in one realm."""
    with sources.Sources() as stage:
        for part in (accepted, failed, hostile, debugging, locked_out):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
