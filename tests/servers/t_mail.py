#!/usr/bin/env python3
"""Mail clients against servers with our plugin: mbsync, with our plugin in
libsasl too, and mutt and gsasl, with the GS2-KRB5 of GNU SASL, read a mailbox
of Cyrus IMAP; mutt and gsasl send mail through Postfix.
"""

import glob
import os
import pty
import re
import shlex
import subprocess
import termios
import time

import cyrus
import postfix_relay
import realm
import servers
import setups
import tap
import wire

TIMEOUT = '60'
BODY = 'Eight octets are a byte.'
MESSAGE = f'From: alice@localhost\nTo: bob@localhost\nSubject: x\n\n{BODY}\n'
HOST = 'imap.example.test'
SMTP_HOST = 'smtp.example.test'
PACKAGES = {'mbsync': 'isync', 'mutt': 'mutt', 'gsasl': 'gsasl'}


def in_terminal(home, args, env, typed=''):
    """Runs a program on a terminal of its own, where typed was typed, to its
    end; what it wrote. A read from a terminal gives one line, and gsasl asks
    for more only when it has said the line that it read."""
    ours, its = pty.openpty()
    # ncurses 6.5 opens none that is of no size.
    termios.tcsetwinsize(its, (24, 80))
    mode = termios.tcgetattr(its)
    mode[3] &= ~termios.ECHO
    termios.tcsetattr(its, termios.TCSANOW, mode)
    os.write(ours, typed.encode())
    with subprocess.Popen(['timeout', '--foreground', TIMEOUT, *args],
                          env=home.environment('ours', env), cwd=home.dir,
                          stdin=its, stdout=its, stderr=its,
                          start_new_session=True,
                          preexec_fn=realm.die_with_parent):
        os.close(its)
        wrote = b''
        try:
            while data := os.read(ours, 1 << 16):
                wrote += data
        except OSError:
            pass  # so Linux says that nobody has the terminal any more
        os.close(ours)
    return wrote.decode('utf-8', 'replace').replace('\r', '')


def mbsync(home, port, tls, env):
    """Fetches the mailbox; what was said, and the mail."""
    folder = home.path('mbsync.' + tls)
    os.mkdir(folder)
    store = setups.setup('mbsyncrc', {
        HOST: f'localhost\nPort {port}\nCertificateFile '
        + home.path('ca.pem'), 'STARTTLS': tls})
    conf = home.write(f'mbsync.{tls}/rc', f'{store}\n'
                      f'MaildirStore here\nInbox {folder}/inbox\n\n'
                      'Channel all\nFar :example:\nNear :here:\nCreate Near\n'
                      f'SyncState {folder}/\n')
    done = home.run(['mbsync', '-c', conf, '-Dn', 'all'], env=env)
    mail = ''
    for path in glob.glob(f'{folder}/inbox/new/*'):
        with open(path, encoding='utf-8') as text:
            mail += text.read()
    return done.stdout, mail


def muttrc(home, tls, imap_port=0, smtp_port=0):
    """Configures mutt: HOME for it, and its first arguments."""
    folder = home.path(f'mutt.{tls}.{smtp_port}')
    os.mkdir(folder)
    conf = setups.setup('muttrc', {
        HOST: f'localhost:{imap_port}', f'{SMTP_HOST}:587':
        f'localhost:{smtp_port}', 'ssl_force_tls = yes': {
            'None': 'ssl_force_tls = no\nset ssl_starttls = no',
            'STARTTLS': 'ssl_force_tls = yes'}[tls]})
    conf = home.write(f'{folder}/rc', conf +
                      f'set certificate_file = {home.path("ca.pem")}\n'
                      'set from = alice@example.test copy = no\n'
                      'unset pipe_decode wait_key header_cache\n')
    return folder, ['mutt', '-n', '-F', conf, '-d', '2']


def read_file(path):
    """The text of a file; '' where there is none."""
    try:
        with open(path, encoding='utf-8', errors='replace') as text:
            return text.read()
    except FileNotFoundError:
        return ''


def transcript(folder):
    """What was said, of mutt's debugging: without time, direction and file."""
    return re.sub(r'^\[.*?\] \d[<>] ', '', read_file(f'{folder}/.muttdebug0'),
                  flags=re.M)


def mutt(home, port, tls, env):
    """Opens the mailbox and pipes the first mail into a file."""
    folder, command = muttrc(home, tls, imap_port=port)
    keys = f'push "<pipe-message>cat >{folder}/mail<enter><exit>"'
    in_terminal(home, [*command, '-e', keys],
                {**env, 'HOME': folder, 'TERM': 'vt100'})
    return transcript(folder), read_file(f'{folder}/mail')


def run_gsasl(home, server, port, tls, env, says):
    """The command of a setup, with a port, and what it says after the login
    to the server; all that was said."""
    name, host = server
    tls_args = {'None': ['--no-starttls'], 'STARTTLS':
                ['--starttls', '--x509-ca-file', home.path('ca.pem')]}[tls]
    command = shlex.split(setups.setup(name, {host: f'localhost:{port}'}))
    return in_terminal(home, [*command, *tls_args], env, says)


def gsasl(home, port, tls, env):
    """Fetches the first mail."""
    said = run_gsasl(home, ('gsasl imap', HOST), port, tls, env,
                     '1 SELECT INBOX\n2 FETCH 1 BODY[]\n3 LOGOUT\n')
    return said, said


READERS = {'mbsync': mbsync, 'mutt': mutt, 'gsasl': gsasl}


def trips_shown(said, command, more, last):
    """The round trips of a login as a client's transcript has them: each of
    the server's continuations and its last word end one."""
    found = re.search(rf'{command} GS2-KRB5.*?^{last}', said, re.M | re.S)
    return len(re.findall(f'^{more}', found[0], re.M)) + 1 if found else 0


def login(relay, said, tls, command, more, last):
    """The round trips of the login in a transcript, and without TLS on the
    wire, which must be as many."""
    shown = trips_shown(said, command, more, last)
    seen = wire.round_trips(relay.take(), f'{command} GS2-KRB5'.encode(),
                            rf'(?m)^{last}'.encode())
    return shown if tls != 'None' or shown == seen else f'{shown}, or {seen}'


IMAP = ('AUTHENTICATE', r'\+', r'\S+ (OK|NO) ')
SMTP = ('AUTH', '334 ', '235 ')


def tls_version(log):
    """The version of TLS that imapd logged, if any."""
    return re.findall(r'starttls: TLSv(\S+)', log)


class Bench:
    """The servers, and the rows of what is seen."""

    def __init__(self, rows, server):
        self.rows = rows
        self.server = server
        self.home = server.home
        self.bob = self.home.ticket('pkinit', 'bob')
        self.read = len(server.log())

    def logged(self):
        """The log since the last call."""
        log = self.server.log()
        new, self.read = log[self.read:], len(log)
        return new

    def reads(self, program, tls):
        """A client logs in and has the mail. Without TLS the round trips are
        on the wire, and in its transcript just as many."""
        with wire.Relay(self.server.ports['imap']) as relay:
            said, mail = READERS[program](self.home, relay.port, tls,
                                          self.bob)
            trips = login(relay, said, tls, *IMAP)
        log = self.logged()
        version = tls_version(log)
        who = 'bob GS2-KRB5+TLS' if version else 'bob GS2-KRB5'
        good = (f'login: localhost [127.0.0.1] {who} User logged in' in log
                and cyrus.header(said) in ('n,,', 'n,a=bob,')
                and BODY in mail)
        self.rows.add(good, f'{program}, imapd', 'GS2-KRB5',
                      ' '.join([tls, *version]) if version else 'no',
                      'no', trips, 'bob reads mail', f'{said}\n{mail}\n{log}')

    def refused(self):
        """A rule wants a binding, which none of these clients makes."""
        said, mail = mbsync(self.home, self.server.ports['imaps'], 'IMAPS',
                            self.bob)
        log = self.logged()
        good = (' authid="bob" ' in log and not mail
                and 'not met: gs2:binding=*' in log
                and 'NO authorization failure' in said)
        self.rows.add(good, 'mbsync, imapd', 'GS2-KRB5',
                      ' '.join(['imaps', *tls_version(log)]), 'no',
                      trips_shown(said, *IMAP), 'refused: not bound',
                      f'{said}\n{mail}\n{log}')


def send_by_mutt(home, port, tls, env):
    """A mail from alice to bob; what was said."""
    folder, command = muttrc(home, tls, smtp_port=port)
    done = home.run([*command, '-s', f'mutt {tls}', postfix_relay.RECIPIENT],
                    env={**env, 'HOME': folder}, stdin=f'{BODY}\n')
    return transcript(folder) + done.stdout


def send_by_gsasl(home, port, tls, env):
    """The same."""
    mail = postfix_relay.MAIL.format(f'gsasl {tls}').replace('Hello.', BODY)
    return run_gsasl(home, ('gsasl smtp', f'{SMTP_HOST}:587'), port, tls, env,
                     f'MAIL FROM:<{postfix_relay.SENDER}>\n'
                     f'RCPT TO:<{postfix_relay.RECIPIENT}>\n'
                     f'DATA\n{mail}.\nQUIT\n')


SENDERS = {'mutt': send_by_mutt, 'gsasl': send_by_gsasl}


def arrived(world, subject):
    """The mail with that subject, when bob has it; '' if it does not come."""
    end = time.monotonic() + postfix_relay.WAIT_SECONDS
    while time.monotonic() < end:
        for mail in world.mails():
            if f'Subject: {subject}\n' in mail:
                return mail
        time.sleep(.02)
    return ''


def sends(rows, world, program, tls):
    """A client logs in to smtpd, which takes its mail: bob has it."""
    with wire.Relay(world.server.port) as relay:
        said = SENDERS[program](world.home, relay.port, tls,
                                world.home.ticket('pkinit'))
        trips = login(relay, said, tls, *SMTP)
    mail = arrived(world, f'{program} {tls}')
    version = re.findall(r'\(using TLSv(\S+) with', mail)
    good = ('(Authenticated sender: alice)' in mail and BODY in mail
            and bool(version) == (tls != 'None'))
    rows.add(good, f'{program}, smtpd', 'GS2-KRB5',
             ' '.join([tls, *version]) if version else 'no', 'no', trips,
             'mail from alice arrives',
             f'{said}\n{mail}\n{world.server.log()}')


def main(t):
    """All of them in one realm; Postfix as root alone."""
    for program, package in PACKAGES.items():
        tap.find(program, package)
    rows = servers.Rows(t, 'mail clients')
    with cyrus.Home() as home:
        with cyrus.Cyrus(home) as server:
            server.deliver('bob', MESSAGE, home.ticket('pkinit'))
            bench = Bench(rows, server)
            for program in READERS:
                for tls in ('None', 'STARTTLS'):
                    bench.reads(program, tls)
            bench.refused()
        if os.geteuid() == 0:
            world = postfix_relay.World(home)
            world.serve()
            for program in SENDERS:
                for tls in ('None', 'STARTTLS'):
                    sends(rows, world, program, tls)
        else:
            t.skip('mail sent through Postfix',
                   "only root can start Postfix's master")
    rows.show(complete=os.geteuid() == 0)


if __name__ == '__main__':
    tap.run(main)
