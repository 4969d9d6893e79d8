#!/usr/bin/env python3
"""Roles as Unix groups (gs2_unix_groups): who has which, in which process and
thread and until when; which groups are not handed over, and what the log says
of them.
"""

import os
import shutil
import subprocess
import time

import mounts
import scenario
import sources
import tap
import tree

NSCD = '/var/lib/gs2-tests/nscd/usr/sbin/nscd'
LDAP = '/var/lib/gs2-tests/libnss-ldapd/**/libnss_ldap.so.2'
MODULE = tree.builddir('nss', '.libs', 'libnss_gs2.so.2')
NSSWITCH = 'passwd: files\ngroup: files gs2\n'
CARD, OURS = 'gs2-smartcard:x:64001:\n', 'gs2-ours:x:64002:\n'
GROUPS = 'root:x:0:\nusers:x:100:alice\n' + CARD + OURS
OPTIONS = {
    'gs2_roles': 'smartcard ours',
    'gs2_role_smartcard': 'auth-indicators=smartcard',
    'gs2_role_ours': 'gs2:realm=EXAMPLE.TEST',
    'gs2_unix_groups': MODULE,
}
BOTH = ['gs2-ours', 'gs2-smartcard']


class Stage(sources.Sources):
    """Logins at a server with other groups and another nsswitch.conf."""

    def write(self, name, text):
        """A file that everybody can read; its path."""
        path = self.path(name)
        with open(path, 'w', encoding='utf-8') as out:
            out.write(text)
        os.chmod(path, 0o644)
        return path

    def attempt(self, ticket, groups=GROUPS, nsswitch=NSSWITCH, server=(),
                options=None, places=None, command=()):
        """One login at a server, behind a command. Its Login."""
        over = mounts.over({self.write('group', groups): '/etc/group',
                            self.write('nsswitch', nsswitch):
                            '/etc/nsswitch.conf', **(places or {})})
        return self.login(
            client_env=ticket, server_wrapper=[*over, *command],
            options={**OPTIONS, **(options or {})},
            server=['--groups', 'alice,bob', '--proxy-policy', 'allow',
                    *server])


def groups(login, at, where='here', user='alice'):
    """The groups that the user had then and there: those that are ours."""
    seen = login.server.last('groups', at=at, user=user, **{'in': where})
    login.must(seen.kind == 'groups', f'nobody has looked at {at}')
    return sorted(name for name in seen['value'] or []
                  if name.startswith('gs2-'))


def errors(login):
    """What the plugin says of this at the level of errors."""
    return [line for line in login.server.logs(1) if 'unix_groups' in line]


def ended_well(login):
    """The login was accepted, and the server has ended as it should."""
    login.equal((login.client.status, login.server.status), (0, 0),
                'exit status')
    login.equal(len(login.server.audit('accepted')), 1, 'accepted logins')


# --- who has them, and until when --------------------------------------------

def has_them(t, stage):
    """In the process and thread of the login, as long as it lives."""
    for how, wanted in (('pkinit', BOTH), ('timestamp', ['gs2-ours'])):
        with t.case(f'{how}: {" and ".join(wanted)}, nobody else, nowhere '
                    'else, and no longer than the login'):
            login = stage.attempt(stage.ticket(how))
            ended_well(login)
            login.equal(errors(login), [], 'errors')
            for at in ('policy', 'end'):
                login.equal(groups(login, at), wanted, f'at {at}')
                login.equal(groups(login, at, 'thread'), [],
                            f'in another thread, at {at}')
                login.equal(groups(login, at, 'child'), [],
                            f'in a child, at {at}')
                login.equal(groups(login, at, user='bob'), [],
                            f'another user, at {at}')
            for where in ('here', 'thread', 'child'):
                login.equal(groups(login, 'gone', where), [], 'afterwards')


def refused(t, stage):
    """A login that is refused has none, and leaves none."""
    for what, server, options in (
            ('gs2_require', ['--probe'], {'gs2_require': 'gs2:mech=NONE'}),
            ('the proxy policy', ['--probe', '--proxy-policy', 'deny'], {})):
        with t.case(f'a login that {what} refuses leaves nothing'):
            login = stage.attempt(stage.ticket('pkinit'), server=server,
                                  options=options)
            login.must(login.client.status == 1, 'it was not refused')
            for at in ('end', 'gone'):
                login.equal(groups(login, at), [], at)


# --- the name of the group ---------------------------------------------------

SMARTCARD = 'the role smartcard of "alice" is not handed over: '
IN_IT = ('group gs2-smartcard: the user is in it, or in another one with its '
         'name or number, without any login')
# What /etc/group has, which of our groups alice gets, and why.
NAMES = [
    ('no group', OURS, ['gs2-ours'],
     'group gs2-smartcard: there is none of this name'),
    ('a second group of the name, with the user in it',
     CARD + OURS + 'gs2-smartcard:x:64009:alice\n', BOTH, IN_IT),
    ('a second group of the name, in front, with the user in it',
     'gs2-smartcard:x:64009:alice\n' + CARD + OURS, BOTH, IN_IT),
    ('a group with members', 'gs2-smartcard:x:64001:bob\n' + OURS,
     ['gs2-ours'], 'group gs2-smartcard: it has members, who are in it '
     'without any login'),
    ('the group has the user', 'gs2-smartcard:x:64001:alice\n' + OURS, BOTH,
     IN_IT),
    ('number 0', 'gs2-smartcard:x:0:\n' + OURS, ['gs2-ours'],
     'group gs2-smartcard: it has the number 0, which is root\'s'),
    ('a number that two groups share', 'staff:x:64001:\n' + CARD + OURS,
     ['gs2-ours'], 'group gs2-smartcard: its number, 64001, is that of '
     '"staff"'),
    ('a number that two groups share, with the user in the other one',
     CARD + OURS + 'staff:x:64001:alice\n', BOTH, IN_IT),
]


def names(t, stage):
    """A group whose name or number is not the role's alone."""
    for what, lines, wanted, why in NAMES:
        with t.case(f'{what}: not handed over, the log says why, the login '
                    'goes on'):
            login = stage.attempt(stage.ticket('pkinit'),
                                  'root:x:0:\n' + lines)
            ended_well(login)
            login.equal(errors(login),
                        [f'GS2: gs2_unix_groups: {SMARTCARD}{why}'], 'errors')
            login.equal(groups(login, 'end'), wanted, 'groups')
    with t.case('the primary group of the account: the same'):
        passwd = stage.write('passwd', 'root:x:0:0::/:/bin/sh\n'
                             'alice:x:64000:64001::/:/bin/false\n')
        login = stage.attempt(stage.ticket('pkinit'),
                              places={passwd: '/etc/passwd'})
        ended_well(login)
        login.equal(errors(login),
                    [f'GS2: gs2_unix_groups: {SMARTCARD}{IN_IT}'], 'errors')
    with t.case('a user is in the group of a role that the login does not '
                'have: the log says so'):
        login = stage.attempt(stage.ticket('timestamp'),
                              OURS + 'gs2-smartcard:x:64001:alice\n')
        ended_well(login)
        login.equal(errors(login),
                    [f'GS2: gs2_unix_groups: {SMARTCARD}{IN_IT}'], 'errors')


# --- libc and its services ---------------------------------------------------

NOT_ASKED = ('libc does not ask the module: the line "group" of '
             '/etc/nsswitch.conf (or "initgroups", where there is one) must '
             'name gs2, libc must find the same file, and nscd must not cache '
             'groups')


def services(t, stage):
    """What nsswitch.conf says, and services that cannot be asked."""
    for what, lines in (
            ('nsswitch.conf does not name gs2', 'group: files\n'),
            ('its line "initgroups" does not',
             'group: files gs2\ninitgroups: files\n'),
            ('it ends in front of it',
             'group: files [NOTFOUND=return] gs2\n')):
        with t.case(f'{what}: nothing is handed over, one line says why'):
            login = stage.attempt(stage.ticket('pkinit'), OURS + CARD,
                                  'passwd: files\n' + lines)
            ended_well(login)
            login.equal(errors(login), ['GS2: gs2_unix_groups: ' + SMARTCARD
                                        + NOT_ASKED], 'errors')
            login.equal(groups(login, 'end'), [], 'groups')
    with t.case('a line "initgroups" that names it will do'):
        login = stage.attempt(
            stage.ticket('pkinit'), nsswitch='group: files\n'
            'initgroups: files [SUCCESS=continue] gs2\n')
        ended_well(login)
        login.equal((errors(login), groups(login, 'end')), ([], BOTH), 'seen')


# AddressSanitizer takes the two files for a mistake.
PRELOAD = ('ASAN_OPTIONS="$ASAN_OPTIONS:detect_odr_violation=0" LD_PRELOAD=$0 '
           'exec "$@"')


def another_file(t, stage):
    """libc has another file of the name, which it has found first."""
    copy = stage.path('libnss_gs2.so.2')
    shutil.copy(MODULE, copy)
    with t.case('libc has loaded another file of this name: nothing is handed '
                'over, one line says why'):
        login = stage.attempt(stage.ticket('pkinit'), OURS + CARD,
                              command=['sh', '-c', PRELOAD, copy])
        ended_well(login)
        login.equal(errors(login), ['GS2: gs2_unix_groups: ' + SMARTCARD
                                    + NOT_ASKED], 'errors')
        login.equal(groups(login, 'end'), [], 'groups')


def dead_directory(t, stage):
    """nsswitch.conf names LDAP as well, and nobody answers there."""
    folder = os.path.dirname(tap.find(LDAP, 'libnss-ldapd'))
    for what, lines, wanted, why in (
            ('what is in /etc/group is handed over', OURS + CARD, BOTH, None),
            ('what would be there is not, the log says why, the login goes on',
             OURS, ['gs2-ours'],
             'group gs2-smartcard: there is none of this name')):
        with t.case(f'a directory that does not answer: {what}'):
            login = stage.attempt(
                stage.ticket('pkinit'), lines,
                'passwd: files\ngroup: files ldap gs2\n',
                command=['env', f'LD_LIBRARY_PATH={folder}'])
            ended_well(login)
            login.equal(groups(login, 'end'), wanted, 'groups')
            login.equal(errors(login), [f'GS2: gs2_unix_groups: {SMARTCARD}'
                                        f'{why}'] if why else [], 'errors')


NSCD_CONF = '''\
enable-cache group yes
enable-cache passwd no
shared group no
persistent group no
'''


def nscd_caches(t, stage):
    """nscd answers in libc's place, and knows nothing of a login."""
    program = tap.find(NSCD, 'nscd')
    os.makedirs(stage.path('run', 'nscd'))
    places = {stage.path('run'): '/var/run'}
    over = mounts.over({stage.write('group', OURS + CARD): '/etc/group',
                        stage.write('nsswitch', NSSWITCH):
                        '/etc/nsswitch.conf', **places})
    with t.case('nscd caches groups: nothing is handed over, one line says '
                'why'), \
            subprocess.Popen([*over, program, '-F', '-f',
                              stage.write('nscd.conf', NSCD_CONF)],
                             env=os.environ if scenario.SANITIZED else
                             dict(os.environ, LD_LIBRARY_PATH=os.path
                                  .dirname(MODULE))) as nscd:
        try:
            end = time.monotonic() + 30
            while not os.path.exists(stage.path('run', 'nscd', 'socket')):
                assert time.monotonic() < end, 'nscd does not start'
                time.sleep(.05)
            login = stage.attempt(stage.ticket('pkinit'), places=places)
            ended_well(login)
            login.equal(errors(login), ['GS2: gs2_unix_groups: ' + SMARTCARD
                                        + NOT_ASKED], 'errors')
            login.equal(groups(login, 'end'), [], 'groups')
        finally:
            nscd.terminate()


def main(t):
    tap.find(MODULE, 'libc6-dev, and configure again')
    mounts.over({'/etc/nsswitch.conf': '/etc/nsswitch.conf'})
    with Stage() as stage:
        has_them(t, stage)
        refused(t, stage)
        names(t, stage)
        services(t, stage)
        another_file(t, stage)
        dead_directory(t, stage)
        nscd_caches(t, stage)


if __name__ == '__main__':
    tap.run(main)
