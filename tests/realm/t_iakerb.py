#!/usr/bin/env python3
"""GS2-IAKERB (draft-ietf-kitten-iakerb), the real mechanism of several legs: a
password, no ticket, and no KDC within the client's reach; the server carries
its messages there. Offered only where gs2_mechs names it.
"""

import re
import subprocess

import scenario
import tap

NAMED = {'gs2_mechs': 'GS2-IAKERB'}
BINDING = ['--binding', 'tls-exporter:0123456789abcdef']

KRB5 = tuple(map(int, re.search(r'release (\d+)\.(\d+)', subprocess.run(
    [tap.find('krb5-config', 'libkrb5-dev'), '--version'],
    stdout=subprocess.PIPE, text=True, check=True).stdout).groups()))
# From 1.22 on the client asks for the server's realm first, and a server tells it
# that the KDC does not answer.
NEWER = KRB5 >= (1, 22)

EXCHANGE = ['receive continue', 'send continue']
# With success data the last token comes with the success.
SHORT = ['send start', *EXCHANGE * (3 if NEWER else 2), 'receive ok']
# Without, the client's last message is an empty one.
LONG = ['send start', *EXCHANGE * (4 if NEWER else 3), 'receive ok']

KRB5_CONF = '''\
[libdefaults]
 default_realm = {0}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
[realms]
 {0} = {{
  kdc = 127.0.0.1:1
 }}
[domain_realm]
 localhost = {0}
'''


class Outsider:
    """A client far from the KDC, with a password."""

    def __init__(self, stage):
        self.stage = stage
        path = stage.path('outside.conf')
        with open(path, 'w', encoding='utf-8') as out:
            out.write(KRB5_CONF.format(stage.realm.name))
        self.env = {'KRB5_CONFIG': path,
                    'KRB5CCNAME': 'FILE:' + stage.path('no-cache')}

    def login(self, client=(), password=None, mech='GS2-IAKERB', **knobs):
        """One login, by alice's password if no other is given."""
        password = password or self.stage.realm.password('alice')
        who = ['--authname', 'alice', '--password', password,
               '--option', 'gs2_mechs=GS2-IAKERB']
        knobs.setdefault('options', NAMED)
        return self.stage.login(client=[*who, *client], mech=mech,
                                client_env=self.env, **knobs)


def successes(t, outsider):
    """By password alone."""
    with t.case(f'by password, in {len(LONG)} messages'):
        login = outsider.login()
        t.note(' '.join(f'{e.kind}:{e["size"]}'
                        for e in login.client.all('send') +
                        login.client.all('receive', type='continue')))
        login.succeeds('alice', header='n,,', messages=LONG)
        login.equal(login.server.first('identity')['mech'], 'GS2-IAKERB',
                    'SASL_MECHNAME')
    with t.case(f'with success data, in {len(SHORT)}'):
        login = outsider.login(both=['--success-data'])
        login.succeeds('alice', messages=SHORT)
    with t.case('GS2-IAKERB-PLUS, with a binding'):
        login = outsider.login(both=BINDING, mech='GS2-IAKERB-PLUS')
        login.succeeds('alice', header='p=tls-exporter,,', messages=LONG)
    with t.case('an authzid'):
        login = outsider.login(client=['--authzid', 'bob'],
                               server=['--proxy-policy', 'allow'])
        login.succeeds('alice', authzid='bob', header='n,a=bob,')
    with t.case('the acceptor credential is of gs2_keytab'):
        keytab = outsider.stage.path('other.keytab')
        outsider.stage.realm.ktadd(keytab, 'imap/localhost')
        login = outsider.login(
            options=dict(NAMED, gs2_keytab=keytab),
            server_env={'KRB5_KTNAME': 'FILE:/nonexistent/keytab'})
        login.succeeds('alice')


def refusals(t, outsider):
    """No login, with the reason."""
    with t.case('a wrong password'):
        login = outsider.login(password='not the one')
        t.note(f'wrong password: client {login.client.failure()}, server '
               f'{login.server.failure()}')
        login.refused_by_client('SASL_BADSERV',
                                'Decrypt integrity check failed')
    with t.case('another binding'):
        login = outsider.login(
            client=BINDING, mech='GS2-IAKERB-PLUS',
            server=['--binding', 'tls-exporter:00'])
        login.equal(login.client.first('outcome')['login'], 'no', 'outcome')
        login.server_logged('GS2-IAKERB login failed',
                            'Incorrect channel bindings')
    with t.case('a server that cannot reach the KDC either'):
        login = outsider.login(
            server_env={'KRB5_CONFIG': outsider.env['KRB5_CONFIG']})
        t.note(f'no KDC: client {login.client.failure()}, server '
               f'{login.server.failure()}')
        login.equal(login.client.first('outcome')['login'], 'no', 'outcome')
        if NEWER:
            login.refused_by_client('SASL_BADSERV', 'The KDC did not respond')
        else:
            login.server_logged('GS2-IAKERB login failed', 'GSS acceptor: ')


def offers(t, outsider):
    """Only where it is named, on each side."""
    with t.case('not offered by default'):
        login = outsider.login(options={})
        offered = login.server.first('mechs')['offered'].split()
        assert 'GS2-KRB5' in offered, offered
        assert 'GS2-IAKERB' not in offered, offered
        login.equal(login.client.first('outcome')['login'], 'no', 'outcome')
    with t.case('not chosen by a client that does not name it'):
        login = outsider.stage.login(mech='GS2-IAKERB', options=NAMED)
        login.equal(login.client.first('outcome')['login'], 'no', 'outcome')
        login.equal(login.client.all('send', type='start'), [],
                    'a first message')
    with t.case('named beside GS2-KRB5, both are offered'):
        login = outsider.login(options={'gs2_mechs': 'GS2-KRB5 GS2-IAKERB'})
        offered = login.server.first('mechs')['offered'].split()
        assert 'GS2-KRB5' in offered, offered
        login.succeeds('alice')
    with t.case('not offered without a key'):
        login = outsider.login(
            server_env={'KRB5_KTNAME': 'FILE:/nonexistent/keytab'})
        offered = login.server.first('mechs')['offered'] or ''
        assert 'GS2-IAKERB' not in offered, offered


def main(t):
    """All in one realm."""
    with scenario.Stage() as stage:
        outsider = Outsider(stage)
        for part in (successes, refusals, offers):
            part(t, outsider)


if __name__ == '__main__':
    tap.run(main)
