#!/usr/bin/env python3
"""The folder says what a file may include: no include of this tree runs upward,
none runs in a circle, and no file that is pure sees the GSS-API or libsasl.

An include names a file of another folder from the top of the tree, and one of
its own folder by its name alone.
"""

import os
import pathlib
import re

import tap

TOP = pathlib.Path(os.environ['GS2_SRCDIR'])

# What the files of a folder may include, beside their own folder: folders, or
# single files.  A folder that is not here is nobody's to include from.
PURE = ('common/text',)
MAY_INCLUDE = {
    'common/text': (),
    'common/wire': PURE,
    'common/rules': (*PURE, 'common/pac.h'),
    'common/gss': (*PURE, 'common/wire'),
    'common/peer': (*PURE, 'common/rules', 'common/gss', 'common/pac.h'),
    'common': (*PURE, 'common/rules', 'common/gss', 'common/peer'),
    'login': ('common', *PURE, 'common/wire', 'common/rules', 'common/gss',
              'common/peer'),
    'plugin': ('login', 'common', *PURE, 'common/wire', 'common/gss'),
    'gssapi': ('login', 'common/mark.h', *PURE, 'common/wire', 'common/gss'),
    'pac': ('common/pac.h',),
    'nss': ('common/nss.h',),
    'slapd': ('common/mark.h',),
    'tools': ('common', *PURE, 'common/rules', 'common/gss', 'common/peer'),
}

# Headers of others that a folder must not see.
FORBIDDEN = {
    'common/text': r'gssapi|krb5|sasl',
    'common/wire': r'gssapi|krb5|sasl',
    'common/rules': r'gssapi|krb5|sasl',
    'common/gss': r'sasl',
    'common/peer': r'sasl',
    'common': r'sasl',
    'pac': r'gssapi|krb5|sasl',
    'nss': r'gssapi|krb5|sasl',
    'slapd': r'gssapi|krb5',
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def sources():
    """{path from the top: [(quote, name)]} of all that is installed."""
    found = {}
    for folder in MAY_INCLUDE:
        for path in sorted((TOP / folder).glob('*.[ch]')):
            text = path.read_text(encoding='utf-8')
            found[str(path.relative_to(TOP))] = INCLUDE.findall(text)
    return found


def resolve(file, name):
    """The path from the top of what a file includes."""
    return name if '/' in name else f'{os.path.dirname(file)}/{name}'


def complaints(file, includes, known):
    """What is wrong with the includes of one file."""
    folder = os.path.dirname(file)
    for quote, name in includes:
        if quote == '<':
            if re.match(FORBIDDEN.get(folder, '$'), name):
                yield f'<{name}> is not for {folder}/'
            continue
        path = resolve(file, name)
        if path not in known:
            yield f'"{name}" is no file of this tree'
        elif '/' in name and os.path.dirname(path) == folder:
            yield f'"{name}" is of its own folder: its name alone will do'
        elif (os.path.dirname(path) not in (folder, *MAY_INCLUDE[folder])
              and path not in MAY_INCLUDE[folder]):
            yield f'{folder}/ may not include {path}'


def circles(graph):
    """Each way along the includes that comes back to a file on it."""
    done = set()

    def visit(file, way):
        if file in way:
            yield [*way[way.index(file):], file]
        elif file not in done:
            for other in graph.get(file, ()):
                yield from visit(other, [*way, file])
            done.add(file)

    for file in graph:
        yield from visit(file, [])


def self_test(t):
    """This script sees what is not right."""
    known = {'common/text/a.h', 'common/gss/b.h', 'plugin/c.h', 'common/pac.h'}
    seen = [len(list(complaints(file, [include], known))) for file, include in (
        ('common/gss/b.h', ('"', 'common/text/a.h')),
        ('common/text/a.h', ('"', 'common/gss/b.h')),
        ('common/gss/b.h', ('"', 'plugin/c.h')),
        ('common/gss/b.h', ('"', 'common/gss/b.h')),
        ('common/text/a.h', ('"', 'none.h')),
        ('common/wire/d.h', ('<', 'gssapi/gssapi.h')),
        ('common/rules/e.h', ('"', 'common/pac.h')),
        ('plugin/c.h', ('<', 'sasl/sasl.h')))]
    t.equal(seen, [0, 1, 1, 1, 1, 1, 0, 0], 'includes that are not right')
    t.equal(list(circles({'a': ['b'], 'b': ['c'], 'c': ['b'], 'd': ['a']})),
            [['b', 'c', 'b']], 'a circle')


def main(t):
    self_test(t)
    files = sources()
    for folder in MAY_INCLUDE:
        wrong = [f'{file}: {text}' for file, includes in files.items()
                 if os.path.dirname(file) == folder
                 for text in complaints(file, includes, files)]
        t.equal(wrong, [], f'{folder}/ includes what it may')
    graph = {file: [resolve(file, name) for quote, name in includes
                    if quote == '"'] for file, includes in files.items()}
    t.equal(list(circles(graph)), [], 'no include runs in a circle')
    names = sorted(os.path.basename(file) for file in files)
    t.equal([name for name in names if names.count(name) > 1], [],
            'no two files have the same name')


tap.run(main)
