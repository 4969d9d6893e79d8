#!/usr/bin/env python3
"""A user in 1,000 groups of an Active Directory domain (a user can be in 1,015):
all are seen, a rule on the last of them is met, and how large the first message
is.
"""

import ad
import tap
from sources import props, values

COUNT = 1000
GROUPS = '*gss-ad-groups'
# What doc/servers.md says, in KB.
MESSAGE = 9


def main(t):
    """All of it."""
    if not ad.is_root():
        t.skip('a domain', 'only root can provision one')
        return
    with ad.Stage(COUNT) as stage:
        last = stage.sids[f'group{COUNT}']
        ticket = stage.ticket('bob')
        with t.case(f'a user in {COUNT} groups logs in'):
            login = stage.login(client_env=ticket, server=props(GROUPS))
            login.succeeds('bob', principal='bob@AD.TEST')
            got = set(values(login, GROUPS))
            wanted = {stage.sids[f'group{number + 1}']
                      for number in range(COUNT)}
            login.equal(wanted - got, set(), 'groups that are not seen')
        size = int(login.server.first('receive', type='start')['size'])
        t.note(f'the first message has {size} octets')
        t.ok(.8 < size / (MESSAGE * 1000) < 1.2,
             f'its first message has about {MESSAGE} KB', size)
        for rule, met in ((f'gs2:ad-groups={last}', True),
                          (f'gs2:ad-groups={last}0', False)):
            with t.case(f'the rule {rule}: {met}'):
                login = stage.login(client_env=ticket,
                                    options={'gs2_require': rule})
                if met:
                    login.succeeds('bob', principal='bob@AD.TEST')
                else:
                    login.refused_by_server('SASL_NOAUTHZ')


if __name__ == '__main__':
    tap.run(main)
