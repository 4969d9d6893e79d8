#!/usr/bin/env python3
"""The throw-away realm that the other tests stand on (realm.py)."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import realm
import tap
import tree

COMMAND = [sys.executable, realm.__file__, 'run', '--']
NOBODY = 65534


def is_alive(pid):
    """True where the process exists (a zombie counts)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition, seconds=5):
    """True as soon as the condition is, False after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(.01)
    return True


def test_tickets(t, r):
    """Users, services, keytabs, caches."""
    klist = realm.tool('klist')
    t.contains(r.run([klist]), 'Default principal: alice@EXAMPLE.TEST',
               'alice has a ticket in the default cache')
    keys = r.run([klist, '-k'])
    for service in realm.SERVICES:
        for host in ('localhost', r.host):
            t.contains(keys, f' {service}/{host}@EXAMPLE.TEST\n',
                       f'the keytab has {service}/{host}')
    bob = r.path('bob.cc')
    r.kinit('bob', r.password('bob'), ccache=bob)
    t.contains(r.run([klist, '-c', bob]), 'bob@EXAMPLE.TEST',
               "bob's password gets him a ticket")
    with t.case('a wrong password does not'):
        try:
            r.kinit('bob', 'wrong', ccache=r.path('wrong.cc'))
        except realm.RealmError as error:
            assert 'Password incorrect' in str(error), error
        else:
            raise AssertionError('kinit went through')
    r.addprinc('svc/localhost')
    r.ktadd(r.path('svc.keytab'), 'svc/localhost')
    t.contains(r.run([realm.tool('kvno'), '-k', r.path('svc.keytab'),
                      'svc/localhost']),
               'keytab entry valid', 'a key that was added decrypts a ticket')
    r.run([realm.tool('kadmin.local'), '-r', r.name, '-q',
           f'ktadd -norandkey -k {r.path("copy.keytab")} svc/localhost'])
    t.contains(r.run([realm.tool('kvno'), '-k', r.path('copy.keytab'),
                      'svc/localhost']),
               'keytab entry valid', 'and so does its copy by -norandkey')
    with t.case('a query that kadmin.local refuses is an error'):
        try:
            r.kadmin('addprinc -randkey alice')
        except realm.RealmError as error:
            assert 'already exists' in str(error), error
        else:
            raise AssertionError('kadmin.local went through')


def test_kdc(t, r):
    """Stopped and started again, and probed."""
    pid = r.kdc.pid
    r.stop_kdc()
    t.ok(not is_alive(pid), 'a stopped KDC is gone')
    t.ok(not realm.answers(r.port, r.name), 'nothing answers on its port')
    with t.case('kinit says that the KDC is down'):
        try:
            r.kinit('bob', r.password('bob'))
        except realm.RealmError as error:
            assert 'Cannot contact any KDC' in str(error), error
        else:
            raise AssertionError('kinit went through')
    r.start_kdc()
    t.ok(realm.answers(r.port, r.name), 'it answers again after a start')


def test_options(t):
    """Configuration of a test's own comes before the realm's."""
    with realm.Realm('OTHER.TEST', populate=False,
                     krb5_conf='[libdefaults]\n forwardable = false\n'
                     ' default_client_keytab_name = FILE:@DIR@/mine\n',
                     kdc_conf='[realms]\n OTHER.TEST = {\n'
                     '  max_life = 1h\n }\n') as r:
        r.addprinc('carol', 'carol secret')
        r.ktadd(r.path('mine'), 'carol')
        r.run([realm.tool('kinit'), '-k', '-i'])
        shown = r.run([realm.tool('klist'), '-f'])
        t.contains(shown, 'Default principal: carol@OTHER.TEST',
                   'another realm; @DIR@ stands for its directory')
        t.contains(shown, 'Flags: ', 'klist shows the flags')
        t.excludes(shown, 'Flags: F', 'krb5_conf overrides krb5.conf')
        t.contains(r.run([realm.tool('kadmin.local'), '-r', r.name, '-q',
                          'getprinc krbtgt/OTHER.TEST']),
                   'Maximum ticket life: 0 days 01:00:00',
                   'kdc_conf adds to kdc.conf')


def test_command(t):
    """realm.py run."""
    done = subprocess.run([*COMMAND, 'sh', '-c', 'klist -s; echo $?; exit 3'],
                          stdout=subprocess.PIPE, text=True, check=False)
    t.equal((done.stdout, done.returncode), ('0\n', 3),
            'realm.py run: a command has a ticket, its status is returned')
    done = subprocess.run([*COMMAND, 'sh', '-c', 'kill -9 $$'], check=False)
    t.equal(done.returncode, 128 + 9, 'the death of a command is shown so')
    done = subprocess.run(
        [*COMMAND, 'sh', '-c', 'echo $GS2_REALM_DIR $GS2_REALM_KDC_PID'],
        stdout=subprocess.PIPE, text=True, check=True)
    path, pid = done.stdout.split()
    t.ok(not os.path.exists(path), 'its directory is removed')
    t.ok(not is_alive(int(pid)), 'its KDC is stopped')
    for number, leaves in ((signal.SIGTERM, False), (signal.SIGKILL, True)):
        with subprocess.Popen(
                [*COMMAND, 'sh', '-c',
                 'echo $GS2_REALM_DIR $GS2_REALM_KDC_PID; read line'],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True) as child:
            path, pid = child.stdout.readline().split()
            child.send_signal(number)
            child.wait()
        name = signal.Signals(number).name
        t.ok(wait_until(lambda: not is_alive(int(pid))),
             f'{name} to realm.py stops the KDC')
        if leaves:
            shutil.rmtree(path)
        else:
            t.ok(not os.path.exists(path), f'{name} removes the directory')


def test_nobody(t):
    """The realm needs no privilege."""
    if os.getuid() != 0:
        t.ok(True, 'the realm runs without privilege (this run has none)')
        return
    # Neither this interpreter nor our directories need be nobody's to read.
    python = shutil.which('python3', path=os.defpath + ':/usr/bin')
    with tempfile.TemporaryDirectory(prefix='gs2-nobody.') as folder:
        os.chmod(folder, 0o755)
        for name in ('realm.py', 'tap.py', 'debian.py'):
            shutil.copy(tree.helper(name), folder)
            os.chmod(os.path.join(folder, name), 0o644)
        done = subprocess.run(
            [python, os.path.join(folder, 'realm.py'), 'run', '--', 'sh', '-c',
             'klist -s && id -u'],
            stdin=subprocess.DEVNULL, cwd='/', user=NOBODY, group=NOBODY,
            extra_groups=[], env=dict(os.environ, TMPDIR='/tmp'),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
    t.equal(done.stdout, f'{NOBODY}\n', 'the realm runs as nobody')


def main(t):
    """All of it."""
    start = time.monotonic()
    with realm.Realm() as r:
        seconds = time.monotonic() - start
        t.note(f'up in {seconds:.2f} seconds')
        t.ok(seconds < 2, 'the realm is up in less than two seconds')
        test_tickets(t, r)
        test_kdc(t, r)
        path, pid = r.dir, r.kdc.pid
    t.ok(not os.path.exists(path) and not is_alive(pid),
         'nothing is left of a realm')
    test_options(t)
    test_command(t)
    test_nobody(t)


tap.run(main)
