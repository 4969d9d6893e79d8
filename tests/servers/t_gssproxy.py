#!/usr/bin/env python3
"""slapd under gssproxy, with no keytab that it can read: what goes on as ever,
and what gssproxy cannot, as doc/servers.md says it.
"""

import os
import shutil
import socket
import tempfile
import time

import servers
import setups
import slapd
import sources
import tap
from slapd import KRB5, Watch

USER = 'nobody'
KEYTAB = '/etc/ldap/ldap.keytab'
REFUSED = 'the login does not meet the requirements of the server'
UNBOUND = ('only where there is a channel binding', ' err=7 ')
START_SECONDS = 60
PAUSE_SECONDS = 60


class Proxy:
    """A gssproxy and the keytab that it alone can read."""

    def __init__(self, home):
        self.home = home
        self.dir = tempfile.mkdtemp(prefix='gs2-gssproxy.')
        os.chmod(self.dir, 0o711)
        self.keytab = os.path.join(self.dir, 'keytab')
        shutil.copy(home.realm.keytab, self.keytab)
        os.chmod(self.keytab, 0o600)
        self.socket = os.path.join(self.dir, 'slapd.socket')
        os.mkdir(os.path.join(self.dir, 'conf.d'))
        text = setups.setup('gssproxy.conf', {KEYTAB: self.keytab,
                                              'openldap': USER})
        self.conf = os.path.join(self.dir, 'gssproxy.conf')
        with open(self.conf, 'w', encoding='utf-8') as out:
            out.write(f'[gssproxy]\n{text}  socket = {self.socket}\n')
        self.program = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exc):
        self.program.stop()
        shutil.rmtree(self.dir)

    def environment(self):
        """What a program needs that shall use it."""
        return {**setups.environment('gssproxy environment', script=True),
                'GSSPROXY_SOCKET': self.socket, 'KRB5_KTNAME': self.keytab,
                'GSS_MECH_CONFIG': None}

    def start(self):
        """Starts it; it is ready when its socket answers."""
        rcache = 'file2:' + os.path.join(self.dir, 'rcache')
        self.program = self.home.start(
            'gssproxy', [tap.find('gssproxy', 'gssproxy'), '-i', '-d',
                         '-c', self.conf,
                         '-C', os.path.join(self.dir, 'conf.d'),
                         '-s', os.path.join(self.dir, 'default.socket')],
            env={'KRB5RCACHENAME': rcache})
        end = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.program.process.poll() is not None or \
                    time.monotonic() > end:
                raise servers.ServerError('gssproxy: ' + self.program.log())
            time.sleep(.02)

    def answers(self):
        """True where something listens on the socket."""
        with socket.socket(socket.AF_UNIX) as sock:
            return sock.connect_ex(self.socket) == 0


def run(rows, home, proxy, name, **options):
    """A slapd behind the proxy, watched."""
    server = slapd.start(home, name, user=USER, env=proxy.environment(),
                         **options)
    return Watch(rows, server, ' under gssproxy')


def as_documented(t, rows, home, proxy):
    """slapd as doc/servers.md says."""
    options = setups.setup('gssproxy options')
    with run(rows, home, proxy, 'slapd-local', options=options) as watch:
        t.equal(watch.server.user(), USER, 'whom slapd runs as')
        watch.in_the_clear(('ldapwhoami', 'alice'),
                           env=home.ticket('timestamp'),
                           says=f'dn:{slapd.dn("alice")}\n')
        watch.under_tls('StartTLS', '1.3', 'tls-endpoint')
        watch.in_the_clear(('ldapwhoami',
                            'a user of a foreign realm: refused'),
                           env=home.foreigner(),
                           refused=('no local name for the peer',) * 2)
        restarted(t, watch, proxy)


def restarted(t, watch, proxy):
    """gssproxy goes and comes back: logins go on."""
    ticket = watch.home.ticket('timestamp')
    proxy.program.stop()
    done = watch.server.whoami(*KRB5, env=ticket)
    t.ok(watch.refuses(done, 'the server has no GS2-KRB5 credential',
                       'login failed'),
         'without gssproxy nobody logs in', f'{done}\n{watch.server.log()}')
    t.excludes(done.stdout, proxy.dir, 'the client sees no path')
    proxy.start()
    end = time.monotonic() + PAUSE_SECONDS
    while done.returncode != 0 and time.monotonic() < end:
        time.sleep(.5)
        done = watch.server.whoami(*KRB5, env=ticket)
    t.equal((done.returncode, done.stdout), (0, f'dn:{slapd.dn("alice")}\n'),
            'after its restart logins go on')


def rules(rows, home, proxy):
    """Rules: facts are as ever, attributes are not there."""
    bound = sources.setup_of('channel binding for all')['gs2_require']
    both = ('gs2_authid: local\n'
            f'gs2_require: {bound} and gs2:realm=EXAMPLE.TEST\n')
    with run(rows, home, proxy, 'slapd-bound', options=both) as watch:
        watch.under_tls('StartTLS', '1.2', 'tls-endpoint',
                        program='ldapwhoami, gs2_require a binding')
        watch.in_the_clear(('ldapwhoami, gs2_require a binding', 'refused'),
                           env=home.ticket('timestamp'),
                           refused=UNBOUND)
    with run(rows, home, proxy, 'slapd-factor',
             options=setups.setup('slapd options')) as watch:
        watch.in_the_clear(('ldapwhoami, gs2_require a second factor',
                            'refused, though there was one'),
                           env=home.ticket('pkinit'),
                           refused=(REFUSED, 'not met: auth-indicators='))


def full_names(t, rows, home, proxy):
    """gs2_authid: auto does not take the realm off, anybody's; and what the
    GSSAPI plugin does there."""
    with run(rows, home, proxy, 'slapd-auto') as watch:
        for ticket, name in ((home.ticket('timestamp'), 'alice@example.test'),
                             (home.foreigner(), 'carol@other.test')):
            watch.in_the_clear(('ldapwhoami, gs2_authid auto', name),
                               env=ticket, says=f'dn:{slapd.dn(name)}\n')
    theirs = {'SASL_PATH': home.path('gssapi')}
    proxy_env = {**proxy.environment(), **theirs}
    with slapd.start(home, 'slapd-gssapi', user=USER,
                     env=proxy_env) as server:
        done = server.whoami('-Y', 'GSSAPI',
                             env={**home.foreigner(), **theirs})
        t.equal((done.returncode, done.stdout),
                (0, 'dn:uid=carol,cn=gssapi,cn=auth\n'),
                "the GSSAPI plugin takes a foreign realm's carol for our own")


def without_it(t, home, proxy):
    """The same slapd that does not ask gssproxy: there is no other way to the
    key."""
    env = {**proxy.environment(), 'GSS_USE_PROXY': None}
    with slapd.start(home, 'slapd-alone', user=USER, env=env) as server:
        done = server.whoami(*KRB5, env=home.ticket('timestamp'))
        t.ok(done.returncode != 0 and 'no mechanism' in done.stdout,
             'slapd alone has no key', f'{done}\n{server.log()}')


def main(t):
    """All of them in one realm."""
    if os.geteuid() != 0:
        t.skip('slapd under gssproxy', 'only root can keep a key from the '
               'user that slapd runs as')
        return
    rows = servers.Rows(t, 'gssproxy')
    with slapd.Home() as home:
        home.foreigner()
        with Proxy(home) as proxy:
            as_documented(t, rows, home, proxy)
            rules(rows, home, proxy)
            full_names(t, rows, home, proxy)
            without_it(t, home, proxy)
    rows.show()


if __name__ == '__main__':
    tap.run(main)
