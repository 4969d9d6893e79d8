"""A very small producer of TAP (Test Anything Protocol) for the Python tests.

    import tap

    def main(t):
        t.equal(1 + 1, 2, 'one and one')
        with t.case('a case that raises is a failure, with its traceback'):
            assert 1 + 1 == 2

    tap.run(main)

Results are printed as they come, the plan at the end; an exception outside of
a case ends the program and is one more failure, or is skipped where it is
Skip: what the rest of the program needs is not here. ./check, which installs
all of it, takes such a skip for a failure (tests/repo/report.py).
"""

import contextlib
import glob
import os
import shutil
import signal
import sys
import traceback

import debian

__all__ = ['Skip', 'Tap', 'find', 'raise_exit', 'run']


class Skip(Exception):
    """Raised where something cannot run here; its text is the reason."""


def find(name, package):
    """The path of a program, which may be outside of a user's PATH; or of a
    file, by a pattern for its whole path. Raises Skip, which names the Debian
    package that has it, where it is not here."""
    if '/' in name:
        found = next(iter(sorted(glob.glob(name, recursive=True))), None)
    else:
        path = os.environ.get('PATH', os.defpath)
        found = shutil.which(name, path=path + ':/usr/sbin:/usr/local/sbin')
    if not found:
        raise Skip(f'{name} is not here: ' + (
            f'this system has no package {package}' if debian.lacks(package)
            else f'install the package {package}'))
    return found


def one_line(text):
    """text with nothing in it that TAP would read as syntax."""
    shown = []
    for c in str(text):
        if c == '#':
            shown.append('\\#')
        elif c.isprintable():
            shown.append(c)
        else:
            shown.append(ascii(c)[1:-1])
    return ''.join(shown)


class Tap:
    """Counts and prints results."""

    def __init__(self, out=None):
        self.out = out or sys.stdout
        self.count = 0
        self.failed = 0

    def _print(self, line):
        data = line.encode('utf-8', 'backslashreplace') + b'\n'
        self.out.flush()
        self.out.buffer.write(data)
        self.out.buffer.flush()

    def note(self, text):
        """Prints text as comments: a table, a transcript, a reason."""
        for line in str(text).splitlines():
            self._print('# ' + line if line else '#')

    def ok(self, condition, name, diagnostics=None):
        """One result; diagnostics are shown where it is a failure. Returns
        the condition, so that what depends on it can be left out."""
        self.count += 1
        word = 'ok' if condition else 'not ok'
        self._print(f'{word} {self.count} - {one_line(name)}')
        if not condition:
            self.failed += 1
            if diagnostics is not None:
                self.note(diagnostics)
        return bool(condition)

    def equal(self, got, wanted, name):
        """got must equal wanted."""
        return self.ok(got == wanted, name,
                       f'got:    {got!r}\nwanted: {wanted!r}')

    def contains(self, text, part, name):
        """part must be somewhere in text: the way to assert error texts."""
        return self.ok(part in text, name,
                       f'wanted: {part!r}\nin:     {text!r}')

    def excludes(self, text, part, name):
        """part must be nowhere in text."""
        return self.ok(part not in text, name,
                       f'unwanted: {part!r}\nin:       {text!r}')

    def skip(self, name, reason):
        """A result that could not be had here, and why."""
        self.count += 1
        self._print(f'ok {self.count} - {one_line(name)}'
                    f' # SKIP {one_line(reason)}')

    @contextlib.contextmanager
    def case(self, name):
        """One result: ok where the body ends, not ok where it raises."""
        try:
            yield
        except Skip as reason:
            self.skip(name, reason)
        except Exception:  # whatever it is, it is this case's failure
            self.ok(False, name, traceback.format_exc())
        else:
            self.ok(True, name)

    def finish(self):
        """Prints the plan and returns the exit status."""
        self._print(f'1..{self.count}')
        return 1 if self.failed or not self.count else 0


def raise_exit(number, _frame):
    """A signal ends the program by an exception, so that all is undone."""
    sys.exit(128 + number)


def run(main):
    """Calls main(tap), prints the plan, and exits."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, raise_exit)
    tap = Tap()
    try:
        main(tap)
    except Skip as reason:
        tap.skip('the rest of the test program', reason)
    except Exception:  # the plan must be printed all the same
        tap.ok(False, 'the test program runs to its end',
               traceback.format_exc())
    sys.exit(tap.finish())
