#!/usr/bin/env python3
"""The pages for the administrator (PAGES), followed line by line on a machine
that has a checkout and none of what they say to install: the package, the
plugin built by hand, and then only smart cards, step by step, with what was
installed. The commands are read from the pages; one that is not run here
fails, unless NOT_RUN says why.

All of that happens in a copy of this system that is gone afterwards
(system-copy). Names of the reader's own (mail.example.org, KEYTAB) have those
of the test's realm in their place; the card is a key in a file.
"""

import glob
import os
import re
import shutil
import subprocess
import sys

import cyrus
import tap

TOP = os.environ['GS2_SRCDIR']
COPY = '/readme/checkout'
PAGES = ('administrator', 'smartcards', 'activedirectory', 'moonshot')
RULES = '/etc/imapd.conf'
INSPECT_TABLE = 'its question, not its arguments: tests/inspect/'

NOT_RUN = {
    './configure': 'a part of the lines that are run',
    'make install': 'a part of the lines that are run',
    'make bench': 'it takes long, and its result is in doc/',
    './demo --ad': 'tests/realm/t_ad.py has the same realm',
    './demo --eap': 'tests/realm/t_eap.py has the same servers',
    'apt-get install git': 'the checkout is there',
    'apt-get install samba-dev': 'one of the build dependencies',
    'apt-get install moonshot-gss-eap': 'tests/realm/t_eap.py uses it',
    'gs2-inspect login -n localhost -c imap.conf': 'tests/inspect/t_inspect_login.py '
                                                   'compares such output',
    'gs2-inspect mechs': INSPECT_TABLE,
    'gs2-inspect login': INSPECT_TABLE,
    'gs2-inspect login -c imapd': INSPECT_TABLE,
    'gs2-inspect login -c imapd --as bob@EXAMPLE.TEST --assume '
    'auth-indicators=otp': INSPECT_TABLE,
    'gs2-inspect imap HOST': INSPECT_TABLE,
    'gs2-inspect ldap HOST': INSPECT_TABLE,
    'gs2-inspect smtp HOST': INSPECT_TABLE,
    'gs2-inspect conf slapd': INSPECT_TABLE,
    'gs2-inspect conf': 'run with the name of a server',
    'systemctl edit UNIT': 'the tests have no systemd',
    'samba-tool group show Mailers': 'the SID is read in another way: '
                                     'tests/realm/t_ad.py',
}

# The first line of a fenced block that holds no commands.
NO_COMMANDS = re.compile(r'[a-z0-9_]+: |\[[A-Za-z]+\]$|GS2-KRB5 login |'
                         'realm gss-eap|sequenceDiagram')


# --- what the pages say ------------------------------------------------------

class Section:
    """A part of the pages: its fenced blocks, each a list of lines, and the
    commands."""

    FENCE = re.compile(r'^ *```[a-z]*\n(.*?)^ *```$', re.M | re.S)

    def __init__(self, text):
        self.text = text
        self.blocks = [re.sub(r'^ {3}', '', block, flags=re.M).splitlines()
                       for block in self.FENCE.findall(text)]

    @property
    def commands(self):
        """The commands in the text: what begins with the name of a program
        that is here now, and has arguments."""
        spans = re.findall(r'`([^`]+)`', self.FENCE.sub('', self.text))
        return [' '.join(span.split()) for span in spans
                if span.startswith('./') or span in NOT_RUN or
                ' ' in span and shutil.which(span.split()[0])]

    def shell_lines(self):
        """The commands in the fenced blocks: all lines, or in a transcript
        those behind a prompt."""
        for block in self.blocks:
            if not NO_COMMANDS.match(block[0]):
                typed = [line[2:] for line in block if line.startswith('$ ')]
                yield from typed or block

    def block(self, part):
        """The only block with part in it."""
        found = [b for b in self.blocks if any(part in line for line in b)]
        assert len(found) == 1, f'{len(found)} blocks with {part!r}'
        return found[0]

    def under(self, title):
        """The part that a heading begins; up to the next such heading."""
        level = title.split()[0]
        found = re.search(rf'^{re.escape(title)}\n(.*?)(?=^#{{1,{len(level)}}}'
                          r' |\Z)', self.text, re.M | re.S)
        assert found, f'no page has {title!r}'
        return Section(found[1])

    def steps(self):
        """The numbered steps."""
        return [Section(step) for step in
                re.split(r'^\d\. ', self.text, flags=re.M)[1:]]


def administrator():
    """All pages as one."""
    text = ''
    for name in PAGES:
        with open(os.path.join(TOP, 'doc', f'{name}.md'),
                  encoding='utf-8') as page:
            text += page.read()
    return Section(text)


# --- a machine with only a checkout ------------------------------------------

def shell(command, env=None, cwd=TOP):
    """Runs one line as it is typed; its status and its output."""
    done = subprocess.run(['sh', '-c', command], env=env, cwd=cwd,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True,
                          errors='replace', check=False)
    return done.returncode, done.stdout


def must(command, **options):
    """The same; its output. A failure is shown with the end of it."""
    status, out = shell(command, **options)
    assert status == 0, f'{command}: status {status}\n{out[-3000:]}'
    return out


def forbid_services():
    """No package that is installed here starts a service."""
    with open('/usr/sbin/policy-rc.d', 'w', encoding='ascii') as policy:
        policy.write('#!/bin/sh\nexit 101\n')
    os.chmod('/usr/sbin/policy-rc.d', 0o755)


def bare_checkout():
    """The copy of the tree is without what a build left in it."""
    if os.path.exists(os.path.join(TOP, 'Makefile')):
        must('make -s distclean')
    with open(os.path.join(TOP, '.gitignore'), encoding='utf-8') as ignored:
        made = ignored.read().split('# What autoreconf makes\n')[1]
    for pattern in made.split('\n\n')[0].split():
        for path in glob.glob(TOP + pattern.rstrip('/')):
            must(f'rm -rf {path}')


def build_depends():
    """What debian/control says that a build needs; not what its tests need,
    which are the test's own programs as well."""
    with open(os.path.join(TOP, 'debian/control'), encoding='utf-8') as text:
        field = re.search(r'^Build-Depends:\n((?: .*\n)+)', text.read(), re.M)
    names = re.findall(r'^ ([^ ,]+)(?!.*nocheck)', field[1], re.M)
    return {name.replace('debhelper-compat', 'debhelper') for name in names}


def without_packages(*lines):
    """What these lines install is not there, so that it is they
    that bring it."""
    names = build_depends()
    for line in lines:
        names.update(line.split(' && ')[0].split()[2:])
    must('apt-get remove -y ' + ' '.join(sorted(names)))
    assert not shutil.which('make'), 'make is still there'


def typed(line):
    """Runs a line of the pages; somebody says yes to apt-get."""
    must(re.sub('apt-get (install|build-dep) ', r'apt-get \1 -y ', line))


def installed_plugin(configure):
    """Where the plugin goes by the page's own words."""
    return re.search(r'--with-plugindir=(\S+)', configure)[1] + '/libgs2.so'


def installs(t, section):
    """Both ways; in the end the plugin is there that was made by hand. The
    lines that were run."""
    package = section.block('dpkg-buildpackage')
    by_hand = section.block('autoreconf')
    plugin = installed_plugin(by_hand[-1])
    for how, block in (('package', package), ('by hand', by_hand)):
        with t.case(f'{how}: a machine with only a checkout'):
            bare_checkout()
            without_packages(package[0], by_hand[0])
        for line in block:
            with t.case(f'{how}: {line}'):
                typed(line)
        with t.case(f'{how}: the plugin and gs2-inspect are installed, and '
                    'stay'):
            program = shutil.which('gs2-inspect')
            if block is package:
                files = must('dpkg -L libsasl2-modules-gs2').splitlines()
                assert plugin in files and program in files, files
                must('dpkg --verify libsasl2-modules-gs2')
                must('apt-get purge -y libsasl2-modules-gs2')
                assert not shutil.which('gs2-inspect'), 'still there'
            else:
                must('apt-get install -y --reinstall '
                     'libsasl2-modules-gssapi-mit')
                must(f'cmp {plugin} plugin/.libs/libgs2.so')
                assert program == '/usr/local/bin/gs2-inspect', program
    return package + by_hand


# --- only smart cards --------------------------------------------------------

class Home(cyrus.Home):
    """A place for an IMAP server, in a realm whose KDC has the page's lines in
    its configuration; with what is installed, and nothing from the tree."""

    def __init__(self, kdc_conf):
        super().__init__()
        self.lines = kdc_conf

    def _configure(self):
        super()._configure()
        rest = re.sub('.*pkinit_indicator.*\n', '', self.realm.kdc_conf)
        self.realm.kdc_conf = '\n'.join(self.lines) + '\n' + rest

    def environment(self, plugins, extra=None):
        return super().environment(plugins, {
            'SASL_PATH': None, 'SASL_CONF_PATH': None, **(extra or {})})

    def types(self, command, how, host='localhost'):
        """Runs a command of the page as somebody with that ticket; its status
        and its output."""
        command = command.replace('mail.example.org', host)
        command = command.replace('KEYTAB', self.realm.keytab)
        return shell(command, cwd='/', env=self.environment('ours', {
            'SSL_CERT_FILE': self.path('ca.pem'), **self.ticket(how)}))

    def says(self, command, how, status, *patterns, **options):
        """The same; status and output must be so."""
        got, out = self.types(command, how, **options)
        assert got == status, f'{command}: status {got}\n{out}'
        for pattern in patterns:
            assert re.search(pattern, out, re.M), f'no {pattern!r} in\n{out}'


def write_options(lines):
    """Writes lines into imapd.conf, in place of those that it has of the same
    options."""
    with open(RULES, encoding='utf-8') as file:
        before = file.readlines()
    names = {line.split(':')[0] for line in lines.splitlines()}
    with open(RULES, 'w', encoding='utf-8') as file:
        file.writelines(line for line in before
                        if line.split(':')[0] not in names)
        file.write(lines)


def smart_cards(t, section):
    """The steps, in their order. The commands that were run."""
    first, second, third, fourth, fifth, sixth = section.steps()
    (mechs,), (login,) = first.commands, third.commands
    (conf, would), (imap,) = fifth.commands, sixth.commands
    rules = '\n'.join(fourth.blocks[0]) + '\n'
    with Home(second.blocks[0]) as home:
        with t.case(f'1. {mechs}'):
            home.says(mechs, 'timestamp', 0, '^  GS2-KRB5 +yes +yes$',
                      '^  plugin +/usr/lib/.*/libgs2.so$')
        marked = r'^  auth-indicators +yes .*\n(    .*\n)*?    smartcard$'
        with t.case(f'3. with the card: {login}'):
            home.says(login, 'pkinit', 0, marked)
        with t.case(f'3. without it: {login}'):
            out = home.types(login, 'timestamp')[1]
            assert out.startswith('logged in as alice\n'), out
            assert 'smartcard' not in out, out
        write_options(rules)
        # gs2-inspect looks as imapd's user, in Debian.
        home.give_to('cyrus')
        with t.case(f'5. {conf}'):
            home.says(conf, 'timestamp', 0, f'^{RULES}: in force$',
                      '^  gs2_require: gs2:realm=EXAMPLE.TEST and ')
        for how, status, verdict in (('pkinit', 0, 'true'),
                                     ('timestamp', 1, 'false')):
            with t.case(f'5. {how}: {would}'):
                home.says(would, how, status, f'^gs2_require is {verdict}$')
        with cyrus.Cyrus(home, rules) as server:
            host = f'localhost:{server.ports["imaps"]}'
            with t.case(f'6. with the card: {imap}'):
                home.says(imap, 'pkinit', 0, '^logged in$',
                          '^  mechanism +GS2-KRB5-PLUS$', host=host)
            with t.case(f'6. without it: {imap}'):
                home.says(imap, 'timestamp', 1,
                          '^no login: the server refuses: NO ', host=host)
                assert 'rules=not-met authid="alice"' in server.log(), (
                    server.log())
    return [mechs, login, conf, would, imap]


# --- both --------------------------------------------------------------------

def all_are_run(t, section, run):
    """What is in the pages has been run, or has a reason."""
    there = [*section.shell_lines(), *section.commands]
    t.equal([c for c in there if c not in run and c not in NOT_RUN], [],
            'every command of the section was run, or has its reason')
    t.equal([c for c in NOT_RUN if c not in there], [],
            'each that has a reason is there')


def inside(t):
    """In the copy of the system."""
    os.environ.update(DEBIAN_FRONTEND='noninteractive', GS2_BUILDDIR=TOP,
                      # The tests of the package: tests/repo/t_package.sh.
                      DEB_BUILD_OPTIONS='nocheck')
    forbid_services()
    section = administrator()
    run = installs(t, section)
    with t.case("the test's own programs"):
        must('make demo-needs tests/modules/syslog.la')
    run += smart_cards(t, section.under('## The steps'))
    all_are_run(t, section, run)


def outside():
    """Goes into the copy, whose results are ours."""
    t, what = tap.Tap(), 'the pages for the administrator, line by line'
    if not shutil.which('dpkg-query'):
        t.skip(what, 'this is no Debian system')
    elif os.geteuid() != 0:
        t.skip(what, 'only root can have a copy of the system to alter')
    else:
        os.execv(os.path.join(TOP, 'tests', 'repo', 'system-copy'), [
            'system-copy', COPY, 'python3', f'{COPY}/tests/repo/t_readme.py',
            'inside'])
    sys.exit(t.finish())


if __name__ == '__main__':
    if sys.argv[1:] == ['inside']:
        tap.run(inside)
    outside()
