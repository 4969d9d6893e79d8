#!/usr/bin/env python3
"""Logins that succeed: GS2-KRB5 and GS2-KRB5-PLUS through libsasl, between
two processes, with ours, the Debian plugin and gsasl on the other side.
"""

import relay
import scenario
import tap

BINDING = ['--binding', 'tls-unique:0123456789abcdef']
WITH_LAST_WORD = ['send start', 'receive continue', 'send continue',
                  'receive ok']
IN_ONE_STEP = ['send start', 'receive ok']
ALLOW = ['--proxy-policy', 'allow']


def messages(t, stage):
    """How many messages there are, and what is in them."""
    with t.case('GS2-KRB5: the token goes out, the client has the last word'):
        login = stage.login()
        login.succeeds('alice', header='n,,', messages=WITH_LAST_WORD)
        login.equal(login.client.last('send')['size'], '0',
                    'the last word is empty')
        login.equal(login.server.first('identity')['mech'], 'GS2-KRB5',
                    'SASL_MECHNAME')
        login.equal(login.server.first('identity')['delegated'], None,
                    'SASL_DELEGATEDCREDS')
    with t.case('GS2-KRB5 with success data: one message and its answer'):
        login = stage.login(both=['--success-data'])
        login.succeeds('alice', header='n,,', messages=IN_ONE_STEP)
    with t.case('GS2-KRB5-PLUS: the header names the binding'):
        login = stage.login(both=BINDING, mech='GS2-KRB5-PLUS')
        login.succeeds('alice', header='p=tls-unique,,',
                       messages=WITH_LAST_WORD)
    with t.case('GS2-KRB5-PLUS with success data: one message, its answer'):
        login = stage.login(both=[*BINDING, '--success-data'],
                            mech='GS2-KRB5-PLUS')
        login.succeeds('alice', header='p=tls-unique,,',
                       messages=IN_ONE_STEP)
    with t.case('nothing is logged as a failure'):
        login.equal([e.line for e in login.server.all('log', level='2')], [],
                    'failures in the log')
    with t.case('both sides know both names'):
        client = login.client.first('identity')
        server = login.server.first('identity')
        login.contains(client['authid'], 'alice', "the client's AUTHUSER")
        login.contains(client['peer'], 'imap', "the client's peer")
        login.contains(client['peer'], 'localhost', "the client's peer")
        login.contains(server['local'], 'imap', "the server's own name")


def bindings(t, stage):
    """What the client says about channel bindings (rows N2, B1, B2, B6)."""
    for name, data in (('tls-unique', '00'), ('tls-exporter', 'ff' * 32),
                       ('tls-server-end-point', '00ff' * 32),
                       ('vnd.example.com-frop', 'ab' * 4096),
                       ('0.-', '2c2c3d00'), ('tls-exporter', '')):
        with t.case(f'binding {name} of {len(data) // 2} octets'):
            login = stage.login(both=['--binding', f'{name}:{data}'],
                                mech='GS2-KRB5-PLUS')
            login.succeeds('alice', header=f'p={name},,')
    with t.case('both have a binding: the client chooses -PLUS by itself'):
        login = stage.login(both=BINDING, mech=None)
        login.succeeds('alice', header='p=tls-unique,,')
        login.equal(login.client.first('send')['mech'], 'GS2-KRB5-PLUS',
                    'mechanism')
    with t.case('a binding that is critical on both sides'):
        login = stage.login(both=[BINDING[0], BINDING[1] + ':critical'],
                            mech=None)
        login.succeeds('alice', header='p=tls-unique,,')
    with t.case('only the client has a binding: y'):
        login = stage.login(client=BINDING, mech=None)
        login.succeeds('alice', header='y,,')
    with t.case('only the server has a binding: n'):
        login = stage.login(server=BINDING)
        login.succeeds('alice', header='n,,')
    with t.case('a server without a binding does not offer -PLUS'):
        offered = stage.login().server.first('mechs')['offered'].split()
        assert 'GS2-KRB5' in offered, offered
        assert 'GS2-KRB5-PLUS' not in offered, offered


def identities(t, stage):
    """authzid and authid; the proxy policy of the application (row A5)."""
    with t.case('an authzid that equals the authid needs no policy'):
        login = stage.login(client=['--authzid', 'alice'])
        login.succeeds('alice', header='n,a=alice,')
    for authzid, wire in (('foo', 'foo'), ('bob', 'bob'), ('=', '=3D'),
                          ('BAB,ABA', 'BAB=2CABA'), (',=,=', '=2C=3D=2C=3D'),
                          ('grün', 'grün'), ('u:x y', 'u:x y'),
                          ('J\u200d\u202e\u0301', 'J\u200d\u202e\u0301'),
                          ('long' * 256, 'long' * 256)):
        with t.case(f'authzid {authzid[:20]} by alice: the policy decides'):
            login = stage.login(client=['--authzid', authzid], server=ALLOW)
            login.succeeds('alice', authzid=authzid, header=f'n,a={wire},')
            policy = login.server.first('policy')
            login.equal((policy['authzid'], policy['authid']),
                        (authzid, 'alice'), 'arguments of the policy')
    for authzid, why in (('b\r\nob', 'has a control character'),
                         ('e\x1b[2Jve', 'has a control character'),
                         ('e\x9bve', 'has a control character'),
                         ('eve\u2028', 'has a control character')):
        with t.case(f'authzid {authzid[:20]!r} by alice: no policy is asked'):
            login = stage.login(client=['--authzid', authzid], server=ALLOW)
            login.refused_by_server('SASL_BADPROT', why)
            login.equal(login.server.all('policy'), [], 'policy')
    with t.case('an authzid under a binding'):
        login = stage.login(both=BINDING, client=['--authzid', 'bob'],
                            server=ALLOW, mech='GS2-KRB5-PLUS')
        login.succeeds('alice', authzid='bob', header='p=tls-unique,a=bob,')
    with t.case('the policy says no'):
        login = stage.login(client=['--authzid', 'bob'],
                            server=['--proxy-policy', 'deny'])
        login.refused_by_server('SASL_NOAUTHZ', 'the proxy policy says no')
        login.client_was_told('the proxy policy says no')
    with t.case('no policy at all: libsasl refuses'):
        login = stage.login(client=['--authzid', 'bob'])
        login.refused_by_server('SASL_BADAUTH',
                                'Requested identity not authenticated')
    with t.case('SASL_NEED_PROXY on both sides: offered, and chosen'):
        login = stage.login(both=['--need-proxy'], server=ALLOW,
                            client=['--authzid', 'bob'])
        login.succeeds('alice', authzid='bob')


def offers(t, stage):
    """What is offered under which demands, and other hosts' names."""
    flags = ['noplaintext', 'noactive', 'noanonymous', 'mutual']
    with t.case('offered under ' + ', '.join(flags)):
        demands = [word for f in flags for word in ('--secflag', f)]
        stage.login(both=demands).succeeds('alice')
    with t.case('pass-credentials: the server has the delegated credential'):
        login = stage.login(client=['--secflag', 'pass-credentials'])
        login.succeeds('alice')
        login.equal(login.server.first('identity')['delegated'],
                    'alice@EXAMPLE.TEST', 'SASL_DELEGATEDCREDS')
    with t.case("this host's own name"):
        stage.login(both=['--host', stage.realm.host]).succeeds('alice')
    with t.case('another service of the same keytab'):
        stage.login(both=['--service', 'ldap']).succeeds('alice')
    with t.case('SASL_GSS_CREDS of the server'):
        stage.login(server=['--gss-creds']).succeeds('alice')


def auxprops(t, stage):
    """A login does not depend on what auxprop plugins know."""
    props = ['--props', 'mail,*mail,*uidNumber']
    with t.case('a server without any auxprop plugin'):
        stage.login(server_plugins='ours-alone').succeeds('alice')
    with t.case('without any auxprop plugin, properties requested'):
        stage.login(server_plugins='ours-alone',
                    server=props).succeeds('alice')
    with t.case('sasldb does not know the user'):
        stage.login(options={'auxprop_plugin': 'sasldb'}).succeeds('alice')
    with t.case('sasldb does not know the user; properties requested'):
        login = stage.login(options={'auxprop_plugin': 'sasldb'},
                            server=props)
        login.succeeds('alice')
        login.equal([e['values'] for e in login.server.all('auxprop')],
                    ['0', '0', '0'], 'values of unknown properties')


def with_debian(t, stage):
    """Ours against the Debian plugin, in both roles. As a client it needs an
    authname. It fails logins of users whom no auxprop plugin knows only where
    a property was requested, so none is."""
    name = ['--authname', 'alice']
    roles = (('ours', 'debian', []), ('debian', 'ours', name))
    for client, server, args in roles:
        who = f'client {client}, server {server}'
        for data in ([], ['--success-data']):
            how = 'with success data' if data else 'with a last word'
            shape = IN_ONE_STEP if data else WITH_LAST_WORD
            for both, mech, header in (
                    ([], 'GS2-KRB5', 'n,,'),
                    (BINDING, 'GS2-KRB5-PLUS', 'p=tls-unique,,')):
                with t.case(f'{who}: {mech} {how}'):
                    login = stage.login(
                        both=[*both, *data], client=args, mech=mech,
                        client_plugins=client, server_plugins=server)
                    login.succeeds('alice', header=header, messages=shape)
        with t.case(f'{who}: y, and an authzid'):
            login = stage.login(
                client=[*args, *BINDING, '--authzid', 'b=o,b'], server=ALLOW,
                mech='GS2-KRB5 PLAIN', client_plugins=client,
                server_plugins=server)
            login.succeeds('alice', authzid='b=o,b', header='y,a=b=3Do=2Cb,')


def gsasl_as_client(t, stage):
    """gsasl's client asks for no sequence detection: the Debian plugin
    refuses it."""
    for data in ([], ['--success-data']):
        how = 'with success data' if data else 'with a last word'
        for args, authzid in (([], 'alice'), (['-z', 'b=o,b'], 'b=o,b')):
            with t.case(f"gsasl's client {how}, authzid {authzid}"):
                with stage.server([*data, *ALLOW]) as server:
                    status, said, answer = relay.gsasl_client(
                        server.port, stage.realm.env, args)
                    trace = server.finish()
                assert status == 0, f'{status} {said}\n{trace.text}'
                assert answer.word == 'ok', f'{answer}\n{trace.text}'
                seen = trace.first('identity')
                assert seen['authid'] == 'alice', trace.text
                assert seen['authzid'] == authzid, trace.text


def gsasl_as_server(t, stage):
    """Our client logs in to gsasl's server."""
    for args, asked in (([], '(null)'), (['--authzid', 'bob'], 'bob'),
                        (['--authzid', 'BAB,ABA'], 'BAB,ABA')):
        with t.case(f"gsasl's server, authzid {asked}"):
            with relay.GsaslServer(stage.realm.env) as server:
                trace = stage.client(server.port, ['--mech', 'GS2-KRB5',
                                                   *args])
            assert server.status == 0, f'{server.stderr}\n{trace.text}'
            assert server.asked == [f'Authzid: {asked}',
                                    'Display Name: alice@EXAMPLE.TEST'], \
                f'{server.asked}\n{trace.text}'
            assert trace.first('outcome')['login'] == 'yes', trace.text


def main(t):
    """All of them in one realm."""
    with scenario.Stage() as stage:
        for part in (messages, bindings, identities, offers, auxprops,
                     with_debian, gsasl_as_client, gsasl_as_server):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
