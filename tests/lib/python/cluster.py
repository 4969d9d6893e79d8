"""What doc/cluster.md shows, and waiting for several nodes."""

import time

import setups
import tree

__all__ = ['PAGE', 'setup', 'until']

PAGE = tree.srcdir('doc', 'cluster.md')
WAIT_SECONDS = 60


def setup(name, places=None):
    """setups.setup() of that page."""
    return setups.setup(name, places, PAGE)


def until(condition):
    """Waits for it; whether it came."""
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(.1)
    return True
