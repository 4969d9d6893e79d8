#!/usr/bin/env python3
"""What gs2-inspect says of a server's keytab is what the real server does that
becomes its user: Cyrus' imapd, which takes its user's other groups, and
Postfix' smtpd in the directory of the queue, which does not. (slapd:
t_inspect_keytab.py)
"""

import grp
import os
import pwd
import shutil
import smtplib
import subprocess

import cyrus
import inspected
import mounts
import one_imapd
import postfix
import saslclient
import servers
import sources
import submission
import tap

MECH = 'GS2-KRB5'
WHY_NO_REALM = ('krb5 has no default realm there, which a login needs unless '
                'gs2_authid is full')
NO_CHANGE = ' (no key is changed)'
NO_RCACHE = {'KRB5RCACHENAME': 'none:'}
SMTPD_SECONDS = 20

IMAPD_CONF = '''\
configdirectory: {data}
partition-default: {data}/spool
servername: localhost
failedloginpause: 0
sasl_mech_list: GS2-KRB5
'''


class Place(sources.Sources, servers.Home):
    """A keytab that one user or another may read."""

    def __init__(self):
        super().__init__()
        self.services = ('imap', 'smtp')

    def lay_out(self):
        """What a case changes are the rights of one file."""
        for folder in (self.dir, self.realm.dir):
            os.chmod(folder, 0o755)
        os.makedirs(self.path('open'))
        os.makedirs(self.path('conf'))
        self.keytab = shutil.copy(self.realm.keytab,
                                  self.path('open', 'server.keytab'))
        self.alice = self.ticket('spake', 'alice')
        os.environ.update(self.alice)
        saslclient.load(self.environment('ours'))

    def give(self, path, owner, group, mode):
        """Whose a keytab is."""
        os.chown(path, pwd.getpwnam(owner).pw_uid,
                 grp.getgrnam(group).gr_gid)
        os.chmod(path, mode)

    def ask(self, server, wrapper):
        """Whether gs2-inspect says that the server offers the mechanism, and
        what its user makes of the keytab."""
        answer = inspected.inspect(
            self, 'mechs', '-j', '-n', 'localhost', '-c', server, wrapper=wrapper,
            env={'KRB5_KTNAME': None, **self.alice})
        got = answer.json(answer.status)
        assert got['mechanisms'][0]['server'] == (answer.status == 0), got
        return answer.status == 0, got['keytab']['reader']

    def log_in(self, server, wrapper):
        """Whether gs2-inspect says that a login is let in."""
        return inspected.inspect(
            self, 'login', '-j', '-n', 'localhost', '-c', server,
            wrapper=wrapper, env={'KRB5_KTNAME': None, **self.alice,
                                  **NO_RCACHE})

    def cure(self, reader):
        """Does what is advised."""
        command = reader['cure'].removesuffix(NO_CHANGE)
        assert command != reader['cure'], reader
        if command.startswith('the server runs in '):
            command = command.partition(': ')[2]
        subprocess.run(['sh', '-ec', command], check=True, cwd=self.dir)


def imapd_lets_in(place, conf):
    """Whether the real imapd, which begins as root, offers the mechanism and
    lets in whoever has a ticket."""
    env = {'KRB5_KTNAME': place.keytab, **NO_RCACHE}
    with one_imapd.Imapd(place, conf, env=env, user=None) as server:
        with server.connect() as connection:
            owner = os.stat(f'/proc/{server.pid}').st_uid
            assert owner == pwd.getpwnam('cyrus').pw_uid, owner
            offered = MECH in connection.offers
            assert not offered or connection.log_in(MECH)
    return offered


def imapd(t, place):
    """imapd, whose user is in a group besides."""
    data = one_imapd.folders(place)
    conf = inspected.write(place, 'conf/imapd.conf',
                           IMAPD_CONF.format(data=data))
    subprocess.run(['chown', '-R', 'cyrus:mail', data], check=True)
    own = inspected.write(place, 'conf/cyrus-imapd',
                          f'KRB5_KTNAME={place.keytab}\n')
    wrapper = mounts.over({conf: '/etc/imapd.conf',
                           own: '/etc/default/cyrus-imapd'})
    other = next(group.gr_name for group in grp.getgrall()
                 if 'cyrus' in group.gr_mem)
    for what, owner, group, mode, reads in (
            ('root alone', 'root', 'root', 0o600, False),
            ('its group, but the mode', 'root', 'mail', 0o600, False),
            ('another group', 'root', 'daemon', 0o640, False),
            ('its group', 'root', 'mail', 0o640, True),
            (f'{other}, where it is besides', 'root', other, 0o640, True),
            ('itself', 'cyrus', 'root', 0o400, True),
            ('itself, but the mode', 'cyrus', 'root', 0o060, False),
            ('everybody', 'root', 'root', 0o644, True)):
        with t.case(f'imapd, the keytab is for: {what}'):
            place.give(place.keytab, owner, group, mode)
            offered, reader = place.ask('imapd', wrapper)
            assert (offered, reader['user'], reader['readable']) == (
                reads, 'cyrus', reads), reader
            assert imapd_lets_in(place, conf) == reads, reader
            if reads:
                continue
            place.cure(reader)
            offered, reader = place.ask('imapd', wrapper)
            assert offered and imapd_lets_in(place, conf), reader


def smtpd_lets_in(mail):
    """Whether the real smtpd offers it, and the code of its answer to a login.
    Where there is no mechanism it ends before it answers, and says so."""
    before = len(mail.log())
    try:
        with submission.Conversation(mail.port, SMTPD_SECONDS) as smtp:
            offers = smtp.smtp.esmtp_features.get('auth', '').split()
            assert MECH in offers, offers
            return True, smtp.log_in()[0]
    except (smtplib.SMTPException, TimeoutError):
        log = mail.log()[before:]
        assert 'fatal: no SASL authentication mechanisms' in log, log
        return False, None


def smtpd(t, place):
    """smtpd, in its chroot and outside."""
    place.give(place.keytab, 'root', 'root', 0o644)
    postfix.prepare(place)
    os.chmod(place.dir, 0o755)
    for column in ('n', 'y'):
        mail = postfix.Postfix(
            place, f'smtpd-{column}',
            postfix.LOGINS_MAIN_CF.format(keytab=place.keytab),
            'mech_list: GS2-KRB5\n')
        with open(mail.path('master.cf'), encoding='utf-8') as made:
            lines = made.read().replace(
                ' inet n - n - - smtpd\n',
                f' inet n - {column} - - smtpd -o max_use=1\n', 1)
        inspected.write(place, f'smtpd-{column}/master.cf', lines)
        wrapper = mounts.over({mail.path(): '/etc/postfix'})
        mail.start()
        try:
            agree(t, place, mail, wrapper, column == 'y')
        finally:
            mail.stop()


def agree(t, place, mail, wrapper, confined):
    """What is said of one smtpd is so."""
    where = 'in its chroot' if confined else 'without a chroot'
    root = mail.path('queue') if confined else ''
    file = root + place.keytab

    def both(reads, lets_in=None):
        offered, reader = place.ask('smtpd', wrapper)
        lets_in = reads if lets_in is None else lets_in
        assert (offered, reader['readable'], reader['chroot']) == (
            reads, reads, root or None), reader
        assert reader['realm'] == 'EXAMPLE.TEST' or not lets_in, reader
        login = place.log_in('smtpd', wrapper)
        assert (login.status == 0) == lets_in, login
        real = smtpd_lets_in(mail)
        assert (real[0], real[1] == 235) == (reads, lets_in), (
            real, reader, mail.log())
        return reader

    if confined:
        with t.case('smtpd in its chroot, the keytab outside'):
            place.cure(both(False))
        with t.case('smtpd in its chroot, krb5.conf outside'):
            reader = both(True, False)
            assert reader['why'] == WHY_NO_REALM, reader
            conf = mail.path('sasl', 'smtpd.conf')
            inspected.write(place, conf, 'gs2_authid: full\n')
            place.log_in('smtpd', wrapper).json(0)
            assert smtpd_lets_in(mail) == (True, 235), mail.log()
            inspected.write(place, conf, 'mech_list: GS2-KRB5\n')
            place.cure(reader)
            both(True)
    for what, owner, group, mode, reads in (
            ('root alone', 'root', 'root', 0o600, False),
            ('its group', 'root', 'postfix', 0o640, True),
            ('everybody', 'root', 'root', 0o644, True)):
        with t.case(f'smtpd {where}, the keytab is for: {what}'):
            place.give(file, owner, group, mode)
            reader = both(reads)
            if not reads:
                place.cure(reader)
                both(True)


def main(t):
    """All of it as root, in one realm."""
    if os.geteuid() != 0:
        raise tap.Skip('only root can look as another user')
    tap.find(f'{cyrus.PROGRAMS}/imapd', 'cyrus-imapd')
    tap.find(f'{postfix.DAEMONS}/master', 'postfix')
    with Place() as place:
        place.lay_out()
        imapd(t, place)
        smtpd(t, place)


if __name__ == '__main__':
    tap.run(main)
