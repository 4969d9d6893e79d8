#!/usr/bin/env python3
"""Logins by GSSAPI and GSS-SPNEGO with libgssapiv2.so: ours on both sides, and
with Cyrus SASL's own file on the other (doc/gssapi.md; others: t_gssapi_peers.py).
"""

import sasl_end
import tap

PAIRS = (('ours', 'ours'), ('ours', 'cyrus'), ('cyrus', 'ours'))
SSF_OF = {256: '256', 1: '1', 0: '0'}


def both_ways(t, client, server, longest):
    """What one encodes, the other decodes."""
    for one, other in ((client, server), (server, client)):
        for text in (b'x', b'hello, world' * 1000, bytes(longest)):
            sent = one.encode(text[:1], text[1:])
            t.equal((sent.code, other.decode(sent.data).data == text),
                    ('OK', True), f'{len(text)} octets')


def peers(t, stage):
    """Rows KC1 to KC11, KS2 to KS13, KL1 to KL5 and KP1 to KP5: each layer,
    with and without an authorization identity, either side another file."""
    for mech in ('GSSAPI', 'GSS-SPNEGO'):
        for client, server in PAIRS:
            for most, authzid in ((256, None), (1, None), (0, None),
                                  (256, 'bob'), (1, 'bob'), (0, 'bob')):
                if mech == 'GSS-SPNEGO' and authzid:
                    continue
                with t.case(f'{mech}: {client} to {server}, max_ssf {most}, '
                            f'authzid {authzid}'):
                    c = stage.client(client, mech=mech, max=most,
                                     authzid=authzid)
                    s = stage.server(server, mech=mech, policy='allow')
                    said = sasl_end.login(c, s)
                    ssf = SSF_OF[most]
                    if mech == 'GSS-SPNEGO' and client == 'cyrus' and most:
                        ssf = '256' # it asks for both, whatever its range
                    t.equal((s.get().get('user'), s.get()['ssf'],
                             c.get()['ssf']), (authzid or 'alice', ssf, ssf),
                            said)
                    # Without a layer libsasl takes no more than its buffer.
                    both_ways(t, c, s, 100000 if ssf != '0' else 65536)
                    c.end()
                    s.end()


def bound(t, stage):
    """Row KP7 between the two files: libldap's octets, with their prefix, are
    the same to both. Cyrus' file gives GSS all others as they are."""
    hashed = 'aa' * 32
    ldap = 'ldap:' + b'tls-server-end-point:'.hex() + hashed
    bare = 'tls-server-end-point:' + hashed
    for mech in ('GSSAPI', 'GSS-SPNEGO'):
        for client, server, ours, theirs, user in (
                ('ours', 'cyrus', ldap, ldap, 'alice'),
                ('cyrus', 'ours', ldap, ldap, 'alice'),
                ('ours', 'cyrus', ldap, None, 'alice'),
                ('ours', 'cyrus', bare, bare, None),
                ('ours', 'cyrus', ldap, 'tls-exporter:' + hashed, None)):
            with t.case(f'{mech}: {client} with {ours[:8]} to {server} with '
                        f'{theirs and theirs[:8]}: {user}'):
                c = stage.client(client, mech=mech, external=256,
                                 binding=ours)
                s = stage.server(server, mech=mech, external=256,
                                 binding=theirs)
                said = sasl_end.login(c, s)
                t.equal(s.get().get('user'), user, said)
                c.end()
                s.end()


def messages(t, stage):
    """Rows KC6, KS7, KS8 and KP5: how many messages, and how long."""
    for mech, data, wanted in (
            ('GSSAPI', 'no', 'C CONTINUE, S CONTINUE, C CONTINUE, S CONTINUE, '
             'C OK, S OK -'),
            ('GSSAPI', 'yes', 'C CONTINUE, S CONTINUE, C CONTINUE, '
             'S CONTINUE, C OK, S OK -'),
            ('GSS-SPNEGO', 'no', 'C CONTINUE, S CONTINUE, C OK, S OK -'),
            ('GSS-SPNEGO', 'yes', 'C CONTINUE, S OK, C OK')):
        with t.case(f'{mech}, success data {data}: the messages'):
            said = sasl_end.login(stage.client(mech=mech), stage.server(
                mech=mech, success_data=data))
            short = ', '.join(word if word.endswith(' -') and word[0] == 'S'
                              else word.rsplit(' ', 1)[0]
                              for word in said.split(', '))
            t.equal(short, wanted, said)


def ranges(t, stage):
    """Rows KC5, KS6 and KL3: one arithmetic for both sides."""
    for client, server, ssf in (
            ({'max': 56}, {}, '1'), ({}, {'max': 128}, '1'),
            ({'max': 255}, {'max': 255}, '1'), ({'external': 256}, {}, '0'),
            ({'external': 1, 'max': 257}, {}, '256'),
            ({'external': 256, 'max': 512}, {}, '256'),
            ({'buffer': 0}, {}, '0'), ({}, {'buffer': 0}, '0'),
            ({'min': 256}, {'min': 256}, '256'), ({}, {'min': 1}, '256'),
            ({'min': 1, 'max': 1}, {}, '1')):
        with t.case(f'GSSAPI: client {client}, server {server}'):
            c, s = stage.client(**client), stage.server(**server)
            said = sasl_end.login(c, s)
            t.equal((s.get().get('user'), s.get()['ssf'], c.get()['ssf']),
                    ('alice', ssf, ssf), said)
            c.end()
            s.end()
    for client, server in (({'max': 0}, {'min': 1}), ({'max': 1}, {'min': 2}),
                           ({'min': 2}, {'max': 1}), ({'min': 1}, {'max': 0})):
        with t.case(f'GSSAPI: client {client}, server {server}: too weak'):
            c, s = stage.client(**client), stage.server(**server)
            said = sasl_end.login(c, s)
            assert 'user' not in s.get(), said
            assert 'TOOWEAK' in said, said
            c.end()
            s.end()
    with t.case('a small buffer bounds what is sent'):
        c, s = stage.client(buffer=64), stage.server()
        said = sasl_end.login(c, s)
        t.equal((s.get()['maxoutbuf'], c.get()['maxoutbuf']), ('4', '65476'),
                said)
        sent = s.encode(b'0123456789')
        t.equal(c.decode(sent.data).data, b'0123456789', 'in three frames')


def listing(t, stage):
    """Rows KG1, KS1, KX1 and KX2: what is offered, and what a client of libsasl
    takes of it."""
    with t.case('the server offers both, in their order, and no -PLUS'):
        for setting in ({}, {'binding': 'tls-server-end-point:00'}):
            server = stage.server('both', **setting)
            words = server.get()['list'].split()
            t.equal([w for w in words if w.startswith('GSS')],
                    ['GSS-SPNEGO', 'GSSAPI'], 'its list')
    with t.case('without a key nothing is offered, and the log says why'):
        server = stage.server(env={'KRB5_KTNAME': '/nonexistent'})
        assert 'GSS' not in server.get()['list'], server.get()
        lines = [line for line in server.log if 'GSSAPI is not avail' in line]
        t.equal(len(lines), 1, 'lines of the log')
        answer = server.start(b'junk')
        assert answer.code not in ('OK', 'CONTINUE'), answer
    with t.case('the option keytab is read'):
        for key, offered in (('keytab', True), ('gs2_keytab', True),
                             ('no_keytab', False)):
            server = stage.server(env={'KRB5_KTNAME': '/nonexistent'}, **{
                f'option:{key}': stage.realm.keytab})
            t.equal('GSSAPI' in server.get()['list'], offered, key)
            if offered:
                for mech in ('GSSAPI', 'GSS-SPNEGO'):
                    s = stage.server(env={'KRB5_KTNAME': '/nonexistent'},
                                     mech=mech, **{
                                         f'option:{key}': stage.realm.keytab})
                    said = sasl_end.login(stage.client(mech=mech), s)
                    t.equal(s.get().get('user'), 'alice', said)
    with t.case('gs2_mechs does not speak of them'):
        server = stage.server('both', **{'option:gs2_mechs': 'GS2-KRB5'})
        assert 'GSSAPI' in server.get()['list'].split(), server.get()
    for external in (0, 256):
        for names, chosen in (('GSSAPI GS2-KRB5', 'GSSAPI'),
                              ('GS2-KRB5 GSSAPI', 'GSSAPI'),
                              ('GS2-KRB5', 'GS2-KRB5')):
            with t.case(f'offered {names}, external SSF {external}'):
                client = stage.client('both', mech=names, external=external)
                client.start()
                t.equal(client.get()['mech'], chosen, 'chosen')


def refusals(t, stage):
    """Row KG3: what is said of a failure."""
    with t.case('a broken rule lets nobody in'):
        server = stage.server(**{'option:gs2_require': 'gs2:no=1'})
        assert 'GSS' not in server.get()['list'], server.get()
        lines = [line for line in server.log if 'gs2_require' in line]
        t.equal([(line.startswith('1 GSSAPI: option gs2_require: '),
                  line.endswith('; no GSSAPI mechanism is offered'))
                 for line in lines], [(True, True)], f'its log: {lines}')
    with t.case('each line of the log has GSSAPI in front, and not GS2'):
        client, server = stage.client(), stage.server(**{
            'option:gs2_roles': 'card',
            'option:gs2_role_card': 'gs2:authid=bob',
            'option:gs2_require': 'gs2:authid=alice'})
        said = sasl_end.login(client, server)
        t.equal(server.get().get('user'), 'alice', said)
        for option in ('gs2_roles', 'gs2_require', 'gs2_role_card'):
            assert [line for line in server.log
                    if f' GSSAPI: {option} is ' in line], server.log
        t.equal([line for line in server.log if 'GS2' in line], [], 'GS2')
    with t.case('who may act for whom is the policy of the application'):
        client, server = stage.client(authzid='bob'), stage.server()
        said = sasl_end.login(client, server)
        assert 'user' not in server.get() or 'S OK' not in said, said
    with t.case('no ticket: what to do'):
        answer = stage.client(env={'KRB5CCNAME': 'FILE:/nonexistent'}).start()
        t.equal(answer.code, 'FAIL', 'the code')
        assert 'get a ticket with kinit' in answer.text, answer
        answer = stage.client(mech='GSS-SPNEGO',
                              env={'KRB5CCNAME': 'FILE:/nonexistent'}).start()
        assert answer.code != 'CONTINUE', answer
    with t.case('the log of a login has its form'):
        client, server = stage.client(), stage.server()
        sasl_end.login(client, server)
        lines = [line for line in server.log if 'login accepted' in line]
        t.equal(len(lines), 1, 'lines')
        assert lines[0].startswith('4 GSSAPI login accepted: client='), lines
        assert 'authid="alice"' in lines[0], lines


def delegation(t, stage):
    """Row KG2: a credential, where the application asks for it."""
    for wanted in ('no', 'yes'):
        with t.case(f'delegation: {wanted}'):
            client = stage.client(pass_credentials=wanted)
            server = stage.server()
            said = sasl_end.login(client, server)
            t.equal('creds' in server.get(), wanted == 'yes', said)


def main(t):
    with sasl_end.Stage() as stage:
        for rows in (peers, bound, messages, ranges, listing, refusals,
                     delegation):
            rows(t, stage)


tap.run(main)
