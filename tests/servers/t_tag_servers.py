#!/usr/bin/env python3
"""Exim and libvirtd that know the roles of a login by the user's name (gs2_tag,
row A7), as doc/servers.md configures them: with the card one may, without it
one may not.
"""

import os
import re

import logged
import mounts
import saslclient
import servers
import setups
import sources
import submission
import tap

CEO, ALICE = 'ceo@example.test', 'alice@example.test'
RECIPIENT = 'bob@example.test'
# Of libvirt's remote protocol: a login begins and goes on.
START, STEP = 68, 69
CERTIFICATES = {'cacert': 'ca.pem', 'servercert': 'server.pem',
                'serverkey': 'server.key', 'clientcert': 'server.pem',
                'clientkey': 'server.key'}
LIBVIRTD_CONF = '''\
listen_addr = "127.0.0.1"
tls_port = "{port}"
unix_sock_dir = "{run}"
key_file = "{keys}/serverkey.pem"
cert_file = "{keys}/servercert.pem"
ca_file = "{keys}/cacert.pem"
log_outputs = "1:stderr"
log_filters = "1:rpc"
'''


class Home(logged.Home, sources.Sources):
    """A place for all of them, and tickets by card and by password."""


def options_of(name):
    """A setup that is options, as a dict."""
    return dict(line.split(': ', 1)
                for line in setups.setup(name).splitlines())


# --- Exim --------------------------------------------------------------------

def exim(t, home, how):
    """Who may send as ceo@."""
    if os.geteuid() != 0:
        t.skip('Exim with roles', 'only root can start Exim')
        return
    with logged.start(home, 'Exim',
                      {**options_of('exim roles options'), 'log_level': '4'},
                      acl=setups.setup('exim roles')) as server:
        for name, ticket, wanted in (('alice+smartcard', how['card'], 250),
                                     ('alice', how['password'], 550)):
            os.environ.update(ticket)
            with submission.Conversation(server.port) as smtp:
                code = smtp.log_in()[0]
                answers = [smtp.offer_mail(sender, RECIPIENT)[0]
                           for sender in (CEO, ALICE)]
            t.equal((code, *answers), (235, wanted, 250),
                    f'Exim: {name} as ceo@: {wanted}')
        log = '\n'.join(line.text for line in server.lines())
        t.contains(log, 'authid="alice" authzid="alice" '
                   'principal="alice@EXAMPLE.TEST" delegated=no '
                   'roles="smartcard" tag="+smartcard"',
                   'Exim: the log has the name and the tag')


# --- libvirtd ----------------------------------------------------------------

class Libvirtd:
    """libvirtd with its driver for tests alone, which is built in."""

    def __init__(self, home):
        self.home = home
        self.virsh = tap.find('virsh', 'libvirt-clients')
        binary = tap.find('libvirtd', 'libvirt-daemon')
        for name, file in CERTIFICATES.items():
            home.write(f'pki/{name}.pem', '')
            os.remove(home.path(f'pki/{name}.pem'))
            os.symlink(home.path(file), home.path(f'pki/{name}.pem'))
        os.mkdir(home.path('run'))
        self.port = servers.free_port()
        home.write('conf/libvirt.conf', setups.setup(
            'libvirt.conf', {'virt.example.test': 'localhost'})
            + 'log_level: 4\n')
        conf = home.write('libvirtd.conf', setups.setup('libvirtd.conf')
                          + LIBVIRTD_CONF.format(
                              port=self.port, run=home.path('run'),
                              keys=home.path('pki')))
        self.server = home.start(
            'libvirtd', [*mounts.over({home.path('run'): '/run'}), binary,
                         '-l', '-f', conf, '-p', home.path('libvirtd.pid')],
            ports=[self.port],
            env={'LIBVIRT_DRIVER_DIR': home.path('run')})

    def list_machines(self, ticket):
        """What virsh prints, and the round trips of the login."""
        line = setups.setup('virsh', {
            'virsh': self.virsh, 'qemu+tls://virt.example.test/system':
            f'test+tls://localhost:{self.port}/default'
            f'?pkipath={self.home.path("pki")}'}).split()
        before = len(self.server.log())
        done = self.home.run(line, env=ticket)
        log = self.server.log()[before:]
        trips = len(re.findall(f'MSG_RX: .* proc=({START}|{STEP}) ', log))
        return done.stdout, trips, log


def libvirtd(t, home, how):
    """Who may administer machines."""
    if os.geteuid() != 0:
        t.skip('libvirtd', 'only root can start libvirtd')
        return
    rows = servers.Rows(t, 'libvirtd')
    server = Libvirtd(home)
    with server.server:
        said, trips, log = server.list_machines(how['card'])
        rows.add('test   running' in said, 'virsh, libvirtd', 'GS2-KRB5',
                 'TLS 1.3', 'no', trips, 'smart card: alice lists machines',
                 (said, log))
        said, trips, log = server.list_machines(how['password'])
        rows.add('authentication failed' in said
                 and "identity 'alice' not allowed" in log,
                 'virsh, libvirtd', 'GS2-KRB5', 'TLS 1.3', 'no', trips,
                 'no smart card: refused', (said, log))
    rows.show()


def main(t):
    """Each of them, with the same tickets."""
    with Home() as home:
        home.add_service('libvirt')
        saslclient.load(home.environment('ours'))
        how = {'card': home.ticket('pkinit'),
               'password': home.ticket('timestamp')}
        libvirtd(t, home, how)
        exim(t, home, how)


if __name__ == '__main__':
    tap.run(main)
