#!/usr/bin/env python3
"""Postfix with our plugin: its smtpd takes mail from nobody who has not logged
in with GS2-KRB5, and its smtp client relays mail through such a server: two
instances, with the lines of doc/servers.md. A login that a rule refuses brings
no mail in either.
"""

import glob
import os
import pwd
import smtplib
import time

import postfix
import saslclient
import servers
import setups
import sources
import submission
import tap
import wire

SENDER, RECIPIENT = 'alice@example.test', 'bob@example.test'
MAIL = f'From: {SENDER}\nTo: {RECIPIENT}\nSubject: {{}}\n\nHello.\n'
WAIT_SECONDS = 60
TOLD = '5.7.8 Error: authentication failed: authorization failure'
DENIED = 'Access denied'
LOGGED = 'detail="not met: gs2:realm=OTHER.TEST'

# Mail ends in the mailbox of bob.
SERVER_CF = '''\
virtual_mailbox_domains = example.test
virtual_mailbox_base = {base}
virtual_mailbox_maps = static:bob/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
smtpd_sasl_authenticated_header = yes
smtpd_tls_security_level = may
smtpd_tls_cert_file = {pem}
smtpd_tls_key_file = {key}
smtpd_tls_received_header = yes
'''
RELAY_CF = '''\
myhostname = relay.example.test
smtp_tls_security_level = {tls}
smtp_tls_CAfile = {ca}
smtp_sasl_tls_security_options = noanonymous
smtp_connection_cache_on_demand = no
'''


class World:
    """The server, the one that relays through it, and what bob got."""

    def __init__(self, home):
        self.home = home
        self.keytab = home.path('client.keytab')
        home.realm.ktadd(self.keytab, 'alice')
        postfix.prepare(home)
        nobody = pwd.getpwnam('nobody').pw_uid
        self.mail = home.path('mail')
        os.mkdir(self.mail)
        os.chown(self.mail, nobody, -1)
        self.main_cf = setups.setup('postfix main.cf', {
            'mail.example.test': 'localhost',
            '/etc/postfix/smtp.keytab': home.realm.keytab})
        self.main_cf += SERVER_CF.format(base=self.mail, uid=nobody,
                                         pem=home.path('server.pem'),
                                         key=home.path('server.key'))
        self.server = postfix.Postfix(home, 'server', self.main_cf)

    def serve(self, realm_name='EXAMPLE.TEST', mechs='GS2-KRB5'):
        """Starts the server anew, with the options that are documented but
        for what is named."""
        self.server.stop()
        self.server.configure(self.main_cf, setups.setup(
            'postfix smtpd.conf', {
                'EXAMPLE.TEST': realm_name, 'GS2-KRB5':
                f'{mechs}\nsasldb_path: {self.home.sasldb}'}))
        self.server.start()

    def relay(self, name, port, tls='none', mech='GS2-KRB5', login='alice:'):
        """Starts an instance that relays through a port."""
        main_cf = setups.setup('postfix relay main.cf', {
            '[mail.example.test]:587': f'[localhost]:{port}',
            'smtp_sasl_mechanism_filter = GS2-KRB5':
            f'smtp_sasl_mechanism_filter = {mech}',
            'alice:': login,
            '/etc/postfix/client.keytab': self.keytab,
            '/var/lib/postfix/ccache': self.home.path(f'{name}.ccache')})
        return postfix.Postfix(self.home, name, main_cf + RELAY_CF.format(
            tls=tls, ca=self.home.path('ca.pem'))).start()

    def mails(self):
        """The texts in bob's mailbox."""
        found = []
        for path in glob.glob(f'{self.mail}/bob/new/*'):
            with open(path, encoding='utf-8') as mail:
                found.append(mail.read())
        return found

    def deliver(self, relay, subject):
        """Gives a mail to an instance, and waits for what becomes of it: the
        line of its log, and the mail as bob has it or ''."""
        before = relay.log().count('status=')
        with smtplib.SMTP('127.0.0.1', relay.port) as smtp:
            smtp.sendmail(SENDER, RECIPIENT, MAIL.format(subject))
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            lines = [line for line in relay.log().splitlines()
                     if 'status=' in line][before:]
            arrived = [m for m in self.mails()
                       if f'Subject: {subject}\n' in m]
            if lines and ('status=sent' not in lines[0] or arrived):
                return lines[0], ''.join(arrived)
            time.sleep(.02)
        raise servers.ServerError(f'{subject}: nothing became of it:\n'
                                  f'{relay.log()}\n{self.server.log()}')


class Home(servers.Home, sources.Sources):
    """A place for Postfix, and tickets of a foreign realm."""


def arrives(line, mail, how=''):
    """The instance that relays says so, and bob has it from alice."""
    return ('status=sent' in line and 'Hello.' in mail
            and '(Authenticated sender: alice)' in mail and how in mail)


def relayed(rows, world):
    """Mail comes in through the instance that logs in."""
    with wire.Relay(world.server.port) as cable:
        relay = world.relay('relay', cable.port)
        line, mail = world.deliver(relay, 'in the clear')
        relay.stop()
        trips = wire.round_trips(cable.take(), b'AUTH GS2-KRB5', b'^235 ')
    rows.add(arrives(line, mail) and trips == 3, 'smtp, smtpd',
             'GS2-KRB5', 'no', 'no', trips, 'mail from alice arrives',
             (line, mail, trips, world.server.log()))


def records(connections):
    """How many TLS records of data a client sent: each is a line, or lines,
    after which it waits. What each side says under TLS, and when, cannot be
    seen; this can, and no delay on a busy machine alters it."""
    octets = b''.join(data for said in connections for side, data in said
                      if side == wire.CLIENT)
    at, count = octets.index(b'\x16\x03'), 0
    while at < len(octets):
        count += octets[at] == 23
        at += 5 + int.from_bytes(octets[at + 3:at + 5], 'big')
    return count


def delivery(world, cable, name, **options):
    """One delivery under TLS: its records, the line and the mail."""
    relay = world.relay(name, cable.port, tls='secure', **options)
    line, mail = world.deliver(relay, name)
    relay.stop()
    return records(cable.take()), line, mail


def relayed_under_tls(rows, world):
    """The same after STARTTLS, next to PLAIN, which takes one round trip. (A
    first message of GS2-KRB5 is too long for Postfix to send it with AUTH.)"""
    world.serve(mechs='GS2-KRB5 PLAIN')
    with wire.Relay(world.server.port) as cable:
        ours, line, mail = delivery(world, cable, 'tls')
        theirs, plain, _ = delivery(world, cable, 'tls-plain', mech='PLAIN',
                                    login='carol:carol.secret.1')
    trips = ours - theirs + 1
    rows.add(arrives(line, mail, 'using TLSv1.3') and 'status=sent' in plain
             and trips == 3, 'smtp, smtpd', 'GS2-KRB5', 'STARTTLS 1.3', 'no',
             trips, 'mail from alice arrives',
             (ours, line, mail, theirs, plain, world.server.log()))


def refused(t, rows, world):
    """A rule that is false, for smtp: the mail stays where it is."""
    world.serve(realm_name='OTHER.TEST')
    before = len(world.mails())
    with wire.Relay(world.server.port) as cable:
        relay = world.relay('refused', cable.port)
        line, mail = world.deliver(relay, 'refused')
        relay.stop()
        trips = wire.round_trips(cable.take(), b'AUTH GS2-KRB5', b'^535 ')
    rows.add('status=deferred' in line and not mail and trips == 3,
             'smtp, gs2_require not met, smtpd', 'GS2-KRB5', 'no',
             'no', trips, 'refused', (line, mail, trips, world.server.log()))
    t.contains(line, TOLD, 'the one that relays is told why')
    t.contains(world.server.log(), LOGGED, 'the server logs why')
    t.equal(len(world.mails()), before, 'bob got no mail')


def local_domain(t, world):
    """smtpd_sasl_local_domain is appended to our own carol's name: the carol of
    a foreign realm of that name must not be her."""
    for domain, status in (('OTHER.TEST', 535), ('other.test', 535),
                           ('EXAMPLE.TEST', 235)):
        world.server.stop()
        world.server.configure(
            f'{world.main_cf}smtpd_sasl_local_domain = {domain}\n',
            f'mech_list: GS2-KRB5\nsasldb_path: {world.home.sasldb}\n')
        world.server.start()
        for who, ticket, wanted in (
                ('our own', world.home.ticket('timestamp', 'carol'), 235),
                ('the foreign', world.home.foreigner('carol'), status)):
            os.environ.update(ticket)
            with submission.Conversation(world.server.port) as smtp:
                code, text = smtp.log_in()
            t.equal(code, wanted, f'smtpd_sasl_local_domain = {domain}: '
                    f'{who} carol')
            if code == 535:
                t.contains(world.server.log(), 'of a foreign realm',
                           f'{domain}: smtpd logs why')


def in_one_connection(t, world):
    """What smtpd takes on a connection before, without and after a login."""
    with submission.Conversation(world.server.port) as smtp:
        t.equal(smtp.offer_mail(SENDER, RECIPIENT)[0], 554, 'without a login: mail is refused')
        code, text = smtp.log_in()
        t.equal(code, 535, 'a rule not met: the login is refused')
        t.contains(text, TOLD, 'a rule not met: the client is told why')
        code, text = smtp.offer_mail(SENDER, RECIPIENT)
        t.equal(code, 554, 'a rule not met: mail is refused')
        t.contains(text, DENIED, 'a rule not met: smtpd says why')
    world.serve()
    with submission.Conversation(world.server.port) as smtp:
        t.equal(smtp.offer_mail(SENDER, RECIPIENT)[0], 554, 'before the login: mail is refused')
        t.equal(smtp.log_in()[0], 235, 'the login is accepted')
        t.equal(smtp.offer_mail(SENDER, RECIPIENT)[0], 250, 'after the login: mail is accepted')


def main(t):
    """All of it, or the reason why not."""
    if os.geteuid() != 0:
        t.skip('Postfix with GS2-KRB5', "only root can start Postfix's master")
        return
    rows = servers.Rows(t, 'postfix')
    with Home() as home:
        world = World(home)
        saslclient.load(home.environment('ours'))
        world.serve()
        relayed(rows, world)
        relayed_under_tls(rows, world)
        refused(t, rows, world)
        in_one_connection(t, world)
        local_domain(t, world)
    rows.show()


if __name__ == '__main__':
    tap.run(main)
