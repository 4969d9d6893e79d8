#!/usr/bin/env python3
"""What ./check says of a run of tests (report.py): each result is counted, and
nothing that did not pass goes unseen. The runs are of shell scripts that leave
the logs which the Automake driver would leave.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time

import tap
import tree

REPORT = tree.srcdir('tests', 'repo', 'report.py')
# In the build directory: a program's log and, at its end, the driver's file.
ENDED = '''\
mkdir -p tests/unit && {{ cat >tests/unit/t_x.log <<'END'
{log}
END
}} && cat >tests/unit/t_x.trs <<'END'
{trs}
END
printf '# TOTAL: %d\\n' {total}
exit {status}
'''
OUR_SKIP = 'tests/unit/t_x.py 2 - two # SKIP slapd is not here: install it'


def script(*lines, status=0, total=None):
    """A make whose one test program had these results."""
    return ENDED.format(
        log='\n'.join(lines), status=status,
        trs='\n'.join(':test-result: ' + line for line in lines),
        total=len(lines) if total is None else total)


def run(command, seconds=30):
    """Runs it; status, what was printed, and the files by name."""
    with tempfile.TemporaryDirectory(prefix='gs2-report.') as scratch:
        build = os.path.join(scratch, 'build')
        os.mkdir(build)
        done = subprocess.run(
            [sys.executable, REPORT, scratch, str(seconds), 'make check',
             build, 'sh', '-c', f'cd {build} && {command}'], check=False,
            env={k: v for k, v in os.environ.items() if k != 'GS2_VERBOSE'},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        files = {}
        for name in ('counts', 'failed', 'skipped'):
            path = os.path.join(scratch, name)
            files[name] = ''
            if os.path.exists(path):
                with open(path, encoding='utf-8') as text:
                    files[name] = text.read()
        return done, files


def passes(t):
    """A run in which all is well."""
    done, files = run(script('PASS: tests/unit/t_x.py 1 - one',
                             'PASS: tests/unit/t_x.py 2 - two'))
    t.equal((done.returncode, files),
            (0, {'counts': '2 0 0\n', 'failed': '', 'skipped': ''}),
            'two results pass')
    t.contains(done.stdout, 'ok: tests/unit/t_x: 2 results, ', 'a line for '
               'the program')
    t.contains(done.stdout, 'ok: make check: 1 programs, ', 'and for all')


def fails(t):
    """Each way in which something does not pass."""
    one = 'PASS: tests/unit/t_x.py 1 - one'
    for what, command, counts, shown in (
            ('a result', script(one, 'FAIL: tests/unit/t_x.py 2 - two',
                                status=2), '1 1 0\n',
             'FAIL tests/unit/t_x.py 2 - two'),
            ('a program that a signal ends', script(
                one, 'ERROR: tests/unit/t_x.py - exited with status 139',
                status=2), '1 1 0\n', 'exited with status 139'),
            ('a skip that is not named', script(one, 'SKIP: ' + OUR_SKIP),
             '1 1 0\n', f'SKIP {OUR_SKIP}'),
            ('make, though the tests pass', script(one, status=2),
             '1 0 0\n0 1 0\n', 'it exits with status 2'),
            ('a result that no log has', script(one, total=2),
             '1 0 0\n0 1 0\n', '2 results by its summary, 1 seen'),
            ('no test at all', 'exit 0', '0 1 0\n', 'no test ran')):
        done, files = run(command)
        t.equal((done.returncode, files['counts']), (1, counts),
                f'{what}: counted as a failure')
        t.contains(files['failed'], shown, f'{what}: said at the end')


def skips(t):
    """A skip that is named, which depends on who runs this."""
    reason = ('root can write everywhere: t_nobody.py has it'
              if os.geteuid() == 0 else 'only root can make one')
    text = f'tests/unit/t_x.py 2 - two # SKIP {reason}'
    done, files = run(script('PASS: tests/unit/t_x.py 1 - one',
                             'SKIP: ' + text))
    t.equal((done.returncode, files['counts'], files['skipped']),
            (0, '1 0 1\n', f'   {text}\n'), 'a named skip is no failure')


def is_alive(pid):
    """True where the process is there, and no zombie."""
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8') as stat:
            return stat.read().rpartition(') ')[2][0] != 'Z'
    except FileNotFoundError:
        return False


def endings(t):
    """What does not end by itself, and what is to end now."""
    with tempfile.TemporaryDirectory(prefix='gs2-report.') as scratch:
        pids = os.path.join(scratch, 'pids')
        hang = f'sleep 1000 & echo $! >{pids}; wait'
        done, files = run(hang, seconds=1)
        t.contains(files['failed'], 'it took too long', 'a run that hangs')
        with open(pids, encoding='ascii') as text:
            t.ok(not is_alive(int(text.read())), 'is ended')
        os.unlink(pids)
        with subprocess.Popen([sys.executable, REPORT, scratch, '100', 'make',
                               scratch, 'sh', '-c', hang],
                              stdout=subprocess.DEVNULL) as child:
            while not os.path.exists(pids) or not os.path.getsize(pids):
                time.sleep(.05)
            child.send_signal(signal.SIGTERM)
            t.equal(child.wait(), 128 + signal.SIGTERM, 'it is interrupted')
        with open(pids, encoding='ascii') as text:
            t.ok(not is_alive(int(text.read())), 'and its tests with it')


@contextlib.contextmanager
def apt_knows(*packages):
    """A stand-in for apt-cache, which knows from where to fetch these."""
    path = os.environ['PATH']
    with tempfile.TemporaryDirectory(prefix='gs2-report.') as folder:
        script = os.path.join(folder, 'apt-cache')
        with open(script, 'w', encoding='utf-8') as out:
            out.write('#!/bin/sh\ncase $2 in\n'
                      f'{"|".join(packages)}) echo Filename: x ;;\nesac\n')
        os.chmod(script, 0o755)
        os.environ['PATH'] = f'{folder}:{path}'
        try:
            yield
        finally:
            os.environ['PATH'] = path


def missing(t):
    """What a test says where a program or a file is not here."""
    for name in ('no-such-program', '/no/such/*.so'):
        for packages, reason in (
                (['apt', 'there'], 'install the package there'),
                (['apt'], 'this system has no package there'),
                (['none'], 'install the package there')):
            with apt_knows(*packages):
                try:
                    tap.find(name, 'there')
                except tap.Skip as skip:
                    t.equal(str(skip), f'{name} is not here: {reason}',
                            f'{name} is missed, apt knows {packages}')
                else:
                    t.ok(False, f'{name} is missed')
    code = 'import tap; tap.run(lambda t: tap.find("no-such", "there"))'
    with apt_knows('apt', 'there'):
        done = subprocess.run([sys.executable, '-c', code], check=False,
                              stdout=subprocess.PIPE, text=True)
    t.equal((done.returncode, done.stdout),
            (0, 'ok 1 - the rest of the test program # SKIP no-such is not '
             'here: install the package there\n1..1\n'), 'a test is skipped')


def not_everywhere(t):
    """A skip for want of a package is one only where the release lacks it."""
    for package in ('moonshot-gss-eap', 'libauthen-sasl-cyrus-perl', 'cbmc'):
        line = ('SKIP: tests/realm/t_eap.py 1 - logins # SKIP its file is not '
                f'here: this system has no package {package}')
        for packages, counts in ((['apt'], '0 0 1\n'),
                                 (['apt', package], '0 1 0\n'),
                                 (['none'], '0 1 0\n')):
            with apt_knows(*packages):
                _done, files = run(script(line))
                t.equal(files['counts'], counts,
                        f'no {package}, apt knows {packages}')


def main(t):
    """All of it."""
    for part in (passes, fails, skips, endings, missing,
                 not_everywhere):
        part(t)


if __name__ == '__main__':
    tap.run(main)
