#!/usr/bin/env python3
"""The documents: every link in them leads somewhere, and every command line is
run by a test, or is marked as not. tests/repo/commands has a line for each,
with the test that runs it, or with "not run" and the reason:

    DOCUMENT | COMMAND | tests/FOLDER/PROGRAM
    DOCUMENT | COMMAND | not run: REASON

A command is what begins with the name of a program (PROGRAMS) and has an
argument, or begins with ./ or tests/, in a code block or a code span of a page;
or what stands behind a prompt in a manual page. The test that is named must have
its arguments as neighbours and in their order, and the program's name, or read
the setup that it is in. COMMAND may be "*", and the test then must read the
document, or the one section that DOCUMENT#SECTION names, and say itself which
commands of it are not run.
"""

import os
import re

import tap
import tree

PAGES = ('README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'tests/README.md',
         'doc/activedirectory.md', 'doc/administrator.md',
         'doc/applications.md', 'doc/cluster.md', 'doc/moonshot.md',
         'doc/platforms.md', 'doc/servers.md', 'doc/smartcards.md',
         'doc/troubleshooting.md')
MANUALS = ('libgs2.5', 'gs2-inspect.1', 'slapd/libgs2-slapd.5',
           'nss/libnss_gs2.8')
PROGRAMS = ('./check', './configure', './demo', './tls-client', 'apt-get',
            'autoreconf', 'cc', 'chgrp', 'chown', 'cyradm', 'dpkg-buildpackage',
            'duplicates', 'echo', 'git', 'gpg', 'groupadd', 'gs2-inspect',
            'gsasl', 'imtest', 'journalctl', 'kadmin', 'kadmin.local',
            'kdb5_util', 'kinit', 'klist', 'kvno', 'ldapmodify', 'ldapsearch',
            'ldapwhoami', 'make', 'memcached', 'mutt', 'qemu-system-x86_64',
            'readelf', 'runuser', 'samba-tool', 'saslauthd', 'sed', 'service',
            'slapd', 'slapmodify', 'slaptest', 'svn', 'systemctl',
            'systemd-socket-activate', 'virsh', '/usr/lib/cyrus/bin/imtest')
# Words of the reader's own: KEYTAB, a host, a path.
OWN = re.compile(r'[A-Z/]+$|.*example\.(test|org)|/')
# What may stand between two words of a command in the source of a test.
SYNTAX = r"""(?:[\s'",\[\]()\\]|\bf')*"""
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
    if not words or words[1:2] == ['=']:
        return False
    known = words[0] in PROGRAMS or words[0].startswith('tests/')
    return known and (len(words) > 1 or words[0].startswith('./'))


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


def section(document, heading):
    """The part of a page below a heading."""
    for part in re.split(r'^## ', read(document), flags=re.M)[1:]:
        if anchor(part.splitlines()[0]) == heading:
            return part
    return ''


def whole(there):
    """What the rows with "*" stand for: (document, command)."""
    found = []
    for name in (name for name, command in there if command == '*'):
        document, _, heading = name.partition('#')
        text = section(document, heading) if heading else read(document)
        how = of_manual if document in MANUALS else of_page
        found += [(document, line) for line in how(text)]
    return set(found)


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


def reads(test, document):
    """Whether a test, or a module of tests/lib/python that it imports, opens a
    document: there its name is in quotes."""
    name = os.path.basename(document.partition('#')[0])
    modules = re.findall(r'^(?:import|from) (\w+)', test, re.M)
    helpers = [f'tests/lib/python/{module}.py' for module in modules]
    texts = [test] + [read(helper) for helper in helpers
                      if os.path.exists(tree.srcdir(helper))]
    return any(f"'{word}'" in text for text in texts
               for word in (name, name.removesuffix('.md')))


def pattern(word):
    """What a word of a command is in a test: one of the reader's own may be
    any."""
    if OWN.match(word):
        return r'[^\s,]+'
    return rf'(?<![\w-]){re.escape(word)}(?![\w-])'


def has_line(test, command):
    """Whether a test has each part of a command: the program's name, and the
    arguments one behind another."""
    for part in command.split(' && '):
        words = [word for word in re.split(r"[\s']+", part) if word]
        while re.match(r'[A-Z0-9_]+=', words[0]):
            del words[0]
        name = re.escape(os.path.basename(words[0]))
        arguments = SYNTAX.join(map(pattern, words[1:]))
        if not (re.search(name, test) and re.search(arguments, test)):
            return False
    return True


def setups_with(document, command):
    """The names of a page's setups that have a command."""
    return [name for name, block in re.findall(
        r'^<!-- setup: (.*?) -->\n\n?```[a-z]*\n(.*?)^```$', read(document),
        re.M | re.S) if command in ' '.join(block.split())]


def runs(test, document, command):
    """Whether a test can be the one that runs a command."""
    if not os.path.exists(tree.srcdir(*test.split('/'))):
        return False
    text = read(test)
    if command == '*':
        return reads(text, document)
    return has_line(text, command) or any(
        f"'{name}'" in text for name in setups_with(document, command))


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
    named = whole(there)
    t.ok(len(here) > 50, 'there are commands')
    for place in here:
        t.ok(place in there or place in named, f'{place[0]}: {place[1]}',
             f'{TABLE} has no such line')
    for (document, command), how in there.items():
        if command != '*' and (document, command) not in here:
            t.ok(False, f'{TABLE}: {document} has no {command!r}')
        elif not how.startswith('not run: '):
            t.ok(runs(how, document, command), f'{how} runs {command}')
        elif len(how) < 15:
            t.ok(False, f'{command}: a reason')


if __name__ == '__main__':
    tap.run(main)
