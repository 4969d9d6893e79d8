#!/usr/bin/env python3
"""Two principals are two users: tickets of real KDCs, of our own realm and of
one that it trusts, with a user_realm and with auth_to_local.

t_model (tests/dialogue) has some thousand principals more.
"""

import sources
import tap

# The users of our own realm without it, those of OTHER.TEST with it.
LOCAL = """\
[realms]
 EXAMPLE.TEST = {
  auth_to_local = RULE:[1:$1@$0](.*@OTHER\\.TEST)
  auth_to_local = DEFAULT
 }
"""
# As in a RULE for mail, and as sssd does it.
MAIL = """\
[realms]
 EXAMPLE.TEST = {
  auth_to_local = RULE:[1:$1@$0](.*@EXAMPLE\\.TEST)s/@.*/@mail.test/
 }
"""
ENTERPRISE = r'carol\@OTHER.TEST'


def is_called(login, who):
    """The login succeeds, and the application sees who."""
    login.equal(login.client.status, 0, 'exit status')
    login.equal(login.server.first('identity')['authid'], who, 'AUTHUSER')
    login.equal(login.server.first('identity')['authzid'], who, 'USERNAME')


def user_realm(t, stage):
    """libsasl appends it to a name without "@"."""
    carol = stage.ticket('timestamp', 'carol')
    for realm, ours in (('OTHER.TEST', 'carol@OTHER.TEST'),
                        ('other.test', 'carol@other.test')):
        server = ['--user-realm', realm]
        with t.case(f'user_realm {realm}: our own carol is of it'):
            login = stage.login(client_env=carol, server=server)
            is_called(login, ours)
        with t.case(f'user_realm {realm}: the carol of OTHER.TEST is not'):
            login = stage.login(client_env=stage.foreigner(), server=server)
            login.refused_by_server('SASL_NOAUTHZ', 'of a foreign realm')
    server = ['--user-realm', 'EXAMPLE.TEST']
    with t.case('user_realm is the default realm: our own carol'):
        login = stage.login(client_env=carol, server=server)
        is_called(login, 'carol@EXAMPLE.TEST')
    with t.case('user_realm is the default realm: a foreign carol'):
        login = stage.login(client_env=stage.foreigner(), server=server)
        is_called(login, 'carol@OTHER.TEST')
    with t.case('user_realm and gs2_authid full: nothing is appended'):
        for env, who in ((carol, 'carol@EXAMPLE.TEST'),
                         (stage.foreigner(), 'carol@OTHER.TEST')):
            login = stage.login(client_env=env, options={'gs2_authid': 'full'},
                                server=['--user-realm', 'OTHER.TEST'])
            is_called(login, who)


def enterprise(t, stage):
    """A principal of our own realm that has the name of a foreign one."""
    stage.realm.addprinc(ENTERPRISE, 'enterprise')
    own = {'KRB5CCNAME': 'FILE:' + stage.path('enterprise.cc')}
    stage.realm.kinit(ENTERPRISE, 'enterprise', env=own)
    carol = stage.ticket('timestamp', 'carol')
    local = {'gs2_authid': 'local'}
    rules = stage.krb5_config(LOCAL)
    with t.case('local: the foreign carol'):
        login = stage.login(client_env=stage.foreigner(), server_env=rules,
                            options=local)
        is_called(login, 'carol@OTHER.TEST')
    with t.case('local: an enterprise name of our own realm is not that one'):
        login = stage.login(client_env=own, server_env=rules, options=local)
        login.refused_by_server('SASL_NOAUTHZ', 'carol@OTHER.TEST',
                                "can be another principal's")
    with t.case('auto: it is itself'):
        login = stage.login(client_env=own, server_env=rules)
        is_called(login, ENTERPRISE)
    with t.case('local: a mail address of a plain principal'):
        login = stage.login(client_env=carol, options=local,
                            server_env=stage.krb5_config(MAIL))
        is_called(login, 'carol@mail.test')
    with t.case('local and user_realm: the same'):
        login = stage.login(client_env=carol, options=local,
                            server=['--user-realm', 'mail.test'],
                            server_env=stage.krb5_config(MAIL))
        is_called(login, 'carol@mail.test')


def main(t):
    """Two realms."""
    with sources.Sources() as stage:
        user_realm(t, stage)
        enterprise(t, stage)


tap.run(main)
