#!/usr/bin/env python3
"""Prosody, INN's nnrpd and QEMU's VNC with our plugin, as doc/servers.md
configures them. No client of these protocols knows GS2, so the test has a small
one of each, with libsasl. (What they log, and without a key or with a rule
that does not parse: t_levels.py.)
"""

import os

import attempts
import logged
import saslclient
import servers
import setups
import small_servers
import sources
import tap

HOSTS = {'nnrpd': {'news.example.test': 'localhost'},
         'QEMU': {'vm.example.test': 'localhost'}, 'Prosody': {}}
NAMES = {'Prosody': 'prosody options', 'nnrpd': 'INN.conf',
         'QEMU': 'qemu.conf'}
TABLES = {'Prosody': 'prosody', 'nnrpd': 'inn', 'QEMU': 'qemu'}
# What it says at the end to whom it lets in, and to others.
IN = {'Prosody': b'<success', 'nnrpd': b'283 ', 'QEMU': b'0'}
OUT = {'Prosody': b'<failure ', 'nnrpd': b'481 ', 'QEMU': b''}
VNC_SASL = 20  # of the security types of RFB
STARTED = {'Prosody': 'STARTTLS', 'QEMU': 'VeNCrypt'}


class Home(logged.Home, sources.Sources):
    """A place for all of them, and tickets by card and by password."""


def options_of(server):
    """What the document has for it, as a dict."""
    text = setups.setup(NAMES[server], HOSTS[server])
    return dict(line.split(': ', 1) for line in text.splitlines())


class Watch:
    """A server, and rows of what is seen at it."""

    def __init__(self, rows, server, running):
        self.rows = rows
        self.server = server
        self.running = running

    def attempt(self, ticket, authzid=''):
        """A login; its last words, its round trips, the version of TLS."""
        os.environ.update(ticket)
        with saslclient.Login(self.running.service, 'localhost', 'GS2-KRB5',
                              authzid) as login:
            return attempts.attempt(self.running.kind.protocol,
                                    self.running.port, login.start())

    def gets_in(self, ticket, authzid=''):
        """True where it does; the answer must be one of the two."""
        answer = self.attempt(ticket, authzid)[0]
        accepted, refused = IN[self.server], OUT[self.server]
        if not (answer.startswith(accepted)
                or (refused in answer and bool(refused) == bool(answer))):
            raise servers.ServerError(f'{self.server}: {answer}')
        return answer.startswith(accepted)

    def row(self, result, ticket, accepted, how=''):
        """A login that gets in, or does not."""
        answer, trips, tls = self.attempt(ticket)
        wanted = (answer.startswith(IN[self.server]) if accepted else
                  OUT[self.server] in answer
                  and not answer.startswith(IN[self.server]))
        tls = tls.replace('TLS', STARTED.get(self.server, ''))
        self.rows.add(wanted and trips > 0,
                      f'libsasl client{how}, {self.server}', 'GS2-KRB5', tls,
                      'no', trips, result,
                      f'{answer}\n{self.running.lines()}')


def as_documented(t, rows, home, server, how):
    """Who gets in by the rule of the document, and who does not."""
    options = options_of(server)
    with logged.start(home, server, {**options, 'log_level': '2'}) as running:
        watch = Watch(rows, server, running)
        watch.row('alice', how['card'], True)
        log = '\n'.join(line.text for line in running.lines())
        watch.row('a user of a foreign realm: refused', how['foreign'], False,
                  ', gs2_require not met')
        if server == 'QEMU':
            watch.row('no smart card: refused', how['password'], False,
                      ', gs2_require not met')
        t.excludes(log, 'login failed', f'{server}: nothing is logged of a '
                   'login that gets in')
        for authzid in ('alice', 'bob'):
            t.equal(watch.gets_in(how['card'], authzid), authzid == 'alice',
                    f'{server}: alice as {authzid}')


def realms_are_one(t, home, how):
    """Prosody without the rule, and with names that have their realm: what
    the document warns of."""
    with logged.start(home, 'Prosody', {'gs2_authid': 'full'}) as running:
        watch = Watch(None, 'Prosody', running)
        t.equal([watch.gets_in(how['foreign'], authzid) for authzid in (
            '', 'carol@OTHER.TEST', 'carol@EXAMPLE.TEST', 'alice')],
                [True, True, True, False], 'Prosody without the rule: a '
                "foreign realm's carol gets in, also as carol@EXAMPLE.TEST")
        log = '\n'.join(line.text for line in running.lines())
        t.contains(log, 'Authenticated as carol@localhost',
                   'and Prosody takes her for its own carol')


def qemu_in_the_clear(t, home):
    """Without TLS QEMU wants a security layer, which GS2 has not."""
    home.write('clear.conf/qemu.conf', setups.setup(
        'qemu.conf', HOSTS['QEMU']))
    machine = small_servers.qemu(home, 'qemu-clear', {
        'SASL_CONF_PATH': home.path('clear.conf')}, tls=False)
    with machine.program, attempts.Stream(machine.port) as stream:
        stream.put(stream.get(12))
        t.equal(stream.get(stream.get(1)[0]), bytes([VNC_SASL]),
                'QEMU without TLS: SASL is what it wants')
        stream.put(bytes([VNC_SASL]))
        # From 9.2 on it hangs up where it would have to send an empty list.
        t.ok(stream.file.read(4) in (bytes(4), b''),
             'and it offers no mechanism')


def main(t):
    """Each of them."""
    with Home() as home:
        saslclient.load(home.environment('ours'))
        how = {'card': home.ticket('pkinit'),
               'password': home.ticket('timestamp'),
               'foreign': home.foreigner('carol')}
        for server, name in TABLES.items():
            with t.case(f'{server} runs'):
                rows = servers.Rows(t, name)
                as_documented(t, rows, home, server, how)
                rows.show()
        realms_are_one(t, home, how)
        qemu_in_the_clear(t, home)


if __name__ == '__main__':
    tap.run(main)
