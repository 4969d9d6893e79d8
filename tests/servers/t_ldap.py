#!/usr/bin/env python3
"""ldapwhoami and a server that says "success" without having proved who it
is. libldap takes SASL_CONTINUE of a client plugin at the server's success for
a login, so the plugin itself must refuse (RFC 4422 section 3.6: success comes
after the mechanism's exchange, not instead of it).
"""

import subprocess

import fake_ldap
import scenario
import tap

OK = fake_ldap.SUCCESS
MORE = fake_ldap.SASL_BIND_IN_PROGRESS


def who_am_i(stage, plugins, answers, args=()):
    """Runs ldapwhoami on a fake server that gives these answers."""
    env = stage.environment(plugins, {'LDAPNOINIT': '1'})
    with fake_ldap.FakeLdap(answers) as server:
        done = subprocess.run(
            [tap.find('ldapwhoami', 'ldap-utils'), '-N', '-Q', '-Y',
             'GS2-KRB5', '-H', f'ldap://localhost:{server.port}/', *args],
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, errors='replace',
            timeout=120, check=False)
    return server, done


def is_no_login(t, what, server, done, text):
    """No login is shown, the status says so, and the reason is told."""
    t.note(f'{what}: ldapwhoami says {done.stdout.strip()!r}, rc '
           f'{done.returncode}: {done.stderr.strip()!r}')
    t.ok(done.returncode != 0, f'{what}: rc is not 0', done)
    t.equal(done.stdout, '', f'{what}: no login is shown')
    t.ok(not server.asked, f'{what}: the connection is not used')
    t.contains(done.stderr, text, f'{what}: the reason is told')
    t.ok(server.binds and server.binds[0][0] == 'GS2-KRB5' and
         server.binds[0][1].startswith(b'n,,'),
         f'{what}: there was a first message', server.binds)


def ours(t, stage):
    """Every way to claim success too soon."""
    early = 'before it has proved who it is'
    for what, answers, text in (
            ('success with no credentials', [(OK, None)], early),
            ('success with empty credentials', [(OK, b'')],
             'server failed mutual authentication'),
            ('success with credentials that are no token',
             [(OK, b'no token')], 'Invalid token was supplied'),
            ('an empty challenge, then success',
             [(MORE, b''), (OK, None)], 'Invalid token was supplied'),
            ('a challenge without credentials, then success',
             [(MORE, None), (OK, None)], early),
            ('a challenge that is no token, then success',
             [(MORE, b'no token'), (OK, None)],
             'Invalid token was supplied')):
        server, done = who_am_i(stage, 'ours', answers)
        is_no_login(t, what, server, done, text)
        t.excludes(done.stderr, '(Success)', f'{what}: the reason is one')


def debian(t, stage):
    """The same server against the Debian plugin: the test can fail."""
    server, done = who_am_i(stage, 'debian', [(OK, None)], ['-U', 'alice'])
    t.note(f'the Debian plugin: ldapwhoami says {done.stdout.strip()!r}, rc '
           f'{done.returncode}')
    t.equal((done.returncode, done.stdout.strip()), (0, 'u:alice'),
            'the Debian plugin: a login is shown, rc 0')
    t.ok(server.asked, 'the Debian plugin: the connection is used')


def main(t):
    """Both plugins in one realm; ldap/localhost is in its keytab."""
    if scenario.SANITIZED:
        # t_attacks_loop.c has the client's part of it, sanitized.
        t.skip('ldapwhoami and a fake server',
               'with a preloaded sanitizer ldapwhoami does not end: '
               'libp11-kit waits for a lock in its destructor')
        return
    with scenario.Stage() as stage:
        ours(t, stage)
        debian(t, stage)


if __name__ == '__main__':
    tap.run(main)
