#!/usr/bin/env python3
"""A rule in a file that the server's user cannot read is not in force, whoever
asks: libsasl takes such a file for one that is not there. Two logins tell what
the real server does, which runs as its own user: is one that meets the rule let
in, and one that does not. What gs2-inspect conf says is the same, and the cure
that it names puts the rule in force.

slapd, memcached and Cyrus' imapd read as their user; Postfix' smtpd and 389-ds
(GS2_FULL) before they give up root's rights.
"""

import contextlib
import grp
import os
import pwd
import shutil
import subprocess

import cyrus
import ds389
import inspected
import memcached
import mounts
import one_imapd
import postfix
import saslclient
import servers
import setups
import slapd
import sources
import submission
import tap

RULE = 'gs2_require: auth-indicators=spake\n'
LISTS = 'mech_list: GS2-KRB5 EXTERNAL\n'
NO_RCACHE = {'KRB5RCACHENAME': 'none:'}
# Whom the server lets in: who meets the rule, and who does not.
OPEN, RULED, CLOSED = (True, True), (True, False), (False, False)
WORDS = {OPEN: (1, 'not in force'), RULED: (0, 'in force'),
         CLOSED: (1, 'closed')}
IMAPD_CONF = '''\
configdirectory: {data}
partition-default: {data}/spool
servername: localhost
failedloginpause: 0
sasl_mech_list: GS2-KRB5 EXTERNAL
sasl_pwcheck_method: none
'''
NOT_READ = '''\
{file}: not in force: openldap cannot read {file}, and libsasl goes on without \
it
  cure: chgrp openldap {file} && chmod g+r {file}
{file}: not in force: the server goes on with the rest
  gs2_require is not set: whoever has a ticket gets in
{file}: no, since --require-rule wants gs2_require for each service, and asked \
at each login by GS2
'''
SLAPD_CONF = '/etc/ldap/sasl2/slapd.conf'


class Place(sources.Sources, servers.Home):
    """Two users, and what each server does with them."""

    def __init__(self):
        super().__init__()
        self.services = ('imap', 'ldap', 'smtp', 'memcached')

    def lay_out(self):
        """Everybody reads the realm and its keys."""
        for folder in (self.dir, self.realm.dir):
            os.chmod(folder, 0o755)
        os.chmod(self.realm.keytab, 0o644)
        self.users = [self.ticket('spake', 'alice'),
                      self.ticket('timestamp', 'bob')]
        for folder in ('conf', 'sasl2', 'default', 'etc'):
            os.makedirs(self.path(folder))
        self.own = self.write('etc/own.conf', '')
        saslclient.load(self.environment('ours'))

    def give(self, path, owner, group, mode):
        """Whose a file is."""
        os.chown(path, pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid)
        os.chmod(path, mode)

    def each(self, log_in):
        """Whether it lets in the one user, and the other."""
        seen = []
        for ticket in self.users:
            os.environ.update(ticket)
            seen.append(log_in(ticket))
        return tuple(seen)

    def conf(self, *args, wrapper=(), env=None):
        """What gs2-inspect conf says, with the server's file in its place."""
        return inspected.inspect(self, 'conf', *args, wrapper=wrapper,
                                 env={'KRB5_KTNAME': None, **(env or {})})

    # --- the servers ------------------------------------------------------

    def slapd(self, user):
        """slapd as its init script starts it."""
        data, port = self.path('data'), servers.free_port()
        shutil.rmtree(data, ignore_errors=True)
        os.makedirs(data)
        shutil.chown(data, user, user)
        own = self.write('etc/slapd.conf', (
            f'sasl-host localhost\npidfile {data}/pid\n'
            'access to * by * read\n'))
        with self.start('slapd', [
                *self.slapd_places(), tap.find('slapd', 'slapd'), '-f', own,
                '-h', f'ldap://127.0.0.1:{port}', '-u', user, '-g', user,
                '-d', '0'], ports=[port], env={**slapd.NO_LEAKS, **NO_RCACHE}):
            return self.each(lambda ticket: self.run(
                ['ldapwhoami', '-N', '-Q', '-Y', 'GS2-KRB5', '-H',
                 f'ldap://localhost:{port}'],
                env={'LDAPNOINIT': '1', **ticket}).returncode == 0)

    def slapd_places(self):
        """slapd's files, where no systemd runs."""
        os.makedirs(self.path('run'), exist_ok=True)
        return mounts.over({self.path('sasl2'): os.path.dirname(SLAPD_CONF),
                            self.path('default'): '/etc/default',
                            self.path('run'): '/run'})

    def imapd(self, user=None):
        """imapd, which becomes its own user, or is it already."""
        try:
            with one_imapd.Imapd(self, self.path('etc/imapd.conf'),
                                 env=NO_RCACHE, user=user) as server:
                with server.connect():
                    owner = os.stat(f'/proc/{server.pid}').st_uid
                    assert owner == pwd.getpwnam('cyrus').pw_uid, owner

                def log_in(_ticket):
                    with server.connect() as connection:
                        return connection.log_in('GS2-KRB5')
                return self.each(log_in)
        except servers.ServerError:
            return CLOSED

    def memcached(self):
        """memcached as Debian's service starts it."""
        port = servers.free_port()

        def log_in(_ticket):
            with memcached.Connection(port) as connection:
                return connection.log_in(
                    host=self.realm.host) == memcached.OK
        with self.start('memcached', [
                tap.find('memcached', 'memcached'), '-S', '-U', '0', '-u',
                'memcache', '-l', '127.0.0.1', '-p', str(port)],
                        ports=[port], env=NO_RCACHE):
            return self.each(log_in)


def agree(place, did, wanted, *args, **more):
    """Both say the same. The answer's document."""
    status, word = WORDS[wanted]
    answer = place.conf('-j', '-r', *args, **more)
    got = answer.json(status)
    assert (did, got['state']) == (wanted, word), (did, answer)
    assert ('gs2_require' in got['services'][0]['options']) == (
        wanted == RULED), answer
    return got


def cure(place, got, cause, wrapper=()):
    """Does what is advised against this cause."""
    found = [e for e in got['errors'] if cause in e['text']]
    assert len(found) == 1, got
    subprocess.run([*wrapper, 'sh', '-ec', found[0]['cure']], check=True,
                   cwd=place.dir)


RIGHTS = (('root alone', 'root', 'root', 0o600, OPEN),
          ('its group, but the mode', 'root', None, 0o600, OPEN),
          ('itself, but the mode', None, 'root', 0o060, OPEN),
          ('everybody but its group', 'root', None, 0o604, OPEN),
          ('another group', 'root', 'daemon', 0o640, OPEN),
          ('its group', 'root', None, 0o640, RULED),
          ('itself', None, 'root', 0o400, RULED),
          ('everybody', 'root', 'root', 0o644, RULED))


def slapd_agrees(t, place):
    """slapd, as openldap."""
    user = 'openldap'
    wrapper = place.slapd_places()
    place.write('default/slapd', f'SLAPD_USER={user}\n')
    conf = place.write('sasl2/slapd.conf', RULE + LISTS)
    for what, owner, group, mode, wanted in RIGHTS:
        with t.case(f'slapd, its options are for: {what}'):
            place.give(conf, owner or user, group or user, mode)
            got = agree(place, place.slapd(user), wanted, 'slapd',
                        wrapper=wrapper)
            if wanted == RULED:
                continue
            assert got['errors'][0]['text'] == (
                f'{user} cannot read {SLAPD_CONF}, and libsasl goes on '
                'without it'), got
            cure(place, got, user, wrapper)
            agree(place, place.slapd(user), RULED, 'slapd', wrapper=wrapper)
    with t.case('slapd, the directory of its options is closed'):
        os.chmod(place.path('sasl2'), 0o700)
        got = agree(place, place.slapd(user), OPEN, 'slapd', wrapper=wrapper)
        cure(place, got, user, wrapper)
        agree(place, place.slapd(user), RULED, 'slapd', wrapper=wrapper)
    with t.case('slapd: the file by its path, as text, and a login'):
        place.give(conf, 'root', 'root', 0o600)
        place.conf('-r', SLAPD_CONF, wrapper=wrapper).is_(
            1, NOT_READ.format(file=SLAPD_CONF))
        os.environ.update(place.users[1])
        answer = inspected.inspect(
            place, 'login', '-j', '-n', 'localhost', '-s', 'ldap', '-c',
            'slapd', wrapper=wrapper, env={**place.users[1], **NO_RCACHE})
        assert answer.json(0)['login'], answer
    with t.case('slapd runs as root'):
        place.write('default/slapd', 'SLAPD_USER=\n')
        agree(place, place.slapd('root'), RULED, 'slapd', wrapper=wrapper)
    with t.case('slapd, a file that says nothing'):
        place.write('default/slapd', f'SLAPD_USER={user}\n')
        place.write('sasl2/slapd.conf', '# nothing\n')
        answer = place.conf('slapd', wrapper=wrapper)
        assert answer.status == 0 and place.slapd(user) == OPEN, answer


def imapd_agrees(t, place):
    """imapd, as cyrus: its own file, and libsasl's behind it."""
    data = one_imapd.folders(place)
    subprocess.run(['chown', '-R', 'cyrus:mail', data], check=True)
    text = IMAPD_CONF.format(data=data)
    conf = place.write('etc/imapd.conf', text)
    behind = place.write('conf/Cyrus.conf', RULE)
    wrapper = mounts.over({conf: '/etc/imapd.conf'})
    for what, owner, group, mode, wanted in RIGHTS:
        with t.case(f'imapd, Cyrus.conf is for: {what}'):
            place.give(behind, owner or 'cyrus', group or 'mail', mode)
            got = agree(place, place.imapd(), wanted, 'imapd',
                        wrapper=wrapper)
            if wanted == RULED:
                continue
            cure(place, got, f'cyrus cannot read {behind}, and libsasl goes '
                 'on without it')
            agree(place, place.imapd(), RULED, 'imapd', wrapper=wrapper)
    with t.case('imapd, nobody knows who reads a Cyrus.conf with a fault'):
        place.write('etc/imapd.conf', f'{text}cyrus_user: nobody-here\n')
        place.write('conf/Cyrus.conf', 'no line\n')
        place.give(behind, 'root', 'root', 0o600)
        got = place.conf('-j', 'imapd', wrapper=wrapper).json(2)
        assert (got['unsure'], got['errors']) == (
            f'not everybody can read {behind}, and there is no user '
            'nobody-here', []), got
    os.unlink(behind)
    more = place.write('etc/more.conf', 'sasl_gs2_' + RULE[4:])
    place.write('etc/imapd.conf', f'{text}@include: {more}\n')
    for file, name in ((conf, '/etc/imapd.conf'), (more, more)):
        with t.case(f'imapd cannot read {os.path.basename(file)}'):
            place.give(file, 'root', 'root', 0o600)
            got = agree(place, place.imapd('cyrus'), CLOSED, 'imapd',
                        wrapper=wrapper)
            cure(place, got, f'cyrus cannot read {name}, and no server starts '
                 'with this file', wrapper)
            agree(place, place.imapd('cyrus'), RULED, 'imapd',
                  wrapper=wrapper)


def memcached_agrees(t, place):
    """A server that looks where libsasl does."""
    conf = place.write('conf/memcached.conf', RULE + LISTS)
    for what, mode, wanted in (('root alone', 0o600, OPEN),
                               ('everybody', 0o644, RULED)):
        with t.case(f'memcached, its options are for: {what}'):
            os.chmod(conf, mode)
            agree(place, place.memcached(), wanted, 'memcached')


def root_reads(t, place):
    """Postfix' smtpd and 389-ds, which are root when they read."""
    postfix.prepare(place)
    os.chmod(place.dir, 0o755)
    mail = postfix.Postfix(
        place, 'smtpd',
        postfix.LOGINS_MAIN_CF.format(keytab=place.realm.keytab),
        RULE + LISTS)
    place.give(mail.path('sasl', 'smtpd.conf'), 'root', 'root', 0o600)

    def log_in(_ticket):
        with submission.Conversation(mail.port, 20) as smtp:
            return smtp.log_in()[0] == 235
    with t.case('smtpd, its options are for: root alone'):
        mail.start()
        try:
            agree(place, place.each(log_in), RULED, 'smtpd',
                  wrapper=mounts.over({mail.path(): '/etc/postfix'}))
        finally:
            mail.stop()
    with t.case('389-ds, its options are for: root alone'):
        if not os.environ.get('GS2_FULL'):
            raise tap.Skip('GS2_FULL is not set')
        with ds_alone(place) as (server, folder):
            did = place.each(lambda ticket: server.whoami(
                '-Y', 'GS2-KRB5', env=ticket).returncode == 0)
        agree(place, did, RULED, 'ns-slapd',
              env={'SASL_CONF_PATH': folder})


@contextlib.contextmanager
def ds_alone(place):
    """389-ds, whose options are root's when it starts."""
    start = place.start

    def closed_start(name, args, **more):
        place.give(place.path('389-ds.conf/iDS.conf'), 'root', 'root', 0o600)
        return start(name, args, **more)
    place.start = closed_start
    try:
        with ds389.start(place, options=RULE + LISTS,
                         others=setups.setup('389-ds map')) as server:
            yield server, place.path('389-ds.conf')
    finally:
        place.start = start


def unknown(t, place):
    """What cannot be told: by whom it is asked, and of whom."""
    wrapper = place.slapd_places()
    os.chmod(place.path('sasl2'), 0o755)
    conf = place.write('sasl2/slapd.conf', RULE + LISTS)
    program = shutil.copy(inspected.PROGRAM, place.path('gs2-inspect'))
    nobody = grp.getgrgid(pwd.getpwnam('nobody').pw_gid).gr_name
    no_user = 'SLAPD_USER=nobody-here\n'
    options = 'SLAPD_OPTIONS="-u nobody"\n'
    whose = 'SLAPD_USER=openldap\n'
    alone = 'only root can look as openldap'
    for who, default, group, mode, text, why in (
            ('nobody', whose, nobody, 0o640, '', alone),
            ('nobody', whose, nobody, 0o640, 'no line\n', alone),
            ('nobody', whose, nobody, 0o644, '', None),
            ('openldap', whose, 'openldap', 0o640, '', None),
            (None, no_user, 'root', 0o600, '', 'there is no user nobody-here'),
            (None, no_user, 'root', 0o644, '', None),
            (None, options, 'root', 0o600, '',
             '/etc/default/slapd: SLAPD_OPTIONS has -u: name the user in '
             'SLAPD_USER instead'),
            (None, options, 'root', 0o644, '', None)):
        with t.case(f'{who or "root"} asks, {default.strip()}, {mode:o}'
                    f'{", a fault" if text else ""}'):
            place.write('default/slapd', default)
            place.write('sasl2/slapd.conf', RULE + LISTS + text)
            place.give(conf, 'root', group, mode)
            become = mounts.become(who) if who else []
            done = subprocess.run(
                [*wrapper, *become, program, 'conf', 'slapd'], check=False,
                env=place.environment('ours', slapd.NO_LEAKS), cwd='/',
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if why is None:
                assert (done.returncode, 'in force\n  gs2_require: ' in
                        done.stdout) == (0, True), done
            else:
                assert (done.returncode, mounts.said(done.stdout)) == (2, (
                    f'{SLAPD_CONF}: cannot tell: not everybody can read '
                    f'{SLAPD_CONF}, and {why}\n')), done
    with t.case('a server of whose user nothing is known'):
        conf = place.write('conf/svn.conf', RULE + LISTS)
        os.chmod(conf, 0o600)
        got = place.conf('-j', 'svnserve').json(2)
        assert got['unsure'] == (
            f'not everybody can read {conf}, and it is not known as whom '
            'svnserve runs: run this command as that user'), got
        os.chmod(conf, 0o644)
        place.conf('-j', 'svnserve').json(0)
    with t.case('a file behind a symbolic link into a closed directory'):
        os.makedirs(place.path('closed'), mode=0o700)
        os.rename(conf, place.path('closed', 'svn.conf'))
        os.symlink(place.path('closed', 'svn.conf'), conf)
        assert place.conf('-j', 'svnserve').json(2)['unsure'], conf
    with t.case('nobody may look into the directory of the options'):
        os.chmod(place.path('sasl2'), 0o700)
        done = subprocess.run(
            [*wrapper, *mounts.become('nobody'), program, 'conf', 'slapd'],
            env=place.environment('ours', slapd.NO_LEAKS), cwd='/',
            check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)
        assert (done.returncode, mounts.said(done.stdout)) == (2, (
            f'gs2-inspect: cannot read {SLAPD_CONF}: Permission denied\n')), (
                done)


def main(t):
    """All of it as root, in one realm."""
    if os.geteuid() != 0:
        raise tap.Skip('only root can look as another user')
    tap.find(f'{cyrus.PROGRAMS}/imapd', 'cyrus-imapd')
    tap.find(f'{postfix.DAEMONS}/master', 'postfix')
    tap.find('slapd', 'slapd')
    with Place() as place:
        place.lay_out()
        for part in (slapd_agrees, imapd_agrees, memcached_agrees, unknown,
                     root_reads):
            part(t, place)


if __name__ == '__main__':
    tap.run(main)
