#!/usr/bin/env python3
"""The keytab of a server that runs: its keys are changed and removed under it,
by ktutil's means or by another file in its place. What the pool has acquired
must let nobody in with a key that is gone, and keep nobody out with one that
is there (creds.h). One server process; each login is a client of its own.
"""

import os
import shutil
import time

import realm
import scenario
import tap

LOGINS = 9
SERVICE = 'imap/localhost'
# GS2_CREDS_RETRY_SECONDS: for so long it is remembered that there is no key.
RETRY_SECONDS = 3


class Keytab:
    """The server's keytab, and tickets of alice's for the keys in it."""

    def __init__(self, stage, server):
        self.stage = stage
        self.realm = stage.realm
        self.server = server

    def ticket(self, name):
        """alice's, with a ticket for the service's key of now."""
        cache = 'FILE:' + self.stage.path(name)
        self.realm.kinit('alice', self.realm.password('alice'), cache)
        self.realm.run([realm.tool('kvno'), SERVICE], env={'KRB5CCNAME': cache})
        return {'KRB5CCNAME': cache}

    def put(self, path):
        """Another file in the keytab's place, at once."""
        os.replace(path, self.realm.keytab)

    def with_keys(self, principal, new_keys=False):
        """A file with this principal's keys alone."""
        path = self.stage.path('other')
        self.realm.ktadd(path, principal, new_keys)
        return path

    def log_in(self, ticket):
        """One client; its Trace."""
        return self.stage.client(self.server.port, ['--mech', 'GS2-KRB5'],
                                 env=ticket)


def let_in(trace):
    """The client is logged in."""
    assert trace.failure() == ('', '') and trace.status == 0, trace.text


def refused(trace, text):
    """It is not, and is told why."""
    assert trace.status != 0 and text in trace.text, trace.text


def changed(t, keytab):
    """New keys."""
    old = keytab.ticket('old')
    with t.case('a key, and a ticket for it'):
        let_in(keytab.log_in(old))
    keytab.realm.ktadd(keytab.realm.keytab, SERVICE, new_keys=True)
    new = keytab.ticket('new')
    with t.case('a new key beside the old one: the old ticket'):
        let_in(keytab.log_in(old))
    with t.case('and the new one'):
        let_in(keytab.log_in(new))
    keytab.put(keytab.with_keys(SERVICE))
    with t.case('the new key alone: the new ticket'):
        let_in(keytab.log_in(new))
    with t.case('the old ticket is refused'):
        refused(keytab.log_in(old), 'Key version is not available')
    with t.case('which keeps out nobody else'):
        let_in(keytab.log_in(new))
    return new


def removed(t, keytab, ticket):
    """No key."""
    kept = keytab.stage.path('kept')
    shutil.copy(keytab.realm.keytab, kept)
    keytab.realm.addprinc('pop/localhost')
    keytab.put(keytab.with_keys('pop/localhost'))
    with t.case('another service has a key, this one none: refused, though '
                'a credential for it is idle'):
        refused(keytab.log_in(ticket), 'Service key not available')
    os.unlink(keytab.realm.keytab)
    with t.case('no file: the mechanism is not even offered'):
        trace = keytab.log_in(ticket)
        assert trace.first('receive')['text'] == 'PLAIN', trace.text
        refused(trace, 'the server has no GS2-KRB5 credential for '
                'imap@localhost')
    keytab.put(kept)
    time.sleep(RETRY_SECONDS)
    with t.case('the key is back, and so is the mechanism'):
        let_in(keytab.log_in(ticket))


def main(t):
    """All of it."""
    with scenario.Stage() as stage, \
            stage.server(['--count', str(LOGINS)]) as server:
        keytab = Keytab(stage, server)
        removed(t, keytab, changed(t, keytab))
        trace = server.finish()
        with t.case('the server has let in those, and refused the others'):
            seen = [len(trace.audit(v)) for v in ('accepted', 'failed')]
            assert seen == [6, 2], trace.text


if __name__ == '__main__':
    tap.run(main)
