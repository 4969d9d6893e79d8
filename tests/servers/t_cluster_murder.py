#!/usr/bin/env python3
"""Cyrus Murder, as doc/cluster.md configures it: the mupdate master, two front
ends and two back ends, each with an address of its own in a network namespace.
The nodes log in to one another by GS2-KRB5, as murder, from a client keytab;
the front ends act for their users, and the back ends let nobody else do that.
"""

import os
import re
import socket
import subprocess
import sys

import cluster
import cyrus
import mounts
import setups
import tap
from cluster import setup, until

MURDER = 'murder'
HOSTS = {'mupdate': '127.0.0.9', 'imap1': '127.0.0.11', 'imap2': '127.0.0.12',
         'front1': '127.0.0.21', 'front2': '127.0.0.22'}
SETUPS = {'mupdate': ['murder'],
          'imap1': ['murder', 'murder member', 'murder back end'],
          'imap2': ['murder', 'murder member', 'murder back end'],
          'front1': ['murder', 'murder member', 'murder front end'],
          'front2': ['murder', 'murder member', 'murder front end']}
MAILBOXES = {'alice': 'imap1', 'bob': 'imap2'}
CONF = '''\
configdirectory: {data}
defaultpartition: default
partition-default: {data}/spool
sievedir: {data}/sieve
cyrus_user: nobody
servername: {host}
failedloginpause: 0
sasl_log_level: 4
tls_server_cert: {home.dir}/server.pem
tls_server_key: {home.dir}/server.key
allowstarttls: on
'''
START = {'mupdate': '', 'imap': 'push cmd="{bin}/ctl_mboxlist -C {conf} -m"\n',
         'front': ''}
SERVICES = {
    'mupdate': 'mupdate cmd="{bin}/mupdate -C {conf} -m" '
               'listen="{address}:3905" prefork=1\n',
    'imap': 'imap cmd="{bin}/imapd -C {conf}" listen="{address}:143"\n',
    'front': 'mupdate cmd="{bin}/mupdate -C {conf}" '
             'listen="{address}:3905" prefork=1\n'
             'imap cmd="{bin}/imapd -C {conf}" listen="{address}:143"\n'}


def fqdn(node):
    """Its name."""
    return f'{node}.example.test'


def answers(node):
    """Whether its port answers."""
    port = 3905 if node == 'mupdate' else 143
    try:
        with socket.create_connection((HOSTS[node], port), timeout=1):
            return True
    except OSError:
        return False


class Node:
    """A running node."""

    def __init__(self, home, name, options=''):
        self.name = name
        kind = name.rstrip('12')
        data = home.path(name)
        for folder in ('db', 'socket', 'log', 'proc', 'lock', 'spool'):
            os.makedirs(os.path.join(data, folder))
        conf = home.write(f'{name}/imapd.conf', CONF.format(
            home=home, data=data, host=fqdn(name)) + options + ''.join(
                setup(part, {'/etc/cyrus.keytab': home.realm.keytab}
                      if part == 'murder' else None)
                for part in SETUPS[name]))
        values = {'bin': cyrus.PROGRAMS, 'conf': conf,
                  'address': HOSTS[name]}
        master = home.write(f'{name}/cyrus.conf', (
            'START {{\nrecover cmd="{bin}/ctl_cyrusdb -C {conf} -r"\n'
            + START[kind] + '}}\nSERVICES {{\n' + SERVICES[kind]
            + '}}\nEVENTS {{\n}}\n').format(**values))
        self.log_path = home.write(f'{name}/syslog', '')
        home.give_to('nobody')
        environment = setups.environment('murder environment', {
            '/etc/cyrus-client.keytab': home.path('client.keytab'),
            '/var/lib/cyrus/ccache': home.path(f'{name}/ccache')}, cluster.PAGE)
        self.program = home.start(
            name, [*home.over, *mounts.become('nobody'),
                   tap.find('cyrmaster', 'cyrus-imapd'), '-C', conf, '-M',
                   master, '-p', os.path.join(data, 'pid'), '-D'],
            env={'LD_PRELOAD': home.syslog, 'GS2_SYSLOG': self.log_path,
                 'KRB5_KTNAME': home.path('no-keytab'), **environment})
        if not until(lambda: answers(name)):
            raise AssertionError(f'{name} does not answer:\n{self.log()}')

    def log(self):
        """What it said."""
        with open(self.log_path, encoding='utf-8', errors='replace') as log:
            return log.read() + self.program.log()


class Home(cyrus.Home):
    """All nodes' keys, names and certificate."""

    def prepare(self):
        """Before the first node is started."""
        names = [f'{service}/{fqdn(node)}' for node in HOSTS
                 for service in ('imap', 'mupdate')]
        self.realm.kadmin(
            *[f'addprinc -randkey {name}' for name in [*names, MURDER]],
            f'ktadd -k {self.realm.keytab} -norandkey ' + ' '.join(names),
            f'ktadd -k {self.path("client.keytab")} -norandkey {MURDER}')
        hosts = self.write('hosts', '127.0.0.1 localhost\n' + ''.join(
            f'{address} {fqdn(node)}\n' for node, address in HOSTS.items()))
        with open('/etc/services', encoding='utf-8') as system:
            services = self.write('services',
                                  system.read() + setup('murder services'))
        self.over = mounts.over({hosts: '/etc/hosts',
                                 services: '/etc/services'})
        self.syslog = self.path('syslog.so')
        with open(cyrus.SYSLOG, 'rb') as built, \
                open(self.syslog, 'wb') as ours:
            ours.write(built.read())

    def imap(self, node, *args, user='alice', how='spake', said=''):
        """imtest at a node, as a user."""
        return self.run([*self.over, f'{cyrus.PROGRAMS}/imtest', '-m',
                         'GS2-KRB5', *args, fqdn(node)],
                        env=self.ticket(how, user),
                        stdin=said.replace('\n', '\r\n')).stdout


def mailboxes(t, home, nodes):
    """Each made at its back end is known to the others."""
    for user, node in MAILBOXES.items():
        said = home.imap(node, said=f'1 CREATE user/{user}\n'
                         f'2 SETACL user/{user} {user} lrswipkxtecda\n'
                         '3 LOGOUT\n')
        t.ok('1 OK' in said and '2 OK' in said,
             f'a mailbox of {user} at {node}, which asked the mupdate master',
             said + nodes[node].log()[-3000:])
    log = nodes['mupdate'].log()
    t.ok(re.search(r'login accepted: .*authid="murder"', log),
         'the nodes log in to the mupdate master by GS2, as murder',
         log[-3000:])


def readers(t, home, nodes):
    """Each user, by each front end."""
    for front in ('front1', 'front2'):
        for user, back in MAILBOXES.items():
            with t.case(f'{user} by {front} reads at {back}'):
                said = ''

                def reads():
                    nonlocal said
                    said = home.imap(front, user=user, said=(
                        '1 SELECT INBOX\n2 LIST "" *\n3 LOGOUT\n'))
                    return re.search(r'^1 OK', said, re.M)

                assert until(reads), said + nodes[front].log()[-3000:] \
                    + nodes[back].log()[-3000:]
                log = nodes[back].log()
                assert re.search('login authenticated: .*authid="murder" '
                                 f'authzid="{user}"', log), log[-3000:]


def strangers(t, home, nodes):
    """Who is not murder acts for nobody; the front end has rules of users."""
    said = home.imap('imap1', '-u', 'bob', user='alice',
                     said='1 LOGOUT\n')
    log = nodes['imap1'].log()
    t.ok('Authentication failed' in said and re.search(
        'login failed: .*rules=not-met authid="alice" authzid="bob"', log),
         'a user who acts for another at a back end is refused', said + log)
    said = home.imap('front1', user='alice', how='timestamp',
                     said='1 LOGOUT\n')
    log = nodes['front1'].log()
    t.ok('Authentication failed' in said and 'rules=not-met' in log,
         'a user without a second factor is refused by the front end',
         said + log[-2000:])
    said = home.imap('imap1', user='bob', how='timestamp', said='1 LOGOUT\n')
    log = nodes['imap1'].log()
    t.ok('Authentication failed' in said and re.search(
        'login failed: .*rules=not-met authid="bob" authzid=-', log),
         'and by a back end that they reach past it', said + log[-2000:])


def a_dead_back_end(t, home, nodes):
    """Who has a mailbox elsewhere does not notice."""
    nodes['imap2'].program.stop()
    said = home.imap('front1', user='alice',
                     said='1 SELECT INBOX\n2 LOGOUT\n')
    t.ok(re.search('^1 OK', said, re.M), 'imap2 is down: alice reads at imap1',
         said)
    said = home.imap('front1', user='bob', said='1 SELECT INBOX\n2 LOGOUT\n')
    t.ok(re.search('^1 NO', said, re.M), 'and bob is told that he cannot',
         said)
    t.note('\n'.join(re.findall('^1 NO.*', said, re.M)))


def main(t):
    """All of it."""
    tap.find(f'{cyrus.PROGRAMS}/mupdate', 'cyrus-murder')
    with Home() as home:
        home.prepare()
        nodes = {}
        for name in HOSTS:
            nodes[name] = Node(home, name, f'admins: {MURDER} alice\n')
        mailboxes(t, home, nodes)
        readers(t, home, nodes)
        strangers(t, home, nodes)
        a_dead_back_end(t, home, nodes)


def in_a_network():
    """Runs this program anew in a network of its own, whose ports below 1024
    are anybody's."""
    if 'GS2_OWN_NETWORK' in os.environ:
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
        with open('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'w',
                  encoding='ascii') as start:
            start.write('0')
        tap.run(main)
    if os.geteuid() != 0:
        tap.run(lambda t: t.skip('Cyrus Murder', 'only root can have a '
                                 'network of its own'))
    os.execvpe('unshare', ['unshare', '-n', sys.executable, *sys.argv],
               dict(os.environ, GS2_OWN_NETWORK='1'))


if __name__ == '__main__':
    in_a_network()
