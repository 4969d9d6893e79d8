#!/usr/bin/env python3
"""Runs a make that runs tests, and says what they found, for ./check.

    report.py SCRATCH SECONDS NAME BUILDDIR COMMAND...

Prints a line for each test program as it ends: how many results, how long it
took. With GS2_VERBOSE in the environment, all that it printed too. BUILDDIR is
a pattern: make distcheck makes a directory of its own. COMMAND is ended after
SECONDS, with all that it started.

The files in SCRATCH get more lines: `counts` PASSED FAILED SKIPPED, `failed`
what failed, with its output, and `skipped` what was skipped, and why. A skip
that MAY_SKIP does not name is a failure. Exits 1 where anything failed.
"""

import glob
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import sys
import time

import debian

VERBOSE = bool(os.environ.get('GS2_VERBOSE'))
IS_ROOT = os.geteuid() == 0
IS_DEBIAN = bool(shutil.which('apt-get') and shutil.which('dpkg-query'))
IS_FULL = bool(os.environ.get('GS2_FULL'))


def is_debian(*releases):
    """Whether this is one of these releases of Debian."""
    return platform.freedesktop_os_release().get('VERSION_ID') in releases


# Results that may be skipped, by name and reason, and when (or what tells it,
# where that takes long). Whatever else a test needs is installed by ./check.
MAY_SKIP = (
    (' # SKIP root can write everywhere: t_nobody.py has it', IS_ROOT),
    ('as nobody: .* # SKIP only root can make one', IS_ROOT),
    (' # SKIP only root can ', not IS_ROOT),
    (' # SKIP GS2_FULL is not set', not IS_FULL),
    (' # SKIP this is no Debian system', not IS_DEBIAN),
    # Debian 13 has neither.
    (' # SKIP .* this system has no package moonshot-gss-eap$',
     lambda: debian.lacks('moonshot-gss-eap')),
    (' # SKIP .* this system has no package libauthen-sasl-cyrus-perl$',
     lambda: debian.lacks('libauthen-sasl-cyrus-perl')),
    # Debian 12 has it not: ./check --full runs it on Debian 13.
    (' # SKIP .* this system has no package cbmc$',
     lambda: debian.lacks('cbmc')),
    # Later releases may start servers by systemd alone, and have an imtest that
    # cannot read through a layer.
    (' # SKIP .* has no script in /etc/init.d$', lambda: not is_debian('12')),
    ("imtest .* # SKIP it has no layer with Cyrus SASL's own file$",
     lambda: not is_debian('12')),
    (' # SKIP Samba [0-9.]+ does not look at channel bindings$',
     lambda: is_debian('12')),
    # That of sid does, whatever this project does: SECURITY.md. Debian 12 never
    # did, and 13 has the mend.
    (' # SKIP MIT krb5 takes a PAC with a wrong signature here ',
     lambda: not is_debian('12', '13')),
    # The other build does it.
    (' # SKIP with a preloaded sanitizer ldapwhoami does not end', True),
    (' # SKIP sanitizers change the allocator', True),
    (' # SKIP sanitizers do its work here', True),
)

# A result as the Automake driver words it, in a log and in what make prints.
RESULT = re.compile(r'^(PASS|FAIL|XFAIL|XPASS|SKIP|ERROR): (tests/\S+ .*)$')
TOTAL = re.compile(r'^# TOTAL: +(\d+)$')
GOOD = ('PASS', 'XFAIL')
# What Check puts around the name of a test.
CHECK_NAME = re.compile(r'^((?:not )?ok \d+ - )\S*?([^/\s]+)\.c:')
LOGS = 'tests/*/t_*.log'
PAUSE_SECONDS = .1
PATIENCE_SECONDS = 20


def may_skip(text):
    """True where a skipped result is expected to be one here."""
    return any(re.search(pattern, text)
               and (when() if callable(when) else when)
               for pattern, when in MAY_SKIP)


def results(lines):
    """The (kind, text) of each line that is a result."""
    for line in lines:
        found = RESULT.match(line)
        if found:
            yield found.groups()


def folded(lines):
    """lines, with runs of good results of one name (a table that is walked by
    a loop) as a single line."""
    run = []

    def flush():
        if len(run) > 1:
            yield f'ok {run[0][0]} to {run[-1][0]} - {run[0][1]}'
        elif run:
            yield f'ok {run[0][0]} - {run[0][1]}'
        run.clear()

    for line in lines:
        found = re.match(r'ok (\d+) - (.*)$', line)
        if not found or run and run[-1][1] != found[2]:
            yield from flush()
        if found:
            run.append(found.groups())
        else:
            yield line
    yield from flush()


def read_lines(path):
    """The lines of a file; none where there is no such file."""
    try:
        return path.read_text(errors='replace').splitlines()
    except FileNotFoundError:
        return []


class Program:
    """What a test program found, by its log."""

    def __init__(self, log):
        self.log = log
        self.name = f'tests/{log.parent.name}/{log.stem}'
        self.begun = time.monotonic()
        self.seconds = None  # until it has ended
        self.lines = []
        self.results = self.passed = 0
        self.failed, self.skipped = [], []

    def has_ended(self):
        """True where it has ended since the last call: its log does not grow,
        and has all results that the driver has put beside it at its end."""
        if self.seconds is not None:
            return False
        wanted = sum(line.startswith(':test-result: ') for line in
                     read_lines(self.log.with_suffix('.trs')))
        before, self.lines = self.lines, read_lines(self.log)
        found = list(results(self.lines))
        if not wanted or before != self.lines or len(found) != wanted:
            return False
        self.seconds = time.monotonic() - self.begun
        self.results = wanted
        for kind, text in found:
            self._add(kind, text)
        return True

    def _add(self, kind, text):
        if kind in GOOD:
            self.passed += 1
        elif kind == 'SKIP' and may_skip(text):
            self.skipped.append(text)
        # The driver has a second word on a failure that it has counted: a
        # test program in which a test failed exits 1.
        elif kind != 'ERROR' or not self.failed or \
                not text.endswith('exited with status 1'):
            self.failed.append(f'{kind} {text}')

    def __str__(self):
        count = self.passed + len(self.failed)
        text = f'{self.name}: {count} results'
        if self.failed:
            text = f'{self.name}: {len(self.failed)} of {count} results failed'
        if self.skipped:
            text += f', {len(self.skipped)} skipped'
        word = 'FAILED' if self.failed else 'ok'
        return f'{word}: {text}, {self.seconds:.1f} s'

    def output(self):
        """What it printed, without what the driver added."""
        lines = [CHECK_NAME.sub(r'\1', line).removesuffix(': Passed')
                 for line in self.lines if not RESULT.match(line)]
        return ''.join(f'   {line}\n' for line in folded(lines))


class Run:
    """The files in SCRATCH, and what is counted."""

    def __init__(self, scratch, name, where):
        self.scratch = pathlib.Path(scratch)
        self.name = name
        self.where = where
        self.begun = time.monotonic()
        self.running = {}
        self.programs = []

    def _append(self, file, text):
        with open(self.scratch / file, 'a', encoding='utf-8',
                  errors='replace') as out:
            out.write(text)

    def count(self, passed, failed, skipped=0):
        """Counts results."""
        self._append('counts', f'{passed} {failed} {skipped}\n')

    def fail(self, title, text):
        """A failure and its output."""
        self._append('failed', f'{title}\n{text}')

    def look(self):
        """Shows each program that has ended since the last look."""
        for path in sorted(glob.glob(os.path.join(self.where, LOGS))):
            if path not in self.running:
                self.running[path] = Program(pathlib.Path(path))
            if self.running[path].has_ended():
                self.show(self.running[path])

    def show(self, program):
        """A program that has ended."""
        self.programs.append(program)
        print(program, flush=True)
        if VERBOSE:
            print(program.output(), end='', flush=True)
        if program.failed:
            self.fail(program, program.output() + ''.join(
                f'   {line}\n' for line in program.failed))
        for text in program.skipped:
            self._append('skipped', f'   {text}\n')
        self.count(program.passed, len(program.failed), len(program.skipped))

    def end(self, status, output):
        """The make has ended with a status, or None where it was ended. That
        must not pass unseen where the tests are well, nor may a result that
        its summary counts and we have not seen."""
        total = sum(int(found[1]) for found in map(TOTAL.match, output)
                    if found)
        seen = sum(p.results for p in self.programs)
        failed = any(p.failed for p in self.programs)
        why = None
        if status is None:
            why = 'it took too long'
        elif not seen:
            why = 'no test ran'
        elif seen != total:
            why = f'{total} results by its summary, {seen} seen'
        elif status != 0 and not failed:
            why = f'the tests passed, and it exits with status {status}'
        word = 'FAILED' if why or failed else 'ok'
        print(f'{word}: {self.name}: {len(self.programs)} programs, '
              f'{time.monotonic() - self.begun:.0f} s'
              + (f': {why}' if why else ''), flush=True)
        if why:
            self.fail(f'FAILED: {self.name}: {why}', ''.join(
                f'   {line}\n' for line in output[-60:]))
            self.count(0, 1)
        return not why and not failed


class Session:
    """A command, its output in a file, in a session of its own."""

    def __init__(self, command, log):
        with open(log, 'wb') as out:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True)

    def _signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return False
        return True

    def end(self):
        """Asks all of it to end, and waits."""
        self._signal(signal.SIGTERM)
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end and self._signal(0):
            self.process.poll()
            time.sleep(PAUSE_SECONDS)
        self._signal(signal.SIGKILL)
        self.process.wait()


def raise_exit(number, _frame):
    """A signal ends us by an exception, so that the session ends too."""
    sys.exit(128 + number)


def main(scratch, limit, name, where, *command):
    """The command."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, raise_exit)
    log = pathlib.Path(scratch) / 'make.log'
    run = Run(scratch, name, where)
    session = Session(command, log)
    status = None
    try:
        end = time.monotonic() + int(limit)
        while session.process.poll() is None and time.monotonic() < end:
            run.look()
            time.sleep(PAUSE_SECONDS)
        status = session.process.poll()
    finally:
        session.end()
    run.look()
    run.look()
    return 0 if run.end(status, read_lines(log)) else 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
