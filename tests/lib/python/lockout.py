"""fail2ban with the filter of doc/: whom it would lock out.

    lockout.addresses(log)     a list of addresses, one a line that counts
"""

import os
import subprocess
import tempfile

import tap
import tree

__all__ = ['addresses']


def addresses(text):
    """What fail2ban makes of the text of a log: a list of the addresses, one a
    match."""
    with tempfile.TemporaryDirectory(prefix='gs2-fail2ban.') as folder:
        os.symlink('/etc/fail2ban/filter.d/common.conf',
                   f'{folder}/common.conf')
        os.symlink(tree.srcdir('doc', 'fail2ban-gs2.conf'),
                   f'{folder}/gs2.conf')
        with open(f'{folder}/log', 'w', encoding='utf-8') as out:
            out.write(text)
        done = subprocess.run(
            [tap.find('fail2ban-regex', 'fail2ban'), '-o', 'ip',
             f'{folder}/log', f'{folder}/gs2.conf'], cwd=folder, text=True,
            check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        assert done.returncode in (0, 1) and not done.stderr, done.stderr
        return done.stdout.split()
