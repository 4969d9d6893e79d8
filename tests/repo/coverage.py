#!/usr/bin/env python3
"""Which lines of what is installed the tests ran, for ./check.

    coverage.py SRCDIR BUILDDIR COUNTS

BUILDDIR was configured with --enable-coverage, and its tests have run. Prints
the lines covered of each file (by gcovr). For the folders in LIMITS it is a
failure where fewer are, and where a range that no test runs is not named, with
the reason, in doc/coverage.md, or where that names what is not there. Adds a
line `PASSED FAILED SKIPPED` to COUNTS.
"""

import itertools
import json
import pathlib
import re
import subprocess
import sys

# Per cent of the lines of a folder.
LIMITS = {'common': 95, 'login': 90, 'plugin': 90,
          'gssapi': 90}
REASONS = 'doc/coverage.md'


def measure(source, build):
    """{file: [(line number, count)]} of all that is not a test. Before its
    version 7 gcovr also lists the lines that have no code."""
    # Version 8.7 ends at functions in tests whose names begin with "__wrap_".
    done = subprocess.run(['gcovr', '--root', source, '--exclude',
                           '(.*/)?tests/', '--json', '-', build],
                          stdout=subprocess.PIPE, check=True)
    return {f['file']: [(line['line_number'], line['count'])
                        for line in f['lines'] if not line.get('gcovr/noncode')]
            for f in json.loads(done.stdout)['files']
            if not f['file'].startswith(('tests/', '../', '/'))}


def ranges(lines):
    """The (first, last) of lines that were not run, one after the other."""
    for run, group in itertools.groupby(lines, lambda line: line[1] > 0):
        if not run:
            numbers = [number for number, _count in group]
            yield numbers[0], numbers[-1]


def code_of(lines, first):
    """What names the range that begins at that line: it, and the line before
    it, which says when it is run."""
    before = [line.strip() for line in lines[:first - 1] if line.strip()]
    return (before[-1] if before else '') + ' ' + lines[first - 1].strip()


def read_reasons(text):
    """The (file, code) pairs that the document names: "## FILE", and below it
    "- `CODE`: reason"."""
    for section in text.split('\n## ')[1:]:
        file = section.split('\n', 1)[0].strip()
        for code in re.findall(r'^- `([^`]*)`:\s+\S', section, re.M):
            yield file, code


class Report:
    """Prints results and counts them."""

    def __init__(self):
        self.passed = self.failed = 0

    def result(self, good, text):
        """One result."""
        print(('ok: ' if good else 'FAILED: ') + text)
        self.passed += good
        self.failed += not good


def percent(lines):
    """How many of them were run."""
    return 100 * sum(count > 0 for _number, count in lines) / len(lines)


def show(report, files):
    """The table, and the limits."""
    folders = {}
    for file, lines in sorted(files.items()):
        folders.setdefault(file.split('/')[0], []).extend(lines)
        run = sum(count > 0 for _number, count in lines)
        print(f'   {file:24} {run:4} of {len(lines):4} lines '
              f'{percent(lines):6.1f} %')
    for folder, limit in LIMITS.items():
        lines = folders.get(folder)
        report.result(bool(lines) and percent(lines) >= limit,
                      f'{folder}/: {percent(lines) if lines else 0:.1f} % of '
                      f'{len(lines or [])} lines, at least {limit} %')


def hold_against(report, files, source, named):
    """Each range has its reason, and each reason is about a line."""
    unknown, count = set(named), 0
    for file, lines in sorted(files.items()):
        if file.split('/')[0] not in LIMITS:
            continue
        text = (source / file).read_text().splitlines()
        unknown -= {(file, code_of(text, number)) for number, _run in lines}
        for first, last in ranges(lines):
            count += 1
            code = code_of(text, first)
            if (file, code) in named:
                print(f'   not run: {file}:{first}-{last}: {code}')
            else:
                report.result(False, f'no test runs {file}:{first}-{last}, '
                              f'and {REASONS} does not say why: `{code}`')
    for file, code in sorted(unknown):
        report.result(False, f'{REASONS} names what is not there: '
                      f'{file}: `{code}`')
    if not report.failed:
        report.result(True, f'{count} ranges are not run, each for the reason '
                      f'that {REASONS} gives')


def main(source, build, counts):
    """The command."""
    source = pathlib.Path(source).resolve()
    report = Report()
    files = measure(str(source), build)
    named = set(read_reasons((source / REASONS).read_text()))
    show(report, files)
    hold_against(report, files, source, named)
    with open(counts, 'a', encoding='utf-8') as out:
        out.write(f'{report.passed} {report.failed} 0\n')
    return 1 if report.failed else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
