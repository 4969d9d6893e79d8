#!/usr/bin/env python3
"""Completion of gs2-inspect's command line, in a real bash: what the function
offers, and what a user gets who presses TAB.
"""

import contextlib
import os
import pty
import re
import select
import subprocess
import tempfile
import time

import inspected
import tap
import tree

SCRIPT = tree.srcdir('tools', 'bash-completion', 'gs2-inspect')
ASK = r'''
. "$1"; shift
complete -p gs2-inspect | grep -q _gs2_inspect || exit 3
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_gs2_inspect
printf '%s\n' "${COMPREPLY[@]}"
'''
COMMANDS = {'mechs', 'login', 'imap', 'ldap', 'smtp', 'conf', 'help'}


def environment(folder):
    """gs2-inspect is where it would be installed."""
    link = os.path.join(folder, 'gs2-inspect')
    if not os.path.exists(link):
        os.symlink(inspected.PROGRAM, link)
    return {**os.environ, 'PATH': f'{folder}:{os.environ["PATH"]}',
            'TERM': 'dumb', 'PS1': 'READY> ', 'LC_ALL': 'C'}


def offered(folder, *words):
    """What is offered behind these words, of which the last is begun."""
    done = subprocess.run(
        ['bash', '--norc', '-c', ASK, 'bash', SCRIPT, 'gs2-inspect', *words],
        env=environment(folder), cwd=folder, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, check=True)
    assert not done.stderr, done.stderr
    return set(done.stdout.split())


def wait_for(leader, text, seen=''):
    """What the terminal shows up to a text."""
    end = time.monotonic() + 60
    while text not in seen:
        assert time.monotonic() < end, seen
        if select.select([leader], [], [], 1)[0]:
            seen += os.read(leader, 4096).decode()
    return seen


def pressed(folder, keys, wanted):
    """What a user sees who types keys."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
            ['bash', '--norc', '--noprofile', '-i'], stdin=follower,
            stdout=follower, stderr=follower, cwd=folder,
            env=environment(folder), start_new_session=True) as shell:
        os.close(follower)
        try:
            wait_for(leader, 'READY> ')
            os.write(leader, f'. {SCRIPT}; echo LOAD"ED"\n'.encode())
            wait_for(leader, 'LOADED')
            os.write(leader, keys.encode())
            return wait_for(leader, wanted)
        finally:
            shell.kill()
            with contextlib.suppress(OSError):
                os.close(leader)


def main(t):
    """All of it."""
    tap.find('bash', 'bash')
    with tempfile.TemporaryDirectory() as folder:
        for name in ('my.conf', 'my.keytab'):
            with open(os.path.join(folder, name), 'w', encoding='utf-8'):
                pass
        servers = {'slapd', 'smtpd', 'svnserve'}
        for words, wanted in (
                (('',), COMMANDS | {'--help', '--version'}),
                (('log',), {'login'}),
                (('help', ''), COMMANDS),
                (('help', 'c'), {'conf'}),
                (('conf', 's'), servers),
                (('conf', 'my'), {'my.conf', 'my.keytab'}),
                (('login', '-c', 's'), servers),
                (('login', '--conf', '=', 's'), servers),
                (('login', '--binding', '='), {
                    'tls-exporter', 'tls-unique', 'tls-server-end-point',
                    'none'}),
                (('login', '-b', 'tls-e'), {'tls-exporter'}),
                (('mechs', '-k', 'my.k'), {'my.keytab'}),
                (('conf', '--r'), {'--require-rule'}),
                (('login', '--a'), {'--authzid=', '--as=', '--assume='}),
                (('login', '--as', '=', 'al'), set()),
                (('nosuch', '--'), set())):
            with t.case('offered: gs2-inspect ' + ' '.join(words)):
                got = offered(folder, *words)
                assert got == wanted, got
        with t.case('each option of each command'):
            for command in COMMANDS - {'help'}:
                done = subprocess.run(
                    [inspected.PROGRAM, 'help', command], check=True,
                    stdout=subprocess.PIPE, text=True)
                has = set(re.findall(r'^  -., (--[a-z-]+=?)', done.stdout,
                                     re.M))
                assert has and offered(folder, command, '--') == has, has
        with t.case('TAB: a command and an option'):
            pressed(folder, 'gs2-inspect log\t--bin\t', 'login --binding=')
        with t.case('TAB: a server'):
            pressed(folder, 'gs2-inspect conf slap\t;', 'conf slapd ;')


if __name__ == '__main__':
    tap.run(main)
