#!/usr/bin/env python3
"""Tickets of 2 to 100 KB from each client: what it sends to slapd, Cyrus IMAP
and svnserve, and what it says where that is too much. A table of
doc/servers.md.
"""

import re
import subprocess

import cyrus
import large
import setups
import tap
import t_client_texts

# What a client prints that has logged in.
IN = {'ldapwhoami': 'dn:uid=bob', 'ldapsearch': '^# search result',
      'python_ldap': 'dn:uid=bob', 'imtest': 'S: A01 OK|Authenticated.',
      'mbsync': '>>> [0-9]+ SELECT', 'gsasl': 'Client authentication finished', 'svn': '^$'}
NO_RULE = 'sasl_mech_list: GS2-KRB5\nsasl_pwcheck_method: none\n'
SERVERS = {'imtest': 'imapd', 'mbsync': 'imapd', 'gsasl': 'imapd',
           'svn': 'svnserve'}


class Home(t_client_texts.Home):
    """A place for the servers, and tickets of any size."""

    def __init__(self):
        super().__init__()
        large.configure(self.realm)


def says(text):
    """Of what a client says, what is shown."""
    found = re.findall(r'NO [a-z ]+|overflowed buffer|\[NO\].*|.*[Ee]rror.*',
                       text)
    return f'`{found[0].strip()[:70]}`' if found else 'nothing'


def login(world, client):
    """What a client says; imtest does not end where its buffer is full."""
    try:
        return getattr(world, client)({}, False)
    except subprocess.TimeoutExpired as error:
        return error.stdout.decode()


def main(t):
    """Size by size."""
    cache = {'KRB5RCACHENAME': 'none:'}  # slapd, another user, has that file
    found = {client: ['none', '', ''] for client in IN}
    with Home() as home, cyrus.Cyrus(home, NO_RULE, env=cache) as imapd:
        world = t_client_texts.World(home, imapd)
        for size in large.SIZES:
            large.ticket(home.realm, size, 'bob')
            for client, row in found.items():
                if row[1]:
                    continue
                said = login(world, client)
                if re.search(IN[client], said, re.M):
                    row[0] = f'{size}'
                else:
                    row[1:] = [f'{size}', says(said)]
                    t.note(f'{client} {size}: {said[-3000:]}')
    for row in setups.table('limits of clients'):
        client = row[0].replace('-', '_')
        seen = [SERVERS.get(client, 'slapd'), *found.pop(client)]
        t.note('| ' + ' | '.join([row[0], *seen]) + ' |')
        t.equal(seen, row[1:], f'{row[0]}: the row of the page')
    t.equal(found, {}, 'the page has these clients')


if __name__ == '__main__':
    tap.run(main)
