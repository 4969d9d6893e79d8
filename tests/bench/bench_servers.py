#!/usr/bin/env python3
"""What a login costs real servers: slapd and imapd with this plugin, with
Debian's gs2, and with GSSAPI, in turn, the same client for the first two.

    bench_servers.py client SERVER MECHANISM PORT LOGINS

is what bench.py calls for each round: a process that logs in so often, one
login after the other, and prints the seconds that it took.
"""

import os
import subprocess
import sys
import time

import crowd
import cyrus
import saslclient
import slapd

__all__ = ['WAYS', 'measure']

# What is measured: the plugins of the server and of the client, the mechanism.
WAYS = {'this plugin': ('ours', 'ours', 'GS2-KRB5'),
        'Debian gs2': ('debian', 'ours', 'GS2-KRB5'),
        'Debian GSSAPI': ('gssapi', 'gssapi', 'GSSAPI')}
LOGINS = {'slapd': crowd.ldap_login, 'imapd': crowd.imap_login}
IMAPD = ('sasl_mech_list: GS2-KRB5 GSSAPI EXTERNAL\n'
         'sasl_pwcheck_method: none\n'
         # Debian's gs2 wants such a plugin, whatever it knows.
         'sasl_auxprop_plugin: sasldb\nsasl_sasldb_path: {sasldb}\n')
MUCH = 1e9


class Home(cyrus.Home, slapd.Home):
    """A place for both servers."""


def processes(top):
    """A process and all that come of it."""
    found, parents = [top], {}
    for number in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{number}/stat', encoding='utf-8') as stat:
                fields = stat.read().rpartition(') ')[2].split()
        except OSError:
            continue  # it has ended meanwhile
        parents.setdefault(int(fields[1]), []).append(int(number))
    for pid in found:
        found += parents.get(pid, [])
    return found


def cpu(top):
    """Seconds of the processor's time that a server has had so far, those of
    its processes that have ended included."""
    total = 0
    for pid in processes(top):
        try:
            for task in os.listdir(f'/proc/{pid}/task'):
                with open(f'/proc/{pid}/task/{task}/schedstat',
                          encoding='ascii') as stat:
                    total += int(stat.read().split()[0]) / MUCH
            with open(f'/proc/{pid}/stat', encoding='utf-8') as stat:
                ended = stat.read().rpartition(') ')[2].split()[13:15]
            total += sum(map(int, ended)) / os.sysconf('SC_CLK_TCK')
        except OSError:
            continue
    return total


def start(home, server, plugins):
    """A server with some plugins: its process, its port, its end."""
    name = f'{server}-{plugins}'
    if server == 'imapd':
        running = cyrus.Cyrus(home, IMAPD.format(sasldb=home.sasldb), name,
                              plugins=plugins)
        return running.program, running.ports['imap']
    running = slapd.start(home, name, plugins=plugins)
    return running.program, running.port


def one_round(home, server, way, program, port, logins):
    """Seconds of the server's processor and of the clock, a login."""
    _, plugins, mech = WAYS[way]
    before = cpu(program.pid)
    done = subprocess.run(
        [sys.executable, os.path.abspath(__file__), 'client', server, mech,
         str(port), str(logins)], env=home.environment(plugins),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        check=False)
    if done.returncode != 0:
        raise OSError(f'{server}, {way}: {done.stderr[-1000:]}')
    return {'cpu': (cpu(program.pid) - before) / logins,
            'wall': float(done.stdout) / logins}


def measure(rounds, logins):
    """Figures of each round, by server and way."""
    found = {server: {way: [] for way in WAYS} for server in LOGINS}
    with Home() as home:
        home.realm.kinit('alice', home.realm.password('alice'))
        for server, ways in found.items():
            running = {way: start(home, server, WAYS[way][0]) for way in WAYS}
            for way, (program, port) in running.items():
                one_round(home, server, way, program, port, 5)
            for _ in range(rounds):
                for way, (program, port) in running.items():
                    ways[way].append(one_round(home, server, way, program,
                                               port, logins))
            for program, _ in running.values():
                program.stop()
    return found


def client(server, mech, port, logins):
    """Logs in so often; prints how long it took."""
    saslclient.load({})
    begun = time.monotonic()
    for _ in range(int(logins)):
        LOGINS[server](int(port), mech)
    print(time.monotonic() - begun)


if __name__ == '__main__':
    client(*sys.argv[2:])
