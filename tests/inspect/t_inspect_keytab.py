#!/usr/bin/env python3
"""gs2-inspect looks at a server's keytab as the server's user does: with the
rights of that user, in the directory that Postfix' smtpd is confined to, and
writes nothing. The real slapd, run as the same user, lists GS2-KRB5 where
gs2-inspect says that the key is read, and the cure that is named makes it so.
"""

import grp
import json
import os
import pwd
import re
import shutil
import subprocess

import inspected
import mounts
import scenario
import servers
import slapd
import sources
import tap

USER = 'openldap'
MASTER_CF = ('#submission inet n - y - - smtpd\n'
             'smtp inet n - {} - - smtpd\nrelay unix - - y - - smtp\n')


class Place(sources.Sources, servers.Home):
    """A stage with a keytab for slapd, which is at the system's paths."""

    def __init__(self):
        super().__init__()
        self.services = ('ldap', 'smtp')

    def lay_out(self):
        """What is seen in /etc."""
        for folder in (self.dir, self.realm.dir):
            os.chmod(folder, 0o711)
        for folder in ('ldap/sasl2', 'default', 'postfix/sasl', 'open'):
            os.makedirs(self.path('etc', folder))
        self.keytab = self.path('etc', 'open', 'server.keytab')
        shutil.copy(self.realm.keytab, self.keytab)
        inspected.write(self, 'etc/ldap/sasl2/slapd.conf',
                        'gs2_authid: full\n')
        inspected.write(self, 'etc/ldap/slapd.conf', 'sasl-host localhost\n')
        self.set_user(f'SLAPD_USER="{USER}"')
        os.mkdir(self.path('run'))
        self.wrapper = mounts.over({
            self.path('run'): '/run', # where no systemd runs
            self.path('etc', 'ldap'): '/etc/ldap',
            self.path('etc', 'default'): '/etc/default'})

    def set_user(self, line):
        """The file of slapd's environment."""
        inspected.write(self, 'etc/default/slapd', (
            f'{line}\nKRB5_KTNAME={self.keytab}\nexport KRB5_KTNAME\n'))

    def give(self, owner, group, mode):
        """Whose the keytab is."""
        os.chown(self.keytab, pwd.getpwnam(owner).pw_uid,
                 grp.getgrnam(group).gr_gid)
        os.chmod(self.keytab, mode)

    def ask(self, *args, conf='slapd', env=None, wrapper=None):
        """gs2-inspect, which takes the keytab that the server has."""
        return inspected.inspect(
            self, *args, '-c', conf, wrapper=wrapper or self.wrapper,
            env={'KRB5_KTNAME': None, **(env or {})})

    def asked(self, status, **more):
        """Its document, and what the server's user makes of the keytab."""
        got = self.ask('mechs', '-j', **more).json(status)
        return got, got['keytab']['reader']

    def slapd_lists(self):
        """Whether the real slapd, which runs as its user, has GS2-KRB5."""
        data, port = self.path('data'), servers.free_port()
        shutil.rmtree(data, ignore_errors=True)
        os.makedirs(data)
        shutil.chown(data, USER, USER)
        own = inspected.write(self, 'own.conf', (
            f'sasl-host localhost\npidfile {data}/pid\n'
            'access to * by * read\n'))
        url = f'ldap://127.0.0.1:{port}'
        with self.start('slapd', [
                *self.wrapper, tap.find('slapd', 'slapd'), '-f', own, '-h',
                url, '-u', USER, '-g', USER, '-d', '0'], ports=[port],
                        env={'KRB5_KTNAME': self.keytab, **slapd.NO_LEAKS}):
            done = self.run([
                tap.find('ldapsearch', 'ldap-utils'), '-x', '-LLL', '-H', url,
                '-s', 'base', '-b', '', 'supportedSASLMechanisms'])
        return bool(re.search(': GS2-KRB5$', done.stdout, re.M))


UNREADABLE = '''\
  mechanism      server  client
  GS2-KRB5       no      yes    openldap cannot read the keytab: \
Permission denied
  GS2-IAKERB     no      no     offered only where gs2_mechs names it

  service   ldap@localhost
  plugin    PLUGINS/libgs2.so
  keytab    FILE:DIR/etc/open/server.keytab, root:root 0600
            openldap cannot read it: Permission denied
  log       local4.debug, for logins that are refused
  ticket    alice@EXAMPLE.TEST until TIME in FILE:REALM/ccache

next: chgrp openldap DIR/etc/open/server.keytab && chmod g+r \
DIR/etc/open/server.keytab (no key is changed)
'''
NO_LOGIN = '''\
gs2-inspect: openldap cannot read the keytab, FILE:DIR/etc/open/server.keytab: \
Permission denied
next: chgrp openldap DIR/etc/open/server.keytab && chmod g+r \
DIR/etc/open/server.keytab (no key is changed)
'''


def cure(place, reader):
    """Does what is advised."""
    command = reader['cure'].removesuffix(' (no key is changed)')
    assert command != reader['cure'], reader
    if command.startswith('the server runs in '):
        command = command.partition(': ')[2]
    subprocess.run(['sh', '-ec', command], check=True, cwd=place.dir)


def rights(t, place):
    """slapd: it agrees, and the cure cures."""
    with t.case('root alone reads it: text, and the login'):
        place.give('root', 'root', 0o600)
        place.ask('mechs').is_(1, UNREADABLE)
        place.ask('login').is_(1, '', NO_LOGIN)
        got = place.ask('login', '-j').json(1)
        assert got['failure']['side'] == 'server', got
        assert got['failure']['next'].startswith('chgrp openldap '), got
    before = open(place.keytab, 'rb').read()
    for what, owner, group, mode, status in (
            ('root alone', 'root', 'root', 0o600, 1),
            ('its group, but the mode', 'root', USER, 0o600, 1),
            ('another group', 'root', 'daemon', 0o640, 1),
            ('its group', 'root', USER, 0o640, 0),
            ('itself', USER, 'root', 0o400, 0),
            ('everybody', 'root', 'root', 0o644, 0)):
        with t.case(f'slapd, the keytab is for: {what}'):
            place.give(owner, group, mode)
            got, reader = place.asked(status)
            assert (reader['user'], reader['readable'], reader['owner'],
                    reader['group'], reader['mode']) == (
                        USER, status == 0, owner, group, f'{mode:04o}'), got
            assert place.slapd_lists() == (status == 0)
            if status == 0:
                assert reader['why'] is reader['cure'] is None, reader
                continue
            assert reader['why'] == 'Permission denied', reader
            cure(place, reader)
            got, reader = place.asked(0)
            assert reader['readable'] and place.slapd_lists(), got
    with t.case('slapd, a directory is closed'):
        place.give('root', 'root', 0o644)
        os.chmod(os.path.dirname(place.keytab), 0o700)
        got, reader = place.asked(1)
        assert not place.slapd_lists()
        folder = os.path.dirname(place.keytab)
        assert reader['cure'] == (f'chgrp openldap {folder} && chmod g+x '
                                  f'{folder} (no key is changed)'), reader
        cure(place, reader)
        got, reader = place.asked(0)
        assert reader['readable'] and place.slapd_lists(), got
    t.ok(open(place.keytab, 'rb').read() == before, 'no key was changed')


def unknown(t, place):
    """What cannot be told."""
    place.give('root', 'root', 0o600)
    with t.case('no root'):
        program = shutil.copy(inspected.PROGRAM, place.path('gs2-inspect'))
        done = subprocess.run(
            [*place.wrapper, *mounts.become('nobody'), program, 'mechs', '-c',
             'slapd'], env=place.environment('ours-alone', slapd.NO_LEAKS),
            cwd='/', stdout=subprocess.PIPE, text=True, check=False)
        assert (f'\n            {USER} may read it or not, cannot tell: only '
                f'root can look as {USER}\n') in done.stdout, done
    for what, env, default, why in (
            ('no file', {'KRB5_KTNAME': 'MEMORY:x'}, USER,
             'the keytab is no file'),
            ('no user', {}, 'nobody-here', 'there is no user nobody-here')):
        with t.case(f'cannot tell: {what}'):
            place.set_user(f'SLAPD_USER={default}')
            got = place.ask('mechs', '-j', env=env)
            reader = got.json(got.status)['keytab']['reader']
            assert (reader['readable'], reader['why'], reader['cure']) == (
                None, why, None), got
    with t.case('slapd runs as root'):
        place.set_user('SLAPD_USER=')
        got, reader = place.asked(0)
        assert (reader['user'], reader['readable']) == ('root', True), got
    with t.case('krb5.conf is closed'):
        inspected.write(place, 'etc/default/slapd', f'SLAPD_USER={USER}\n')
        os.chmod(place.realm.dir, 0o700)
        got, reader = place.asked(1)
        os.chmod(place.realm.dir, 0o711)
        assert reader['readable'] is False and reader['cure'] is None, got
        assert reader['why'].startswith('krb5.conf cannot be used: '), got
    with t.case('a file that no server of this machine reads'):
        conf = inspected.write(place, 'slapd.conf', 'gs2_authid: full\n')
        got, reader = place.asked(0, conf=conf,
                                  env={'KRB5_KTNAME': place.keytab})
        assert reader is None, got


def agree_with_postconf(place, wrapper, got):
    """User, directory and keytab are what Postfix says that it has read."""
    def ask(*args):
        return place.run([*wrapper, tap.find('postconf', 'postfix'),
                          *args]).stdout.splitlines()[-1]

    reader = got['keytab']['reader']
    level = ask('-h', 'compatibility_level')
    column = ask('-F', 'smtp/inet/chroot').split()[-1]
    confined_there = column == 'y' or (column == '-' and level == '0')
    keytab = re.search(r'KRB5_KTNAME=(\S+)', ask('-h', 'import_environment'))
    assert (reader['user'], reader['chroot'], got['keytab']['name']) == (
        ask('-h', 'mail_owner'),
        ask('-h', 'queue_directory') if confined_there else None,
        f'FILE:{keytab[1]}'), (got, column, level)


def confined(t, place):
    """smtpd, in the directory of the queue or not, and without the other
    groups of its user."""
    tap.find('/usr/lib/postfix/sbin/master', 'postfix')
    queue = place.path('queue')
    inside = queue + place.keytab
    os.makedirs(os.path.dirname(inside))
    inspected.write(place, 'etc/postfix/sasl/smtpd.conf',
                    'mech_list: GS2-KRB5\n')
    inspected.write(place, 'etc/postfix/main.cf', (
        f'compatibility_level = 3.6\nqueue_directory = {queue}\n'
        'cyrus_sasl_config_path = /etc/postfix/sasl\n'
        f'import_environment = TZ KRB5_KTNAME={place.keytab} LANG=C\n'))
    wrapper = mounts.over({place.path('etc', 'postfix'): '/etc/postfix'})
    place.give('root', 'root', 0o644)
    os.chmod(os.path.dirname(place.keytab), 0o711)

    def asked(status, chroot):
        inspected.write(place, 'etc/postfix/master.cf',
                        MASTER_CF.format(chroot))
        got, reader = place.asked(status, conf='smtpd', wrapper=wrapper)
        agree_with_postconf(place, wrapper, got)
        return got, reader

    for column in ('n', '-'):
        with t.case(f'smtpd, chroot {column}'):
            got, reader = asked(0, column)
            assert reader['readable'] and reader['chroot'] is None, got
    with t.case('smtpd in the chroot, and there is no keytab'):
        os.rename(place.keytab, f'{place.keytab}.away')
        got, reader = asked(1, 'y')
        os.rename(f'{place.keytab}.away', place.keytab)
        assert reader['readable'] is False and reader['cure'] is None, got
    with t.case('smtpd in the chroot, the keytab outside'):
        got, reader = asked(1, 'y')
        assert (reader['user'], reader['chroot'], reader['readable']) == (
            'postfix', queue, False), got
        assert reader['why'] == f"Key table file '{place.keytab}' not found"
        assert reader['cure'] == (
            f'the server runs in {queue}: install -D -g postfix -m 640 '
            f'{place.keytab} {inside} (no key is changed)'), reader
        cure(place, reader)
        got, reader = asked(0, 'y')
        assert (reader['owner'], reader['group'], reader['mode']) == (
            'root', 'postfix', '0640'), got
    with t.case('smtpd in the chroot, a keytab that it cannot read'):
        os.chmod(inside, 0o600)
        got, reader = asked(1, 'y')
        assert reader['cure'] == (f'chmod g+r {inside} (no key is changed)')
        answer = inspected.inspect(place, 'mechs', '-c', 'smtpd',
                                   wrapper=wrapper, env={'KRB5_KTNAME': None})
        assert answer.status == 1 and (
            'postfix cannot read it: Permission denied, in DIR/queue\n'
            in answer.out), answer
        cure(place, reader)
        asked(0, 'y')
    with t.case('"-" of old Postfix is a chroot'):
        inspected.write(place, 'etc/postfix/main.cf', (
            f'queue_directory={queue}\n'
            'cyrus_sasl_config_path = /etc/postfix/sasl\n'
            f'import_environment = KRB5_KTNAME={place.keytab}\n'))
        got, reader = asked(0, '-')
        assert reader['chroot'] == queue, got
    with t.case('a group that the user is in besides: slapd, not smtpd'):
        with open('/etc/group', encoding='utf-8') as known:
            groups = re.sub('^(daemon:.*:).*', rf'\1{USER},postfix',
                            known.read(), flags=re.M)
        more = {inspected.write(place, 'etc/group', groups): '/etc/group'}
        place.give('root', 'daemon', 0o640)
        os.chmod(inside, 0o600)
        place.set_user(f'SLAPD_USER={USER}')
        _, reader = place.asked(0, wrapper=mounts.over({
            place.path('etc', 'ldap'): '/etc/ldap',
            place.path('etc', 'default'): '/etc/default', **more}))
        assert reader['readable'], reader
        inspected.write(place, 'etc/postfix/master.cf', MASTER_CF.format('n'))
        _, reader = place.asked(1, conf='smtpd', wrapper=mounts.over({
            place.path('etc', 'postfix'): '/etc/postfix', **more}))
        assert reader['readable'] is False, reader


def leaves_nothing(t, place):
    """What the children do, by the kernel's word."""
    place.set_user(f'SLAPD_USER={USER}')
    place.give('root', USER, 0o640)
    with t.case('the child gives up all rights, and writes nothing'):
        if scenario.SANITIZED:
            raise tap.Skip('the sanitizer does not bear strace')
        log = place.path('strace')
        trace = [tap.find('strace', 'strace'), '-f', '-o', log, '-e',
                 'trace=openat,open,creat,mkdir,rename,unlink,ftruncate,'
                 'setgroups,setresgid,setresuid,setuid,socket,write,'
                 'prlimit64,?setgroups32,?setresgid32,?setresuid32,'
                 '?setuid32,?ftruncate64']
        place.ask('mechs', env={'KRB5_TRACE': place.path('krb5.trace')},
                  wrapper=[*place.wrapper, *trace])
        with open(log, encoding='utf-8') as lines:
            # i386 has setuid() and setuid32().
            calls = [re.sub(r'^(\d+ +[a-z]+)(32|64)\(', r'\1(', line
                            ).split(None, 1) for line in lines]
        children = [pid for pid, call in calls
                    if call.startswith('setresuid(')]
        after = [after_giving_up([call for pid, call in calls if pid == child])
                 for child in children]
        # One has looked at the options, and one at the keytab.
        assert [any(place.keytab in call for call in own)
                for own in after] == [False, True], after


def after_giving_up(own):
    """Of a child's calls those that it makes as the server's user."""
    entry = pwd.getpwnam(USER)
    for limit in ('RLIMIT_FSIZE', 'RLIMIT_CORE'):
        assert any(call.startswith(f'prlimit(0, {limit}, '
                                   '{rlim_cur=0, rlim_max=0}, NULL) = 0')
                   for call in own), own
    gave_up = [call.split(' = ')[0].strip() for call in own
               if call.startswith('set')]
    ids = [f'{entry.pw_gid}, ' * 2 + f'{entry.pw_gid}',
           f'{entry.pw_uid}, ' * 2 + f'{entry.pw_uid}']
    assert re.match(r'setgroups\(\d+, \[', gave_up[0]), gave_up
    assert gave_up[1:] == [f'setresgid({ids[0]})',
                           f'setresuid({ids[1]})', 'setuid(0)'], gave_up
    given_up = [c.startswith('setuid(') for c in own].index(True)
    assert ' = -1 EPERM' in own[given_up], own
    wrong = [call for call in own if re.search(
        r'O_WRONLY|O_RDWR|O_CREAT|^(creat|mkdir|rename|unlink|ftruncate|'
        r'socket)\(', call)]
    assert not wrong, wrong
    assert sum(call.startswith('write(') for call in own) == 1, own
    return own[given_up:]


def paths(t, place):
    """Where libsasl looks for plugins: where the server's own file says, in a
    variable that the shell which starts slapd exports."""
    own = place.path('etc', 'default', 'slapd')
    with open(own, encoding='utf-8') as file:
        text = file.read()
    for line, plugins, state in (
            ('', 'ours-alone', 'in force'), ('', 'anonymous', 'closed'),
            (f'export SASL_PATH="{place.path("ours-alone")}"\n', 'anonymous',
             'in force'),
            (f'SASL_PATH={place.path("anonymous")}\n', 'ours-alone',
             'in force'),
            (f'SASL_PATH={place.path("ours-alone")}\n', 'anonymous',
             'closed'),
            (f'SASL_PATH={place.path("anonymous")}; export SASL_PATH\n',
             'ours-alone', 'closed'),
            (f'# SASL_PATH={place.path("anonymous")}\n', 'ours-alone',
             'in force')):
        with t.case(f'/etc/default/slapd: {line.split("/")[0]}, the caller\'s '
                    f'{plugins}: {state}'):
            inspected.write(place, 'etc/default/slapd', text + line)
            status = int(state == 'closed')
            got = inspected.inspect(place, 'conf', '-j', 'slapd',
                                    plugins=plugins,
                                    wrapper=place.wrapper).json(status)
            assert got['state'] == state, got
            got = json.loads(inspected.inspect(
                place, *inspected.MECHS, '-j', '-c', 'slapd', plugins=plugins,
                wrapper=place.wrapper).raw)
            assert bool(got['plugin']) == (not status), got
    inspected.write(place, 'etc/default/slapd', text)


def main(t):
    """All of it as root, in one realm."""
    if os.geteuid() != 0:
        raise tap.Skip('only root can look as another user')
    tap.find('slapd', 'slapd')
    with Place() as place:
        place.lay_out()
        for part in (rights, unknown, confined, leaves_nothing, paths):
            part(t, place)


if __name__ == '__main__':
    tap.run(main)
