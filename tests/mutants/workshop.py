"""A copy of the tree, built, in which a line is made wrong and the tests are
run that should see it.

What make has run to build the copy is read from its output and run again where
a file is newer than what is made of it: one compiler, one archive, one or two
linkers. By way of make and libtool that takes ten times as long.
"""

import contextlib
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile

import tree

__all__ = ['Workshop']

# What a mutant makes of a test may have no end.
TEST_SECONDS = 300
BUILD_SECONDS = 1800
END_SECONDS = 20

# What a command has made.
MADE = re.compile(r'(?: -o |\bar cr )(\S+)')
PIECES = ('.o', '.a')
NSS = 'nss/.libs/libnss_gs2.so.2'
SLAPD = 'slapd/.libs/libgs2-slapd.so'


def ignored_by_copy(folder, names):
    """What is not copied: what is git's, and other builds."""
    return [name for name in names if name in ('.git', 'autom4te.cache') or
            os.path.exists(os.path.join(folder, name, 'config.status'))]


def commands(output):
    """(what is made, command) for each that compiles or links, in order."""
    for line in output.splitlines():
        command = re.sub(r'^libtool: (compile|link): *| *&&\\$', '', line)
        made = MADE.search(command)
        if made and '--mode=' not in command:
            yield os.path.normpath(made[1]), command


def is_program(test):
    """Whether make builds a test."""
    return not test.endswith(('.py', '.sh'))


def needs(test):
    """What a test runs: itself, and what it loads."""
    if test == 'tests/unit/t_nss':
        return [NSS, test]
    if test.startswith('tests/unit/'):
        return [test]
    programs = [test] if is_program(test) else ['gs2-inspect']
    return ['plugin/.libs/libgs2.so', 'gssapi/.libs/libgssapiv2.so',
            'pac/.libs/libgs2-pac.so', NSS, SLAPD, *programs]


class Workshop:
    """The copy, with a build of it beside it."""

    def __init__(self, home, recipe=()):
        self.home = pathlib.Path(home)
        self.src = self.home / 'src'
        self.build = self.home / 'build'
        self.recipe = list(recipe)
        self.env = {**os.environ, 'GS2_SRCDIR': str(self.src),
                    'GS2_BUILDDIR': str(self.build),
                    'GS2_PLUGIN': str(self.build / 'plugin/.libs/libgs2.so'),
                    'GS2_SANITIZERS': 'no', 'GS2_COVERAGE': 'no',
                    'GS2_SANITIZER_PRELOAD': '',
                    'PYTHONPATH': str(self.src / 'tests/lib/python')}
        # What the make that runs us says is not for the one that we run.
        for name in ('MAKEFLAGS', 'MAKELEVEL', 'MFLAGS', 'TESTS'):
            self.env.pop(name, None)

    def run(self, *command, limit=BUILD_SECONDS):
        """Runs a command in the build; its status, which is not 0 where it has
        not ended in time, and its output."""
        with tempfile.TemporaryFile() as out, subprocess.Popen(
                command, cwd=self.build, env=self.env, stdout=out,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                start_new_session=True) as process:
            try:
                process.wait(limit)
            except subprocess.TimeoutExpired:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(END_SECONDS)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            out.seek(0)
            return process.returncode, out.read().decode(errors='replace')

    def must(self, *command):
        """The same; it must succeed. Its output."""
        status, out = self.run(*command)
        assert status == 0, f'{command}: status {status}\n{out[-3000:]}'
        return out

    def make(self, tests):
        """Copies the tree, and builds all that these tests need."""
        shutil.copytree(tree.TOP, self.src, symlinks=True,
                        ignore=ignored_by_copy)
        self.build.mkdir()
        self.must('chmod', '-R', 'u+w', str(self.src))
        if (self.src / 'Makefile').exists():
            self.must('make', '-C', str(self.src), '-s', 'distclean')
        self.must('../src/configure', 'CFLAGS=-g -O0 -w')
        self.learn(self.must(
            'make', f'-j{len(os.sched_getaffinity(0))}', '--output-sync',
            'V=1', 'demo-needs',
            'gssapi/libgssapiv2.la', 'nss/libnss_gs2.la',
            'slapd/libgs2-slapd.la', 'tests/mech/scriptmech.la',
            'tests/modules/asserted.la', 'tests/modules/endless.la',
            'tests/modules/kdc-inject.la', 'tests/modules/nss-old.la',
            'tests/modules/pac-old.la', 'tests/modules/requested.la',
            'tests/modules/syslog.la',
            'tests/inspect/imap-server', 'tests/peer/sasl-end',
            *filter(is_program, tests)))

    def copy_to(self, home):
        """Another one. No path in a build names its place."""
        shutil.copytree(self.home, home, symlinks=True)
        return Workshop(home, self.recipe)

    def learn(self, output):
        """Takes up what make has run: (what is made, the command, the files
        that it is made of) for each."""
        for made, command in commands(output):
            words = shlex.split(command.replace('`', ' '))
            paths = [os.path.normpath(top / word) for word in words
                     for top in (self.build, self.src)]
            self.recipe.append((made, command, [
                os.path.relpath(path, self.home) for path in paths
                if os.path.isfile(path) and path != str(self.build / made)]))

    def is_old(self, made, files):
        """Whether something is to be made anew."""
        age = (self.build / made).stat().st_mtime_ns
        return any((self.home / file).stat().st_mtime_ns > age
                   for file in files)

    def rebuild(self, tests):
        """Makes anew what these tests need, where it is old."""
        wanted = {made for test in tests for made in needs(test)}
        for made, command, files in self.recipe:
            if ((made.endswith(PIECES) or made in wanted) and
                    self.is_old(made, files)):
                self.must('sh', '-c', command)

    def try_test(self, test):
        """Whether this test program passes, and its output."""
        status, out = self.run(*self.how_to_run(test), limit=TEST_SECONDS)
        return status == 0, out

    def how_to_run(self, test):
        """The command for a test program."""
        python = os.environ.get('PYTHON', 'python3')
        if test.endswith('.py'):
            return python, str(self.src / test)
        if test.endswith('.sh'):
            return 'sh', str(self.src / test)
        program = str(self.build / test)
        if test.endswith('.realm'):
            return (python, str(self.src / 'tests/lib/python/realm.py'),
                    'test', '--', program)
        return (program,)

    def first_failure(self, mutant):
        """The first of a mutant's tests that fails with it, or None."""
        path = self.src / mutant.file
        text = path.read_text(encoding='utf-8')
        path.write_text(mutant.apply(text), encoding='utf-8')
        try:
            self.rebuild(mutant.tests)
            return next((test for test in mutant.tests
                         if not self.try_test(test)[0]), None)
        finally:
            path.write_text(text, encoding='utf-8')
