#!/usr/bin/env python3
"""Postfix that knows the roles of a login by the user's name (gs2_tag, row A7),
as doc/servers.md configures it: which sender addresses are whose, who may send
at all, and who is not let in at all.
"""

import os
import smtplib
import time

import postfix
import saslclient
import servers
import setups
import sources
import submission
import tap

CEO, ALICE = 'ceo@example.test', 'alice@example.test'
RECIPIENT = 'bob@example.test'
MAIL_CF = '''\
virtual_mailbox_domains = example.test
virtual_mailbox_base = /nowhere
virtual_mailbox_maps = static:bob/
'''
# Setups: lines of main.cf, and the table that they name.
TABLES = {'senders': ('postfix senders main.cf', 'postfix senders'),
          'who': ('postfix who main.cf', 'postfix who')}
TAGGED = 'has the character that stands between a user and a role here'
OK, DENIED, REFUSED = 250, 554, 535
SASLAUTHD = '/usr/sbin/saslauthd'
NOT_OWNED = (553, '5.7.1 <{}>: Sender address rejected: not owned by user {}')


class Home(servers.Home, sources.Sources):
    """A place for Postfix, and tickets by card, by password and of a foreign
    realm's users."""


class Server:
    """smtpd, with lines of the document."""

    def __init__(self, home):
        self.home = home
        postfix.prepare(home)
        self.main_cf = MAIL_CF + setups.setup('postfix main.cf', {
            'mail.example.test': 'localhost',
            '/etc/postfix/smtp.keytab': home.realm.keytab})
        self.server = postfix.Postfix(home, 'server', self.main_cf)

    def file(self, name, tag):
        """A table of the document."""
        escaped = tag if tag != '+' else '\\+'
        text = setups.setup(TABLES[name][1])
        return self.home.write(name, text.replace('\\+', escaped).replace(
            '+smartcard', f'{tag}smartcard').replace('[^@+]', f'[^@{tag}]'))

    def serve(self, *tables, tag='+', more='', options=None):
        """Starts it anew with those tables, with more in main.cf, and with
        other options in the place of some of the document's."""
        main_cf = self.main_cf + more
        for name in tables:
            main_cf += setups.setup(TABLES[name][0], {
                f'/etc/postfix/{name}': self.file(name, tag)})
        self.server.stop()
        self.server.configure(main_cf, setups.setup('postfix roles options', {
            'gs2_tag: +': f'gs2_tag: {tag}', **(options or {})})
            + f'sasldb_path: {self.home.sasldb}\n')
        self.server.start()

    def attempt(self, ticket, *senders, authzid=''):
        """A login, and what is said to mails of those senders; the code of the
        login alone where it is refused."""
        os.environ.update(ticket)
        with submission.Conversation(self.server.port) as smtp:
            code = smtp.log_in(authzid=authzid)[0]
            if code != 235:
                return code
            return [smtp.offer_mail(sender, RECIPIENT) for sender in senders]

    def by_password(self, user, password, sender):
        """The same by PLAIN."""
        with submission.Conversation(self.server.port) as smtp:
            smtp.smtp.login(user, password)
            return smtp.offer_mail(sender, RECIPIENT)[0]

    def log(self):
        """What it has logged."""
        return self.server.log()


def not_owned(sender, user):
    """What is said to one who may not use the address."""
    code, text = NOT_OWNED
    return code, text.format(sender, user)


def senders(t, server, card, password):
    """Who may send as whom."""
    server.serve('senders')
    for ticket, name, ceo in (
            (card, 'alice+smartcard', OK),
            (password, 'alice', not_owned(CEO, 'alice'))):
        answers = server.attempt(ticket, CEO, ALICE)
        t.equal([answers[0] if ceo != OK else answers[0][0], answers[1][0]],
                [ceo, OK], f'{name}: as ceo@ {"yes" if ceo == OK else "no"}, '
                'as herself yes')
        t.contains(server.log(), f'sasl_username={name}\n',
                   f'smtpd logs the user {name}')
    bob = server.home.ticket('pkinit', 'bob')
    t.equal(server.attempt(bob, CEO, 'bob@example.test', ALICE),
            [not_owned(CEO, 'bob+smartcard'), (OK, '2.1.5 Ok'),
             not_owned(ALICE, 'bob+smartcard')],
            'bob with his card: as himself alone')


def who(t, server, card, password):
    """Who may send at all; authzid of oneself."""
    server.serve('who')
    t.equal([server.attempt(card, ALICE)[0][0],
             server.attempt(password, ALICE)[0][0]], [OK, DENIED],
            'check_sasl_access: with the card alone')
    t.equal(server.attempt(card, ALICE, authzid='alice')[0][0], OK,
            'with the card, as alice: as herself')
    for authzid in ('bob', 'alice+smartcard'):
        t.equal(server.attempt(card, ALICE, authzid=authzid), REFUSED,
                f'with the card, as {authzid}: refused')


def characters(t, server, card, password):
    """Each of the characters."""
    for tag in '/%~':
        server.serve('senders', tag=tag)
        t.equal([server.attempt(card, CEO)[0][0],
                 server.attempt(password, CEO)[0]],
                [OK, not_owned(CEO, 'alice')], f'gs2_tag: {tag}')


def rules(t, server, card, password):
    """A rule on the name is on the name without the tag."""
    server.serve('senders', options={
        'gs2_require: gs2:realm=EXAMPLE.TEST':
        'gs2_require: not gs2:authid=alice\ngs2_proxy_require: gs2:mech=X'})
    t.equal([server.attempt(card), server.attempt(password)],
            [REFUSED] * 2, 'not gs2:authid=alice refuses her with her card')
    t.equal(server.attempt(server.home.ticket('pkinit', 'bob'), CEO),
            [not_owned(CEO, 'bob+smartcard')], 'and lets bob in')
    t.equal(server.attempt(server.home.ticket('pkinit', 'bob'),
                           'bob@example.test', authzid='bob')[0][0], OK,
            'gs2_proxy_require is not for who asks for himself')


def realms(t, server, card, password):
    """The tag stands behind a realm; a realm behind the tag is refused."""
    server.serve(more='smtpd_sender_login_maps = inline:{ '
                 f'{{ {CEO} = carol@OTHER.TEST+guest }} }}\n'
                 'smtpd_sender_restrictions = reject_sender_login_mismatch\n',
                 options={
                     'gs2_require: gs2:realm=EXAMPLE.TEST\n': '',
                     'gs2_roles: smartcard': 'gs2_roles: guest smartcard\n'
                     'gs2_role_guest: gs2:realm=OTHER.TEST'})
    t.equal(server.attempt(server.home.foreigner('carol'), CEO)[0][0], OK,
            'carol@OTHER.TEST+guest: the role of a foreign user')
    t.equal(server.attempt(card, CEO)[0], not_owned(CEO, 'alice+smartcard'),
            'and alice is not her')
    server.serve('senders', more='smtpd_sasl_local_domain = EXAMPLE.TEST\n')
    t.equal(server.attempt(card), REFUSED,
            'smtpd_sasl_local_domain, with the role: refused')
    t.contains(server.log(), 'makes \\x22alice+smartcard@EXAMPLE.TEST\\x22, '
               'and not its own name of the user with the role at the end',
               'and smtpd logs why')
    t.equal(len(server.attempt(password, ALICE)), 1,
            'smtpd_sasl_local_domain, without the role: logged in')


def names(t, server):
    """Principals with the character in their names."""
    server.serve('senders')
    for name in ('alice+smartcard', 'alice\uFF0Bsmartcard'):
        ticket = server.home.newcomer(name)
        t.equal(server.attempt(ticket), REFUSED,
                f'the principal {ascii(name)}')
        t.contains(server.log(), TAGGED, f'smtpd logs why ({ascii(name)})')


def by_password(t, server, password):
    """A store of passwords that has such a name: what the document warns
    of."""
    server.home.add_user('alice+smartcard', 'store.secret.1')
    server.serve('senders', options={
        'mech_list: GS2-KRB5': 'mech_list: GS2-KRB5 PLAIN'})
    t.equal(server.by_password('alice+smartcard', 'store.secret.1', CEO), OK,
            'PLAIN with a password of such a name: as ceo@, as is documented')
    no_password(t, server, '+', 'store.secret.1', '')


def no_password(t, server, tag, secret, what):
    """With the document's mech_list no password is taken."""
    server.serve('senders', tag=tag)
    with t.case(f'{what}mech_list as documented: no such login'):
        try:
            server.by_password(f'alice{tag}smartcard', secret, CEO)
        except smtplib.SMTPException:
            return
        raise AssertionError('PLAIN was there')


def start_saslauthd(home):
    """saslauthd, which asks the realm's KDC; its socket."""
    tap.find(SASLAUTHD, 'sasl2-bin')
    where = home.path('saslauthd')
    os.mkdir(where)
    options = home.write('saslauthd.conf', (
        f'krb5_keytab: {home.realm.keytab}\nkrb5_verify_principal: smtp\n'))
    home.start('saslauthd', [SASLAUTHD, '-d', '-n', '1', '-a', 'kerberos5',
                             '-O', options, '-m', where])
    end = time.monotonic() + 20
    while not os.path.exists(f'{where}/mux'):
        if time.monotonic() > end:
            raise AssertionError('saslauthd does not listen')
        time.sleep(.02)
    os.chmod(where, 0o711)
    return f'{where}/mux'


def by_saslauthd(t, server):
    """Names as saslauthd gives them: to its kerberos5 a principal of two
    components is a user of such a name."""
    server.home.realm.addprinc('alice/smartcard', 'admin.secret.1')
    mux = start_saslauthd(server.home)
    server.serve('senders', tag='/', options={
        'mech_list: GS2-KRB5': 'mech_list: GS2-KRB5 PLAIN\n'
        f'pwcheck_method: saslauthd\nsaslauthd_path: {mux}'})
    t.equal(server.by_password('alice/smartcard', 'admin.secret.1', CEO), OK,
            'PLAIN by saslauthd, the principal alice/smartcard: as ceo@, as '
            'is documented')
    no_password(t, server, '/', 'admin.secret.1', 'saslauthd, ')


def main(t):
    """All of it, or the reason why not."""
    if os.geteuid() != 0:
        t.skip('Postfix with roles', "only root can start Postfix's master")
        return
    with Home() as home:
        server = Server(home)
        saslclient.load(home.environment('ours'))
        card, password = home.ticket('pkinit'), home.ticket('timestamp')
        senders(t, server, card, password)
        who(t, server, card, password)
        characters(t, server, card, password)
        rules(t, server, card, password)
        realms(t, server, card, password)
        names(t, server)
        by_password(t, server, password)
        by_saslauthd(t, server)


if __name__ == '__main__':
    tap.run(main)
