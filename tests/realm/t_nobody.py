#!/usr/bin/env python3
"""The login tests once more, as a user without any rights: the realm, the
servers, the clients and the Python that runs them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import scenario
import tap
import tree

NOBODY = 65534
TESTS = ('realm/t_login.py', 'realm/t_credentials.py', 'realm/t_delegation.py',
         'realm/t_faults.py', 'attacks/t_hostile.py')
RESULT = re.compile(r'(not )?ok \d+ - (.*?)(?: # SKIP (.*))?$')
AS_NOBODY = {'user': NOBODY, 'group': NOBODY, 'extra_groups': []}


def interpreter():
    """A Python that nobody may run: root's own may be in root's home."""
    for path in (sys.executable, shutil.which('python3', path=os.defpath)):
        try:
            subprocess.run([path, '-c', 'import ctypes, json'], cwd='/',
                           check=True, capture_output=True, **AS_NOBODY)
            return path
        except (OSError, TypeError, subprocess.CalledProcessError):
            continue
    raise scenario.ScenarioError('nobody has a Python to run')


def copy(scratch):
    """What the tests need, where nobody can read it; a new environment."""
    for name in ('tap.py', 'debian.py', 'tree.py', 'realm.py', 'relay.py',
                 'scenario.py', 'tickets.py'):
        shutil.copy(tree.helper(name), scratch)
    for name in TESTS:
        shutil.copy(tree.srcdir('tests', name), scratch)
    shutil.copy(scenario.PLUGIN, os.path.join(scratch, 'libgs2.so'))
    shutil.copy(scenario.PEER, os.path.join(scratch, 'sasl-peer'))
    home = os.path.join(scratch, 'home')
    os.mkdir(home)
    os.chown(home, NOBODY, NOBODY)
    for folder, _folders, files in os.walk(scratch):
        os.chmod(folder, 0o755)
        for name in files:
            os.chmod(os.path.join(folder, name), 0o755)
    return dict(os.environ, HOME=home, TMPDIR=home, PYTHONPATH=scratch,
                GS2_PLUGIN=os.path.join(scratch, 'libgs2.so'),
                GS2_PEER=os.path.join(scratch, 'sasl-peer'),
                PYTHONDONTWRITEBYTECODE='1')


def run(t, python, scratch, env, name):
    """One test program; its results are ours."""
    program = os.path.join(scratch, os.path.basename(name))
    done = subprocess.run([python, program], env=env, cwd='/',
                          stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors='replace', **AS_NOBODY)
    results = 0
    lines = done.stdout.splitlines()
    for at, line in enumerate(lines):
        result = RESULT.match(line)
        if not result:
            continue
        results += 1
        notes = []
        for note in lines[at + 1:]:
            if not note.startswith('#'):
                break
            notes.append(note[2:])
        name = f'as nobody: {result[2]}'
        if result[3]:
            t.skip(name, result[3])
        else:
            t.ok(not result[1], name, '\n'.join(notes))
    t.ok(results > 0 and done.returncode == 0, f'as nobody: all of {name}',
         f'exit status {done.returncode}\n' + done.stdout[-2000:])


def main(t):
    """All of them, if we may become nobody."""
    if os.geteuid() != 0:
        t.skip('as nobody', 'only root can become another user; '
               'the other tests ran without rights already')
        return
    python = interpreter()
    scratch = tempfile.mkdtemp(prefix='gs2-nobody.')
    try:
        env = copy(scratch)
        for name in TESTS:
            run(t, python, scratch, env, name)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == '__main__':
    tap.run(main)
