#!/usr/bin/env python3
"""A throw-away MIT Kerberos realm: a database, a KDC and tickets in a scratch
directory, on a free port of the loopback interface.

As a module:

    with realm.Realm() as r:
        r.kinit('bob', r.password('bob'), ccache=r.path('bob.cc'))
        subprocess.run([...], env=r.env)

As a command, for shell and C tests; it returns the status of COMMAND:

    realm.py run -- COMMAND ARGS...
    realm.py test -- COMMAND ARGS...    a test, which is skipped, by TAP, where
                                        a program of Kerberos is not here

The realm EXAMPLE.TEST has the users alice and bob, and keys in its keytab for
imap, ldap and smtp on localhost and on this host's own name; alice has a
ticket in the default cache. Nothing outside of the scratch directory is read
or written. Works as any user; needs krb5-kdc, krb5-admin-server, krb5-user.
"""

import argparse
import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import tap

__all__ = ['Realm', 'RealmError', 'DEFAULT_REALM', 'SERVICES']

DEFAULT_REALM = 'EXAMPLE.TEST'
SERVICES = ('imap', 'ldap', 'smtp')
USERS = ('alice', 'bob')
START_SECONDS = 5
FIRST_PORT = 10000
PORTS_TAKEN = []
PR_SET_PDEATHSIG = 1

KRB5_CONF = '''\
[libdefaults]
 default_realm = {name}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 forwardable = true
 default_ccache_name = FILE:{dir}/ccache
 default_keytab_name = FILE:{dir}/keytab
[realms]
 {name} = {{
  kdc = 127.0.0.1:{port}
 }}
[domain_realm]
 localhost = {name}
 {host} = {name}
[logging]
 kdc = FILE:{dir}/kdc.log
 default = FILE:{dir}/krb5.log
'''

KDC_CONF = '''\
[kdcdefaults]
 kdc_listen = 127.0.0.1:{port}
 kdc_tcp_listen = 127.0.0.1:{port}
[realms]
 {name} = {{
  database_name = {dir}/principal
  key_stash_file = {dir}/stash
  acl_file = {dir}/acl
  master_key_type = aes128-cts
  supported_enctypes = aes256-cts:normal aes128-cts:normal
  max_renewable_life = 7d
 }}
'''


class RealmError(Exception):
    """A program of the realm failed; the text has its output."""


def tool(name, package='krb5-user'):
    """The path of a program of Kerberos; tap.Skip where it is not here."""
    return tap.find(name, package)


def free_port():
    """A port of 127.0.0.1 that is free for UDP and for TCP, and that no other
    test gets while this process lives: a server may be started on it later.
    It is below those that the kernel gives to clients; an abstract socket,
    which ends with its process, says that it is taken."""
    with open('/proc/sys/net/ipv4/ip_local_port_range',
              encoding='ascii') as limits:
        end = max(int(limits.read().split()[0]), 2 * FIRST_PORT)
    while True:
        port = random.randrange(FIRST_PORT, end)
        taken = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            try:
                taken.bind(f'\0gs2-test-port-{port}')
                tcp.bind(('127.0.0.1', port))
                udp.bind(('127.0.0.1', port))
            except OSError:
                taken.close()
                continue
        PORTS_TAKEN.append(taken)
        return port


def der(tag, *parts):
    """A DER element of less than 128 octets."""
    body = b''.join(parts)
    return bytes([tag, len(body)]) + body


def probe_request(realm):
    """An AS-REQ without a client name: every KDC answers it with an error."""
    name = realm.encode()
    tgs = der(0x30,
              der(0xa0, der(0x02, b'\x02')),
              der(0xa1, der(0x30, der(0x1b, b'krbtgt'), der(0x1b, name))))
    body = der(0x30,
               der(0xa0, der(0x03, bytes(5))),
               der(0xa2, der(0x1b, name)),
               der(0xa3, tgs),
               der(0xa5, der(0x18, b'20370101000000Z')),
               der(0xa7, der(0x02, b'\x01')),
               der(0xa8, der(0x30, der(0x02, b'\x12'))))
    return der(0x6a, der(0x30,
                         der(0xa1, der(0x02, b'\x05')),
                         der(0xa2, der(0x02, b'\x0a')),
                         der(0xa4, body)))


def answers(port, realm):
    """True where a KDC answers on the port, by UDP and by TCP."""
    request = probe_request(realm)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(1)
            udp.connect(('127.0.0.1', port))
            udp.send(request)
            if not udp.recv(4096):
                return False
        with socket.create_connection(('127.0.0.1', port), timeout=1) as tcp:
            tcp.sendall(len(request).to_bytes(4, 'big') + request)
            return bool(tcp.recv(4096))
    except OSError:
        return False


def die_with_parent():
    """In the KDC's process: a test that is killed leaves no KDC behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Realm:
    """A realm, started by start() or `with`, removed by stop() or its end.

    krb5_conf and kdc_conf are put before the text of our own, with @DIR@ for
    the scratch directory; sections are merged, and what comes first wins.

    env is the environment for programs of the realm: KRB5_CONFIG,
    KRB5_KDC_PROFILE, KRB5CCNAME, KRB5_KTNAME, KRB5RCACHENAME (a replay cache
    of the realm's own) and GSS_MECH_CONFIG over os.environ.  The last hides
    the mechanisms that the machine happens to have besides krb5's own: they
    lose memory, and crash where it runs out.
    """

    LOGS = ('kdc.out', 'kdc.log')

    def __init__(self, name=DEFAULT_REALM, krb5_conf='', kdc_conf='',
                 populate=True):
        self.name = name
        self.host = socket.gethostname().lower()
        self.krb5_conf = krb5_conf
        self.kdc_conf = kdc_conf
        self.populate = populate
        self.dir = None
        self.port = None
        self.env = None
        self.kdc = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exc):
        self.stop()

    def path(self, name):
        """A path in the scratch directory."""
        return os.path.join(self.dir, name)

    @property
    def keytab(self):
        """The default keytab."""
        return self.path('keytab')

    @property
    def ccache(self):
        """The default credential cache."""
        return self.path('ccache')

    @staticmethod
    def password(user):
        """The password of a user whom start() made."""
        return f'{user}.secret.1'

    def start(self):
        """Makes the realm and starts its KDC."""
        self.dir = tempfile.mkdtemp(prefix='gs2-realm.')
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self):
        """Stops the KDC and removes the scratch directory."""
        self.stop_kdc()
        if self.dir:
            shutil.rmtree(self.dir, ignore_errors=True)
        self.dir = None

    def _start(self):
        self.env = dict(os.environ,
                        KRB5_CONFIG=self.path('krb5.conf'),
                        KRB5_KDC_PROFILE=self.path('kdc.conf'),
                        KRB5CCNAME='FILE:' + self.ccache,
                        KRB5_KTNAME='FILE:' + self.keytab,
                        KRB5RCACHENAME='file2:' + self.path('rcache'),
                        GSS_MECH_CONFIG='/dev/null')
        self.port = free_port()
        self._configure()
        self._create_database()
        self.start_kdc()
        if self.populate:
            self._populate()

    def _configure(self):
        values = {'name': self.name, 'dir': self.dir, 'port': self.port,
                  'host': self.host}
        for name, extra, text in (
                ('krb5.conf', self.krb5_conf, KRB5_CONF),
                ('kdc.conf', self.kdc_conf, KDC_CONF)):
            with open(self.path(name), 'w', encoding='utf-8') as out:
                out.write(extra.replace('@DIR@', self.dir) + '\n')
                out.write(text.format(**values))

    def _create_database(self):
        self.run([tool('kdb5_util', 'krb5-kdc'), 'create', '-s', '-r',
                  self.name, '-P', 'master key'])

    def _kdc_command(self):
        return [tool('krb5kdc', 'krb5-kdc'), '-n', '-r', self.name]

    def _populate(self):
        hosts = dict.fromkeys(('localhost', self.host))
        names = [f'{s}/{h}' for s in SERVICES for h in hosts]
        self.kadmin(
            *[f'addprinc -pw {self.password(u)} {u}' for u in USERS],
            *[f'addprinc -randkey {n}' for n in names],
            f'ktadd -k {self.keytab} -norandkey ' + ' '.join(names))
        self.kinit('alice', self.password('alice'))

    def start_kdc(self):
        """Starts the KDC, at the port it had if it ran before, and returns
        when it answers."""
        with open(self.path('kdc.out'), 'ab') as out:
            self.kdc = subprocess.Popen(
                self._kdc_command(), env=self.env, stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, preexec_fn=die_with_parent)
        if not self._wait_for_kdc():
            raise RealmError('the KDC does not start:\n' + self.log())

    def _wait_for_kdc(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.kdc.poll() is not None:
                return False
            if answers(self.port, self.name):
                return True
            time.sleep(.005)
        return False

    def stop_kdc(self):
        """Stops the KDC; the port stays in krb5.conf."""
        if self.kdc:
            self.kdc.terminate()
            self.kdc.wait()
        self.kdc = None

    def log(self):
        """What the KDC said, for a test that failed."""
        text = ''
        for name in self.LOGS:
            try:
                with open(self.path(name), encoding='utf-8',
                          errors='replace') as log:
                    text += log.read()
            except FileNotFoundError:
                pass
        return text

    def run(self, args, stdin='', check=True, env=None):
        """Runs a program in the realm's environment, with env over it, and
        returns its output, both streams together."""
        done = subprocess.run(args, env=dict(self.env, **(env or {})),
                              input=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              errors='replace', check=False)
        if check and done.returncode != 0:
            raise RealmError(f'{" ".join(args)}: exit status '
                             f'{done.returncode}:\n{done.stdout}')
        return done.stdout

    def kadmin(self, *queries):
        """Runs queries of kadmin.local in one process. It reports no failure
        by its status when it reads them from its input, so an error text on
        standard error is one."""
        kadmin = tool('kadmin.local', 'krb5-admin-server')
        done = subprocess.run([kadmin, '-r', self.name], env=self.env,
                              input='\n'.join(queries) + '\n',
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, errors='replace', check=False)
        wrong = [line for line in done.stderr.splitlines()
                 if ': ' in line and 'No policy specified' not in line]
        if wrong or done.returncode != 0:
            raise RealmError('kadmin.local: ' + '\n'.join(wrong))
        return done.stdout

    def addprinc(self, name, password=None, options=''):
        """Adds a principal; with a random key where there is no password."""
        key = f'-pw "{password}"' if password else '-randkey'
        self.kadmin(f'addprinc {key} {options} {name}')

    def ktadd(self, keytab, principal, new_keys=False):
        """Adds a principal's keys to a keytab: those it has, or new ones."""
        keep = '' if new_keys else '-norandkey'
        self.kadmin(f'ktadd -k {keytab} {keep} {principal}')

    def kinit(self, principal, password=None, ccache=None, args=(), env=None):
        """Gets a ticket, by password or as args say, into a cache."""
        into = ['-c', ccache] if ccache else []
        return self.run([tool('kinit'), *into, *args, principal],
                        stdin=password + '\n' if password else '', env=env)


def run_command(args):
    """Runs a command within a realm; its status, as a shell gives it."""
    with Realm() as realm:
        env = dict(realm.env, GS2_REALM_DIR=realm.dir,
                   GS2_REALM_KDC_PID=str(realm.kdc.pid))
        status = subprocess.run(args, env=env, check=False).returncode
    return 128 - status if status < 0 else status


def main():
    """The command: realm.py run -- COMMAND ARGS..."""
    parser = argparse.ArgumentParser(
        description='Runs a command within a throw-away Kerberos realm.')
    parser.add_argument('verb', choices=['run', 'test'])
    parser.add_argument('command', nargs=argparse.REMAINDER)
    args = parser.parse_args()
    command = args.command
    if command[:1] == ['--']:
        command = command[1:]
    if not command:
        parser.error('no command')
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, tap.raise_exit)
    try:
        sys.exit(run_command(command))
    except tap.Skip as reason:
        if args.verb == 'run':
            sys.exit(f'realm.py: {reason}')
        print(f'1..1\nok 1 - {command[0]} # SKIP {reason}')
    except (OSError, RealmError) as error:
        sys.exit(f'realm.py: {error}')


if __name__ == '__main__':
    main()
