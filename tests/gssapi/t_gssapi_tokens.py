#!/usr/bin/env python3
"""The traps 17 to 41 of doc/gssapi.md, which a peer can lay for libgssapiv2.so by
tokens of other mechanisms, messages at the wrong time, bindings and options, by
their numbers: the other side is a raw end of the GSS-API. The first ones are in
t_gssapi_traps.py.

With GS2_GSSAPI=FILE it says of another file what it does.
"""

import os
import subprocess
import sys

import rawgss
import sasl_end
import tap
from gssapi_ends import (ALL, CONF, INTEG, MUTUAL, PLAIN, SEALED, SEQUENCE,
                         SIGNED, SIZE, RawClient, RawServer, Traps, oid)

DCE = 0x1000
NTLM = '1.3.6.1.4.1.311.2.2.10'
RAW_SPNEGO = """
import sys
import rawgss
mech = rawgss.Oid.of('1.3.6.1.5.5.2')
end = rawgss.Initiator(rawgss.ctypes.byref(mech))
sys.stdout.buffer.write(end.step())
"""


def inside(data, tag):
    """What is in an element of DER, and what is behind it."""
    assert data[0] == tag, data[:16].hex()
    count = data[1] & 0x7f if data[1] & 0x80 else 0
    end = 2 + count + (int.from_bytes(data[2:2 + count], 'big') if count
                       else data[1])
    return data[2 + count:end], data[end:]


def mechanism_list(token):
    """The mechanisms of a NegTokenInit (RFC 4178 4.2.1)."""
    data = inside(inside(token, 0x60)[0], 6)[1]
    for tag in (0xa0, 0x30, 0xa0, 0x30):
        data = inside(data, tag)[0]
    found = []
    while data:
        mechanism, data = inside(data, 6)
        found.append(mechanism)
    return found


def credentials(x):
    """18, 20, 21 and 23 where the application gives a credential of all
    mechanisms (row KP6)."""
    for mech, raw, code in (('GSSAPI', 'krb5', 'OK'),
                            ('GSSAPI', 'spnego', 'BADPROT'),
                            ('GSS-SPNEGO', 'spnego', 'OK'),
                            ('GSS-SPNEGO', 'krb5', 'BADPROT')):
        with x.t.case(f'trap 21: {raw} into {mech}, with SASL_GSS_CREDS'):
            server = x.server(mech=mech, creds='yes')
            peer = RawClient(server, mech=raw)
            if (mech, code) == ('GSSAPI', 'OK'):
                answer = peer.choose(SEALED)
            else:
                answer = peer.handshake()
                if answer.code == 'CONTINUE':
                    answer = server.step(b'')
            x.t.equal(answer.code, code, answer.text)
            x.t.equal(server.get().get('user'),
                      'alice' if code == 'OK' else None, 'who it is')
    for most in (0, 1, 256):
        with x.t.case(f'trap 23: SASL_GSS_CREDS and max_ssf {most}'):
            said, ssf = [], []
            for creds in ('no', 'yes'):
                server = x.server(mech='GSS-SPNEGO')
                client = x.client(mech='GSS-SPNEGO', max=most, creds=creds)
                said.append(sasl_end.login(client, server)[-6:])
                ssf.append(client.get()['ssf'])
            x.t.equal((said, ssf), (['S OK -'] * 2, [str(most)] * 2),
                      'as without it')


def ntlm(x):
    """20: SPNEGO on a machine that has NTLM (row KP6)."""
    users = x.stage.realm.path('ntlm-users')
    with open(users, 'w', encoding='ascii') as file:
        file.write('HOME:bob:secret\n')
    env = {'NTLM_USER_FILE': users, 'GSS_MECH_CONFIG': tap.find(
        '/etc/gss/mech.d/mech.ntlmssp.conf', 'gss-ntlmssp')}
    krb5, other = oid('krb5').octets(), rawgss.Oid.of(NTLM).octets()
    with x.t.case('trap 20: SPNEGO offers NTLM, where it may'):
        said = subprocess.run(
            [sys.executable, '-c', RAW_SPNEGO], check=True,
            stdout=subprocess.PIPE, env={
                **x.stage.environment('ours', **env),
                'PYTHONPATH': os.path.dirname(rawgss.__file__)}).stdout
        assert other in mechanism_list(said), said
    with x.t.case('trap 20: a client offers krb5 alone'):
        client = x.stage.client(mech='GSS-SPNEGO', env=env)
        x.t.equal(mechanism_list(client.start().data), [krb5], 'the offer')
        client.end()
    with x.t.case('trap 20: a client whose SASL_GSS_CREDS has NTLM'):
        client = x.stage.client(mech='GSS-SPNEGO', env=env, creds='yes')
        answer = client.start()
        x.t.equal(answer.code, 'FAIL', 'gss-ntlmssp has no copy of its own')
        assert 'cannot be kept to Kerberos V5' in answer.text, answer
        client.end()
    for creds, text in (('no', 'GSS acceptor'),
                        ('yes', 'the context is of mechanism')):
        with x.t.case(f'trap 20: a server, SASL_GSS_CREDS: {creds}'):
            server = x.stage.server(mech='GSS-SPNEGO', env=env, creds=creds,
                                    external=256)
            client = x.stage.client('cyrus', mech='GSS-SPNEGO', env={
                **env, 'KRB5CCNAME': 'FILE:/nonexistent'})
            said = sasl_end.login(client, server)
            assert said.startswith('C CONTINUE'), said
            assert 'S OK' not in said and 'user' not in server.get(), said
            lines = [line for line in server.log if 'login failed' in line]
            assert len(lines) == 1 and text in lines[0], (said, lines)
            client.end()
            server.end()


def relays(x):
    """17 to 23: tokens of other mechanisms and contexts (rows KP2, KP3, KP6 and
    KS4)."""
    with x.t.case('trap 17: a GS2 token into GSSAPI: the wrap is missing'):
        server = x.server()
        raw = RawClient(server, bound=b'n,,')
        x.t.equal(raw.handshake().code, 'CONTINUE', 'the context')
        server.step(b'')
        x.refused(server, server.step(b'\1\0\0\0'), 'BADAUTH', 'is not the')
    with x.t.case('trap 18: the same, in SPNEGO or not, into GSS-SPNEGO'):
        for mech, code in (('krb5', 'FAIL'), ('spnego', 'BADBINDING')):
            server = x.server(mech='GSS-SPNEGO')
            answer = RawClient(server, bound=b'n,,', mech=mech).handshake()
            if answer.code == 'CONTINUE':
                answer = server.step(b'')
            x.t.equal(answer.code, code, mech)
            assert 'user' not in server.get(), server.get()
    with x.t.case('trap 18: a raw krb5 token into GSS-SPNEGO'):
        server = x.server(mech='GSS-SPNEGO')
        answer = RawClient(server).handshake()
        if answer.code == 'CONTINUE':
            answer = server.step(b'')
        assert answer.code not in ('OK', 'CONTINUE'), answer
        assert 'user' not in server.get(), server.get()
    with x.t.case('trap 19: a GSSAPI token into GS2-KRB5'):
        server = x.stage.server('both', mech='GS2-KRB5')
        token = rawgss.without_framing(RawClient(server).first)
        for header in (b'n,,', b'n,a=bob,'):
            answer = server.new().start(header + token)
            if answer.code == 'CONTINUE':
                answer = server.step(b'')
            x.t.equal(answer.code, 'BADBINDING', header.decode())
    with x.t.case('trap 21: a SPNEGO context into GSSAPI'):
        server = x.server()
        answer = RawClient(server, mech='spnego').handshake()
        if answer.code == 'CONTINUE':
            answer = server.step(b'')
        assert answer.code not in ('OK', 'CONTINUE'), answer
    with x.t.case('trap 21: GSS-SPNEGO without MUTUAL'):
        server = x.server(mech='GSS-SPNEGO')
        raw = RawClient(server, flags=ALL & ~MUTUAL, mech='spnego')
        x.refused(server, raw.handshake(), 'BADAUTH',
                  'no mutual authentication')
    with x.t.case('trap 22: GSS-SPNEGO by HTTP, where a layer is demanded'):
        for least in (1, 256):
            server = x.server(mech='GSS-SPNEGO', min=least, http='yes')
            raw = RawClient(server, mech='spnego')
            x.refused(server, raw.handshake(), 'TOOWEAK', 'SSF')
    with x.t.case('trap 22: GSS-SPNEGO, and the client has no layer'):
        for least in (1, 256):
            server = x.server(mech='GSS-SPNEGO', min=least)
            client = x.client(mech='GSS-SPNEGO', max=0)
            said = sasl_end.login(client, server)
            assert 'TOOWEAK' in said, said
            assert 'user' not in server.get(), server.get()
    with x.t.case('trap 22: a GSS-SPNEGO client that demands a layer, by HTTP'):
        client = x.client(mech='GSS-SPNEGO', min=1, http='yes')
        said = sasl_end.login(client, x.server(mech='GSS-SPNEGO', http='yes'))
        assert said.endswith('C TOOWEAK -'), said
    with x.t.case('trap 23: a GSS-SPNEGO client whose layer nobody asked for'):
        server = x.server(mech='GSS-SPNEGO', max=0)
        raw = RawClient(server, mech='spnego')
        assert raw.handshake().code == 'CONTINUE'
        x.t.equal((server.step(b'').code, server.get()['ssf']),
                  ('OK', '256'), 'it will wrap')
        server = x.server(mech='GSS-SPNEGO', buffer=0)
        x.refused(server, RawClient(server, mech='spnego').handshake(),
                  'BADAUTH', 'the application can have none')
    with x.t.case('trap 23: a client whose layer would be above its range'):
        client = x.client(mech='GSS-SPNEGO', min=56, max=128)
        said = sasl_end.login(client, x.server(mech='GSS-SPNEGO'))
        assert said.endswith('C TOOWEAK -'), said
        x.t.equal(client.get()['ssf'], '0', 'no layer')
    with x.t.case('trap 23: a client that wants no layer has none'):
        for most, external in ((0, 0), (256, 256)):
            server = x.server(mech='GSS-SPNEGO')
            client = x.client(mech='GSS-SPNEGO', max=most, external=external)
            said = sasl_end.login(client, server)
            x.t.equal((said[-6:], client.get()['ssf'], server.get()['ssf']),
                      ('S OK -', '0', '0'), f'{most}, {external}')


def states(x):
    """24 to 36: messages at the wrong time, and options of both sides."""
    with x.t.case('trap 24: success instead of the AP-REP, of the offer'):
        client = x.client()
        client.start()
        answer = client.step(None)
        x.t.equal(answer.code, 'BADSERV', 'at once')
        assert 'before it has proved who it is' in answer.text, answer
        client = x.client()
        raw = rawgss.Acceptor(oid('krb5'))
        client.step(raw.step(client.start().data))
        x.t.equal(client.step(None).code, 'BADSERV', 'after the AP-REP')
    with x.t.case('trap 24: a message that is too long; no choice'):
        much = bytes(1024 * 1024 + 1)
        server = x.server()
        x.refused(server, server.start(much), 'BADPROT', 'more than 1048576')
        server = x.server()
        RawClient(server).offer()
        x.refused(server, server.step(b''), 'BADPROT', 'chose no security')
        client = x.client()
        client.start()
        answer = client.step(much)
        x.t.equal(answer.code, 'BADPROT', 'the client')
        assert 'more than 1048576' in answer.text, answer
    with x.t.case('trap 24: without error tokens the failure comes at once'):
        server = x.server(mech='GSS-SPNEGO',
                          **{'option:gs2_error_tokens': 'no'})
        answer = server.start(RawClient(x.server(), bound=b'n,,',
                                        mech='spnego').first)
        x.refused(server, answer, 'BADBINDING', 'another channel')
    for mech in ('GSSAPI', 'GSS-SPNEGO'):
        for data in ('no', 'yes'):
            with x.t.case(f'trap 25: {mech}, a second start, data {data}'):
                server = x.server(mech=mech, success_data=data)
                client = x.client(mech=mech)
                assert sasl_end.login(client, server).count('S OK') == 1
                assert server.start(b'junk').code not in ('OK', 'CONTINUE')
                server = x.server(mech=mech, success_data=data)
                sasl_end.login(x.client(mech=mech), server)
                assert server.plain().code not in ('OK', 'CONTINUE')
    with x.t.case('trap 26: a step after success, and after failure'):
        server = x.server()
        RawClient(server).choose(PLAIN)
        assert server.step(b'').code not in ('OK', 'CONTINUE')
        server = x.server()
        server.start(b'junk')
        assert server.step(b'').code not in ('OK', 'CONTINUE')
    with x.t.case('trap 27: what a failed attempt leaves'):
        server = x.server()
        RawClient(server).choose(3)
        left = server.get()
        assert 'user' not in left and 'peer' not in left, left
        x.t.equal(left['ssf'], '0', 'SSF')
        x.t.equal(server.encode(b'x'), sasl_end.Answer('OK', b'x', left and
                  server.encode(b'x').text), 'no layer')
    for mech in ('GSSAPI', 'GSS-SPNEGO'):
        for both in (('no', 'no'), ('yes', 'no'), ('no', 'yes'),
                     ('yes', 'yes')):
            with x.t.case(f'trap 29: {mech}, success data {both}'):
                server = x.server(mech=mech, success_data=both[0])
                client = x.client(mech=mech, success_data=both[1])
                said = sasl_end.login(client, server)
                x.t.equal(server.get().get('user'), 'alice', said)
                x.t.equal(client.get()['ssf'], '256', said)
    with x.t.case('trap 30: flags that nobody asked for'):
        server = x.server()
        raw = RawClient(server, flags=ALL | DCE)
        answer = raw.handshake()
        assert answer.code not in ('OK',), answer
        assert 'user' not in server.get(), server.get()
    with x.t.case('trap 31: data in the response to the last token'):
        server = x.server()
        RawClient(server).handshake()
        x.refused(server, server.step(b'more'), 'BADPROT', 'is not empty')
        server = x.server(mech='GSS-SPNEGO')
        RawClient(server, mech='spnego').handshake()
        x.refused(server, server.step(b'more'), 'BADPROT', 'is not empty')
    with x.t.case('trap 32: no first message: one is asked for, once'):
        for nothing in (None, b''):
            server = x.server()
            x.t.equal(server.start(nothing)[:2], ('CONTINUE', b''), 'asked')
            raw = RawClient(server)
            answer = server.step(raw.first)
            x.t.equal(answer.code, 'CONTINUE', 'goes on')
            server = x.server()
            answer, asked = server.start(nothing), 0
            while answer.code == 'CONTINUE' and asked < 3:
                answer = server.step(nothing)
                asked += 1 # once by libsasl itself, where it is NULL
            x.refused(server, answer, 'BADPROT', 'empty first')
    with x.t.case('trap 32: the empty response as NULL'):
        server = x.server()
        raw = RawClient(server)
        raw.handshake()
        x.t.equal(server.step(None).code, 'CONTINUE', 'the offer')
    with x.t.case('trap 33: no host'):
        answer = x.stage.client(host='').start()
        assert answer.code not in ('OK', 'CONTINUE'), answer
    with x.t.case('trap 34: 6 chosen is confidentiality'):
        server = x.server()
        x.t.equal((RawClient(server).choose(6).code, server.get()['ssf']),
                  ('OK', '256'), 'the server')
        client = x.client(**{'option:ad_compat': 'yes'})
        raw = RawServer(client)
        answer = raw.offer(b'\7' + SIZE)
        x.t.equal((rawgss.unwrap(raw.end.context, answer.data)[:1],
                   client.get()['ssf']), (b'\6', '256'), 'ad_compat')
    with x.t.case('trap 34: a size with layer 1; MUTUAL left out'):
        server = x.server()
        x.t.equal(RawClient(server).choose(PLAIN, SIZE).code, 'OK', 'a size')
        server = x.server()
        raw = RawClient(server, flags=CONF | INTEG | SEQUENCE)
        answer = raw.handshake()
        x.t.equal(rawgss.unwrap(raw.end.context, answer.data), b'\1\0\0\0',
                  'no layer')
        x.t.equal((raw.say(b'\1\0\0\0').code, server.get()['user']),
                  ('OK', 'alice'), 'without MUTUAL')


def bindings(x):
    """36 and 41: channel bindings, and HTTP (rows KP7 and KP8)."""
    hashed = 'aa' * 32
    prefix = b'tls-server-end-point:'
    ours = f'tls-server-end-point:{hashed}'
    ldap = f'ldap:{(prefix + bytes.fromhex(hashed)).hex()}'
    good = prefix + bytes.fromhex(hashed)
    for words, setting, external, bound, code in (
            ('equal', ours, 256, good, 'OK'),
            ('equal, as libldap has it', ldap, 256, good, 'OK'),
            ('equal and critical', ours + ':critical', 256, good, 'OK'),
            ('different', ours, 256, good[:-1] + b'b', 'BADBINDING'),
            ('none of the client', ours, 256, None, 'OK'),
            ('none, where it is critical', ours + ':critical', 256, None,
             'BADBINDING'),
            ('tls-exporter', 'tls-exporter:' + hashed, 256, None, 'OK'),
            ('tls-exporter, critical', 'tls-exporter:' + hashed + ':critical',
             256, None, 'BADBINDING'),
            ('the client alone, within TLS', None, 256, good, 'OK'),
            ('the client alone, without', None, 0, good, 'BADBINDING')):
        with x.t.case(f'trap 36: GSS-SPNEGO, bindings {words}'):
            server = x.server(mech='GSS-SPNEGO', external=external,
                              binding=setting,
                              **{'option:gs2_require': 'gs2:binding='
                                 'tls-server-end-point'}
                              if 'equal' in words else {})
            raw = RawClient(server, mech='spnego', bound=bound)
            answer = raw.handshake()
            if answer.code == 'CONTINUE':
                answer = server.step(b'')
            x.t.equal(answer.code, code, answer.text)
            # libsasl refuses as well, of a login that the log says succeeded.
            assert ('critical' not in words or code == 'OK' or
                    'the server requires channel binding' in answer.text), \
                answer
    for mech in ('GSSAPI', 'GSS-SPNEGO'):
        for words, setting, said_so in (
                ('the same', ours, 'tls-server-end-point'),
                ("libldap's", ldap, 'tls-server-end-point'),
                ('tls-exporter', 'tls-exporter:' + hashed, '-'),
                ('none', None, '-')):
            with x.t.case(f'trap 36: {mech}, the binding of the client: '
                          f'{words}'):
                server = x.server(mech=mech, external=256, binding=ours)
                client = x.client(mech=mech, external=256, binding=setting)
                said = sasl_end.login(client, server)
                x.t.equal(server.get().get('user'), 'alice', said)
                assert any(f'binding={said_so} ' in line
                           for line in server.log), server.log
        for external in (256, 0):
            with x.t.case(f'trap 36: {mech}, the client alone, external SSF '
                          f'{external}'):
                server = x.server(mech=mech, external=external)
                client = x.client(mech=mech, external=external, binding=ours)
                said = sasl_end.login(client, server)
                taken = external > 0 or mech == 'GSSAPI'
                x.t.equal(server.get().get('user'),
                          'alice' if taken else None, said)
        with x.t.case(f'trap 36: {mech}, another channel'):
            server = x.server(mech=mech, external=256, binding=ours)
            client = x.client(mech=mech, external=256,
                              binding=ours[:-2] + 'bb')
            said = sasl_end.login(client, server)
            x.t.equal(server.get().get('user'), None, said)
            server.step(b'')  # the client has taken the error token
            assert any(' fault=client ' in line and 'bound to another channel'
                       in line for line in server.log), server.log
        with x.t.case(f'trap 36: {mech}, a client that requires a binding'):
            client = x.client(mech=f'{mech}-PLUS', external=256,
                              binding=ours + ':critical')
            answer = client.start()
            x.t.equal(answer.code, 'BADBINDING', 'no token')
            assert 'which ' + mech + ' does not promise' in answer.text, answer
    for flags in (0x130, 0x132, 0x930):
        with x.t.case(f'trap 41: HTTP, flags {flags:#x}'):
            for data in ('no', 'yes'):
                server = x.server(mech='GSS-SPNEGO', http='yes',
                                  success_data=data)
                raw = RawClient(server, flags=flags & 0x3f, mech='spnego')
                answer = server.start(raw.first)
                if answer.code == 'CONTINUE':
                    answer = server.step(b'')
                x.t.equal((answer.code, server.get()['ssf'],
                           server.get()['user']), ('OK', '0', 'alice'), data)


def rules(x):
    """40: a rule speaks after the client's last word."""
    with x.t.case('trap 40: a rule that is not met; the log has one line'):
        server = x.server(**{'option:gs2_require': 'gs2:layer=integrity'})
        answer = RawClient(server).choose(SEALED)
        x.refused(server, answer, 'NOAUTHZ', 'requirements of the server')
        lines = [line for line in server.log if 'login failed' in line]
        x.t.equal(len(lines), 1, 'lines of the log')
        assert lines[0].split(' ', 1)[1].startswith('GSSAPI login failed: '), \
            lines
    with x.t.case('trap 40: a rule that is met; facts'):
        server = x.server(**{'option:gs2_require': 'gs2:layer=integrity and '
                             'gs2:mech=GSSAPI and gs2:realm=EXAMPLE.TEST'})
        x.t.equal((RawClient(server).choose(SIGNED).code,
                   server.get()['ssf']), ('OK', '1'), 'login')
        assert any('GSSAPI login accepted: ' in line and 'rules=met' in line
                   for line in server.log), server.log


def main(t):
    with sasl_end.Stage() as stage:
        os.environ.update({**stage.realm.env, 'KRB5RCACHENAME': 'none:'})
        x = Traps(t, stage)
        for rows in (credentials, ntlm, relays, states, bindings,
                     rules):
            rows(x)


tap.run(main)
