#!/usr/bin/env python3
"""Cyrus' httpd and curl, which logs in by Negotiate (RFC 4559) as browsers do:
GSS-SPNEGO of libgssapiv2.so, a rule that is met and one that is not.
"""

import os
import re
import shutil

import cyrus
import tap
import tree

GSSAPI = os.environ.get('GS2_GSSAPI') or tree.builddir(
    'gssapi', '.libs', 'libgssapiv2.so')
# The pages are for the administrator.
OPTIONS = '''\
sasl_mech_list: GSS-SPNEGO
sasl_pwcheck_method: none
admins: bob
httpmodules: admin
http_sasl_gs2_require: {}
'''
# By rule, the status that bob gets with a password's ticket and a smart card's.
RULES = {'gs2:layer=none': ('401 200', '401 200'),
         'auth-indicators=smartcard': ('401 401', '401 200')}
LOGIN = 'bob Negotiate User logged in'


class Home(cyrus.Home):
    """A place for it."""

    def __enter__(self):
        super().__enter__()
        self.add_services('HTTP')
        shutil.copy(GSSAPI, self.path('ours'))
        return self


def curl(home, port, ticket):
    """The status of each answer; the first one asks for the login."""
    url = f'http://localhost:{port}/admin/'
    first = home.run([tap.find('curl', 'curl'), '-s', '-i', '-m', '60', url])
    then = home.run(['curl', '-s', '-i', '-m', '60', '--negotiate', '-u', ':',
                     url], env=ticket)
    return ' '.join(re.findall(r'^HTTP/1.1 (\d+)',
                               f'{first.stdout}\n{then.stdout}', re.M))


def main(t):
    """Each rule, and each ticket."""
    tap.find(f'{cyrus.PROGRAMS}/httpd', 'cyrus-caldav')
    cyrus.COMMANDS['http'] = 'httpd'
    with Home() as home:
        for number, (rule, statuses) in enumerate(RULES.items()):
            with cyrus.Cyrus(home, OPTIONS.format(rule),
                             name=f'httpd-{number}') as server:
                for how, wanted in zip(('timestamp', 'pkinit'), statuses):
                    t.equal(curl(home, server.ports['http'],
                                 home.ticket(how, 'bob')), wanted,
                            f'{rule}: a ticket by {how}: {wanted}')
                t.equal(server.log().count(LOGIN),
                        sum('200' in status for status in statuses),
                        f'{rule}: each login is logged as a Negotiate')


if __name__ == '__main__':
    tap.run(main)
