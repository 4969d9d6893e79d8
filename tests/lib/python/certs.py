"""Certificates for the tests, by openssl, in a folder of their own; good for two
days.
"""

import os
import subprocess

__all__ = ['CertsError', 'pkinit', 'self_signed']

NEW = ('-newkey', 'rsa:2048', '-nodes', '-sha256')

# RFC 4556: the KDC's certificate has its realm's krbtgt, a client's the
# client's principal, as an otherName of type KRB5PrincipalName.
PKINIT = '''\
[req]
distinguished_name = dn
prompt = no
[dn]
CN = test
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
'''

HOLDER = '''\
[{who}]
basicConstraints = CA:FALSE
keyUsage = digitalSignature,keyEncipherment,keyAgreement
extendedKeyUsage = 1.3.6.1.5.2.3.{usage}
subjectAltName = otherName:1.3.6.1.5.2.2;SEQUENCE:{who}_name
[{who}_name]
realm = EXP:0,GeneralString:{realm}
name = EXP:1,SEQUENCE:{who}_principal
[{who}_principal]
type = EXP:0,INTEGER:{type}
parts = EXP:1,SEQUENCE:{who}_parts
[{who}_parts]
'''


class CertsError(Exception):
    """openssl failed; the text has its output."""


def openssl(folder, *args):
    """Runs openssl in the folder."""
    done = subprocess.run(['openssl', *args], cwd=folder, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise CertsError(f'openssl {args}:\n{done.stdout}')


def holder(who, realm, usage, kind, *parts):
    """The sections about one whose principal has these parts."""
    return HOLDER.format(who=who, realm=realm, usage=usage, type=kind) + \
        ''.join(f'part{i} = GeneralString:{part}\n'
                for i, part in enumerate(parts))


def pkinit(folder, realm, users=()):
    """A CA, and certificates of it for the KDC and for users of the realm:
    ca, kdc and each user's name, .pem and .key."""
    with open(os.path.join(folder, 'cnf'), 'w', encoding='utf-8') as out:
        out.write(PKINIT + holder('kdc', realm, 5, 2, 'krbtgt', realm))
        out.writelines(holder(user, realm, 4, 1, user) for user in users)
    openssl(folder, 'req', '-config', 'cnf', *NEW, '-x509', '-extensions',
            'ca', '-days', '2', '-keyout', 'ca.key', '-out', 'ca.pem')
    for who in ('kdc', *users):
        openssl(folder, 'req', '-config', 'cnf', *NEW, '-subj', f'/CN={who}',
                '-keyout', f'{who}.key', '-out', f'{who}.csr')
        openssl(folder, 'x509', '-req', '-in', f'{who}.csr', '-days', '2',
                '-CA', 'ca.pem', '-CAkey', 'ca.key', '-extfile', 'cnf',
                '-extensions', who, '-out', f'{who}.pem')


def self_signed(folder, host):
    """A certificate of a host for itself: cert.pem and key.pem."""
    openssl(folder, 'req', *NEW, '-x509', '-subj', f'/CN={host}', '-days',
            '2', '-keyout', 'key.pem', '-out', 'cert.pem')
