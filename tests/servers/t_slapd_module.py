#!/usr/bin/env python3
"""The `plugin` line of libgs2-slapd.so: what is refused, with which words, and
that slapd makes the same of it in slapd.conf and in cn=config.
"""

import base64
import os
import re
import shutil
import subprocess
import tempfile

import slapd
import tap

CONF = '''\
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {dir}/pid
{lines}
database mdb
suffix dc=example,dc=test
directory {dir}
'''

# The name of a role cannot be longer.
LONGEST = 'r' * 28
NO_ROLE = (': a role is 1 to 28 of a-z, 0-9, _ and -, the first a letter')
# Arguments, as in slapd.conf, and the text.
REFUSED = (
    ('', "no group is named: the arguments are pairs of a group's DN and a "
     'role'),
    ('"  "', "no group is named: the arguments are pairs of a group's DN and "
     'a role'),
    ('cn=a', 'there is no role behind "cn=a"' + NO_ROLE),
    ('smartcard', 'there is no role behind "smartcard"' + NO_ROLE),
    ('cn=a Card', 'there is no role behind "cn=a Card"' + NO_ROLE),
    ('cn=a smart.card', 'there is no role behind "cn=a smart.card"' + NO_ROLE),
    ('cn=a 1', 'there is no role behind "cn=a 1"' + NO_ROLE),
    ('cn=a -card', 'there is no role behind "cn=a -card"' + NO_ROLE),
    ('cn=a kärte', 'there is no role behind "cn=a kärte"' + NO_ROLE),
    (f'cn=a {LONGEST}r', f'there is no role behind "cn=a {LONGEST}r"'
     + NO_ROLE),
    ('cn=a card cn=b', 'there is no role behind "cn=b"' + NO_ROLE),
    ('smartcard card',
     '"smartcard" is no DN, or the schema does not have its attributes yet'),
    ('cn=a,b card',
     '"cn=a,b" is no DN, or the schema does not have its attributes yet'),
    ('nosuch=a card',
     '"nosuch=a" is no DN, or the schema does not have its attributes yet'),
    ('cn=a card cn=b card cn=A other', '"cn=A" has a role already'),
    ('cn=ä card cn=Ä card', '"cn=Ä" has a role already'),
    ('"cn=a,ou=b" card "cn=a, ou=B" card', '"cn=a, ou=B" has a role already'),
)
# Arguments, as in slapd.conf and as cn=config keeps them.
TAKEN = (
    (f'cn=a {LONGEST}', f'cn=a {LONGEST}'),
    ('cn=a a-1_b', 'cn=a a-1_b'),
    ('cn=a card cn=b card', 'cn=a card cn=b card'),
    ('"cn=smart card,ou=my groups" card "cn=b" card',
     'cn=smart card,ou=my groups card cn=b card'),
    ('"cn=a , ou=b" card "cn = c" card', 'cn=a , ou=b card cn = c card'),
    ('"cn=a card" card', 'cn=a card card'),
    ('"cn=a card , ou=b" card', 'cn=a card , ou=b card'),
    ('"cn=card" card', 'cn=card card'),
    ('cn=KÄRTE card', 'cn=KÄRTE card'),
    (r'cn=a\\2Cb card', r'cn=a\2Cb card'),
)


class Config:
    """A slapd.conf with `plugin` lines, and slaptest on it."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix='gs2-slapd.')
        self.module = slapd.module(self.dir)
        self.conf = os.path.join(self.dir, 'slapd.conf')
        self.folder = os.path.join(self.dir, 'config')
        self.slaptest = tap.find('slaptest', 'slapd')

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        shutil.rmtree(self.dir)

    def line(self, arguments):
        """A `plugin` line."""
        return f'plugin preoperation {self.module} gs2_slapd_init {arguments}'

    def run(self, *args):
        """slaptest; its status and what it says."""
        done = subprocess.run([self.slaptest, *args], check=False,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.decode()

    def keeps(self, line):
        """What cn=config has behind gs2_slapd_init when it is made of a
        slapd.conf with that line."""
        self.read(line)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.mkdir(self.folder)
        self.run('-f', self.conf, '-F', self.folder)
        done = subprocess.run(
            [tap.find('slapcat', 'slapd'), '-n', '0', '-F', self.folder, '-o',
             'ldif-wrap=no', '-a', '(olcPlugin=*)'], check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        found = re.search(rb'^olcPlugin:(:?) (.*)$', done.stdout, re.M)
        value = base64.b64decode(found[2]) if found[1] else found[2]
        return value.decode().split(' gs2_slapd_init ')[1]

    def read(self, *lines):
        """The same on a slapd.conf with those lines."""
        with open(self.conf, 'w', encoding='utf-8') as conf:
            conf.write(CONF.format(dir=self.dir, lines='\n'.join(lines)))
        return self.run('-u', '-f', self.conf)


def several_lines(t, config):
    """They add up, and none has a DN of another."""
    first = config.line('cn=a card')
    t.equal(config.read(first, config.line('cn=b card')),
            (0, 'config file testing succeeded\n'), 'two lines')
    status, said = config.read(first, config.line('cn=b card cn=A other'))
    t.equal((status, said.splitlines()[:1]),
            (1, ['libgs2-slapd: "cn=A" has a role already']),
            'a group of another line: refused')


def main(t):
    with Config() as config:
        for arguments, text in REFUSED:
            status, said = config.read(config.line(arguments))
            t.equal((status, said.splitlines()[:1]),
                    (1, [f'libgs2-slapd: {text}']), f'refused: {arguments!r}')
        for arguments, kept in TAKEN:
            t.equal(config.read(config.line(arguments)),
                    (0, 'config file testing succeeded\n'),
                    f'taken: {arguments}')
            t.equal(config.keeps(config.line(arguments)), kept,
                    f'and cn=config keeps it: {kept}')
            t.equal(config.run('-u', '-F', config.folder),
                    (0, 'config file testing succeeded\n'),
                    'and it is taken from there')
        several_lines(t, config)


if __name__ == '__main__':
    slapd.run(main)
