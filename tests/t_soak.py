#!/usr/bin/env python3
"""A soak: 100,000 logins between two processes while the service's keys are
changed again and again (the new ones beside the old ones, then the new kvno
alone), the KDC is started anew, and every ticket that is used expires. No
login is lost, and memory and descriptors stay as they are: ten samples of
either side. Takes long: with GS2_FULL alone. GS2_SOAK: another number.
"""

import os
import subprocess
import threading

import realm
import scenario
import t_endurance
import tap

LOGINS = int(os.environ.get('GS2_SOAK') or 100000)
SECONDS = 5
TICKET_SECONDS = 60
HOURS = 3600


class Unrest:
    """Rotates keys, renews tickets and restarts the KDC until it is left."""

    def __init__(self, stage):
        self.realm = stage.realm
        self.spare = stage.path('spare')
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.rotations = 0
        self.failure = None

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_exc):
        self.over.set()
        self.thread.join()

    def run(self):
        """The thread. What goes wrong is kept for the test."""
        try:
            while not self.over.wait(SECONDS):
                self.once()
        except (realm.RealmError, OSError) as error:
            self.failure = error

    def once(self):
        """New keys beside the old ones; tickets for them; the KDC anew; then
        the new keys alone. Files are put in the place of others at once."""
        self.realm.ktadd(self.realm.keytab, 'imap/localhost', new_keys=True)
        self.renew()
        self.over.wait(1)
        self.realm.stop_kdc()
        self.realm.start_kdc()
        self.realm.ktadd(self.spare, 'imap/localhost')
        os.replace(self.spare, self.realm.keytab)
        self.rotations += 1

    def renew(self):
        """A fresh ticket, in place of the old cache."""
        path = self.realm.ccache.split(':', 1)[-1]
        self.realm.kinit('alice', self.realm.password('alice'),
                         'FILE:' + path + '.fresh',
                         ['-l', f'{TICKET_SECONDS}s'])
        os.replace(path + '.fresh', path)


def soak(stage):
    """The logins; the traces, and the unrest that was."""
    number = ['--quiet', '--count', str(LOGINS)]
    unrest = Unrest(stage)
    unrest.renew()
    with stage.server(number) as server, unrest:
        done = subprocess.run(
            [scenario.PEER, 'client', '--port', str(server.port), '--mech',
             'GS2-KRB5', *number], env=stage.environment('ours'),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=6 * HOURS, check=False)
        trace = scenario.Trace(done.stdout.decode('utf-8', 'replace'),
                               done.returncode)
        return scenario.Login(trace, server.finish()), unrest


def main(t):
    """One soak."""
    if not os.environ.get('GS2_FULL'):
        t.skip('a soak', 'GS2_FULL is not set')
        return
    with scenario.Stage() as stage:
        with t.case(f'{LOGINS} logins under unrest: none is lost'):
            login, unrest = soak(stage)
            if unrest.failure:
                raise unrest.failure
            t.note(f'{unrest.rotations} rotations of the keys, as many '
                   f'restarts of the KDC; tickets of {TICKET_SECONDS} s')
            for trace in (login.client, login.server):
                summary = trace.first('summary')
                login.equal((summary['logins'], summary['refused']),
                            (str(LOGINS), '0'), 'logins, refused')
            login.must(unrest.rotations > 0, 'no rotation')
        for side, trace in (('client', login.client),
                            ('server', login.server)):
            with t.case(f'the {side} does not grow'):
                t_endurance.is_flat(t, side, trace)


if __name__ == '__main__':
    tap.run(main)
