#!/usr/bin/env python3
"""slapd whose access rules decide by groups of Active Directory: roles by SID,
with a real domain controller.
"""

import ad
import saslclient
import servers
import slapd
import slapd_roles as roles
import tap
from slapd_roles import DENIED, SUCCESS


class Home(servers.Home, ad.Stage):
    """A place for slapd in the domain."""


def start(home):
    """A slapd with a role for a group that alice is in, for one in which that
    is, and for one of another domain."""
    sids = {'mailers': home.sids['Mailers'], 'staff': home.sids['Staff'],
            'strangers': 'S-1-5-21-1-2-3-1103'}
    rules = {role: f'gs2:realm={ad.REALM} and gs2:ad-groups={sid}'
             for role, sid in sids.items()}
    ldif, access = roles.doors(rules)
    return slapd.start(
        home, options=f'gs2_pac_decoder: {ad.DECODER}\n'
        + roles.options(rules), others=ldif, access=access,
        more=roles.plugin(home, *[(roles.group(role), role)
                                  for role in rules]),
        env={'KRB5_KTNAME': 'FILE:' + home.realm.path('svcldap.keytab')})


def main(t):
    if not ad.is_root():
        raise tap.Skip('only root can provision a domain controller')
    with Home() as home, start(home) as server:
        saslclient.load(home.environment('ours'))
        for what, ticket, wanted in (
                ('alice: her group, and the one that it is in',
                 home.ticket('alice'), [SUCCESS, SUCCESS, DENIED]),
                ('bob, who is in neither', home.ticket('bob'), [DENIED] * 3),
                ('alice, whose ticket has no PAC',
                 home.ticket('alice', ['--no-request-pac']), [DENIED] * 3)):
            with slapd.Connection(server) as conn:
                code = conn.gs2(ticket)[0]
                got = [conn.code(roles.write(roles.door(role)))
                       for role in ('mailers', 'staff', 'strangers')]
                t.equal((code, got), (SUCCESS, wanted), what)


if __name__ == '__main__':
    tap.run(main)
