"""Modifies and Binds that follow each other on one connection without a wait,
and slapd, whose access rules are asked while a Bind replaces who is logged in.

    with slapd_races.start(home) as server:
        race = slapd_races.Race(home)
        race.run(server, 60)
        race.wrong, race.overtaken

What alice's role may write, bob's may not, and the other way round; and nobody
may write the third entry but who is one of them with the role of the other.
"""

import os
import random

import slapd
import slapd_roles as roles
import tree
from slapd_roles import DENIED, STRONGER_AUTH, SUCCESS

__all__ = ['Race', 'environment', 'start']

RULES = {'alices': 'gs2:authid=alice', 'bobs': 'gs2:authid=bob'}
ENTRIES = ('alices', 'bobs', 'mixed')
MIXED = f'''\
access to dn.base="{roles.door('mixed')}"
 by dn.exact="{slapd.dn('alice')}" group.exact="{roles.group('bobs')}" write
 by dn.exact="{slapd.dn('bob')}" group.exact="{roles.group('alices')}" write
 by * read
'''
PAUSE = tree.builddir('tests', 'modules', '.libs', 'pause.so')
# By GS2, by a password as bob, as nobody: a role mostly takes another's place.
LOGINS = ('alice', 'bob', 'alice', 'bob', 'password', 'nobody')
# Whose role's entry it can be. bob by his password is the same DN as bob by
# GS2: a Modify of the one which the Bind of the other overtakes has its role.
OWN = {'alice': 'alices', 'bob': 'bobs', 'password': 'bobs', 'nobody': None}
# Modifies of one login in a flight, at most.
MODIFIES = 6
# What is written by those who may, and by those who may not: slapd does not
# answer a Modify behind which a Bind comes, so the entries have to tell. It
# does not ask the module for it again either, hence the add, which asks once.
MAY, MAY_NOT = 'description', 'street'


def environment(microseconds):
    """That of a slapd which pauses where the module is asked."""
    os.stat(PAUSE)  # what cannot be preloaded is no error
    preload = [os.environ.get('LD_PRELOAD', ''), PAUSE]
    return {'LD_PRELOAD': ' '.join(filter(None, preload)),
            'GS2_PAUSE': str(microseconds)}


def start(home, name='slapd-races', **given):
    """A slapd with the roles, that does not wait for the disk."""
    ldif, access = roles.doors(ENTRIES[:2])
    ldif += (f'dn: {roles.door("mixed")}\nobjectClass: organizationalUnit\n'
             'ou: mixed\n\n')
    lines = roles.plugin(home, *[(roles.group(role), role) for role in RULES])
    return slapd.start(home, name, options=roles.options(RULES), others=ldif,
                       access='dbnosync\n' + access + MIXED, more=lines,
                       **given)


class Race:
    """Flights of requests, and what was answered that no login may be."""

    def __init__(self, home, seed=1):
        self.tickets = {user: home.ticket('timestamp', user)
                        for user in ('alice', 'bob')}
        self.random = random.Random(seed)
        self.wrong = []
        self.binds = self.modifies = 0
        self.overtaken = 0  # Modifies that a Bind has ended

    def _bind(self, conn, who):
        """A request that logs somebody in."""
        if who in self.tickets:
            return slapd.sasl(b'GS2-KRB5', conn.token(self.tickets[who]))
        if who == 'password':
            return slapd.simple(slapd.dn('bob'), 'bob.secret')
        return slapd.simple()

    def _modifies(self, who):
        """Some Modifies: requests, and for each what it is about and its
        result code, if nobody else logs in."""
        for _ in range(self.random.randint(1, MODIFIES)):
            entry = self.random.choice((*ENTRIES, f'{who}s'))
            entry = entry if entry in ENTRIES else 'mixed'
            may = entry == f'{who}s'
            yield (slapd.modify(roles.door(entry), MAY, who)
                   if entry == OWN[who] else
                   slapd.modify(roles.door(entry), MAY_NOT,
                                str(self.random.random()), add=True),
                   (who, entry, SUCCESS if may else
                    STRONGER_AUTH if who == 'nobody' else DENIED))

    def _flight(self, conn, who, next_one):
        """Modifies by who is logged in, the Bind of the next one, and its
        Modifies, none of which waits."""
        before = list(self._modifies(who))
        after = list(self._modifies(next_one))
        first = self._send(conn, before, next_one, after)
        bind = first + len(before)
        last = bind + len(after)
        codes = {}
        while any(n not in codes for n in range(bind, last + 1)):
            number, fields = conn.receive()
            codes[number] = fields[0][0]
        for number, (_request, what) in enumerate(before, first):
            self._judge(what, codes.get(number), overtaken=True)
        self._judge((next_one, 'bind', SUCCESS), codes[bind])
        for number, (_request, what) in enumerate(after, bind + 1):
            self._judge(what, codes[number])
        self.binds += 1
        self.modifies += len(before) + len(after)

    def _send(self, conn, before, next_one, after):
        """The number of the first of them."""
        requests = [request for request, _what in before]
        requests.append(self._bind(conn, next_one))
        requests += [request for request, _what in after]
        return conn.send(*requests) - len(requests) + 1

    def _judge(self, what, code, overtaken=False):
        """slapd gives no answer to what it was doing when a Bind came, and a
        right can end before the Modify asks for it."""
        allowed = {what[2]} | ({None, DENIED} if overtaken else set())
        self.overtaken += overtaken and code != what[2]
        if code not in allowed:
            self.wrong.append((*what, code))

    def run(self, server, flights):
        """So many flights on one connection, and what has come of them."""
        with slapd.Connection(server, tls=False) as conn:
            who = 'nobody'
            for _ in range(flights):
                next_one = self.random.choice(LOGINS)
                self._flight(conn, who, next_one)
                who = next_one
        done = server.client('ldapsearch', '-LLL', '-x', '-D',
                             slapd.dn('alice'), '-w', 'alice.secret', '-b',
                             roles.PAYROLL, f'({MAY_NOT}=*)', 'dn')
        if (done.returncode, done.stdout) != (0, ''):
            self.wrong.append(done.stdout)

    def report(self, t, what):
        """The results."""
        t.equal(self.wrong[:5], [], f'{self.modifies} Modifies and '
                f'{self.binds} Binds without a wait{what}: each has the '
                'rights of its own login, or none')
        t.ok(self.overtaken, f'Binds overtake Modifies{what}')
        t.note(f'{self.overtaken} Modifies were overtaken')
