"""Which packages a Debian system can have: not every release has each."""

import re
import shutil
import subprocess

__all__ = ['lacks']


def _can_be_fetched(package):
    """True where apt knows from where. A package of dpkg's alone, or one that
    another only names, has no Filename."""
    done = subprocess.run(['apt-cache', 'show', package], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return bool(re.search(rb'^Filename:', done.stdout, re.M))


def lacks(package):
    """True where this release has no such package, by the lists that are
    here; False where there are no lists."""
    return bool(shutil.which('apt-cache')) and _can_be_fetched('apt') and \
        not _can_be_fetched(package)
