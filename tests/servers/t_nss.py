#!/usr/bin/env python3
"""The module for Unix groups in the programs of a machine, where nobody has
logged in: it answers nothing, in threads and children either, and costs
nothing that can be measured.
"""

import os
import re
import subprocess
import tempfile

import mounts
import tap
import tree

MODULE = tree.builddir('nss', '.libs', 'libnss_gs2.so.2')
GETGROUPS = tree.builddir('tests', 'modules', 'getgroups')
GROUP = ('root:x:0:\nusers:x:100:\nstaff:x:200:alice,bob\n'
         'gs2-smartcard:x:64001:\n')
PASSWD = ('root:x:0:0::/:/bin/sh\n'
          'alice:x:64000:100::/nonexistent:/bin/false\n')
PROGRAMS = (
    ['id'], ['id', 'alice'], ['id', '-Gn', 'alice'], ['id', 'root'],
    ['getent', 'group'], ['getent', 'group', 'gs2-smartcard'],
    ['getent', 'group', '64001'], ['getent', 'group', 'nosuch'],
    ['getent', 'initgroups', 'alice'], ['getent', 'initgroups', 'nobody'],
    ['getent', 'passwd', 'alice'], ['getent', 'passwd', 'nosuch'],
    ['getent', 'shadow', 'alice'], ['getent', 'hosts', 'localhost'],
    ['getent', 'services', 'imap'], ['getent', 'netgroup', 'nosuch'],
    ['setpriv', '--reuid=64000', '--regid=100', '--init-groups', 'id', '-G'],
)
RUNS, QUESTIONS = 7, '500'
# Of what a look-up of groups costs; the machine is never quiet.
RATIO_MAX = 1.25


class Machine:
    """Programs that see other files in /etc; and the module in a directory of
    libraries, or not."""

    def __init__(self, folder):
        self.folder = folder
        with open('/etc/passwd', encoding='utf-8') as passwd:
            nobody = ''.join(line for line in passwd
                             if line.startswith('nobody:'))
        self.places = {self._write('group', GROUP): '/etc/group',
                       self._write('passwd', PASSWD + nobody): '/etc/passwd',
                       self._write('nsswitch', ''): '/etc/nsswitch.conf'}
        self.over = mounts.over(self.places)

    def _write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='utf-8') as out:
            out.write(text)
        return path

    def run(self, command, services):
        """Runs it where each database but hosts is asked of these services.
        Its status and output."""
        self._write('nsswitch', ''.join(
            f'{database}: {services}\n' for database in
            ('passwd', 'group', 'shadow', 'services', 'netgroup'))
            + 'hosts: files\n')
        env = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(MODULE))
        done = subprocess.run(
            [*self.over, *command], env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        return done.returncode, done.stdout


def programs(t, machine):
    """What they print is what they print without the module."""
    for command in PROGRAMS:
        t.equal(machine.run(command, 'files gs2'),
                machine.run(command, 'files'),
                f'{" ".join(command)}: the same as without the module')
    status, said = machine.run(
        ['env', 'LD_DEBUG=files', 'id', 'alice'], 'files gs2')
    t.ok(status == 0 and re.search(r'calling init: \S*libnss_gs2\.so\.2',
                                   said), 'id has loaded it', said)


def threads(t, machine):
    """sshd and its like ask for the groups of whoever logs in."""
    with_it, without = [], []
    for _ in range(RUNS):
        for services, costs in (('files gs2', with_it), ('files', without)):
            status, said = machine.run([GETGROUPS, 'alice', QUESTIONS],
                                       services)
            found = re.match(r'others=0 cpu=(\d+) gids=100,200\n', said)
            if status != 0 or not found:
                t.ok(False, f'{services}: 16 threads and as many children get '
                     'the groups of the files', said)
                return
            costs.append(int(found[1]))
    t.ok(True, f'16 threads and as many children, {RUNS} times: the groups of '
         'the files and no others')
    ratio = min(with_it) / min(without)
    t.ok(ratio < RATIO_MAX, f'it costs less than {RATIO_MAX} of the same '
         'without it', f'{ratio}: {with_it} to {without}')
    t.note(f'ratio {ratio:.3f}')


def main(t):
    tap.find(MODULE, 'libc6-dev, and configure again')
    with tempfile.TemporaryDirectory(prefix='gs2-nss.') as folder:
        os.chmod(folder, 0o755)
        machine = Machine(folder)
        programs(t, machine)
        threads(t, machine)


if __name__ == '__main__':
    tap.run(main)
