#!/usr/bin/env python3
"""Which test shows which requirement: the numbered rows of doc/gs2.md and of
doc/gssapi.md (those begin with K), and the sentences of RFC 5801, RFC 7546 and
RFC 6680 that doc/gs2.md, doc/rfc7546.md and doc/rfc6680.md list.

A row is named by a test that says "row H4" or "rows B1, B2 and H1 to H4", or
whose name begins with it (h4_h5_...).  The sources of the product cite rows in
the same words.  A sentence's last column names tests
as `FILE: NAME`, where NAME is a test's function or a text in FILE, or says why
there is none, beginning with one of REASONS.
"""

import collections
import os
import pathlib
import re

import tap

SRCDIR = pathlib.Path(os.environ['GS2_SRCDIR'])
TESTS = SRCDIR / 'tests'

# Why a sentence has no test here.
REASONS = ('void:', 'differs:', 'mechanism:', 'library:', 'policy:')

# The sections of which a document must speak.
SECTIONS = {
    'gs2': ['3', '5', '5.2', '6', '7', '8', '13.2', '13.3', '16'],
    'rfc7546': ['2', '2.1', '2.2', '2.3', '2.4', '2.5', '2.6', '2.7', '2.8',
                '3', '3.1', '3.2', '5'],
    'rfc6680': ['3', '4', '5', '6', '7.1', '7.2', '7.3', '7.4', '7.5',
                '7.5.1', '7.6', '7.7', '7.8', '9'],
}

LETTERS = [*'NHBASGIU', *(f'K{letter}' for letter in 'GCSLXP')]
ROW = rf'(?:{"|".join(LETTERS)})\d+'
LIST = re.compile(rf'\b[Rr]ows?\s+((?:{ROW}(?:\s*,\s*|\s+and\s+|\s+to\s+)?)+)')


def sources():
    """The text of each test, by its file's name."""
    paths = [*TESTS.glob('*/t_*.c'), *TESTS.glob('*/t_*.py'),
             *TESTS.glob('*/t_*.sh'), *TESTS.glob('*/fuzz_*.c')]
    found = {path.name: path.read_text(encoding='utf-8') for path in paths}
    del found[os.path.basename(__file__)]
    return found


def numbered():
    """The rows of both documents in their order."""
    return [row for name in ('gs2.md', 'gssapi.md') for row in re.findall(
        rf'^\| ({ROW}) \|',
        (SRCDIR / 'doc' / name).read_text(encoding='utf-8'), re.MULTILINE)]


def letters_of(row):
    """KS of KS10."""
    return row.rstrip('0123456789')


def expand(words):
    """['H1', 'to', 'H3', 'B2'] as the rows that are meant."""
    rows = []
    for before, word in zip([''] + words, words):
        if before == 'to':
            letters = letters_of(word)
            rows += [f'{letters}{n}'
                     for n in range(int(rows[-1][len(letters):]) + 1,
                                    int(word[len(letters):]))]
        if word != 'to':
            rows.append(word)
    return rows


def named_in(text):
    """The rows that a test names."""
    # A comment's next line begins with what is no part of its words.
    flat = re.sub(r'\n[ \t]*(?:\*|#)?[ \t]*', ' ', text)
    rows = set()
    for words in LIST.findall(flat):
        rows.update(expand(re.findall(rf'{ROW}|\bto\b', words)))
    for name in re.findall(r'\bSTART_TEST\((\w+)\)', text):
        prefix = re.match(rf'(?:{ROW.lower()}_)+', name)
        if prefix:
            rows.update(prefix[0].upper().strip('_').split('_'))
    return rows


def product():
    """The text of each source of the product, by its path."""
    found = [path for folder in ('common', 'login', 'plugin', 'gssapi', 'tools',
                                   'pac', 'slapd')
             for path in sorted((SRCDIR / folder).rglob('*.[ch]'))]
    return {str(path.relative_to(SRCDIR)): path.read_text(encoding='utf-8')
            for path in found}


def rows(t, tests):
    """Each row is named by a test, and nobody names one that is not."""
    known = numbered()
    t.equal(sorted({letters_of(row) for row in known}), sorted(LETTERS),
            'the rows are found in doc/gs2.md and doc/gssapi.md')
    t.equal(len(known), len(set(known)), 'no row is there twice')
    naming = collections.defaultdict(list)
    for name in sorted(tests):
        for row in named_in(tests[name]):
            naming[row].append(name)
    for row in known:
        t.ok(naming[row], f'row {row}: {", ".join(naming[row])}',
             'no test names it')
    t.equal(sorted(set(naming) - set(known)), [],
            'no test names a row that does not exist')
    cited = {row for text in product().values() for row in named_in(text)}
    t.ok('H2' in cited, 'the product cites rows', cited)
    t.equal(sorted(cited - set(known)), [],
            'no source names a row that does not exist')


def sentences(document):
    """(number of the line, section, sentence, answer) of a table."""
    text = (SRCDIR / 'doc' / f'{document}.md').read_text(encoding='utf-8')
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        if line.startswith('|') and re.match(r'\d', cells[0]):
            yield number, cells


def missing(reference, tests):
    """What is wrong with `FILE: NAME`, or None."""
    file, colon, name = reference.partition(': ')
    if not colon:
        return f'{reference} is not FILE: NAME'
    if file not in tests:
        return f'there is no tests/{file}'
    if re.fullmatch(r'\w+', name):
        pattern = rf'(?:START_TEST\(|^def ){name}\b'
        if re.search(pattern, tests[file], re.MULTILINE):
            return None
    elif name in tests[file]:
        return None
    return f'{file} has no test {name!r}'


def complaints(cells, tests):
    """What is wrong with one sentence of a table."""
    if len(cells) != 3 or not all(cells):
        return ['three columns are wanted, none of them empty']
    references = re.findall(r'`([^`]+)`', cells[2])
    wrong = [missing(reference, tests) for reference in references]
    if not references and not cells[2].startswith(REASONS):
        wrong.append(f'neither a test nor a reason ({" ".join(REASONS)})')
    return [text for text in wrong if text]


def table(t, tests, document):
    """Each sentence has a test that exists, or a reason."""
    shown = reasoned = 0
    seen = []
    for number, cells in sentences(document):
        wrong = complaints(cells, tests)
        section = cells[0].split()[0]
        if section not in seen:
            seen.append(section)
        if '`' in cells[-1]:
            shown += 1
        else:
            reasoned += 1
        t.ok(not wrong, f'{document} {cells[0]}: {cells[-1]}',
             f'line {number}: {"; ".join(wrong)}')
    t.equal(seen, SECTIONS[document], f'{document}: the sections')
    t.note(f'{document}: {shown} sentences with tests, {reasoned} with a '
           'reason')


def self_test(t, tests):
    """This script sees what is not there."""
    t.equal(named_in('/* rows H1 to\n * H3, B2 and\n * A1 */ H5 START_TEST('
                     'h4_n1_x)'),
            {'H1', 'H2', 'H3', 'B2', 'A1', 'H4', 'N1'}, 'rows in a test')
    t.equal(named_in('"row S10: ..." rows I8 to I11 START_TEST(s4u2_x) '
                     'START_TEST(g12_x)'),
            {'S10', 'I8', 'I9', 'I10', 'I11', 'G12'}, 'rows of two digits')
    t.equal([bool(complaints(['2', 'x', answer], tests)) for answer in (
        '`t_loop_more.c: inputs`', '`t_loop.c: no_such_test`',
        '`t_no.c: server`', '`t_loop.c`', 'because', 'void: so it is',
        '`t_loop_server.c: RFC 7546 2.5: an error token should be sent`')],
            [False, True, True, True, True, False, False],
            'tests in a table')


def main(t):
    tests = sources()
    self_test(t, tests)
    rows(t, tests)
    for document in SECTIONS:
        table(t, tests, document)


tap.run(main)
