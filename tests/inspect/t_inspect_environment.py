#!/usr/bin/env python3
"""The SASL_PATH of a server, as /etc/default/slapd, /etc/default/cyrus-imapd
and main.cf set it: what gs2-inspect makes of it is what sh and Postfix make of
it, which are asked in each case, or it says in which line it cannot tell. And
slapd's user.

systemd runs in no test; that it does is a directory, /run/systemd/system.
Where libsasl goes by SASL_PLUGINDIR, that is its name in all cases.
"""

import json
import os
import re
import shutil
import subprocess

import inspected
import mounts
import scenario
import tap

# Directories with our plugin, each with what a shell has a meaning for.
NAMES = ('plain', 'a b', 'a$b', 'a`b', 'a\\b', "a'b", 'a"b', 'a;b', 'a#b',
         '#b', 'a,b')

# Lines with DIR for the scratch directory, behind each the line that the
# program cannot tell, 0 where it can.
SHELL = (
    ('export SASL_PATH=DIR/plain', 0),
    ('  export   SASL_PATH="DIR/plain"  ', 0),
    ("export SASL_PATH='DIR/plain'", 0),
    ('SASL_PATH=DIR/plain\nexport SASL_PATH', 0),
    ('export SASL_PATH\nSASL_PATH=DIR/plain', 0),
    ('SASL_PATH=DIR/plain; export SASL_PATH', 0),
    ('X=1 SASL_PATH=DIR/plain\nexport X SASL_PATH', 0),
    ('export X=1 SASL_PATH=DIR/plain Y', 0),
    ('SASL_PATH=DIR/plain', 0),
    ('SASL_PATH=$HOME', 0),
    ('export SASL_PATH=/nowhere\nexport SASL_PATH=DIR/plain', 0),
    ('export SASL_PATH=DIR/plain\nSASL_PATH=/nowhere', 0),
    ('export SASL_PATH=$HOME\nSASL_PATH=DIR/plain', 0),
    ('export OLD_SASL_PATH=DIR/plain', 0),
    ('export SASL_PATH_OLD=DIR/plain', 0),
    ('export SASL=DIR/plain', 0),
    ('export X="SASL_PATH=DIR/plain"', 0),
    ("X='\nexport SASL_PATH=DIR/plain\n'", 0),
    ('X="\nexport SASL_PATH=DIR/plain\n"', 0),
    ('# export SASL_PATH=DIR/plain', 0),
    ('export X # SASL_PATH=DIR/plain', 0),
    ('export SASL_PATH=DIR/plain # DIR/nowhere', 0),
    ('export SASL_PATH=DIR/plain#b', 0),
    ('export SASL_PATH=DIR/a#b', 0),
    ('export SASL_PATH=DIR/a,b', 0),
    ('export SASL_PATH="DIR/a b"', 0),
    ('export SASL_PATH=DIR/a\\ b', 0),
    ('export SASL_PATH=DIR/"a "b', 0),
    ('export SASL_PATH=DIR/a b', 0),
    ("export SASL_PATH='DIR/a$b'", 0),
    ('export SASL_PATH="DIR/a\\$b"', 0),
    ('export SASL_PATH=DIR/a\\$b', 0),
    ("export SASL_PATH='DIR/a`b'", 0),
    ('export SASL_PATH="DIR/a\\`b"', 0),
    ("export SASL_PATH='DIR/a\\b'", 0),
    ('export SASL_PATH="DIR/a\\b"', 0),
    ('export SASL_PATH="DIR/a\\\\b"', 0),
    ('export SASL_PATH=DIR/a\\b', 0),
    ('export SASL_PATH="DIR/a\'b"', 0),
    ("export SASL_PATH='DIR/a'\\''b'", 0),
    ("export SASL_PATH='DIR/a\"b'", 0),
    ('export SASL_PATH=DIR/a\\"b', 0),
    ('export SASL_PATH="DIR/a;b"', 0),
    ('export SASL_PATH=DIR/\\#b', 0),
    ('export SASL_PATH=DIR/pl\\\nain', 0),
    ('export SASL_PATH="DIR/pl\\\nain"', 0),
    ('export SASL_PATH=/nowhere:DIR/plain', 0),
    ('export SASL_PATH=DIR/plain\nexport X=$(true)', 0),
    ('export SASL_PATH=DIR/plain\nulimit -n 1024', 0),
    ('[ -e /etc/krb5.keytab ] && export X=y\n', 0),
    ('SASL_PATH=DIR/plain\nexport SASL_PATH=$SASL_PATH', 2),
    ('export SASL_PATH=$HOME/x', 1),
    ('export SASL_PATH="${HOME}/x"', 1),
    ('export SASL_PATH=~/x', 1),
    ('export SASL_PATH=/x:~/x', 1),
    ('X=1\nexport SASL_PATH="${X:-y}"', 2),
    ('export SASL_PATH=$(echo DIR/plain)', 1),
    ('export SASL_PATH=`echo DIR/plain`', 1),
    ('export SASL_PATH="`echo DIR/plain`"', 1),
    ('X=`true`\nexport SASL_PATH=DIR/plain', 1),
    ('if false; then\nexport SASL_PATH=DIR/plain\nfi', 1),
    ('false && export SASL_PATH=DIR/plain', 1),
    ('export SASL_PATH=DIR/plain\nunset SASL_PATH', 2),
    ('export SASL_PATH=DIR/plain\n\n. /dev/null', 3),
    ('if true; then . /dev/null; fi', 1),
    ('eval "export X=1"', 1),
    ('set -a\nSASL_PATH=DIR/plain', 1),
    ('cat <<X >/dev/null\nexport SASL_PATH=DIR/plain\nX\n', 1),
    ('SASL_PATH=DIR/plain true', 1),
    ('"export" SASL_PATH=DIR/plain', 1),
    ('"SASL_PATH=DIR/plain"', 1),
    ('\\SASL_PATH=DIR/plain', 1),
    ('""SASL_PATH=DIR/plain', 1),
    ('export SASL_PATH=DIR/plain\n# . eval\nulimit -n 1024', 0),
    ('export SASL_PATH=DIR/plain\nulimit -n 1024 # . eval', 2),
    ('test -e / && echo "slapd #1"; . /dev/null', 1),
    ('export SASL_\\\nPATH=DIR/plain', 1),
    ('V="SASL_PATH=DIR/plain"\nexport "$V"', 2),
    ("'.' /dev/null", 1),
    ('\\. /dev/null', 1),
    ('"eval" true', 1),
)
UNIT = (
    ('SASL_PATH=DIR/plain', 0),
    ('  SASL_PATH="DIR/plain"  ', 0),
    ("SASL_PATH='DIR/plain'", 0),
    ('SASL_PATH=/nowhere\nSASL_PATH=DIR/plain', 0),
    ('SASL_PATH=DIR/plain\nSASL_PATH=/nowhere', 0),
    ('OLD_SASL_PATH=DIR/plain', 0),
    ('# SASL_PATH=DIR/plain', 0),
    ('SASL_PATH="DIR/a b"', 0),
    ('export SASL_PATH=DIR/plain', 1),
    ('SASL_PATH=DIR/plain # here', 1),
    ('SASL_PATH=DIR/plain; X=1', 1),
    ('X=1; SASL_PATH=DIR/plain', 1),
    ('X=1 SASL_PATH=DIR/plain', 1),
    ('SASL_PATH=DIR/a\\ b', 1),
    ('SASL_PATH=DIR/"plain"', 1),
    ('X=1\nSASL_PATH="DIR/a\\$b"', 2),
    ('SASL_PATH=$HOME', 1),
    ("X='\nSASL_PATH=DIR/plain\n'", 1),
    ("X=it\\'s\nSASL_PATH=DIR/plain", 0),
    ('X=y\\\nSASL_PATH=DIR/plain', 1),
    ('# here \\\nSASL_PATH=DIR/plain', 1),
    ('X=1 # here \\\nSASL_PATH=DIR/plain', 1),
    ('SASL_PATH=DIR/plain\r', 1),
    ('# here\rSASL_PATH=DIR/plain', 1),
    ('X=\udcfc\nSASL_PATH=DIR/plain', 1),  # the octet fc: no UTF-8
    ('X=\u00fc\nSASL_PATH=DIR/plain', 0),
)
POSTFIX = (
    ('import_environment = SASL_PATH=DIR/plain', 0),
    ('import_environment=TZ SASL_PATH=DIR/plain LANG=C', 0),
    ('import_environment = TZ,SASL_PATH=DIR/plain,LANG=C', 0),
    ('import_environment = TZ\n\n# here\n   SASL_PATH=DIR/plain\n LANG=C', 0),
    ('import_environment = TZ\nimport_environment = SASL_PATH=DIR/plain', 0),
    ('import_environment = SASL_PATH=DIR/plain\nimport_environment = TZ', 0),
    ('import_environment = SASL_PATH=/nowhere SASL_PATH=DIR/plain', 0),
    ('import_environment = # SASL_PATH=DIR/plain', 0),
    ('import_environment = #SASL_PATH=DIR/plain', 0),
    ('# import_environment = SASL_PATH=DIR/plain', 0),
    ('import_environment = OLD_SASL_PATH=DIR/plain', 0),
    ('import_environment = SASL_PATH="DIR/plain"', 0),
    ('import_environment = SASL_PATH=DIR/a\\b', 0),
    ("import_environment = SASL_PATH=DIR/a'b", 0),
    ('export_environment = SASL_PATH=DIR/plain', 0),
    ('import_environment_x = SASL_PATH=DIR/plain', 0),
    ('import_environment = { X = y }', 0),
    ('import_environment = { SASL_PATH = DIR/plain }', 1),
    ('import_environment = { X=a SASL_PATH=DIR/plain }', 1),
    ('import_environment = $x\nx = SASL_PATH=DIR/plain', 1),
    ('x = DIR/plain\nimport_environment = SASL_PATH=$x', 2),
    ('import_environment = TZ SASL_PATH', 1),
)


class Place(scenario.Stage):
    """A stage whose files are at the system's paths."""

    def lay_out(self):
        """Each directory with our plugin, and the servers' own files."""
        for name in NAMES:
            shutil.copytree(self.path('ours-alone'), self.path(name))
        for folder in ('ldap/sasl2', 'default', 'postfix/sasl'):
            os.makedirs(self.path('etc', folder))
        inspected.write(self, 'etc/ldap/sasl2/slapd.conf',
                        'gs2_authid: full\n')
        inspected.write(self, 'etc/postfix/sasl/smtpd.conf',
                        'gs2_authid: full\n')
        inspected.write(self, 'etc/imapd.conf', 'configdirectory: /x\n')
        for folder in ('run', 'booted/systemd/system', 'units', 'no-units',
                       'lines'):
            os.makedirs(self.path(folder))
        files = {self.path('etc', 'ldap'): '/etc/ldap',
                 self.path('etc', 'default'): '/etc/default'}
        self.wrapper = mounts.over({**files, self.path('run'): '/run'})
        # Debian 13's slapd has a unit, which only a test of ours may have.
        for ours, units in (('units', '/usr/lib/systemd/system'),
                            ('no-units', '/etc/systemd/system')):
            if os.path.isdir(units):
                files[self.path(ours)] = units
        self.booted = mounts.over({**files, self.path('booted'): '/run'})
        self.variable = self.find_variable()

    def find_variable(self):
        """The variable that this libsasl goes by: the old one says plain here,
        the new one a directory without our plugin."""
        answer = inspected.inspect(
            self, 'conf', self.path('etc', 'ldap', 'sasl2', 'slapd.conf'),
            plugins='anonymous',
            wrapper=['env', f'SASL_PATH={self.path("plain")}'])
        assert answer.status in (0, 1), answer
        return 'SASL_PATH' if answer.status == 0 else 'SASL_PLUGINDIR'

    def text(self, text):
        """A text of the tables, for this place and this libsasl."""
        return text.replace('DIR', self.dir).replace('SASL_PATH',
                                                     self.variable)

    def postfix(self):
        """What to put in front of a command that shall see our Postfix."""
        return mounts.over({self.path('etc', 'postfix'): '/etc/postfix',
                            self.path('lines'): '/usr/share/postfix'})

    def ask(self, server, wrapper):
        """What conf says: its state, and why it cannot tell."""
        answer = inspected.inspect(self, 'conf', '-j', server,
                                   plugins='anonymous', wrapper=wrapper)
        got = answer.json(answer.status)
        assert answer.status == {'in force': 0, 'closed': 1, None: 2}[
            got['state']], answer
        return got['state'], got['unsure']

    def compare(self, server, wrapper, place, real, line):
        """The real path, and no other one; or the line that is why not."""
        state, unsure = self.ask(server, wrapper)
        if line:
            assert state is None and unsure.startswith(
                f'{place}:{line}: '), (state, unsure)
            return
        wanted = any(os.path.exists(os.path.join(folder, 'libgs2.so'))
                     for folder in (real or '').split(':'))
        assert (state, unsure) == ('in force' if wanted else 'closed',
                                   None), (state, unsure, real)


def environment_of(command):
    """The variables that a command prints, each with a NUL behind it."""
    done = subprocess.run(command, env={'PATH': os.environ['PATH'],
                                        'HOME': '/'}, check=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    return dict(pair.split('=', 1)
                for pair in done.stdout.decode(
                    errors='surrogateescape').split('\0') if pair)


def by_shell(t, place):
    """slapd's, as sh reads it."""
    for text, line in SHELL:
        with t.case(f'/etc/default/slapd: {text!r}'):
            path = inspected.write(place, 'etc/default/slapd',
                                   place.text(text) + '\n')
            real = environment_of(['sh', '-c', '. "$1"; exec env -0', 'sh',
                                   path])
            place.compare('slapd', place.wrapper, '/etc/default/slapd',
                          real.get(place.variable), line)
    for text, why in (('X=\0\nexport SASL_PATH=/x\n', 'Invalid argument'),
                      ('#\n' * 500000, 'File too large')):
        with t.case(f'/etc/default/slapd cannot be read: {why}'):
            inspected.write(place, 'etc/default/slapd', text)
            assert place.ask('slapd', place.wrapper) == (
                None, f'cannot read /etc/default/slapd: {why}')
    inspected.write(place, 'etc/default/slapd', '')


def by_unit(t, place):
    """Cyrus', as systemd reads it, and sh that exports what it has read."""
    wrapper = mounts.over({
        place.path('etc', 'imapd.conf'): '/etc/imapd.conf',
        place.path('etc', 'default'): '/etc/default'})
    inspected.write(place, 'booted/systemd/system/slapd.service', '')
    for server, file, wrapper in (('imapd', 'cyrus-imapd', wrapper),
                                  ('slapd', 'slapd', place.booted)):
        for text, line in UNIT:
            with t.case(f'/etc/default/{file}, a unit: {text!r}'):
                path = place.path('etc', 'default', file)
                with open(path, 'w', encoding='utf-8', newline='',
                          errors='surrogateescape') as out:
                    out.write(place.text(text) + '\n')
                real = environment_of(['sh', '-c',
                                       'set -a; . "$1"; exec env -0', 'sh',
                                       path])
                place.compare(server, wrapper, f'/etc/default/{file}',
                              real.get(place.variable), line)


def unit_or_script(t, place):
    """Who starts slapd: a unit counts where systemd runs, and what systemd
    makes of an init script is none."""
    unit = place.path('booted', 'systemd', 'system', 'slapd.service')
    made = place.path('booted', 'systemd', 'generator.late')
    os.makedirs(made)
    os.rename(unit, os.path.join(made, 'slapd.service'))
    text = place.text('SASL_PATH=DIR/plain\n')
    exported = place.text('export SASL_PATH\n')
    for what, lines, unit_is_there, wrapper, wanted in (
            ('a script, not exported', text, False, place.booted, 'closed'),
            ('a script, exported', text + exported, False, place.booted,
             'in force'),
            ('a unit, not exported', text, True, place.booted, 'in force'),
            ('a unit, exported', text + exported, True, place.booted,
             'in force'),
            ('a unit, "export NAME=VALUE"', f'export {text}', True,
             place.booted, None),
            ('no systemd, not exported', text, True, place.wrapper, 'closed'),
            ('no unit again, not exported', text, False, place.booted,
             'closed')):
        with t.case(f'slapd is started by {what}: {wanted}'):
            unit = place.path('units', 'slapd.service')
            if unit_is_there:
                with open(unit, 'w', encoding='utf-8'):
                    pass
            elif os.path.exists(unit):
                os.remove(unit)
            inspected.write(place, 'etc/default/slapd', lines)
            assert place.ask('slapd', wrapper)[0] == wanted


SCRIPT = '#!/bin/sh\nexec env -0\n'


def by_postfix(t, place):
    """smtpd's, as Postfix' own command gives it to its script. smtpd.conf is
    where Debian 12's Postfix has it."""
    postfix = tap.find('/usr/sbin/postfix', 'postfix')
    for name in ('daemons', 'conf'):
        os.mkdir(place.path(name))
    for name in ('postfix-script', 'post-install'):
        os.chmod(inspected.write(place, f'daemons/{name}', SCRIPT), 0o755)
    own = (f'daemon_directory = {place.path("daemons")}\n'
           f'meta_directory = {place.path("daemons")}\n'
           'compatibility_level = 3.6\n')
    wrapper = place.postfix()
    for text, line in POSTFIX:
        with t.case(f'main.cf: {text!r}'):
            text = place.text(text) + '\n'
            inspected.write(place, 'etc/postfix/main.cf', text)
            inspected.write(place, 'conf/main.cf', text + own)
            real = environment_of([postfix, '-c', place.path('conf'),
                                   'status'])
            place.compare('smtpd', wrapper, '/etc/postfix/main.cf',
                          real.get(place.variable), line)
    with t.case('main.cf cannot be read'):
        os.remove(place.path('etc', 'postfix', 'main.cf'))
        os.mkfifo(place.path('etc', 'postfix', 'main.cf'))
        assert place.ask('smtpd', wrapper) == (
            None, 'cannot read /etc/postfix/main.cf: Invalid argument')


def postfix_places(t, place):
    """Where smtpd looks for smtpd.conf: Debian 12's Postfix in its own places,
    Debian 13's, whose lines for main.cf name them, where main.cf says."""
    wrapper = place.postfix()
    os.makedirs(place.path('etc', 'postfix', 'other'))
    for folder in ('etc/postfix/sasl', 'etc/postfix/other', ''):
        inspected.write(place, os.path.join(folder, 'smtpd.conf'),
                        'gs2_authid: full\n')
    main_cf = place.path('etc', 'postfix', 'main.cf')
    os.remove(main_cf)
    own, other = '/etc/postfix/sasl', '/etc/postfix/other'
    env = {'SASL_CONF_PATH': place.dir, 'SASL_CONFDIR': place.dir}
    line = 'cyrus_sasl_config_path = '

    def ask():
        return json.loads(inspected.inspect(place, 'conf', '-j', 'smtpd',
                                            wrapper=wrapper, env=env).raw)

    for debian in ('', f'{line}{own}\n'):
        inspected.write(place, 'lines/main.cf.debian', debian)
        for text, folder in (('', place.dir), (line, place.dir),
                             (line + own, own), (line + other, other),
                             (f'{line}/nowhere:{other}', other)):
            with t.case(f'smtpd.conf of main.cf {text!r}, Debian\'s own lines '
                        f'{debian!r}'):
                inspected.write(place, 'etc/postfix/main.cf', text + '\n')
                got = ask()
                wanted = folder if debian else own
                assert got['file'] == f'{wanted}/smtpd.conf', got
                assert got['unsure'] is None, got
    for text in ('$config_directory/sasl:' + other, '/etc/$x:' + other,
                 'sasl:' + other, ':' + other):
        with t.case(f'cannot tell: {text}'):
            inspected.write(place, 'etc/postfix/main.cf',
                            f'{line}{text}\n')
            got = ask()
            assert got['unsure'] == (
                '/etc/postfix/main.cf:1: cyrus_sasl_config_path is more than '
                'paths: write them from / on, without "$"'), got
    with t.case('cannot tell: main.cf cannot be read'):
        os.remove(main_cf)
        os.mkfifo(main_cf)
        assert ask()['unsure'] == (
            'cannot read /etc/postfix/main.cf: Invalid argument')
        os.remove(main_cf)
    with t.case('what main.cf gives to smtpd counts where libsasl looks'):
        inspected.write(place, 'etc/postfix/main.cf',
                        place.text('import_environment = SASL_PATH=$x\n'))
        assert ask()['unsure'].startswith('/etc/postfix/main.cf:1: '), ask()
    with t.case('smtpd.conf is nowhere: where it was looked for'):
        inspected.write(place, 'etc/postfix/main.cf', f'{line}/nowhere:/no\n')
        answer = inspected.inspect(place, 'conf', 'smtpd', wrapper=wrapper,
                                   env=env)
        assert 'there is no smtpd.conf in /nowhere:/no;' in answer.err, answer


def own_file(t, place):
    """The server's own file is its own by whatever path it is named."""
    inspected.write(place, 'etc/default/slapd', 'export SASL_PATH=$HOME/x\n')
    for path in ('/etc/ldap/sasl2/slapd.conf', '//etc/ldap/sasl2/slapd.conf',
                 '/etc/ldap/sasl2/../sasl2/slapd.conf'):
        with t.case(f'{path} is slapd\'s'):
            state, unsure = place.ask(path, place.wrapper)
            assert state is None and unsure.startswith(
                '/etc/default/slapd:1: '), (state, unsure)
    with t.case('a copy of it is not'):
        copy = inspected.write(place, 'slapd.conf', 'gs2_authid: full\n')
        assert place.ask(copy, place.wrapper) == ('closed', None)


def keys(t, place):
    """The keytab and the user are read likewise, by the commands that need
    them."""
    for text, args, line in (
            ('export KRB5_KTNAME=$HOME/x', inspected.MECHS, 1),
            ('export KRB5_KTNAME=$HOME/x', inspected.LOGIN, 1),
            ('export KRB5_KTNAME=/x\nSLAPD_USER=`id -un`', inspected.MECHS, 2),
            ('export KRB5_KTNAME=$HOME/x', (*inspected.MECHS, '-k', '/x'), 0),
            ('export KRB5_KTNAME=$HOME/x', ('conf',), 0),
            ('export KRB5_KTNAME=$HOME/x',
             (*inspected.LOGIN, '--as', 'alice@EXAMPLE.TEST', '-c'), 0)):
        with t.case(f'{text!r}: {" ".join(args)}'):
            inspected.write(place, 'etc/default/slapd', text + '\n')
            if args[0] != 'conf' and args[-1] != '-c':
                args = (*args, '-c')
            answer = inspected.inspect(place, args[0], '-j', *args[1:],
                                       'slapd', wrapper=place.wrapper,
                                       env={'KRB5_KTNAME': None})
            got = json.loads(answer.raw)
            found = re.search(r'/etc/default/slapd:(\d+): ',
                              str(got.get('unsure')))
            assert int(found[1] if found else 0) == line, answer
            assert (answer.status == 2) == bool(line), answer


def users(t, place):
    """slapd's user."""
    file = place.path('etc', 'default', 'slapd')
    for lines, user in (('SLAPD_USER="openldap"', 'openldap'),
                        ('SLAPD_USER=news\nSLAPD_OPTIONS="-4 -d0"', 'news'),
                        ('SLAPD_USER=', 'root'), ('X=y', 'root'),
                        ('SLAPD_OPTIONS="-4 -g users"', 'root'),
                        ('SLAPD_OPTIONS="-u news"', None),
                        ('SLAPD_OPTIONS="-4\n-4u news"', None),
                        ('SLAPD_USER=news\nSLAPD_OPTIONS="-4 -uroot"', None),
                        ('SLAPD_OPTIONS=$X', None), (None, 'openldap')):
        with t.case(f'slapd is {user}: {lines!r}'):
            if lines is None:
                os.remove(file)
            else:
                inspected.write(place, 'etc/default/slapd', lines + '\n')
            answer = inspected.inspect(place, *inspected.MECHS, '-j', '-c',
                                       'slapd', wrapper=place.wrapper)
            got = json.loads(answer.raw)
            if user is None:
                assert got['unsure'].startswith('/etc/default/slapd:'), answer
                assert answer.status == 2, answer
            else:
                assert got['keytab']['reader']['user'] == user, answer


def main(t):
    """All of them as root, with other files at the system's paths."""
    if os.geteuid() != 0:
        raise tap.Skip('only root can bind-mount')
    with Place() as place:
        place.lay_out()
        for part in (by_shell, by_unit, unit_or_script, by_postfix,
                     postfix_places, own_file, keys, users):
            part(t, place)


if __name__ == '__main__':
    tap.run(main)
