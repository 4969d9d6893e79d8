#!/usr/bin/env python3
"""The filter of doc/fail2ban-gs2.conf on the whole logs of slapd, imapd,
pop3d, timsieved, lmtpd, smtpd, svnserve, Exim and memcached, as each wrote
them in this run: hostile clients count, each once, with their address; rules
that are not met, clocks, keys and the server's own faults do not.
"""

import os
import re
import shutil

import lockout
import logged
import realm
import saslclient
import tap

# Everybody but slapd, imapd, smtpd and memcached leaves the log to libsasl.
SHOWN = {'log_level': 2, 'mech_list': 'GS2-KRB5 EXTERNAL'}
# memcached does not tell libsasl who its client is.
NO_ADDRESS = ('memcached', 'nnrpd')
# What the plugin logs is in no file that fail2ban can read, or has no address.
UNSEEN = ('389-ds', 'libvirtd', 'Prosody')


class World:
    """The realm: a keytab whose keys the KDC has changed since, clients with
    tickets from before, and with new ones."""

    def __init__(self, home):
        self.home = home
        self.keytab = home.path('old.keytab')
        self.tickets = {'old': home.realm.ccache,
                        'new': home.path('new.cc')}
        r, services = home.realm, home.services
        r.run([realm.tool('kvno'), *[f'{s}/localhost' for s in services]])
        shutil.copy(r.keytab, self.keytab)
        os.chmod(self.keytab, 0o644)
        r.kadmin(*[f'cpw -randkey {s}/localhost' for s in services])
        r.kinit('alice', realm.Realm.password('alice'),
                env={'KRB5CCNAME': f'FILE:{self.tickets["new"]}'})

    def use(self, tickets):
        """Which tickets the clients of this process have from now on."""
        os.environ['KRB5CCNAME'] = f'FILE:{self.tickets[tickets]}'

    def start(self, server):
        """A server with the old keytab, under a rule that alice does not
        meet, whose log has what the plugin says."""
        options = {**SHOWN, 'gs2_require': 'gs2:authid=nobody'}
        if server == 'memcached':
            options[logged.VERBOSE] = True
        return logged.start(self.home, server, options,
                            {'KRB5_KTNAME': f'FILE:{self.keytab}'})


def hostile(it, world):
    """What no honest client sends; what is logged of each."""
    it.say(b'n,,this is no token')
    it.say(b'this is no header,')
    message = world.home.message(it.service)
    it.say(message)
    it.say(message)
    it.say(world.home.unbound(it.service))
    return ['No context has been established', 'malformed', 'is a replay',
            'not bound to the GS2 header']


def honest(it, world):
    """A user whom a rule refuses, a clock that is off, a key that was changed;
    what is logged of each."""
    it.say(world.home.message(it.service))
    it.say(world.home.late(it.service))
    world.use('new')
    it.say(world.home.message(it.service))
    world.use('old')
    return ['rules=not-met', 'Clock skew too great', 'keytab is likely out']


def fault_of_the_server(it, world):
    """The directory of its replay cache is gone."""
    shutil.rmtree(it.replays)
    it.say(world.home.message(it.service))
    return ['No such file or directory']


def log_of(t, what, it, parts):
    """The log since the last call, which has what was provoked."""
    text = ''.join(line.in_file() + '\n' for line in it.lines())
    for part in parts:
        t.ok(re.search(rf'login failed: .*{re.escape(part)}', text),
             f'{what}: {part}', text)
    return text


def main(t):
    """Server by server."""
    if os.geteuid() != 0:
        t.skip('logs of servers', 'only root can start some of them')
        return
    ignored = ''
    with logged.Home() as home:
        saslclient.load(home.environment('ours'))
        world = World(home)
        for server in logged.SERVERS:
            if server in UNSEEN:
                continue
            with world.start(server) as it:
                ignored += log_of(t, server, it, honest(it, world))
                parts = hostile(it, world)
                counted = log_of(t, server, it, parts)
                ignored += log_of(t, server, it,
                                  fault_of_the_server(it, world))
            wanted = 0 if server in NO_ADDRESS else len(parts)
            found = lockout.addresses(counted)
            t.ok(found == ['127.0.0.1'] * wanted,
                 f'{server}: hostile clients count, {wanted} lines',
                 f'{found}\n{counted}')
    found = lockout.addresses(ignored)
    t.ok(found == [], 'honest clients, and faults of the servers, do not',
         f'{found}\n{ignored}')


if __name__ == '__main__':
    tap.run(main)
