#!/usr/bin/env python3
"""Exim and libvirtd that know the roles of a login by the user's name (gs2_tag,
row A7), as doc/servers.md configures them: with the card one may, without it
one may not.
"""

import os

import libvirtd
import logged
import saslclient
import servers
import setups
import sources
import submission
import tap

CEO, ALICE = 'ceo@example.test', 'alice@example.test'
RECIPIENT = 'bob@example.test'


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

def virsh(t, home, how):
    """Who may administer machines."""
    if os.geteuid() != 0:
        t.skip('libvirtd', 'only root can start libvirtd')
        return
    rows = servers.Rows(t, 'libvirtd')
    options = setups.setup('libvirt.conf', {'virt.example.test': 'localhost'})
    with libvirtd.Libvirtd(home, options + 'log_level: 4\n') as server:
        said, trips, log = server.list_machines(how['card'])
        rows.add('test   running' in said, 'virsh, libvirtd', 'GS2-KRB5',
                 'TLS 1.3', 'no', trips, 'smart card: alice lists machines',
                 (said, log))
        said, trips, log = server.list_machines(how['password'])
        rows.add('authentication failed' in said
                 and "identity 'alice' not allowed" in log,
                 'virsh, libvirtd', 'GS2-KRB5', 'TLS 1.3', 'no', trips,
                 'no smart card: refused', (said, log))
        said, trips, log = server.list_machines(how['card'], tls=False)
        t.ok('test   running' not in said and trips == 0
             and 'no SASL mechanisms are available' in log,
             'libvirtd by TCP: GS2 is not offered without TLS', (said, log))
    unmet = options + 'log_level: 4\ngs2_require: gs2:authid=bob\n'
    with libvirtd.Libvirtd(home, unmet, 'strict') as server:
        said, trips, log = server.list_machines(how['card'])
        rows.add('authentication failed' in said
                 and 'the login does not meet the requirements' in log,
                 'virsh, gs2_require not met, libvirtd', 'GS2-KRB5',
                 'TLS 1.3', 'no', trips, 'refused', (said, log))
    rows.show()


def main(t):
    """Each of them, with the same tickets."""
    with Home() as home:
        saslclient.load(home.environment('ours'))
        how = {'card': home.ticket('pkinit'),
               'password': home.ticket('timestamp')}
        virsh(t, home, how)
        exim(t, home, how)


if __name__ == '__main__':
    tap.run(main)
