#!/usr/bin/env python3
"""memcached -S with our plugin: a value is stored and read after a login, and
nothing before one or after a refused one. The client is a small one of
memcached's binary protocol, with libsasl.
"""

import os
import re

import saslclient
import servers
import setups
import tap
import wire
from memcached import (AUTH, LIST, MORE, OK, REFUSED, STEP, Connection)


class World:
    """memcached with the options that are documented, and more."""

    def __init__(self, home, name, more=''):
        home.write('conf/memcached.conf', setups.setup(
            'memcached.conf', {'cache.example.test': 'localhost'}) + more)
        self.port = servers.free_port()
        user = ['-u', 'root'] if os.geteuid() == 0 else []
        self.server = home.start(
            name, [tap.find('memcached', 'memcached'), '-S', '-vv', '-U',
                   '0', *user, '-l', '127.0.0.1', '-p',
                   str(self.port)], ports=[self.port])


def accepted(t, rows, world):
    """A login, and what is possible before and after it."""
    with Connection(world.port) as connection:
        t.equal(connection.ask(LIST), (OK, b'GS2-KRB5'), 'the mechanism is '
                'offered')
        t.equal(connection.store(b'k', b'early'), (REFUSED, None),
                'nothing is stored without a login')
    with wire.Relay(world.port) as cable:
        with Connection(cable.port) as connection:
            status = connection.log_in()
            stored = connection.store(b'k', b'of alice')
        trips = wire.round_trips(cable.take(), b'GS2-KRB5n,',
                                 b'Authenticated')
    rows.add(status == OK and stored == (OK, b'of alice') and trips == 2,
             'libsasl client, memcached', 'GS2-KRB5', 'no', 'no', trips,
             'alice stores a value',
             (status, stored, trips, world.server.log()))


def refused(t, rows, world):
    """A login that a rule refuses."""
    with wire.Relay(world.port) as cable:
        with Connection(cable.port) as connection:
            status = connection.log_in()
        trips = wire.round_trips(cable.take(), b'GS2-KRB5n,',
                                 b'Auth failure')
    rows.add(status == REFUSED and trips == 2,
             'libsasl client, gs2_require not met, memcached', 'GS2-KRB5',
             'no', 'no', trips, 'refused', (trips, world.server.log()))
    t.contains(world.server.log(), 'not met: gs2:authid=bob',
               'memcached logs why')


def resident(pid):
    """Kilobytes of memory that a process has."""
    with open(f'/proc/{pid}/status', encoding='ascii') as status:
        return int(re.search(r'VmRSS:\s+(\d+) kB', status.read())[1])


def long_names(t, world):
    """libsasl's canon_user loses its copy of a name that is too long for it:
    it does not get such a name."""
    table = []
    for attempts in range(301):
        if attempts in (20, 100, 200, 300):
            table.append((attempts, resident(world.server.pid)))
        with Connection(world.port) as connection:
            with saslclient.Login('memcached', 'localhost', 'GS2-KRB5',
                                  'z' * 200000) as login:
                status, body = connection.ask(AUTH, b'GS2-KRB5',
                                              login.start())
                if status == MORE:
                    status, body = connection.ask(STEP, b'GS2-KRB5', b'')
        if status != REFUSED:
            break
    t.note('| attempts with an authzid of 200,000 octets | RSS, KB |')
    t.note('| --- | --- |')
    for row in table:
        t.note(f'| {row[0]} | {row[1]} |')
    t.equal(status, REFUSED, 'an authzid of 200,000 octets is refused')
    # Its user_realm is the host's name.
    t.ok(re.search(r'has 2000\d\d octets as the application would see it',
                   world.server.log()), 'memcached logs that it is too long')
    t.ok(len(table) == 4 and table[-1][1] - table[0][1] < 2000,
         '280 more of them do not make memcached grow', table)


def main(t):
    """Two servers: a rule is read at the start."""
    rows = servers.Rows(t, 'memcached')
    with servers.Home(services=['memcached']) as home:
        saslclient.load(home.environment('ours'))
        world = World(home, 'memcached')
        accepted(t, rows, world)
        long_names(t, world)
        refused(t, rows, World(home, 'strict', 'gs2_require: '
                               'gs2:authid=bob\n'))
    rows.show()


if __name__ == '__main__':
    tap.run(main)
