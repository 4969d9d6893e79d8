"""Programs that see other files at the system's paths: bind mounts in a mount
namespace of their own, for root alone.

    command = mounts.over({ours: '/etc/ldap/sasl2'}) + ['slapd', ...]
    command = mounts.over(places) + mounts.become('nobody') + ['slapd', ...]

The system itself is never altered.
"""

import atexit
import os
import pwd
import re
import subprocess

import tap

__all__ = ['become', 'over', 'said']

SCRIPT = '''\
count=$1; shift
while [ "$count" -gt 0 ]; do
    mount --bind "$1" "$2" || exit
    count=$((count - 1)); shift 2
done
exec "$@"
'''


def over(places):
    """What to put in front of a command that shall see each source (the keys)
    at its target (the values), which must be there. Raises tap.Skip for a
    user who cannot have that."""
    if os.geteuid() != 0:
        raise tap.Skip('only root can bind-mount over ' +
                       ', '.join(places.values()))
    pairs = [path for pair in places.items() for path in pair]
    # Where / is no mount point (a plain chroot), the propagation of mounts
    # cannot be changed, and these may reach beyond.
    for how in ([], ['--propagation', 'unchanged']):
        command = ['unshare', '-m', *how, 'sh', '-c', SCRIPT, 'sh',
                   str(len(places)), *pairs]
        done = subprocess.run([*command, 'true'], check=False,
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT)
        if how:
            atexit.register(remove, places)
        if done.returncode == 0:
            return command
    raise tap.Skip('no bind mount in a namespace of our own: '
                   + done.stdout.strip())


def become(user):
    """What to put in front of a command, behind over(), so that it runs as
    another user and dies with us all the same."""
    entry = pwd.getpwnam(user)
    return ['setpriv', f'--reuid={entry.pw_uid}', f'--regid={entry.pw_gid}',
            '--clear-groups', '--pdeathsig=TERM']


def said(text):
    """What a program behind become() says, without what a build that counts
    lines adds: that this user may not write the counts."""
    return re.sub(r'^profiling:.*\n', '', text, flags=re.M)


def remove(places):
    """Takes every bind mount of a source off its target, if it came to us."""
    with open('/proc/self/mountinfo', encoding='utf-8') as mounts:
        mounted = [line.split()[3:5] for line in mounts]
    for source, target in places.items():
        for root, place in mounted:
            if root.endswith(source) and place == target:
                subprocess.run(['umount', target], check=False)
