"""What doc/servers.md shows, as the tests use it: the lines of configuration,
which servers run with as they stand there, and the tables of what was seen.

    <!-- setup: slapd.conf -->      a fenced block follows
    <!-- table: slapd -->           a table follows

    conf = setups.setup('slapd.conf', {'ldap.example.test': 'localhost'})
"""

import os
import re
import subprocess

import tree

__all__ = ['SetupError', 'cells', 'document', 'environment', 'setup', 'table']

DOCUMENT = tree.srcdir('doc', 'servers.md')


class SetupError(Exception):
    """The document has not what is asked for; says what."""


def document(path=DOCUMENT):
    """The whole text."""
    with open(path, encoding='utf-8') as text:
        return text.read()


def setup(name, places=None, path=DOCUMENT):
    """The lines of one setup. What the document must call by a name that a
    test does not have (a host, a path) is replaced as places says; all that
    places has must be there. path is the page that has it."""
    found = re.search(rf'^<!-- setup: {re.escape(name)} -->\n\n?```[a-z]*\n'
                      r'(.*?)^```$', document(path), re.M | re.S)
    if not found:
        raise SetupError(f'no setup "{name}" in {path}')
    text = found[1]
    for shown, here in (places or {}).items():
        if shown not in text:
            raise SetupError(f'no {shown!r} in the setup "{name}"')
        text = text.replace(shown, here)
    return text


def environment(name, places=None, path=DOCUMENT, script=False):
    """A setup that is variables of a server's environment, as a dict: what
    systemd reads (systemd.exec(5), EnvironmentFile=). With script, the server
    may also be started by an init script: sh must export the same."""
    text = setup(name, places, path)
    found = dict(re.findall(r'^([A-Z0-9_]+)=(.*)$', text, re.M))
    if script:
        done = subprocess.run(['sh', '-c', 'eval "$1"; exec env -0', 'sh', text],
                              env={'PATH': os.environ['PATH']}, check=True,
                              stdout=subprocess.PIPE, text=True)
        shown = dict(pair.split('=', 1) for pair in done.stdout.split('\0')
                     if pair.split('=')[0] in found)
        if shown != found:
            raise SetupError(f'"{name}": sh exports {shown}, and systemd '
                             f'reads {found}')
    return found


def table(name, path=DOCUMENT):
    """The rows of a table, without its head; each a list of its cells. path is
    the page that has it."""
    found = re.search(rf'^<!-- table: {re.escape(name)} -->\n\n?'
                      r'\|.*\n\|[-| ]*\n((?:\|.*\n)*)', document(path),
                      re.M)
    if not found:
        raise SetupError(f'no table "{name}" in {path}')
    return [cells(line) for line in found[1].splitlines()]


def cells(line):
    """The cells of one line of a table."""
    return [cell.strip() for cell in line.strip('|').split('|')]
