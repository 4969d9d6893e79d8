#!/usr/bin/env python3
"""Fills the directory of a Samba domain controller (ad.py), in one process by
Samba's own modules: samba-tool takes a second for each word.

    ad_populate.py SMB.CONF DIRECTORY [COUNT]

Makes the users alice and bob, alice's groups, a machine helpdesk$ as any user
of a domain may make ten, and the accounts of three services with their keytabs
in DIRECTORY: imap/localhost, ldap/localhost, and http/localhost, which may log
in to the first as its own users (constrained delegation), and as anybody
(protocol transition). Prints a JSON object with the SID of each but the machine. bob is in
as many groups more as COUNT says: group1, group2 ...
"""

import json
import os
import sys

import samba.dckeytab  # makes Net.export_keytab()
from samba import dsdb
from samba.auth import system_session
from samba.credentials import Credentials
from samba.dcerpc import security
from samba.ndr import ndr_unpack
from samba.net import Net
from samba.param import LoadParm
from samba.samdb import SamDB

PASSWORDS = {'alice': 'Passw0rd.2', 'bob': 'Passw0rd.2',
             'svcimap': 'Passw0rd.3', 'svcfront': 'Passw0rd.4',
             'svcldap': 'Passw0rd.5'}
MACHINE = 'helpdesk'
SERVICES = {'svcimap': 'imap/localhost', 'svcfront': 'http/localhost',
            'svcldap': 'ldap/localhost'}

# Staff has Mailers as a member; Printers is of the domain's own resources;
# Newsletter is a list of addresses, which is in no ticket; Cards is what
# Windows would put into tickets that were got with a smart card.
GROUPS = {'Mailers': (dsdb.GTYPE_SECURITY_GLOBAL_GROUP, ['alice']),
          'Staff': (dsdb.GTYPE_SECURITY_GLOBAL_GROUP, ['Mailers']),
          'Printers': (dsdb.GTYPE_SECURITY_DOMAIN_LOCAL_GROUP, ['alice']),
          'Newsletter': (dsdb.GTYPE_DISTRIBUTION_GLOBAL_GROUP, ['alice']),
          'Cards': (dsdb.GTYPE_SECURITY_UNIVERSAL_GROUP, [])}

TRUSTED = (dsdb.UF_NORMAL_ACCOUNT | dsdb.UF_DONT_EXPIRE_PASSWD
           | dsdb.UF_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION)


def directory_of(conf):
    """The directory of the controller with this smb.conf, open as the
    system, and the configuration."""
    lp = LoadParm()
    lp.load(conf)
    return SamDB(url=lp.private_path('sam.ldb'), lp=lp,
                 session_info=system_session()), lp


def modify(sam, name, attribute, value):
    """Sets one attribute of an account; None takes it away."""
    found = sam.search(expression=f'sAMAccountName={name}', attrs=['dn'])
    change = (f'replace: {attribute}\n{attribute}: {value}\n'
              if value is not None else f'delete: {attribute}\n')
    sam.modify_ldif(f'dn: {found[0].dn}\nchangetype: modify\n{change}')


def sid_of(sam, name):
    """The SID of an account."""
    found = sam.search(expression=f'sAMAccountName={name}',
                       attrs=['objectSid'])
    return str(ndr_unpack(security.dom_sid, found[0]['objectSid'][0]))


def main():
    """All of it."""
    conf, directory, *count = sys.argv[1:]
    sam, lp = directory_of(conf)
    for name, password in PASSWORDS.items():
        sam.newuser(name, password)
    for name, (kind, members) in GROUPS.items():
        sam.newgroup(name, grouptype=kind)
        sam.add_remove_group_members(name, members)
    more = [f'group{number + 1}' for number in range(int(*count or [0]))]
    for name in more:
        sam.newgroup(name)
        sam.add_remove_group_members(name, ['bob'])
    for name, service in SERVICES.items():
        modify(sam, name, 'servicePrincipalName', service)
    modify(sam, 'alice', 'userPrincipalName', 'alice.grün@ad.test')
    modify(sam, 'bob', 'userPrincipalName', None)
    # As ktpass does, so that a service gets its own ticket as http/localhost.
    modify(sam, 'svcfront', 'userPrincipalName',
           f'{SERVICES["svcfront"]}@AD.TEST')
    modify(sam, 'svcfront', 'msDS-AllowedToDelegateTo', SERVICES['svcimap'])
    modify(sam, 'svcfront', 'userAccountControl', TRUSTED)
    sam.newcomputer(MACHINE)
    sam.setpassword(f'(sAMAccountName={MACHINE}$)', PASSWORDS['alice'])
    net = Net(Credentials(), lp)
    for name, service in SERVICES.items():
        net.export_keytab(principal=service, keytab=os.path.join(
            directory, name + '.keytab'))
    json.dump({name: sid_of(sam, name) for name in (*PASSWORDS, *GROUPS, *more)},
              sys.stdout)


if __name__ == '__main__':
    main()
