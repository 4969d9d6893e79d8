#!/usr/bin/env python3
"""What each server's log shows, as Debian configures it, of what an
administrator has to know of GS2, and where: each cell of the table of
doc/troubleshooting.md is what was seen in this run. fail2ban locks nobody out
for it, but for those who are not bound.
"""

import gzip
import os
import re
import shutil
import subprocess
import tempfile

import lockout
import logged
import saslclient
import setups
import t_servers
import t_troubles
import tap
import tree

PAGE = tree.srcdir('doc', 'troubleshooting.md')
ASKED = {'mech_list': 'GS2-KRB5 EXTERNAL'}
# What makes a server say more than by default, as the table has it.
MORE = {server: ('log_level: 2', {'log_level': '2'})
        for server in logged.SERVERS}
MORE['memcached'] = (logged.VERBOSE, {logged.VERBOSE: True})
MORE['389-ds'] = (logged.LOGINS, {logged.LOGINS: True})
for cyrus_server in logged.CYRUS:
    MORE[cyrus_server] = ('sasl_log_level: 2', {'log_level': '2'})
PACKAGES = {'slapd': 'slapd', 'smtpd': 'postfix', 'svnserve': 'subversion',
            'Exim': 'exim4-daemon-heavy', 'memcached': 'memcached',
            '389-ds': '389-ds-base', 'libvirtd': 'libvirt-daemon',
            'nnrpd': 'inn2', 'Prosody': 'prosody', 'QEMU': 'qemu-system-x86',
            **{server: 'cyrus-imapd' for server in logged.CYRUS}}
# The releases of Debian whose versions the table has, in its order.
RELEASES = ('12', '13')
# Those that would run as root here, and can read any keytab.
AS_NOBODY = ('slapd', 'svnserve', 'memcached', 'Prosody', 'QEMU')
ONLY_ROOT = ('libvirtd',)
# It takes long to start.
SLOW = () if os.environ.get('GS2_FULL') else ('389-ds',)


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
        return [server] + [
            'it is root' if server in ONLY_ROOT and 'readable' in column
            else self.cells.get((server, column), 'no') for column in columns]


# --- the table of servers ----------------------------------------------------

def version(package):
    """The version that a package's authors gave it, without the number that
    changes within a release of Debian; of one that is unpacked and not
    installed, by its list of changes."""
    apart = f'{logged.APART}/{package}/usr/share/doc/{package}'
    if os.path.exists(apart):
        with gzip.open(f'{apart}/changelog.Debian.gz', 'rt',
                       encoding='utf-8') as changes:
            text = changes.readline().split()[1].strip('()')
    else:
        query = ['dpkg-query', '-W', '-f', '${Version}', package]
        text = subprocess.run(query, stdout=subprocess.PIPE, text=True,
                              check=True).stdout
    return re.match(r'(?:\d+:)?(\d+\.\d+)', text)[1]


def seen_at(server):
    """The rows of all tables of doc/servers.md that are about a server; each
    was compared with its run."""
    return [row for row in t_servers.details()
            if row[0].rpartition(', ')[2] == server]


def release():
    """The number of this release of Debian; sid has none."""
    with open('/etc/os-release', encoding='utf-8') as system:
        found = re.search(r'^VERSION_ID="(\d+)"', system.read(), re.M)
    return found and found[1]


def server_row(server, levels, versions):
    """A row of the table of servers. Each server has refused a login for its
    service by a rule in its file. versions are those of the page, by release;
    that of this release is what is installed."""
    kind, rows = logged.SERVERS[server], seen_at(server)
    versions = versions | {release(): version(PACKAGES[server])}
    in_clear = any(row[2] == 'no' for row in rows)
    bindings = dict.fromkeys(row[3] for row in rows if row[3] != 'no')
    return [server, *(versions[number] for number in RELEASES),
            f'`{kind.service}`', f'`{kind.file}`', 'yes' if in_clear else 'no',
            ', '.join(bindings) or 'none',
            levels.cells.get((server, 'rule not met'), 'nowhere')]


def server_table(t, levels):
    """All of them, each with its version on this release."""
    shown = {row[0]: row for row in setups.table('servers')}
    for server in logged.SERVERS:
        if server in SLOW:
            t.skip(f'{server}: the row of servers', 'GS2_FULL is not set')
            continue
        on_page = shown.get(server, [])
        row = server_row(server, levels, dict(zip(
            RELEASES, on_page[1:] + ['unknown'] * len(RELEASES))))
        t.note('| ' + ' | '.join(row) + ' |')
        t.equal(row, on_page, f'{server}: the row of servers')
    t.equal(sorted(shown), sorted(logged.SERVERS), 'doc/servers.md has these '
            'servers')


def main(t):
    """Row by row."""
    if os.geteuid() != 0:
        t.skip('logs of servers', 'only root can start some of them')
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
                if server in SLOW or server != logged.together(server)[0]:
                    continue
                table.run(server, state)
                if any((name, column) not in table.cells
                       for name in logged.together(server)
                       for column in state.columns):
                    table.run(server, state, MORE[server][1])
    shown = {row[0]: row for row in setups.table('logs', PAGE)}
    rows = {server: table.row(server, columns) for server in logged.SERVERS
            if server not in SLOW}
    t.note('| server | ' + ' | '.join(columns) + ' |')
    for server, row in rows.items():
        t.note('| ' + ' | '.join(row) + ' |')
        t.equal(row, shown.get(server), f'{server}: the row of the page')
    t.equal(sorted(shown), sorted([*rows, *SLOW]),
            'the page has these servers')
    for server in SLOW:
        t.skip(f'{server}: the row of the page', 'GS2_FULL is not set')
    server_table(t, table)
    t.equal(lockout.addresses(table.rest()), [],
            'the filter of fail2ban counts none of the other lines')


if __name__ == '__main__':
    tap.run(main)
