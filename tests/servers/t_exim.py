#!/usr/bin/env python3
"""Exim with our plugin, as doc/servers.md configures it: gsasl logs in by
GS2-KRB5, and does not where the rule is not met.
"""

import os

import logged
import servers
import t_mail
import tap
import wire


def attempt(home, options):
    """A login by gsasl; its output, the round trips, Exim's log."""
    with logged.start(home, 'Exim', options) as exim, \
            wire.Relay(exim.port) as cable:
        said = t_mail.run_gsasl(
            home, ('gsasl smtp', f'{t_mail.SMTP_HOST}:587'), cable.port,
            'None', {}, 'QUIT\n')
        trips = wire.round_trips(cable.take(), b'AUTH GS2-KRB5',
                                 rb'(?m)^(235|535) ')
        return said, trips, '\n'.join(line.text for line in exim.lines())


def main(t):
    """One that gets in, and one that does not."""
    if os.geteuid() != 0:
        t.skip('Exim with GS2-KRB5', 'only root can start Exim')
        return
    rows = servers.Rows(t, 'exim')
    with logged.Home() as home:
        said, trips, log = attempt(home, {'log_level': '4'})
        rows.add('235 Authentication succeeded' in said
                 and 'authid="alice"' in log and trips == 3, 'gsasl, Exim',
                 'GS2-KRB5', 'no', 'no', trips, 'alice', f'{said}\n{log}')
        said, trips, log = attempt(
            home, {'log_level': '2', 'gs2_require': 'gs2:authid=bob'})
        rows.add('535 Incorrect authentication data' in said
                 and 'not met: gs2:authid=bob' in log and trips == 3,
                 'gsasl, gs2_require not met, Exim', 'GS2-KRB5', 'no', 'no',
                 trips, 'refused', f'{said}\n{log}')
    rows.show()


if __name__ == '__main__':
    tap.run(main)
