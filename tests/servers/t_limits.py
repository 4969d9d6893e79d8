#!/usr/bin/env python3
"""Tickets of 2 to 100 KB, by many authentication indicators, through each
server: what it takes, and what it says of more. A table of doc/servers.md.
"""

import os
import re

import attempts
import large
import logged
import saslclient
import setups
import tap

# What a server says to whom it lets in.
ACCEPTED = {'imap': rb'^a OK', 'pop3': rb'^\+OK', 'sieve': rb'^OK',
            'lmtp': rb'^235', 'smtp': rb'^235', 'ldap': rb'a.{1,5}\n\x01\x00',
            'svn': rb'success', 'memcached': rb'Authenticated',
            'nntp': rb'^28[13]', 'xmpp': rb'<success', 'vnc': rb'^0$',
            'libvirt': rb'^\x00\x00\x00\x01'}
# One takes long to start, and to the other alice may not log in.
LEFT_OUT = ('389-ds', 'lmtpd')


class Home(logged.Home):
    """A place for all servers, and tickets of any size."""

    def __init__(self):
        super().__init__()
        large.configure(self.realm)


def messages(t, home):
    """The first messages to each service, by service and size."""
    services = {kind.service for kind in logged.SERVERS.values()}
    found = {}
    for size in large.SIZES:
        large.ticket(home.realm, size)
        for service in services:
            found[service, size] = home.message(service)
        octets = len(found['ldap', size])
        t.ok(.85 < octets / (size * 1000) < 1.15,
             f'a first message of about {size} KB: {octets} octets')
    return found


def says(answer):
    """What of a refusal can be shown."""
    text = answer.decode('ascii', 'replace').split('\r')[0].strip()
    found = re.search(r'[A-Za-z0-9*+.-][ -~]{3,70}', text)
    return f'`{found[0]}`' if found else 'nothing'


def largest(server, running, said):
    """The largest that gets in, the next, and what was said of that."""
    kind, last = logged.SERVERS[server], 'none'
    for size in large.SIZES:
        answer = attempts.say(kind.protocol, running.port,
                              said[kind.service, size])
        if not re.search(ACCEPTED[kind.protocol], answer, re.S):
            return [f'{last}', f'{size}', says(answer)]
        last = size
    return [f'{last}', '', '']


def rows(home, said):
    """A row for each server."""
    for server in logged.SERVERS:
        if server in LEFT_OUT or server != logged.together(server)[0]:
            continue
        with logged.start(home, server, {'log_level': '2'}) as running:
            for name in logged.together(server):
                if name in LEFT_OUT:
                    continue
                one = running.beside(name) if running.ports else running
                yield [name, *largest(name, one, said)]
    with logged.start(home, 'smtpd', {logged.RESPONSES: True}) as running:
        yield [f'smtpd, `{logged.RESPONSES}`',
               *largest('smtpd', running, said)]


def main(t):
    """Row by row."""
    if os.geteuid() != 0:
        t.skip('large tickets', 'only root can start some of the servers')
        return
    shown = {row[0]: row for row in setups.table('limits')}
    seen = []
    with Home() as home:
        saslclient.load(home.environment('ours'))
        said = messages(t, home)
        for row in rows(home, said):
            seen.append(row[0])
            t.note('| ' + ' | '.join(row) + ' |')
            t.equal(row, shown.get(row[0]), f'{row[0]}: the row of the page')
    t.equal(sorted(seen), sorted(shown), 'the page has these servers')


if __name__ == '__main__':
    tap.run(main)
