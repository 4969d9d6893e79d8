#!/usr/bin/env python3
"""slapd's access rules and Cyrus IMAP's rights by groups of Active Directory:
roles by SID, with a real domain controller.
"""

import shutil

import ad
import cyrus_roles
import imap_session
import realm
import saslclient
import servers
import slapd
import slapd_roles as roles
import tap
from slapd_roles import DENIED, SUCCESS


ROLES = ('mailers', 'staff', 'strangers')


class Home(servers.Home, ad.Stage):
    """A place for slapd in the domain."""


def rules_of(home):
    """A role for a group that alice is in, for one in which that is, and for
    one of another domain."""
    sids = {'mailers': home.sids['Mailers'], 'staff': home.sids['Staff'],
            'strangers': 'S-1-5-21-1-2-3-1103'}
    return {role: f'gs2:realm={ad.REALM} and gs2:ad-groups={sid}'
            for role, sid in sids.items()}


def start(home):
    """A slapd with these roles."""
    rules = rules_of(home)
    ldif, access = roles.doors(rules)
    return slapd.start(
        home, options=f'gs2_pac_decoder: {ad.DECODER}\n'
        + roles.options(rules), others=ldif, access=access,
        more=roles.plugin(home, *[(roles.group(role), role)
                                  for role in rules]),
        env={'KRB5_KTNAME': 'FILE:' + home.realm.path('svcldap.keytab')})


def tickets(home):
    """What they show, tickets, and which of the roles they have."""
    return (
        ('alice: her group, and the one that it is in', home.ticket('alice'),
         ('mailers', 'staff')),
        ('bob, who is in neither', home.ticket('bob'), ()),
        ('alice, whose ticket has no PAC', home.without_pac('alice'), ()))


def in_slapd(t, home):
    """Who may write."""
    with start(home) as server:
        for what, ticket, has in tickets(home):
            with slapd.Connection(server) as conn:
                code = conn.gs2(ticket)[0]
                got = [conn.code(roles.write(roles.door(role)))
                       for role in ROLES]
            t.equal((code, got),
                    (SUCCESS, [SUCCESS if role in has else DENIED
                               for role in ROLES]), f'slapd: {what}')


def in_imapd(t, home):
    """Who has which rights; the administrators are of the one group."""
    rules = rules_of(home)
    options = ''.join(f'sasl_gs2_role_{role}: {rule}\n'
                      for role, rule in rules.items())
    lines = ''.join(f'gs2-{role}:x:{64001 + n}:\n'
                    for n, role in enumerate(rules))
    acl = 'setacl shared/payroll anyone lr\n' + ''.join(
        f'setacl shared/payroll group:gs2-{role} {right}\n'
        for role, right in zip(ROLES, ('lrs', 'lrw', 'lri')))
    # Cyrus' user gets the directory of the domain, which ends the controller.
    for _what, ticket, _has in tickets(home):
        home.realm.run([realm.tool('kvno'), 'imap/localhost'], env=ticket)
    # A copy: Cyrus' user may not get into the build.
    decoder = shutil.copy(ad.DECODER, home.path('libgs2-pac.so'))
    server = cyrus_roles.start(
        home, f'{options}sasl_gs2_roles: {" ".join(rules)}\n'
        f'sasl_gs2_pac_decoder: {decoder}\nunix_group_enable: 1\n'
        f'sasl_gs2_unix_groups: {cyrus_roles.SHOWN}\n'
        'admins: group:gs2-staff\n', lines)
    with server:
        for what, ticket, has in tickets(home):
            with imap_session.Session(server.ports['imap']) as imap:
                assert imap.gs2(ticket), server.log()
                if has:
                    cyrus_roles.fill(imap, acl)
                t.equal(imap.rights(cyrus_roles.MAILBOX),
                        'lrswa' if has else 'lr', f'imapd: {what}')


def main(t):
    if not ad.is_root():
        raise tap.Skip('only root can provision a domain controller')
    with Home() as home:
        saslclient.load(home.environment('ours'))
        in_slapd(t, home)
        in_imapd(t, home)


if __name__ == '__main__':
    tap.run(main)
