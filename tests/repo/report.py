#!/usr/bin/env python3
"""Shows what a run of `make check` found, for ./check.

    report.py [--brief] COUNTS BUILDDIR      from its logs, program by program
    report.py --output COUNTS FILE           from what make printed, where the
                                             logs are gone (make distcheck)

Adds a line `PASSED FAILED SKIPPED` to the file COUNTS and prints each result;
with --brief, those that did not pass and a line for each program. A skipped
result is counted as neither, and listed with its reason. Exits 1 where
anything failed or nothing was found.
"""

import argparse
import pathlib
import re
import sys

# A result as the Automake driver words it, in a log and in what make prints.
RESULT = re.compile(r'^(PASS|FAIL|XFAIL|XPASS|SKIP|ERROR): (tests/\S+ .*)$')
GOOD = ('PASS', 'XFAIL')
# What Check puts around the name of a test.
CHECK_NAME = re.compile(r'^((?:not )?ok \d+ - )\S*?([^/\s]+)\.c:')


class Counts:
    """How many results of each kind."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, kind):
        """Counts one result."""
        if kind in GOOD:
            self.passed += 1
        elif kind == 'SKIP':
            self.skipped += 1
        else:
            self.failed += 1

    def merge(self, other):
        """Adds the numbers of another."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        text = f'{self.passed} passed, {self.failed} failed'
        return text + (f', {self.skipped} skipped' if self.skipped else '')


def results(lines):
    """The (kind, text) of each line that is a result."""
    for line in lines:
        found = RESULT.match(line)
        if found:
            yield found.groups()


def is_echo(kind, text, counts):
    """True for the driver's second word on a failure that it has counted: a
    test program in which a test failed exits 1."""
    return (kind == 'ERROR' and counts.failed > 0
            and text.endswith('exited with status 1'))


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


def show_log(lines):
    """What a test program printed, without what the driver added."""
    lines = [CHECK_NAME.sub(r'\1', line).removesuffix(': Passed')
             for line in lines if not RESULT.match(line)]
    for line in folded(lines):
        print('   ' + line)


def show_program(log, brief, total):
    """One test program: its results, and its output where that matters."""
    counts = Counts()
    unusual = []
    lines = log.read_text(errors='replace').splitlines()
    for kind, text in results(lines):
        if is_echo(kind, text, counts):
            continue
        counts.add(kind)
        if kind not in GOOD:
            unusual.append(f'{kind} {text}')
    if not counts.passed + counts.failed + counts.skipped:
        counts.add('ERROR')
        unusual.append(f'ERROR {log.stem}: no result')
    total.merge(counts)
    print(f'-- {log.parent.name}/{log.stem}: {counts}')
    if counts.failed or not brief:
        show_log(lines)
    for line in unusual:
        print('   ' + line)


def show_build(directory, brief, total):
    """All test programs of a build directory."""
    for log in sorted(pathlib.Path(directory).glob('tests/*/t_*.log')):
        show_program(log, brief, total)


def show_output(path, total):
    """What make printed."""
    with open(path, errors='replace', encoding='utf-8') as lines:
        for kind, text in results(lines):
            total.add(kind)
            if kind not in GOOD:
                print(f'   {kind} {text}')
    print(f'   {total}')


def main():
    """The command."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--brief', action='store_true')
    parser.add_argument('--output', action='store_true')
    parser.add_argument('counts')
    parser.add_argument('source')
    args = parser.parse_args()
    total = Counts()
    if args.output:
        show_output(args.source, total)
    else:
        show_build(args.source, args.brief, total)
    with open(args.counts, 'a', encoding='utf-8') as out:
        out.write(f'{total.passed} {total.failed} {total.skipped}\n')
    sys.exit(1 if total.failed or not total.passed else 0)


if __name__ == '__main__':
    main()
