"""Two Postfixes for the tests: a server that takes mail for bob from who has
logged in, and one that logs in to it and relays, with the lines of
doc/servers.md.

    with servers.Home() as home:
        world = postfix_relay.World(home)
        world.serve(mechs='GS2-KRB5')
        relay = world.relay('relay', world.server.port)
        line, mail = world.deliver(relay, 'subject')
"""

import glob
import os
import pwd
import smtplib
import time

import postfix
import servers
import setups

__all__ = ['MAIL', 'RECIPIENT', 'SENDER', 'WAIT_SECONDS', 'World', 'arrives']

SENDER, RECIPIENT = 'alice@example.test', 'bob@example.test'
MAIL = f'From: {SENDER}\nTo: {RECIPIENT}\nSubject: {{}}\n\nHello.\n'
WAIT_SECONDS = 60
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


def arrives(line, mail, how=''):
    """The instance that relays says so, and bob has it from alice."""
    return ('status=sent' in line and 'Hello.' in mail
            and '(Authenticated sender: alice)' in mail and how in mail)
