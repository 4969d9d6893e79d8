#!/usr/bin/env python3
"""Sets whether tickets for the services of ad_populate.py have a PAC.

    ad_pac.py SMB.CONF yes|no

It is a property of the service's account. (Samba 4.25 ignores
kinit --no-request-pac.)
"""

import sys

from samba import dsdb

import ad_populate


def main():
    """All accounts of services, at once."""
    conf, has_pac = sys.argv[1:]
    flags = dsdb.UF_NORMAL_ACCOUNT
    if has_pac == 'no':
        flags |= dsdb.UF_NO_AUTH_DATA_REQUIRED
    sam, _ = ad_populate.directory_of(conf)
    for name in ('svcimap', 'svcldap'):
        ad_populate.modify(sam, name, 'userAccountControl', flags)


if __name__ == '__main__':
    main()
