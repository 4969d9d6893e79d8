#!/usr/bin/env python3
"""What each server's log shows, as Debian configures it, of what an
administrator has to know of GS2, and where: each cell of the table of
doc/troubleshooting.md is what was seen in this run. fail2ban locks nobody out
for it, but for those who are not bound.
"""

import os
import re
import shutil
import tempfile

import lockout
import logged
import saslclient
import setups
import t_troubles
import tap
import tree

PAGE = tree.srcdir('doc', 'troubleshooting.md')
ASKED = {'mech_list': 'GS2-KRB5 EXTERNAL'}
# What makes a server say more than by default, as the table has it.
MORE = {server: ('log_level: 2', {'log_level': '2'})
        for server in logged.SERVERS}
MORE['memcached'] = (logged.VERBOSE, {logged.VERBOSE: True})
for cyrus_server in logged.CYRUS:
    MORE[cyrus_server] = ('sasl_log_level: 2', {'log_level': '2'})
# Those that would run as root here, and can read any keytab.
AS_NOBODY = ('slapd', 'svnserve', 'memcached')


class State:
    """What servers are like: options, environment, whether they run as nobody;
    and the columns that are about it, with the entry of the page that has the
    line."""

    def __init__(self, columns, options=None, env=None, nobody=False):
        self.columns = columns
        self.options = options or {}
        self.env = env or {}
        self.nobody = nobody
        self.lets_in = 'binding refused' in columns


def states(unreadable):
    """All of them; the columns are the table's, in its order."""
    return (
        State({'no key': 'no-key'},
              env={'KRB5_KTNAME': 'FILE:/nowhere/keytab'}),
        State({'key not readable': 'no-key'},
              env={'KRB5_KTNAME': 'FILE:' + unreadable}, nobody=True),
        State({'rule broken': 'rule-broken'},
              {'gs2_require': 'gs2:authid='}),
        State({'rule not met': 'rule-not-met', 'binding refused': 'not-bound'},
              {'gs2_require': 'gs2:authid=nobody'}))


def where(lines, trouble):
    """Where the line of an entry is; None for nowhere."""
    wanted = t_troubles.pattern(t_troubles.texts()[trouble])
    return next((line.where for line in lines
                 if re.search(wanted, line.text)), None)


class Table:
    """What is seen: rows by server, and all lines."""

    def __init__(self, home):
        self.home = home
        self.cells = {}
        self.lines = []

    def run(self, server, state, more=None):
        """One start of a server, or of all of Cyrus's, and attempts at a
        login. (Postfix takes none for a minute after its smtpd has ended.)"""
        user = 'nobody' if state.nobody and server in AS_NOBODY else None
        options = {**ASKED, **state.options, **(more or {})}
        with logged.start(self.home, server, options, state.env, user,
                          starts=False) as it:
            for name in logged.together(server):
                one = it.beside(name) if it.ports else it
                one.say(self.home.unbound(one.service))
                if state.lets_in:
                    one.say(self.home.message(one.service))
                lines = one.lines()
                self.lines += lines
                for column, trouble in state.columns.items():
                    self.fill(name, column, where(lines, trouble), more)

    def fill(self, server, column, place, more):
        """A cell, unless there is one: the first run has no more options."""
        if place is None:
            return
        cell = f'`{place}`'
        if more:
            cell += f' with `{MORE[server][0]}`'
        self.cells.setdefault((server, column), cell)

    def rest(self):
        """The logs, without the lines of clients that are not bound."""
        return ''.join(line.in_file() + '\n' for line in self.lines
                       if 'not bound to' not in line.text)

    def row(self, server, columns):
        """A row as the page has it."""
        return [server] + [self.cells.get((server, column), 'no')
                           for column in columns]


def main(t):
    """Row by row."""
    if os.geteuid() != 0:
        t.skip('logs of nine servers', 'only root can start some of them')
        return
    with logged.Home() as home, tempfile.TemporaryDirectory() as place:
        saslclient.load(home.environment('ours'))
        os.chmod(place, 0o711)
        keytab = shutil.copy(home.realm.keytab, place)
        os.chmod(keytab, 0o600)
        table, columns = Table(home), []
        for state in states(keytab):
            columns += state.columns
            for server in logged.SERVERS:
                if server != logged.together(server)[0]:
                    continue
                table.run(server, state)
                if any((name, column) not in table.cells
                       for name in logged.together(server)
                       for column in state.columns):
                    table.run(server, state, MORE[server][1])
    shown = {row[0]: row for row in setups.table('logs', PAGE)}
    rows = {server: table.row(server, columns) for server in logged.SERVERS}
    t.note('| server | ' + ' | '.join(columns) + ' |')
    for server, row in rows.items():
        t.note('| ' + ' | '.join(row) + ' |')
        t.equal(row, shown.get(server), f'{server}: the row of the page')
    t.equal(sorted(shown), sorted(rows), 'the page has these servers')
    t.equal(lockout.addresses(table.rest()), [],
            'the filter of fail2ban counts none of the other lines')


if __name__ == '__main__':
    tap.run(main)
