#!/usr/bin/env python3
"""Where a client's credential comes from: a ticket, SASL_GSS_CREDS, an
authname, a password; by callbacks and by prompts. And what a client without any
is told.
"""

import os
import re
import time

import realm
import scenario
import tap

ALLOW = ['--proxy-policy', 'allow']


class Caches:
    """Credential caches of the realm's users."""

    def __init__(self, stage):
        r = stage.realm
        self.none = {'KRB5CCNAME': 'FILE:' + stage.path('no-such-cache')}
        self.bob = {'KRB5CCNAME': 'FILE:' + stage.path('bob.cc')}
        r.kinit('bob', r.password('bob'), env=self.bob)
        self.expired = {'KRB5CCNAME': 'FILE:' + stage.path('expired.cc')}
        r.kinit('bob', r.password('bob'), env=self.expired, args=['-l', '1s'])
        time.sleep(2.1)
        # A collection, in which alice's is the primary one.
        os.mkdir(stage.path('collection'))
        self.both = {'KRB5CCNAME': 'DIR:' + stage.path('collection')}
        for user in ('bob', 'alice'):
            r.kinit(user, r.password(user), env=self.both)
        self.home = stage.path('home')
        os.mkdir(self.home)
        with open(os.path.join(self.home, '.k5identity'), 'w',
                  encoding='utf-8') as out:
            out.write('bob@EXAMPLE.TEST service=imap\n')


def asked(login):
    """The callbacks and prompts of the client, in order."""
    return [f'{e.kind} {e["id"].removeprefix("SASL_CB_")}'
            for e in login.client.events if e.kind in ('callback', 'prompt')]


def tickets(t, stage, caches):
    """A ticket is there."""
    with t.case('a ticket, and no callback but SASL_CB_USER'):
        login = stage.login()
        login.succeeds('alice')
        login.equal(asked(login), ['callback USER'], 'questions')
    with t.case('a ticket, and no callback at all'):
        login = stage.login(client=['--no-user-callback'])
        login.succeeds('alice')
        login.equal(asked(login), [], 'questions')
    with t.case("$USER, which libsasl offers as authname, is nobody's word"):
        stage.login(client=['--no-user-callback'],
                    client_env={'USER': 'bob'}).succeeds('alice')
    with t.case("the ticket's name is the client's own"):
        login = stage.login(client_env=caches.bob)
        login.succeeds('bob')
        login.equal(login.client.first('identity')['local'],
                    'bob@EXAMPLE.TEST', 'SASL_GSS_LOCAL_NAME')
    with t.case('SASL_GSS_CREDS'):
        login = stage.login(client=['--gss-creds'], client_env=caches.bob)
        login.succeeds('bob')
    with t.case('SASL_GSS_CREDS wins over an authname'):
        login = stage.login(client=['--gss-creds', '--authname', 'alice'],
                            client_env=caches.bob)
        login.succeeds('bob')
        login.contains(login.client.first('identity')['authid'], 'bob',
                       "the client's AUTHUSER is the credential's")
    with t.case('SASL_GSS_CREDS with an authzid'):
        stage.login(client=['--gss-creds', '--authzid', 'carol'],
                    server=ALLOW).succeeds('alice', authzid='carol')


def authnames(t, stage, caches):
    """The application names the user."""
    for name in ('alice', 'alice@EXAMPLE.TEST'):
        with t.case(f'authname {name}, who has the ticket'):
            login = stage.login(client=['--authname', name])
            login.succeeds('alice')
    with t.case('a collection, no authname: the primary cache'):
        stage.login(client_env=caches.both).succeeds('alice')
    with t.case('a collection, authname bob: the cache of bob'):
        login = stage.login(client=['--authname', 'bob'],
                            client_env=caches.both)
        login.succeeds('bob')
        login.contains(login.client.first('identity')['authid'], 'bob',
                       "the client's AUTHUSER")
    with t.case('a collection, no authname: .k5identity chooses by service'):
        login = stage.login(client_env={'HOME': caches.home, **caches.both})
        login.succeeds('bob')
        login = stage.login(client_env={'HOME': caches.home, **caches.both},
                            both=['--service', 'ldap'])
        login.succeeds('alice')
    with t.case('authname bob, whose ticket is not there'):
        login = stage.login(client=['--authname', 'bob'])
        login.refused_by_client('SASL_FAIL', 'bob', 'kinit')
        login.equal(login.client.messages(), [], 'messages')
    with t.case('no ticket, no authname'):
        login = stage.login(client_env=caches.none)
        login.refused_by_client('SASL_FAIL', 'kinit', 'no-such-cache')
    with t.case('no ticket, no callback at all'):
        login = stage.login(client=['--no-user-callback'],
                            client_env=caches.none)
        login.refused_by_client('SASL_FAIL', 'kinit')


def passwords(t, stage, caches):
    """The application has a password."""
    good = ['--authname', 'bob', '--password', realm.Realm.password('bob')]
    bad = ['--authname', 'bob', '--password', 'not-his-password']
    with t.case('authname and password, no ticket'):
        login = stage.login(client=good, client_env=caches.none)
        login.succeeds('bob')
        login.must(not os.path.exists(stage.path('no-such-cache')),
                   'a cache was made')
    with t.case("authname and password, another user's ticket"):
        stage.login(client=good).succeeds('bob')
    with t.case('a ticket: the password is not even asked for'):
        login = stage.login(client=bad, client_env=caches.bob)
        login.succeeds('bob')
        login.must('callback PASS' not in asked(login), 'asked for it')
    with t.case('a wrong password'):
        login = stage.login(client=bad, client_env=caches.none)
        login.refused_by_client('SASL_FAIL', 'bob', 'assword')
        login.must('not-his-password' not in str(login), 'it was shown')
    with t.case('an empty password'):
        login = stage.login(client=[*good[:3], ''], client_env=caches.none)
        login.refused_by_client('SASL_FAIL', 'principal bob@EXAMPLE.TEST in '
                                'cache collection', 'get a ticket with kinit')
        login.must('by password' not in str(login), 'it was tried')
    with t.case("the password, and yesterday's ticket of that user"):
        login = stage.login(client=good, client_env=caches.expired)
        login.succeeds('bob')
        login.equal(asked(login)[-1:], ['callback PASS'], 'questions')
    with t.case("yesterday's ticket, and no password"):
        login = stage.login(client=good[:2], client_env=caches.expired)
        login.refused_by_client('SASL_FAIL', 'Ticket expired',
                                'get a ticket with kinit')
    with t.case('a user whom the KDC does not know'):
        login = stage.login(client=['--authname', 'mallory', '--password',
                                    'x'], client_env=caches.none)
        login.refused_by_client('SASL_FAIL', 'mallory',
                                'not found in Kerberos database')
    with t.case('a password and no authname'):
        login = stage.login(client=['--password', 'x'],
                            client_env={'USER': None, **caches.none})
        login.refused_by_client('SASL_FAIL', 'kinit')


def prompts(t, stage, caches):
    """The application has a terminal (SASL_INTERACT)."""
    who = ['--interact', '--authname', 'bob', '--password']
    good = [*who, realm.Realm.password('bob')]
    with t.case('prompts: with a ticket, only the authzid is asked for'):
        login = stage.login(client=['--interact'])
        login.succeeds('alice')
        login.equal(asked(login), ['prompt USER'], 'questions')
    with t.case('prompts: the authzid that was typed is sent'):
        login = stage.login(client=['--interact', '--authzid', 'u:bob'],
                            server=ALLOW)
        login.succeeds('alice', authzid='u:bob', header='n,a=u:bob,')
    with t.case('prompts: without a ticket, name and password'):
        login = stage.login(client=good, client_env=caches.none)
        login.succeeds('bob')
        login.equal(sorted(asked(login)),
                    ['prompt AUTHNAME', 'prompt PASS', 'prompt USER'],
                    'questions')
    with t.case('prompts: name, password and authzid'):
        login = stage.login(client=[*good, '--authzid', 'carol'],
                            server=ALLOW, client_env=caches.none)
        login.succeeds('bob', authzid='carol', header='n,a=carol,')
    with t.case('prompts: a wrong password'):
        login = stage.login(client=[*who, 'not-his-password'],
                            client_env=caches.none)
        login.refused_by_client('SASL_FAIL', 'bob', 'assword')
    with t.case('prompts: each comes with a text that says why'):
        login = stage.login(client=good, client_env=caches.none)
        told = [e['detail'] or '' for e in
                login.client.all('result', code='SASL_INTERACT')]
        login.equal(len(told), 2, 'prompts')
        login.contains(told[0], 'the authorization identity', 'the first')
        login.contains(told[1], 'get a ticket with kinit', 'the second')
        login.equal([text.partition(': ')[0] for text in told],
                    ['SASL(-1)'] * 2, 'what an application shows that cannot '
                    'answer begins with a failure')
    with t.case('prompts: nothing is answered'):
        login = stage.login(client=['--interact'], client_env=caches.none)
        login.refused_by_client('SASL_FAIL', 'kinit')
    with t.case('prompts: with SASL_GSS_CREDS, only the authzid'):
        login = stage.login(client=['--interact', '--gss-creds'])
        login.succeeds('alice')
        login.equal(asked(login), ['prompt USER'], 'questions')


def failed_log_ons(stage, *args, plugins='ours'):
    """How often the KDC counted a failed log-on of carol's, and how many
    requests that took, where her mail password is not Kerberos'."""
    before = len(stage.realm.log())
    stage.login(client=['--authname', 'carol', '--password', 'mail', *args],
                client_env={'KRB5CCNAME': 'FILE:' + stage.path('none.cc')},
                client_plugins=plugins).must(True, '')
    said = stage.realm.log()[before:]
    return said.count('PREAUTH_FAILED: carol'), said.count('AS_REQ ')


def lockout(t, stage, _caches):
    """What a password that is not Kerberos' does in the KDC, and the ways to
    keep it from there."""
    stage.realm.addprinc('carol', 'carol.krb5', '+requires_preauth')
    t.equal(failed_log_ons(stage), (1, 2), 'one attempt: the KDC asks for '
            'preauthentication, then counts one failed log-on')
    t.equal(failed_log_ons(stage, '--mech', 'PLAIN'), (0, 0),
            'another mechanism is chosen: the KDC is not asked')
    t.equal(failed_log_ons(stage, '--option', 'gs2_mechs=GS2-IAKERB'), (0, 0),
            'gs2_mechs without GS2-KRB5: the KDC is not asked')
    t.equal(failed_log_ons(stage, plugins='anonymous'), (0, 0),
            'SASL_PATH without the plugin: the KDC is not asked')


def log(t, stage, caches):
    """What the client's log has of an attempt that failed."""
    def lines(*args, env=caches.none):
        login = stage.login(client=args, client_env=env)
        return [e['text'] for e in login.client.all('log')
                if e['level'] == '2']

    who = ['--authname', 'bob', '--password', 'not-his-password']
    for args, why in ((('--no-user-callback',), 'get a ticket with kinit'),
                      (who, 'by password, which may be wrong'),
                      (('--interact',), 'get a ticket with kinit'),
                      (('--interact', '--mute'), 'the authorization identity'),
                      (('--service', 'nosuch'), 'not found in Kerberos')):
        with t.case(f'one line of the log: {" ".join(args[:2])}'):
            nosuch = args[0] == '--service'
            said = lines(*args, env=None if nosuch else caches.none)
            assert len(said) == 1, said
            assert re.fullmatch(
                r'GS2-KRB5 client failed: server="(imap|nosuch)@localhost" '
                r'reason="[^"]*' + re.escape(why) + r'[^"]*"', said[0]), said
            assert 'not-his-password' not in said[0], said
    t.equal(lines('--authname', 'alice', env=None), [], 'none of a login')


def main(t):
    """All of them in one realm."""
    with scenario.Stage() as stage:
        caches = Caches(stage)
        for part in (tickets, authnames, passwords, prompts, log,
                     lockout):
            part(t, stage, caches)


if __name__ == '__main__':
    tap.run(main)
