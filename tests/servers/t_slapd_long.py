#!/usr/bin/env python3
"""slapd with roles for long: Modifies and Binds without a wait and all rows of
binds under valgrind; 64 connections at once; and what a role costs against a
group with one member. Takes long: with GS2_FULL alone. GS2_LOAD: another
number of seconds for the connections.
"""

import itertools
import os
import statistics
import threading
import time

import memcheck
import saslclient
import slapd
import slapd_races
import slapd_roles as roles
import tap
from fake_ldap import ber
from slapd_roles import SUCCESS

FLIGHTS = 2000
PAUSE = 15000  # microseconds: longer than a Bind takes under valgrind
CLIENTS = 64
# The channels that they take in turn.
CHANNELS = ({'tls': False}, {'tls': True}, {'bound': True},
            {'starttls': True}, {'starttls': True, 'bound': True})
SECONDS = int(os.environ.get('GS2_LOAD') or 60)
ROUNDS, REQUESTS = 15, 400
OURS = ('libgs2-slapd.so', 'libgs2.so')


def ended(t, what, server, check):
    """Nothing of valgrind's report is ours."""
    check.finish(server.program)
    mine = check.errors(*OURS)
    t.equal(mine, [], f'{what}: valgrind has nothing to say of '
            + ' and '.join(OURS))
    t.note(f'{len(check.errors())} of all reports')


def races(t, home):
    """Modifies and Binds, thousands of times."""
    check = memcheck.Memcheck(home.path('races.xml'))
    with slapd_races.start(home, 'slapd-memcheck-races', wrapper=check.command,
                           env=slapd_races.environment(PAUSE)) as server:
        race = slapd_races.Race(home, seed=2)
        race.run(server, FLIGHTS)
        race.report(t, ', under valgrind')
        ended(t, 'races', server, check)


def rows_of_binds(t, home):
    """Each way to bind after each other one."""
    check = memcheck.Memcheck(home.path('binds.xml'))
    with roles.start(home, 'slapd-memcheck-binds',
                     wrapper=check.command) as server:
        binds, wrong = roles.Binds(home), []
        for tls in (False, True):
            with slapd.Connection(server, tls) as conn:
                for pair in itertools.product(binds.ways, repeat=2):
                    wrong += binds.walk(conn, pair)
        t.equal(wrong, [], f'{2 * len(binds.ways) ** 2} pairs of binds, under '
                'valgrind: rights are those of the last one')
        ended(t, 'binds', server, check)


# --- many at once ------------------------------------------------------------

class Clients:
    """Connections, each in a thread of its own: a login, Modifies and
    questions who one is, again and again."""

    def __init__(self, home, server):
        self.server = server
        self.binds = roles.Binds(home)
        self.names = {
            'card': 'alice', "bob's card": 'bob', 'password of bob': 'bob',
            'her own password': 'alice', 'anonymous': '', 'no card': 'alice',
            'bob without': 'bob', 'card, as bob': 'bob',
            'card, as herself': 'alice', 'wrong password': '',
            'wrong message': ''}
        self.lock = threading.Lock()
        self.counts, self.wrong = {}, []
        self.over = 0

    def _turn(self, conn, way):
        bind, wanted = self.binds.ways[way]
        bound, name = bind(conn), self.names[way]
        got = [conn.code(roles.write()) for _ in range(2)]
        said = conn.whoami()
        got.append(conn.code(roles.write()))
        if (bound, got, said) != (
                0, [wanted] * 3, f'dn:{slapd.dn(name)}' if name else ''):
            self.wrong.append((way, bound, got, said))
        with self.lock:
            self.counts[way] = self.counts.get(way, 0) + 1

    def _connect(self, channel, ways):
        """One connection; where it is bound, for one bind: the next one's
        SASL context is a new one, to which slapd gives no binding."""
        with slapd.Connection(self.server, **channel) as conn:
            for way in itertools.islice(ways, 1 if channel.get('bound')
                                        else None):
                if time.monotonic() > self.over:
                    break
                self._turn(conn, way)

    def _client(self, number):
        ways = itertools.islice(itertools.cycle(self.names), number, None)
        try:
            while time.monotonic() < self.over:
                self._connect(CHANNELS[number % len(CHANNELS)], ways)
        except Exception as error:  # whatever it is, answers are lost
            self.wrong.append(repr(error))

    def run(self):
        """All of them, for the time."""
        self.over = time.monotonic() + SECONDS
        threads = [threading.Thread(target=self._client, args=[number])
                   for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def many_at_once(t, home):
    """No answer is another's."""
    with roles.start(home, 'slapd-many-at-once') as server:
        clients = Clients(home, server)
        clients.run()
    t.equal(clients.wrong[:5], [], f'{CLIENTS} connections for {SECONDS} s: '
            "no answer is another's")
    t.equal(sorted(clients.counts), sorted(clients.names), 'each way to bind '
            f'was in use: {sum(clients.counts.values())} binds, '
            f'{4 * sum(clients.counts.values())} requests')
    t.note(clients.counts)


# --- what it costs -----------------------------------------------------------

def cost(t, home):
    """Requests a second with a rule on a role, as a ratio to the same rule on
    a group whose only member is alice: in turns, in one slapd."""
    ldif, access = roles.doors(('role', 'static'))
    ldif = ldif.replace(roles.group_entry('static'),
                        roles.group_entry('static', slapd.dn('alice')))
    rules = {'card': 'auth-indicators=smartcard'}
    server = slapd.start(
        home, 'slapd-cost', options=roles.options(rules), others=ldif,
        access='dbnosync\n' + access.replace(' by * read', ' by * none'),
        more=roles.plugin(home, (roles.group('role'), 'card')), debug='none')
    asked = {'searches': read, 'writes': roles.write}
    with server, slapd.Connection(server, tls=False) as conn:
        conn.gs2(home.ticket('pkinit'))
        for what, request in asked.items():
            times = {'role': [], 'static': []}
            for _ in range(ROUNDS):
                for door, taken in times.items():
                    taken.append(measure(conn, request(roles.door(door))))
            ratio = statistics.median(
                static / role for role, static in zip(*times.values()))
            fast = {door: REQUESTS / statistics.median(taken)
                    for door, taken in times.items()}
            t.note(f'{what} a second: {fast["role"]:.0f} by a role, '
                   f'{fast["static"]:.0f} by a group with one member')
            t.ok(ratio > .5, f'{what}: a role allows {ratio:.2f} times as '
                 'many as a group with one member')


def read(entry):
    """A Search of one entry."""
    return ber(0x63, ber(0x04, entry.encode()), ber(0x0a, b'\0'),
               ber(0x0a, b'\0'), ber(0x02, b'\0'), ber(0x02, b'\0'),
               ber(0x01, b'\0'), ber(0x87, b'objectClass'), ber(0x30))


def measure(conn, request):
    """Seconds for REQUESTS of them, each answered and allowed."""
    begun = time.monotonic()
    for _ in range(REQUESTS):
        answer = conn.ask(request)
        if request[0] == 0x63 and len(answer[0]) > 1:  # an entry
            answer = conn.receive()[1]
        elif request[0] == 0x63:
            raise AssertionError('no entry')
        if answer[0][0] != SUCCESS:
            raise AssertionError(answer)
    return time.monotonic() - begun


def main(t):
    if not os.environ.get('GS2_FULL'):
        t.skip('slapd with roles for long', 'GS2_FULL is not set')
        return
    with slapd.Home() as home:
        saslclient.load(home.environment('ours'))
        races(t, home)
        rows_of_binds(t, home)
        many_at_once(t, home)
        cost(t, home)


if __name__ == '__main__':
    tap.run(main)
