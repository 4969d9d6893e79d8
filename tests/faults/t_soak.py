#!/usr/bin/env python3
"""A soak: 100,000 logins between two processes while the service's keys are
changed again and again (the new ones beside the old ones, then the new kvno
alone), the KDC is started anew, and tickets are renewed before they expire. No
login is lost. Then 20,000 attempts with tickets that do expire, again and
again, before there are new ones: those attempts are refused, and no other.
Memory and descriptors stay as they are: ten samples of either side. Takes
long: with GS2_FULL alone. GS2_SOAK: another number.
"""

import os
import subprocess
import threading
import time

import realm
import scenario
import t_endurance
import tap

LOGINS = int(os.environ.get('GS2_SOAK') or 100000)
EXPIRING = LOGINS // 5
HOURS = 3600


class Unrest:
    """What happens every SECONDS until it is left, in a thread of its own."""

    SECONDS = 5
    TICKET_SECONDS = 60

    def __init__(self, stage):
        self.realm = stage.realm
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.rounds = 0
        self.failure = None
        self.renew()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_exc):
        self.over.set()
        self.thread.join()

    def run(self):
        """The thread. What goes wrong is kept for the test."""
        try:
            while not self.over.wait(self.SECONDS):
                self.once()
                self.rounds += 1
        except (realm.RealmError, OSError) as error:
            self.failure = error

    def once(self):
        """One round."""
        self.renew()

    def renew(self):
        """A fresh ticket, in place of the old cache at once."""
        path = self.realm.ccache.split(':', 1)[-1]
        self.realm.kinit('alice', self.realm.password('alice'),
                         'FILE:' + path + '.fresh',
                         ['-l', f'{self.TICKET_SECONDS}s'])
        os.replace(path + '.fresh', path)


class Rotation(Unrest):
    """Rotates keys, renews tickets and restarts the KDC."""

    def __init__(self, stage):
        super().__init__(stage)
        self.spare = stage.path('spare')

    def __exit__(self, *exc):
        """A KDC dies with the thread that has started it."""
        super().__exit__(*exc)
        self.realm.stop_kdc()
        self.realm.start_kdc()

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


class Expiry(Unrest):
    """Renews tickets some time after they have expired."""

    SECONDS = 6
    TICKET_SECONDS = 4


def soak(stage, unrest, count):
    """So many attempts under unrest; their traces."""
    number = ['--quiet', '--count', str(count)]
    with stage.server(number) as server, unrest:
        done = subprocess.run(
            [scenario.PEER, 'client', '--port', str(server.port), '--mech',
             'GS2-KRB5', *number], env=stage.environment('ours'),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=6 * HOURS, check=False)
        trace = scenario.Trace(done.stdout.decode('utf-8', 'replace'),
                               done.returncode)
        login = scenario.Login(trace, server.finish())
    if unrest.failure:
        raise unrest.failure
    login.must(unrest.rounds > 1, 'no unrest')
    return login


def are_flat(t, login, growth=t_endurance.GROWTH):
    """Memory and descriptors of either side."""
    for side, trace in (('client', login.client), ('server', login.server)):
        t_endurance.is_flat(t, side, trace, growth)


def rotation(t, stage):
    """Keys, tickets and KDCs come and go; no login is lost."""
    with t.case(f'{LOGINS} logins under unrest: none is lost, nothing grows'):
        unrest = Rotation(stage)
        login = soak(stage, unrest, LOGINS)
        t.note(f'{unrest.rounds} rotations of the keys, as many restarts of '
               f'the KDC; tickets of {unrest.TICKET_SECONDS} s')
        for trace in (login.client, login.server):
            summary = trace.first('summary')
            login.equal((summary['logins'], summary['refused']),
                        (str(LOGINS), '0'), 'logins, refused')
        are_flat(t, login)


def expiry(t, stage):
    """Tickets expire under the logins."""
    with t.case(f'{EXPIRING} attempts with tickets that expire: refused until '
                'there is a new one, nothing grows'):
        unrest = Expiry(stage)
        login = soak(stage, unrest, EXPIRING)
        client = login.client.first('summary')
        logins, refused = int(client['logins']), int(client['refused'])
        t.note(f'{unrest.rounds} times a ticket of {unrest.TICKET_SECONDS} s '
               f'expired and was renewed: {logins} logins, {refused} refused')
        login.equal(logins + refused, EXPIRING, 'attempts')
        login.must(logins > 0 and refused > 0, 'no ticket expired')
        login.equal(login.server.first('summary')['logins'], str(logins),
                    "the server's logins")
        # What libkrb5 says of each refusal leaves gaps in the heap.
        are_flat(t, login, 2 * t_endurance.GROWTH)
    with t.case('the reason is that the ticket has expired'):
        time.sleep(unrest.TICKET_SECONDS + 1)
        late = stage.login()
        late.refused_by_client('SASL_FAIL', 'Ticket expired')
        late.equal(late.client.messages(), [], 'messages')


def main(t):
    """Both soaks."""
    if not os.environ.get('GS2_FULL'):
        t.skip('a soak', 'GS2_FULL is not set')
        return
    with scenario.Stage() as stage:
        rotation(t, stage)
        expiry(t, stage)


if __name__ == '__main__':
    tap.run(main)
