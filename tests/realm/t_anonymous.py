#!/usr/bin/env python3
"""An anonymous initiator: a real one, by anonymous PKINIT (RFC 8062), with a
certification authority that openssl makes here. krb5 sets no ANON flag for it;
the type of its name says what it is. It is let in only where the administrator
and the application both allow it.
"""

import tempfile

import certs
import realm
import scenario
import tap

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


class Anonymous:
    """Logins with the anonymous ticket."""

    def __init__(self, stage):
        tap.find('/usr/lib/*/krb5/plugins/preauth/pkinit.so', 'krb5-pkinit')
        self.stage = stage
        kdc = stage.realm
        kdc.addprinc('WELLKNOWN/ANONYMOUS')
        self.ccache = 'FILE:' + stage.path('anonymous.cc')
        kdc.kinit(f'@{realm.DEFAULT_REALM}', ccache=self.ccache, args=['-n'])
        self.klist = kdc.run([realm.tool('klist'), '-c', self.ccache])

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
        login.equal(seen['authzid'], 'anonymous', 'SASL_USERNAME')
        login.equal(seen['peer'], ANONYMOUS, 'SASL_GSS_PEER_NAME')
    with t.case('which is what libsasl calls who comes by ANONYMOUS'):
        # libsasl looks it up as any other user.
        anonymous.stage.add_user('anonymous', 'of no use')
        libsasls = anonymous.stage.login(
            mech='ANONYMOUS', server_plugins='anonymous',
            client_plugins='anonymous').server.first('identity')
        login.equal([libsasls[name] for name in ('authid', 'authzid')],
                    [seen[name] for name in ('authid', 'authzid')],
                    'identities')
    with t.case('an authzid: as the application decides'):
        for policy, outcome in (('allow', 'yes'), ('deny', 'no')):
            login = anonymous.login(client=['--authzid', 'alice'],
                                    server=['--proxy-policy', policy],
                                    options=ALLOW)
            login.equal(login.client.first('outcome')['login'], outcome,
                        'outcome')
            asked = login.server.first('policy')
            login.equal((asked['authid'], asked['authzid']),
                        ('anonymous', 'alice'), 'who asks to be whom')
    for rule, met in (('gs2:authid=anonymous', True),
                      ('not gs2:authid=anonymous', False),
                      ('gs2:principal=*', False), ('gs2:realm=*', False)):
        with t.case(f'a rule: {rule}, {"met" if met else "not met"}'):
            login = anonymous.login(options=dict(ALLOW, gs2_require=rule))
            if met:
                login.equal(login.client.first('outcome')['login'], 'yes',
                            'outcome')
            else:
                login.refused_by_server('SASL_NOAUTHZ',
                                        'does not meet the requirements')
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
        certs.pkinit(folder, realm.DEFAULT_REALM)
        names = {'realm': realm.DEFAULT_REALM, 'ca': folder}
        with scenario.Stage(krb5_conf=KRB5_CONF.format(**names),
                            kdc_conf=KDC_CONF.format(**names)) as stage:
            anonymous = Anonymous(stage)
            for part in (refusals, admission, debian):
                part(t, anonymous)


if __name__ == '__main__':
    tap.run(main)
