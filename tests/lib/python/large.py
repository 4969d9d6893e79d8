"""Tickets of 2 to 100 KB, by many authentication indicators."""

import re

__all__ = ['SIZES', 'configure', 'ticket']

# Of the first message, in KB, as it is before base64.
SIZES = (2, 4, 8, 12, 16, 20, 40, 70, 100)
INDICATOR = 400
KRB5_CONF = '[libdefaults]\n spake_preauth_groups = edwards25519\n'
KDC_CONF = ('[kdcdefaults]\n spake_preauth_kdc_challenge = edwards25519\n'
            '[realms]\n EXAMPLE.TEST = {\n }\n')


def configure(realm):
    """A realm that has not begun yet can make them."""
    realm.krb5_conf = KRB5_CONF
    realm.kdc_conf = KDC_CONF


def ticket(realm, size, user='alice'):
    """The user has a ticket of about so many KB from now on."""
    count = max((size * 1000 - 800) // INDICATOR, 1)
    lines = ''.join(f'  spake_preauth_indicator = {number:04}'
                    f'{"x" * (INDICATOR - 6)}\n' for number in range(count))
    with open(realm.path('kdc.conf'), encoding='utf-8') as text:
        conf = re.sub(r'(?m)^  spake_preauth_indicator = .*\n', '',
                      text.read())
    with open(realm.path('kdc.conf'), 'w', encoding='utf-8') as out:
        out.write(conf.replace(' EXAMPLE.TEST = {\n',
                               f' EXAMPLE.TEST = {{\n{lines}', 1))
    realm.stop_kdc()
    realm.start_kdc()
    realm.kadmin(f'modprinc +requires_preauth {user}')
    realm.kinit(user, realm.password(user))
