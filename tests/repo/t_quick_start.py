#!/usr/bin/env python3
"""The quick start of README.md, run as it is written, line by line: slapd and
Cyrus IMAP as Debian installs them, started by the system's own scripts, at
their own ports.

All of that happens in namespaces of its own (mounts, network, processes, the
host's name), where what the lines alter is a copy. The realm is a throw-away
one; somebody types alice's password.
"""

import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

import realm
import servers
import tap
import tree

README = tree.srcdir('README.md')
PLUGIN = os.environ.get('GS2_PLUGIN', '')
SIOCSIFFLAGS, IFF_UP, IFF_LOOPBACK = 0x8914, 1, 8
CYRUS = '/usr/lib/cyrus/bin'
# What is altered, or must be there: whose it is where it is not.
PLACES = {'/etc': None, '/var/lib/ldap': 'openldap', '/var/lib/cyrus': 'cyrus',
          '/var/spool/cyrus': 'cyrus', '/var/spool/sieve': 'cyrus'}
FOLDERS = (('/run/slapd', 'openldap:openldap'), ('/run/cyrus', 'cyrus:mail'),
           ('/run/cyrus/proc', 'cyrus:mail'),
           ('/run/cyrus/lock', 'cyrus:mail'),
           ('/run/cyrus/socket', 'cyrus:mail'))
NEEDED = (('slapd', 'slapd'), ('cyrmaster', 'cyrus-imapd'),
          ('ldapwhoami', 'ldap-utils'), (f'{CYRUS}/imtest', 'cyrus-clients'),
          ('kinit', 'krb5-user'), ('krb5kdc', 'krb5-kdc'),
          ('kadmin.local', 'krb5-admin-server'))
HOSTS = '''\
127.0.0.1 localhost
127.0.0.2 ldap.example.test
127.0.0.3 mail.example.test
'''
KRB5_CONF = '''\
[libdefaults]
 default_rcache_name = file2:/run/replays/%{uid}
[domain_realm]
 .example.test = EXAMPLE.TEST
'''
# What somebody who follows the lines sees at their end.
SEEN = {'ldap.example.test': 'dn:uid=alice,cn=gs2-krb5,cn=auth\n',
        'mail.example.test': 'Authenticated.\n'}
PORTS = {'ldap.example.test': 389, 'mail.example.test': 143}


def blocks():
    """The two fenced blocks of the section, as lists of lines."""
    with open(README, encoding='utf-8') as page:
        section = re.search(r'^## Quick start\n(.*?)^## ', page.read(),
                            re.M | re.S)[1]
    return [block.splitlines() for block in
            re.findall(r'^```\n(.*?)^```$', section, re.M | re.S)]


# --- inside ------------------------------------------------------------------

def must(*command):
    """Runs a command that succeeds."""
    subprocess.run(command, check=True)


def loopback_up():
    """Gives the new network its loopback interface; see netdevice(7)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS,
                    struct.pack('16sH14x', b'lo', IFF_UP | IFF_LOOPBACK))


def system(scratch):
    """Puts copies over what is altered, and our plugin over Debian's."""
    loopback_up()
    for number, (place, owner) in enumerate(PLACES.items()):
        copy = os.path.join(scratch, str(number))
        if os.path.isdir(place):
            must('cp', '-a', place, copy)
        else:
            raise tap.Skip(f'{place} is not here: {owner} is not installed')
        must('mount', '--bind', copy, place)
    plugins = os.path.dirname(
        tap.find('/usr/lib/*/sasl2/libplain.so', 'libsasl2-modules'))
    copy = os.path.join(scratch, 'sasl2')
    shutil.copytree(plugins, copy)
    for old in os.listdir(copy):
        if old.startswith('libgs2.'):
            os.remove(os.path.join(copy, old))
    shutil.copy(PLUGIN, copy)
    must('mount', '--bind', copy, plugins)
    program = os.path.join(scratch, 'gs2-inspect')
    with open(program, 'w', encoding='ascii') as out:
        out.write(f'#!/bin/sh\nexec {tree.builddir("gs2-inspect")} "$@"\n')
    os.chmod(program, 0o755)


def run_directories():
    """Those that a boot makes."""
    must('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run')
    os.mkdir('/run/replays')
    os.chmod('/run/replays', 0o1777)
    for folder, owner in FOLDERS:
        os.mkdir(folder)
        must('chown', owner, folder)
    with open('/etc/hosts', 'w', encoding='ascii') as hosts:
        hosts.write(HOSTS)


def installed_services():
    """What the page says to do first: cyrmaster ends if a service that
    cyrus.conf names is in a package that is not installed."""
    with open('/etc/cyrus.conf', encoding='utf-8') as conf:
        lines = conf.readlines()
    with open('/etc/cyrus.conf', 'w', encoding='utf-8') as conf:
        for line in lines:
            found = re.match(r'\s*\w+\s+cmd="(\w+)[ "].*listen=', line)
            if not found or os.path.exists(f'{CYRUS}/{found[1]}'):
                conf.write(line)


def typed(line, env):
    """What a line says; its status must be 0."""
    done = subprocess.run(
        ['sh', '-c', line], env=env, cwd='/', text=True, errors='replace',
        input=realm.Realm.password('alice') + '\n', check=False, timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, f'status {done.returncode}\n{done.stdout}'
    return done.stdout


def wait_for(port):
    """Until a server listens: who types is not as fast as we are."""
    end = time.monotonic() + 30
    while not servers.answers(port) and time.monotonic() < end:
        time.sleep(.1)


def follow(t, lines, env):
    """A block, on a host of the name that it names."""
    host = re.search(r'\w+\.example\.test', lines[0])[0]
    socket.sethostname(host)
    said = ''
    for line in lines:
        with t.case(f'{host}: {line}'):
            said = typed(line, env)
        if line.startswith('service '):
            wait_for(PORTS[host])
    t.contains(said, SEEN[host], f'{host}: alice is logged in')


def inside(t, scratch):
    """In the namespaces."""
    system(scratch)
    run_directories()
    installed_services()
    with realm.Realm(krb5_conf=KRB5_CONF, populate=False) as r:
        r.addprinc('alice', r.password('alice'))
        shutil.copy(r.path('krb5.conf'), '/etc/krb5.conf')
        os.chmod(r.dir, 0o755)
        path = f'{scratch}:/usr/sbin:{os.environ["PATH"]}'
        env = dict(os.environ, PATH=path,
                   KRB5_KDC_PROFILE=r.path('kdc.conf'))
        for lines in blocks():
            t.ok(len(lines) <= 10, 'the block has ten lines', lines)
            follow(t, lines, env)


# --- outside -----------------------------------------------------------------

def namespaces():
    """What to put in front of a command. In a plain chroot, where / is no mount
    point, mounts stay within if they are private already (on-suite)."""
    command = ['unshare', '-m', '-n', '-u', '-p', '-f', '--kill-child']
    with open('/proc/self/mountinfo', encoding='utf-8') as mounts:
        private = ' shared:' not in mounts.read()
    for how in ([], ['--propagation', 'unchanged'])[:1 + private]:
        done = subprocess.run([*command, *how, '--mount-proc', 'true'],
                              check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode == 0:
            return [*command, *how, '--mount-proc']
    raise tap.Skip(f'no namespaces of our own: {done.stdout.strip()}')


def main(_t):
    """Goes inside, whose results are ours."""
    if os.geteuid() != 0:
        raise tap.Skip('only root can have such namespaces')
    for name, package in NEEDED:
        tap.find(name, package)
    for server in ('slapd', 'cyrus-imapd'):
        if not os.path.exists(f'/etc/init.d/{server}'):
            raise tap.Skip(f'{server} has no script in /etc/init.d')
    enter = namespaces()
    scratch = tempfile.mkdtemp(prefix='gs2-quick.')
    os.chmod(scratch, 0o755)
    try:
        done = subprocess.run([*enter, sys.executable, __file__, 'inside',
                               scratch], check=False)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    sys.exit(done.returncode)


if __name__ == '__main__':
    if sys.argv[1:2] == ['inside']:
        tap.run(lambda t: inside(t, sys.argv[2]))
    tap.run(main)
