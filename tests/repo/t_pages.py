#!/usr/bin/env python3
"""The documents: every link in them leads somewhere, and every command line is
run by a test, or is marked as not. tests/repo/commands has a line for each,
with the test that runs it, or with "not run" and the reason:

    DOCUMENT | COMMAND | tests/FOLDER/PROGRAM
    DOCUMENT | COMMAND | not run: REASON

A command is what begins with the name of a program (PROGRAMS) and has an
argument, or begins with ./, in a code block or a code span of a page; or what
stands behind a prompt in a manual page. The test that is named must name the
program, or the document that it reads the command from.
"""

import os
import re

import tap
import tree

PAGES = ('README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'tests/README.md',
         'doc/activedirectory.md', 'doc/administrator.md',
         'doc/applications.md', 'doc/cluster.md', 'doc/moonshot.md',
         'doc/servers.md', 'doc/smartcards.md', 'doc/troubleshooting.md')
MANUALS = ('libgs2.5', 'gs2-inspect.1', 'slapd/libgs2-slapd.5',
           'nss/libnss_gs2.8')
PROGRAMS = ('./check', './configure', './demo', './tls-client', 'apt-get',
            'autoreconf', 'cc', 'chgrp', 'cyradm', 'dpkg-buildpackage',
            'duplicates', 'echo', 'groupadd', 'gs2-inspect', 'gsasl',
            'imtest', 'journalctl', 'kadmin', 'kadmin.local', 'kdb5_util',
            'kinit', 'klist', 'kvno', 'ldapmodify', 'ldapsearch',
            'ldapwhoami', 'make', 'memcached', 'mutt', 'qemu-system-x86_64',
            'samba-tool', 'saslauthd', 'sed', 'service', 'slapd',
            'slapmodify', 'slaptest', 'svn', 'systemctl',
            'systemd-socket-activate', 'virsh', '/usr/lib/cyrus/bin/imtest')
FENCE = re.compile(r'^ *```[a-z]*\n(.*?)^ *```$', re.M | re.S)
TABLE = 'tests/repo/commands'


def read(name):
    """A document."""
    with open(tree.srcdir(*name.split('/')), encoding='utf-8') as page:
        return page.read()


def is_command(line):
    """True for a program and an argument; variables may be in front."""
    words = line.split()
    while words and re.match(r'[A-Z0-9_]+=', words[0]):
        del words[0]
    return words and words[0] in PROGRAMS and words[1:2] != ['='] and (
        len(words) > 1 or words[0].startswith('./'))


def of_page(text):
    """The commands of a page, in its blocks and spans. In a block, what a
    program prints may stand behind a line with a prompt."""
    for block in FENCE.findall(text):
        for line in block.replace('\\\n', ' ').splitlines():
            line = re.split(r'  +', line.strip().removeprefix('$ '))[0]
            yield ' '.join(line.split())
    for span in re.findall(r'`([^`]+)`', FENCE.sub('', text)):
        yield ' '.join(span.split())


def of_manual(text):
    """The commands behind the prompts of a manual page."""
    for line in re.findall(r'^\.Dl [$#] (.*)$', text, re.M):
        yield line.replace('\\e', '').strip()


def commands():
    """(document, command) of all documents, each once."""
    found = []
    for pages, how in ((PAGES, of_page), (MANUALS, of_manual)):
        for name in pages:
            found += [(name, line) for line in how(read(name))
                      if is_command(line)]
    return dict.fromkeys(found)


def table():
    """{(document, command): how it is run}."""
    rows = [line.split(' | ', 1) for line in read(TABLE).splitlines()
            if line and not line.startswith('#')]
    cut = [(name, *rest.rpartition(' | ')[::2]) for name, rest in rows]
    return {(name, command): how for name, command, how in cut}


def runs(test, document, command):
    """Whether a test can be the one that runs a command."""
    if not os.path.exists(tree.srcdir(*test.split('/'))):
        return False
    text = read(test)
    if command == '*':
        name = os.path.basename(document)
        return name in text or f"'{name.removesuffix('.md')}'" in text
    program = next(w for w in command.split() if '=' not in w)
    return any(word in text for word in (
        os.path.basename(program), os.path.basename(document)))


def anchor(heading):
    """What GitHub makes of a heading."""
    words = re.sub(r'[^\w\- ]', '', heading.lower())
    return words.replace(' ', '-')


def lead_nowhere(name):
    """The links of a page to a file or a heading that is not there."""
    for link in re.findall(r'\]\(([^)\s]+)\)', FENCE.sub('', read(name))):
        path, _, heading = link.partition('#')
        if path.startswith(('http:', 'https:')):
            continue
        target = name
        if path:
            target = os.path.normpath(os.path.join(os.path.dirname(name),
                                                   path))
        if not os.path.exists(tree.srcdir(target)):
            yield link
        elif heading and heading not in map(anchor, re.findall(
                r'^#+ (.*)$', FENCE.sub('', read(target)), re.M)):
            yield link


def main(t):
    """Line by line."""
    for name in PAGES:
        t.equal(list(lead_nowhere(name)), [], f'{name}: its links')
    here, there = commands(), table()
    t.ok(len(here) > 50, 'there are commands')
    for place in here:
        t.ok(place in there or (place[0], '*') in there,
             f'{place[0]}: {place[1]}', f'{TABLE} has no such line')
    for (document, command), how in there.items():
        if command != '*' and (document, command) not in here:
            t.ok(False, f'{TABLE}: {document} has no {command!r}')
        elif not how.startswith('not run: '):
            t.ok(runs(how, document, command), f'{how} runs {command}')
        elif len(how) < 15:
            t.ok(False, f'{command}: a reason')


if __name__ == '__main__':
    tap.run(main)
