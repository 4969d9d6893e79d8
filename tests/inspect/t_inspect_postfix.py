#!/usr/bin/env python3
"""gs2-inspect and Postfix' smtpd, configured as doc/servers.md says: by
STARTTLS and by TLS from the first octet, and what a refusal is about; and where
smtpd looks for smtpd.conf, and which realm it gives to users. Postfix has no
channel binding.
"""

import os
import smtplib
import ssl
import time

import hostile
import inspected
import mounts
import postfix
import saslclient
import servers
import setups
import sources
import submission
import tap
import tls_proxy

FACTS = '''
  server       smtp@localhost
  offers       GS2-KRB5
  tls          TLSv1.3
{tried}  mechanism    GS2-KRB5
  binding      none: the server has none, or TLS ends before it (a proxy)
  ticket       alice@EXAMPLE.TEST until TIME in FILE:DIR/alice.timestamp.cc
'''
IN = 'logged in\n' + FACTS.format(tried='') + \
    '  principal    alice@EXAMPLE.TEST\n'
REFUSED = 'no login: the server refuses: {text}\nnext: {next}\n' + FACTS

# Postfix gives its daemons no SASL_CONF_PATH, so gs2-inspect gets none.
CONF_ELSEWHERE = {'SASL_CONF_PATH': None, 'SASL_CONFDIR': None}

TLS_SECONDS = 20
TLS_CF = '''\
smtpd_tls_security_level = may
smtpd_tls_cert_file = {0}/server.pem
smtpd_tls_key_file = {0}/server.key
'''


class Home(servers.Home, sources.Sources):
    """A place for Postfix."""


class World:
    """A server of mail, and who asks about it."""

    def __init__(self, home):
        self.home = home
        postfix.prepare(home)
        self.good = {**home.ticket('timestamp'),
                     'SSL_CERT_FILE': home.path('ca.pem')}
        self.main_cf = setups.setup('postfix main.cf', {
            'mail.example.test': 'localhost',
            '/etc/postfix/smtp.keytab': home.realm.keytab}) + TLS_CF.format(
                home.dir)
        self.server = postfix.Postfix(home, 'server', self.main_cf)

    def serve(self, realm_name='EXAMPLE.TEST', more=''):
        """Starts the server anew, with the options that are documented but
        for this realm and what is more."""
        self.server.stop()
        self.server.configure(self.main_cf + more, setups.setup(
            'postfix smtpd.conf', {'EXAMPLE.TEST': realm_name}))
        self.server.start()
        end = time.monotonic() + TLS_SECONDS
        while 'level = none' not in more and not self._speaks_tls(
                'wrappermode' in more):
            assert time.monotonic() < end, self.server.log()
            time.sleep(.1)

    def _speaks_tls(self, at_once):
        """Whether TLS begins: not before smtpd finds tlsmgr, which starts at
        the same time."""
        context = ssl.create_default_context(cafile=self.home.path('ca.pem'))
        try:
            if at_once:
                smtplib.SMTP_SSL('localhost', self.server.port,
                                 context=context).close()
            else:
                with smtplib.SMTP('localhost', self.server.port) as smtp:
                    smtp.starttls(context=context)
        except (OSError, smtplib.SMTPException):
            return False
        return True

    def ask(self, *args, scheme='', port=None):
        """gs2-inspect's answer."""
        return inspected.inspect(
            self.home, 'smtp', *args,
            f'{scheme}localhost:{port or self.server.port}', env=self.good)


def starttls(t, world):
    """The port of submission."""
    world.serve()
    with t.case('STARTTLS'):
        world.ask(scheme='smtp://').is_(0, IN)
    with t.case('STARTTLS, JSON'):
        got = world.ask('-j', scheme='smtp://').json(0)
        assert got['tried'] == [{
            'binding': 'tls-exporter', 'bound': False, 'authzid': None,
            'login': True, 'text': None}], got
        assert (got['binding'], got['service']) == (None, 'smtp'), got
    with t.case('TLS where the server begins without'):
        world.ask().is_(2, '', (
            'gs2-inspect: localhost does not speak TLS: wrong version '
            'number\nnext: smtp:// asks for STARTTLS\n'))
    with t.case('the proxy policy: the login without -a succeeds'):
        world.ask('-a', 'carol', scheme='smtp://').is_(1, REFUSED.format(
            text='535 5.7.8 Error: authentication failed: authentication '
            'failure', next='the user gets in, but not as another one: look '
            "at the server's proxy policy and its gs2_proxy_require", tried='''\
  tried        tls-exporter, not offered, as carol: refused
               tls-exporter, not offered: logged in
'''))
    with t.case('a proxy that goes on without TLS'), tls_proxy.TlsProxy(
            world.server.port, world.home.path('server.pem'),
            world.home.path('server.key'), tls=False) as proxy:
        world.ask(port=proxy.port).is_(0, IN)


def at_once(t, world):
    """The port of submissions, and one without TLS."""
    world.serve(more='smtpd_tls_wrappermode = yes\n')
    with t.case('TLS from the first octet'):
        world.ask(scheme='smtps://').is_(0, IN)
    world.serve(more='smtpd_tls_security_level = none\n')
    with t.case('a server without TLS'):
        world.ask(scheme='smtp://').is_(2, '', (
            'gs2-inspect: localhost offers no STARTTLS: nothing is said '
            'without TLS\n' + hostile.no_tls(465)))


def refused(t, world):
    """By a rule."""
    world.serve(realm_name='OTHER.TEST')
    with t.case('a rule'):
        world.ask(scheme='smtp://').is_(1, REFUSED.format(
            text='535 5.7.8 Error: authentication failed: authorization '
            'failure', next='a rule of the server (gs2_require) or its access '
            'policy keeps this login out: its log says which comparison is '
            'not met', tried=''))


def places(t, world):
    """Which smtpd.conf counts, by what smtpd offers: each file that it may read
    names one mechanism, and without a file there are two of them."""
    etc = '/etc/postfix'
    wrapper = mounts.over({world.server.path(): etc})
    own, other = f'{etc}/sasl', f'{etc}/other'
    os.mkdir(world.server.path('other'))
    for text in ('', own, other, f'/nowhere:{other}', f'{other}:{own}'):
        with t.case(f'smtpd.conf where cyrus_sasl_config_path = {text}'):
            world.server.stop()
            world.server.configure(
                f'{world.main_cf}cyrus_sasl_config_path = {text}\n'
                'smtpd_tls_security_level = none\n', 'mech_list: PLAIN\n')
            world.home.write('server/other/smtpd.conf',
                             'mech_list: GS2-KRB5\n')
            world.server.start(etc, wrapper)
            with submission.Conversation(world.server.port) as smtp:
                offers = smtp.smtp.esmtp_features['auth'].split()
            answer = inspected.inspect(world.home, 'conf', '-j', 'smtpd',
                                       wrapper=wrapper, env=CONF_ELSEWHERE)
            file = {'PLAIN': own, 'GS2-KRB5': other}.get(' '.join(offers))
            if file:
                assert answer.json(answer.status)['file'] == (
                    f'{file}/smtpd.conf'), (offers, answer)
            else:
                assert set(offers) == {'PLAIN', 'GS2-KRB5'}, offers
                assert 'there is no smtpd.conf in ' in answer.raw, answer


def local_domain(t, world):
    """smtpd gives a realm to users without one: what gs2-inspect says of a user
    of ours, and of a foreign one, is what smtpd does."""
    wrapper = mounts.over({world.server.path(): '/etc/postfix'})
    saslclient.load(world.home.environment('ours'))
    alice = ('alice@EXAMPLE.TEST', world.home.ticket('timestamp'))
    carol = ('carol@OTHER.TEST', world.home.foreigner('carol'))
    tag = 'gs2:mech=*\ngs2_tag: +\ngs2_roles: r\ngs2_role_r: gs2:mech=*'
    for domain, rule, (name, ticket) in (
            ('', 'not gs2:authid=alice', alice),
            ('mail.example.test', 'not gs2:authid=alice', alice),
            ('mail.example.test', 'gs2:authid=alice', alice),
            ('mail.example.test', 'gs2:authid=alice@mail.example.test', alice),
            ('OTHER.TEST', 'gs2:authid=carol@OTHER.TEST', carol),
            ('X.TEST', 'gs2:authid=carol@OTHER.TEST', carol),
            ('', tag, alice), ('mail.example.test', tag, alice)):
        with t.case(f'{name}, {domain or "no domain"}: {rule!r}'):
            world.server.stop()
            world.server.configure(
                f'{world.main_cf}smtpd_sasl_local_domain = {domain}\n'
                'smtpd_tls_security_level = none\n',
                f'mech_list: GS2-KRB5\ngs2_require: {rule}\n')
            world.server.start()
            os.environ.update(ticket)
            with submission.Conversation(world.server.port) as smtp:
                code, text = smtp.log_in()
            for more in ((), ('--as', name)):
                answer = inspected.inspect(
                    world.home, *inspected.LOGIN, '-c', 'smtpd', *more,
                    wrapper=wrapper, env={**CONF_ELSEWHERE, **ticket,
                                          'KRB5_KTNAME': None})
                assert (code, answer.status) in ((235, 0), (535, 1)), (
                    code, text, answer, world.server.log())
                assert not domain or code != 235 or (
                    f'@{domain if name is alice[0] else "OTHER.TEST"}\n'
                    ) in answer.out, answer
    with t.case('a domain that is more than a word'):
        world.server.configure(
            f'{world.main_cf}smtpd_sasl_local_domain = $myhostname\n',
            'mech_list: GS2-KRB5\n')
        answer = inspected.inspect(
            world.home, *inspected.LOGIN, '-c', 'smtpd', wrapper=wrapper,
            env={**CONF_ELSEWHERE, **alice[1], 'KRB5_KTNAME': None})
        assert answer.status == 2 and answer.err.startswith(
            'gs2-inspect: cannot tell which realm smtpd gives to users without '
            'one: /etc/postfix/main.cf:'), answer
        assert answer.err.endswith(': smtpd_sasl_local_domain is more than a '
                                   'word\nnext: write it without "$"\n'), answer


def main(t):
    """All of it, or the reason why not."""
    if os.geteuid() != 0:
        t.skip('gs2-inspect smtp and Postfix',
               "only root can start Postfix's master")
        return
    with Home() as home:
        world = World(home)
        for part in (starttls, at_once, refused, places, local_domain):
            part(t, world)


if __name__ == '__main__':
    tap.run(main)
