"""sssd without its being installed, which would alter nsswitch.conf and PAM: in
a mount namespace of its own, its packages' files (install-packages unpacks
them) lie over /usr, and its directories are those of a scratch directory.

    with sssd.Sssd(home, lines, env) as it:
        it.passwd('alice')      what libc has of her by sssd
"""

import glob
import os
import subprocess

import logged
import tap

__all__ = ['Sssd']

PACKAGES = ('sssd-common', 'sssd-krb5-common', 'sssd-ldap', 'sssd-ad-common',
            'sssd-ad', 'libnss-sss')
LIBRARY = f'{logged.APART}/libnss-sss/**/libnss_sss.so.2'
# All that it looks for in its directories.
FOLDERS = ('db', 'mc', 'pipes/private', 'pubconf/krb5.include.d', 'gpo_cache',
           'secrets', 'deskprofile', 'keytabs')
SCRIPT = '''\
top=$1 usr=$2; shift 2
mount -t overlay overlay -o "lowerdir=$usr:/usr" /usr &&
    mount -t overlay overlay -o "lowerdir=$top/etc:/etc" /etc &&
    mount -t overlay overlay -o "lowerdir=$top/var:/var/lib" /var/lib &&
    mount --bind "$top/sss" /var/lib/sss &&
    mount --bind "$top/run" /run && exec "$@"
'''


def packages():
    """The directories of their files for /usr; raises tap.Skip."""
    found = [os.path.dirname(tap.find(f'{logged.APART}/{package}/usr/share',
                                      package)) for package in PACKAGES]
    tap.find(LIBRARY, 'libnss-sss')
    return ':'.join(found)


class Sssd:
    """One that runs, with nothing cached. home: a servers.Home; lines: its
    sssd.conf; hosts: those of /etc/hosts."""

    def __init__(self, home, lines, env=None, hosts=''):
        self.home = home
        number = len(glob.glob(home.path('sssd-*')))
        self.top = home.path(f'sssd-{number}')
        for folder in ('etc/sssd', 'var/sss', 'run',
                       *(f'sss/{folder}' for folder in FOLDERS)):
            os.makedirs(f'{self.top}/{folder}')
        conf = home.write(f'{self.top}/etc/sssd/sssd.conf', lines)
        os.chmod(conf, 0o600)
        if hosts:
            home.write(f'{self.top}/etc/hosts', hosts)
        self.within = ['unshare', '-m', 'sh', '-c', SCRIPT, 'sh', self.top,
                       packages()]
        done = subprocess.run([*self.within, 'true'], check=False, text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise tap.Skip('no overlay in a mount namespace of our own: '
                           + done.stdout.strip())
        self.program = home.start(f'sssd{number}', [
            *self.within, 'sssd', '-i', '-d', '0x3ff0'], env=env)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.program.stop()

    def log(self):
        """What all its processes said."""
        return self.program.log()

    def passwd(self, user):
        """What libc has of a user by sssd, as a line of /etc/passwd."""
        library = tap.find(LIBRARY, 'libnss-sss')
        return self.home.run(
            [*self.within, 'getent', '-s', 'sss', 'passwd', user],
            env={'LD_LIBRARY_PATH': os.path.dirname(library)}).stdout
