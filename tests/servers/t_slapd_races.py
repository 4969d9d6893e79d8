#!/usr/bin/env python3
"""slapd's access rules while a Bind of the same connection replaces who is
logged in: rights are never a mixture of two logins. t_slapd_long.py does the
same for longer, under valgrind.
"""

import saslclient
import slapd
import slapd_races
import tap

FLIGHTS = 100
PAUSE = 15000  # microseconds: longer than a Bind takes


def main(t):
    with slapd.Home() as home:
        saslclient.load(home.environment('ours'))
        for what, env in (('', {}), (', with a pause in the module',
                                     slapd_races.environment(PAUSE))):
            name = f'slapd-races-{len(env)}'
            with slapd_races.start(home, name, env=env) as server:
                race = slapd_races.Race(home)
                race.run(server, FLIGHTS)
                race.report(t, what)


if __name__ == '__main__':
    slapd.run(main)
