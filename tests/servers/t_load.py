#!/usr/bin/env python3
"""Load: fifty clients at once for a minute against slapd, whose threads share
one plugin, and against Cyrus IMAP, which has a process for each; meanwhile
the service's key is changed once. No login is lost, and memory stays as it is.
Takes long: with GS2_FULL alone. GS2_LOAD: another number of seconds.
"""

import os
import re
import shutil
import statistics
import time

import crowd
import cyrus
import realm
import saslclient
import slapd
import tap

CLIENTS = 50
SECONDS = int(os.environ.get('GS2_LOAD') or 60)
SAMPLES = 12
WARM, NEW_KEY, OLD_KEY_GONE = 4, 6, 9  # after which sample
# What a process may grow once it is warm. slapd's one process grows some
# percent by itself, with any mechanism, and has tens of thousands of logins;
# one of Cyrus has a hundred. A kilobyte a login would be more than either.
SLAPD_GROWTH, CYRUS_GROWTH = 1.15, 1.02


class Home(cyrus.Home, slapd.Home):
    """A place for both servers."""


class Ticket:
    """The clients' ticket, got with a second factor; a new one takes the place
    of the old one at once."""

    def __init__(self, home):
        self.home = home
        self.path = home.path('crowd.cc')
        self.renew()

    def renew(self):
        """Another one, without any ticket for a service in it."""
        fresh = self.home.fresh(how='pkinit')['KRB5CCNAME']
        shutil.copy(fresh.removeprefix('FILE:'), self.path + '.new')
        os.replace(self.path + '.new', self.path)


def memory(pid):
    """What a process has for itself alone, in KB; 0 where it is gone."""
    try:
        with open(f'/proc/{pid}/status', encoding='utf-8') as status:
            found = re.search(r'^RssAnon:\s+(\d+) kB$', status.read(), re.M)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def children(pid, name):
    """The processes of that name which are children of pid."""
    found = []
    for number in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{number}/stat', encoding='utf-8') as stat:
                before, _, after = stat.read().rpartition(') ')
        except OSError:
            continue  # it has ended meanwhile
        if before.endswith(f'({name}') and int(after.split()[1]) == pid:
            found.append(int(number))
    return found


class Load:
    """One server under load: samples of it, and what came of the logins."""

    def __init__(self, home, ticket, service, clients, processes):
        self.realm = home.realm
        self.ticket = ticket
        self.principal = f'{service}/localhost'
        self.clients = clients
        self.processes = processes
        self.samples = []

    def run(self):
        """All of it."""
        begun = time.monotonic()
        with self.clients:
            for number in range(1, SAMPLES + 1):
                end = begun + SECONDS * number / SAMPLES
                time.sleep(max(0, end - time.monotonic()))
                self.samples.append((self.clients.logins,
                                     {pid: memory(pid)
                                      for pid in self.processes()}))
                if number == NEW_KEY:
                    self.new_key()
                if number == OLD_KEY_GONE:
                    self.realm.kadmin(f'ktremove -k {self.realm.keytab} '
                                      f'{self.principal} old')

    def new_key(self):
        """A new key beside the old one, then tickets for the new one."""
        self.realm.ktadd(self.realm.keytab, self.principal, new_keys=True)
        self.ticket.renew()

    def versions(self):
        """The versions of the service's key in the keytab."""
        listed = self.realm.run([realm.tool('klist'), '-k',
                                 self.realm.keytab])
        return {int(line.split()[0]) for line in listed.splitlines()
                if f' {self.principal}@' in line}

    def growth(self):
        """By which factor processes grew that were there when they were warm
        and at the end: the median, since one may just have begun."""
        warm, end = self.samples[WARM - 1][1], self.samples[-1][1]
        factors = [end[pid] / warm[pid] for pid in warm
                   if warm[pid] and end.get(pid)]
        return statistics.median(factors) if factors else None

    def report(self, t, name, allowed):
        """The figures, and the results."""
        t.note(f'{name}: {CLIENTS} clients at once')
        t.note(f'{"seconds":>10} {"logins":>8} {"processes":>10} '
               f'{"KB, all":>10} {"KB, largest":>12}')
        for number, (logins, sizes) in enumerate(self.samples, 1):
            t.note(f'{SECONDS * number // SAMPLES:>10} {logins:>8} '
                   f'{len(sizes):>10} {sum(sizes.values()):>10} '
                   f'{max(sizes.values(), default=0):>12}')
        clients, growth = self.clients, self.growth()
        t.note(f'{clients.logins} logins, {clients.logins // SECONDS} a '
               f'second; the slowest took {clients.slowest:.2f} s')
        t.equal(clients.failures[:3], [], f'{name}: no login is lost')
        t.ok(clients.logins > self.samples[NEW_KEY - 1][0] + CLIENTS,
             f'{name}: logins go on when the key is changed', self.samples)
        t.equal(self.versions(), {2}, f'{name}: the old key is gone')
        t.ok(growth and growth < allowed, f'{name}: memory stays as it is '
             f'({growth or 0:.3f} times)', f'{allowed} times are allowed')


def with_slapd(t, home, ticket):
    """slapd: one process, many threads."""
    with slapd.start(home) as server:
        clients = crowd.Crowd(CLIENTS, crowd.ldap_login, server.port)
        load = Load(home, ticket, 'ldap', clients,
                    lambda: [server.program.pid])
        load.run()
    load.report(t, 'slapd', SLAPD_GROWTH)
    t.equal(clients.said, {f'dn:{slapd.dn("alice")}'},
            'slapd: every login is one of alice')


def with_cyrus(t, home, ticket):
    """Cyrus: a process a client, of those that are there."""
    with cyrus.Cyrus(home) as server:
        clients = crowd.Crowd(CLIENTS, crowd.imap_login,
                              server.ports['imap'])
        load = Load(home, ticket, 'imap', clients,
                    lambda: children(server.program.pid, 'imapd'))
        load.run()
        log = server.log()
    load.report(t, 'Cyrus IMAP', CYRUS_GROWTH)
    t.equal(len(re.findall(r'login: .* alice GS2-KRB5 User logged in', log)),
            clients.logins, 'Cyrus IMAP: every login is one of alice')


def main(t):
    """Both servers, one after the other."""
    if not os.environ.get('GS2_FULL'):
        t.skip('load', 'GS2_FULL is not set')
        return
    with Home() as home:
        ticket = Ticket(home)
        saslclient.load({**home.environment('ours'),
                         'KRB5CCNAME': 'FILE:' + ticket.path})
        with_slapd(t, home, ticket)
        with_cyrus(t, home, ticket)


if __name__ == '__main__':
    tap.run(main)
