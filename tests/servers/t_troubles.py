#!/usr/bin/env python3
"""doc/troubleshooting.md against the plugin: each error text that it explains
is provoked, and is what somebody reads, in the log or as the client's error.

An entry begins with <!-- trouble: NAME -->; the next code block is the text, in
which "..." stands for anything within a line. <!-- trace: NAME --> is the same
for a line that KRB5_TRACE has in that case.
"""

import base64
import os
import re
import shutil
import sys
import time

import realm
import relay
import scenario
import sources
import tap
import tree

LONGEST = 200  # octets of an error text
RAWGSS = tree.helper('rawgss.py')
ENTRY = r'<!-- {}: (\S+) -->.*?```\n(.*?)\n```'


def texts(kind='trouble'):
    """The document's texts of a kind, by name."""
    path = tree.srcdir('doc', 'troubleshooting.md')
    with open(path, encoding='utf-8') as document:
        return dict(re.findall(ENTRY.format(kind), document.read(), re.S))


def pattern(text):
    """The text as a regular expression."""
    return '.*'.join(re.escape(part) for part in text.split('...'))


def ticket(stage, name, args=()):
    """The environment of a client with a new ticket of alice's."""
    env = {'KRB5CCNAME': 'FILE:' + stage.path(name)}
    stage.realm.kinit('alice', realm.Realm.password('alice'), env=env,
                      args=args)
    return env


def no_ticket(stage):
    none = {'KRB5CCNAME': 'FILE:' + stage.path('none.cc')}
    return stage.login(client_env=none)


def ticket_expired(stage):
    short = ticket(stage, 'short.cc', ['-l', '1s'])
    time.sleep(2.1)
    return stage.login(client_env=short)


def clock_skew(stage):
    fake = stage.fake_time('-1h')
    stage.realm.stop_kdc()
    right = dict(stage.realm.env)
    stage.realm.env.update(fake)
    stage.realm.start_kdc()
    stage.realm.env = right
    try:
        return stage.login(client_env=ticket(stage, 'late.cc'))
    finally:
        stage.realm.stop_kdc()
        stage.realm.start_kdc()


def wrong_name(stage):
    return stage.login(client=['--service', 'nosuch'])


def wrong_password(stage):
    none = {'KRB5CCNAME': 'FILE:' + stage.path('none.cc')}
    return stage.login(client=['--authname', 'bob', '--password', 'wrong'],
                       client_env=none)


def no_kdc(stage):
    env = ticket(stage, 'alone.cc')
    stage.realm.stop_kdc()
    try:
        return stage.login(client_env=env)
    finally:
        stage.realm.start_kdc()


def no_key(stage):
    path = stage.path('ldap.keytab')
    stage.realm.ktadd(path, 'ldap/localhost')
    return stage.login(server_env={'KRB5_KTNAME': 'FILE:' + path})


def old_key(stage):
    path = stage.path('old.keytab')
    stage.realm.addprinc('sieve/localhost')
    stage.realm.ktadd(path, 'sieve/localhost')
    stage.realm.kadmin('cpw -randkey sieve/localhost')
    return stage.login(both=['--service', 'sieve'],
                       server_env={'KRB5_KTNAME': 'FILE:' + path})


def rule_not_met(stage):
    return stage.login(options={'gs2_require': 'auth-indicators=otp'})


def rule_broken(stage):
    return stage.login(options={'gs2_require': 'auth-indicators=otp or'})


def not_bound(stage):
    """A client that gives GSS no channel bindings, as some do."""
    message = stage.realm.run([sys.executable, RAWGSS, 'unbound'])
    with stage.server() as server:
        with relay.connect(server.port) as connection:
            answer = connection.attempt(base64.b64decode(message))
            if answer.word == 'continue':
                answer = connection.step(b'')
        return scenario.Login(scenario.Trace('', 1), server.finish())


def other_binding(stage):
    return stage.login(mech='GS2-KRB5-PLUS',
                       client=['--binding', 'tls-unique:0102'],
                       server=['--binding', 'tls-unique:0103'])


def other_channel(stage):
    """The same by GSSAPI."""
    os.mkdir(stage.path('ours-gssapi'))
    shutil.copy(tree.builddir('gssapi', '.libs', 'libgssapiv2.so'),
                stage.path('ours-gssapi'))
    return stage.login(mech='GSSAPI', client_plugins='ours-gssapi',
                       server_plugins='ours-gssapi',
                       client=['--binding', 'tls-server-end-point:0102'],
                       server=['--binding', 'tls-server-end-point:0103'])


def no_binding(stage):
    """The server knows of TLS, the client does not: something between them
    ends TLS, or hid that the server offers GS2-KRB5-PLUS."""
    return stage.login(mech=None, both=['--binding', 'tls-unique:0102'],
                       server=['--mechlist', 'GS2-KRB5 PLAIN'])


def foreigner(stage):
    return stage.login(client_env=stage.foreigner(),
                       options={'gs2_authid': 'local'})


PROVOKED = [no_ticket, ticket_expired, clock_skew, wrong_name,
            wrong_password, no_kdc, no_key, old_key, rule_not_met,
            rule_broken, not_bound, other_binding, other_channel,
            no_binding, foreigner]


def public(login):
    """What libsasl tells either application that failed."""
    return [login.client.failure()[1], login.server.failure()[1]]


def seen(login):
    """What somebody can read of a login: errors and logs, line by line."""
    return [*public(login), *login.server.logs()]


def traced(path):
    """What libkrb5 wrote, of either side."""
    with open(path, encoding='utf-8', errors='replace') as trace:
        return trace.read()


def main(t):
    """Each entry of the document, and no entry that is not provoked."""
    wanted, traces = texts(), texts('trace')
    named = {f.__name__.replace('_', '-'): f for f in PROVOKED}
    t.equal(sorted(wanted), sorted(named), 'the entries')
    t.ok(traces and not set(traces) - set(wanted), 'lines of KRB5_TRACE')
    with sources.Sources() as stage:
        for name, text in wanted.items():
            path = stage.realm.env['KRB5_TRACE'] = stage.path(name)
            with t.case(f'{name}: {text}'):
                login = named[name](stage)
                login.must(any(re.search(pattern(text), line)
                               for line in seen(login)), 'nobody reads it')
                long = [text for text in public(login)
                        if len(text.encode()) > LONGEST]
                login.must(not long, f'over {LONGEST} octets: {long}')
                login.must(login.server.last('identity')['authid'] is None,
                           'logged in all the same')
            if name in traces:
                with t.case(f'KRB5_TRACE, {name}: {traces[name]}'):
                    trace = traced(path)
                    assert re.search(pattern(traces[name]), trace), trace


if __name__ == '__main__':
    tap.run(main)
