#!/usr/bin/env python3
"""An anonymous initiator: a real one, by anonymous PKINIT (RFC 8062), with a
certification authority that openssl makes here. krb5 sets no ANON flag for it;
the type of its name says what it is. It is let in only where the administrator
and the application both allow it.
"""

import subprocess
import tempfile

import realm
import scenario
import tap

OPENSSL_CNF = '''\
[req]
distinguished_name = dn
prompt = no
[dn]
CN = throw-away
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[kdc]
basicConstraints = CA:FALSE
keyUsage = digitalSignature,keyEncipherment,keyAgreement
extendedKeyUsage = 1.3.6.1.5.2.3.5
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = otherName:1.3.6.1.5.2.2;SEQUENCE:kdc_name
[kdc_name]
realm = EXP:0,GeneralString:{realm}
principal_name = EXP:1,SEQUENCE:kdc_principal
[kdc_principal]
name_type = EXP:0,INTEGER:2
name_string = EXP:1,SEQUENCE:kdc_parts
[kdc_parts]
first = GeneralString:krbtgt
second = GeneralString:{realm}
'''

KRB5_CONF = '''\
[realms]
 {realm} = {{
  pkinit_anchors = FILE:{ca}/ca.pem
 }}
'''

KDC_CONF = '''\
[realms]
 {realm} = {{
  pkinit_identity = FILE:{ca}/kdc.pem,{ca}/kdc.key
  pkinit_anchors = FILE:{ca}/ca.pem
 }}
'''

ANONYMOUS = 'WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS'
ALLOW = {'gs2_accept_anonymous': 'yes'}
NOANONYMOUS = ['--secflag', 'noanonymous']


def openssl(folder, *args):
    """Runs openssl in a folder."""
    done = subprocess.run(['openssl', *args], cwd=folder, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise scenario.ScenarioError(f'openssl {args}:\n{done.stdout}')


def make_authority(folder):
    """A CA, and a certificate of it for the KDC."""
    with open(f'{folder}/openssl.cnf', 'w', encoding='ascii') as out:
        out.write(OPENSSL_CNF.format(realm=realm.DEFAULT_REALM))
    request = ('req', '-config', 'openssl.cnf', '-newkey', 'rsa:2048',
               '-nodes', '-sha256')
    openssl(folder, *request, '-x509', '-extensions', 'ca', '-days', '2',
            '-keyout', 'ca.key', '-out', 'ca.pem')
    openssl(folder, *request, '-keyout', 'kdc.key', '-out', 'kdc.csr')
    openssl(folder, 'x509', '-req', '-in', 'kdc.csr', '-CA', 'ca.pem',
            '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-sha256',
            '-extfile', 'openssl.cnf', '-extensions', 'kdc', '-out',
            'kdc.pem')


class Anonymous:
    """Logins with the anonymous ticket."""

    def __init__(self, stage):
        self.stage = stage
        kdc = stage.realm
        kdc.addprinc('WELLKNOWN/ANONYMOUS')
        self.ccache = 'FILE:' + stage.path('anonymous.cc')
        kdc.kinit(f'@{realm.DEFAULT_REALM}', ccache=self.ccache, args=['-n'])
        self.klist = kdc.run(['klist', '-c', self.ccache])

    def login(self, **knobs):
        """One login as the ticket says."""
        return self.stage.login(client_env={'KRB5CCNAME': self.ccache},
                                **knobs)


def refusals(t, anonymous):
    """Two locks, and each holds alone."""
    with t.case('the ticket is an anonymous one'):
        assert ANONYMOUS in anonymous.klist, anonymous.klist
    for server, options, what, text in (
            (NOANONYMOUS, {}, 'the application says NOANONYMOUS',
             'the application does not allow it'),
            (NOANONYMOUS, ALLOW, 'gs2_accept_anonymous, and NOANONYMOUS',
             'the application does not allow it'),
            ([], {}, 'by default', 'the server does not allow it'),
            ([], {'gs2_accept_anonymous': 'no'}, 'gs2_accept_anonymous: no',
             'the server does not allow it')):
        with t.case(f'refused: {what}'):
            login = anonymous.login(server=[*server, '--probe'],
                                    options=options)
            t.note(f'{what}: {login.server.failure()}')
            login.refused_by_server('SASL_NOAUTHZ', text)
            login.server_logged('GS2-KRB5 login failed', text)
            for name in ('authid', 'authzid', 'peer'):
                login.equal(login.server.first('identity')[name], None,
                            f'{name} after the refusal')
    with t.case('refused: an authzid changes nothing; no policy is asked'):
        login = anonymous.login(client=['--authzid', 'alice'],
                                server=['--proxy-policy', 'allow'])
        login.refused_by_server('SASL_NOAUTHZ', 'anonymous')
        login.equal(login.server.all('policy'), [], 'policy')


def admission(t, anonymous):
    """The administrator allows it and the application is silent."""
    with t.case('let in with gs2_accept_anonymous: yes'):
        login = anonymous.login(options=ALLOW)
        login.equal(login.client.first('outcome')['login'], 'yes', 'outcome')
        seen = login.server.first('identity')
        t.note(f'let in: {seen.line}')
        login.equal(seen['authid'], 'anonymous', 'SASL_AUTHUSER')
        login.equal(seen['peer'], ANONYMOUS, 'SASL_GSS_PEER_NAME')
    with t.case('NOANONYMOUS refuses nobody who has a name'):
        anonymous.stage.login(server=NOANONYMOUS).succeeds('alice')


def debian(t, anonymous):
    """The same ticket against the Debian plugin: the test can fail."""
    with t.case('the Debian plugin lets it in, NOANONYMOUS or not'):
        login = anonymous.login(server=NOANONYMOUS, server_plugins='debian')
        seen = login.server.first('identity')
        t.note(f'the Debian plugin: {seen.line}')
        login.equal(login.client.first('outcome')['login'], 'yes', 'outcome')
        login.contains(seen['authid'], 'WELLKNOWN/ANONYMOUS', 'authid')


def main(t):
    """A realm of its own, with PKINIT."""
    with tempfile.TemporaryDirectory(prefix='gs2-ca.') as folder:
        make_authority(folder)
        names = {'realm': realm.DEFAULT_REALM, 'ca': folder}
        with scenario.Stage(krb5_conf=KRB5_CONF.format(**names),
                            kdc_conf=KDC_CONF.format(**names)) as stage:
            anonymous = Anonymous(stage)
            for part in (refusals, admission, debian):
                part(t, anonymous)


if __name__ == '__main__':
    tap.run(main)
