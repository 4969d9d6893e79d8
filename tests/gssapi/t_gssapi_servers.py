#!/usr/bin/env python3
"""Servers that people run, by GSSAPI and GSS-SPNEGO of libgssapiv2.so: slapd
with OpenLDAP's client and python-ldap, Cyrus IMAP with imtest; layers, rules, a
log line for each login, what a client is told; a second bind on a connection
that has a layer.
"""

import os
import re
import shutil
import subprocess

import cyrus
import layered
import saslclient
import slapd
import tap
import tree

GSSAPI = os.environ.get('GS2_GSSAPI') or tree.builddir(
    'gssapi', '.libs', 'libgssapiv2.so')
LAYERS = ((None, '256'), ('maxssf=1', '1'), ('maxssf=0', '0'))
USERS = '''\
authz-regexp uid=([^,]*),(cn=[^,]*,)?cn=gss(api|-spnego),cn=auth
    uid=$1,ou=people,dc=example,dc=test
'''
# python-ldap: where, the mechanism, the security properties, who to act as.
PYTHON_LDAP = '''\
import ldap, ldap.sasl, sys
url, mech, properties, authzid = sys.argv[1:]
connection = ldap.initialize(url)
connection.set_option(ldap.OPT_X_SASL_NOCANON, 1)
if properties:
    connection.set_option(ldap.OPT_X_SASL_SECPROPS, properties)
connection.sasl_interactive_bind_s('', ldap.sasl.sasl(
    {ldap.sasl.CB_USER: authzid}, mech))
try:
    ssf = connection.get_option(ldap.OPT_X_SASL_SSF)
except ValueError: # without a layer there is none
    ssf = 0
print(ssf, connection.whoami_s())
'''


def lines(log, words):
    """The lines of a log with these words."""
    return [line for line in log.splitlines() if words in line]


def ldap(t):
    """slapd and ldapwhoami."""
    with slapd.Home() as home:
        shutil.copy(GSSAPI, home.path('ours'))
        alice = home.ticket('timestamp')
        with slapd.start(home, options='minssf: 0\n', more=USERS) as server:
            for mech in ('GSSAPI', 'GSS-SPNEGO'):
                for option, ssf in LAYERS:
                    words = ['-O', option] if option else []
                    done = server.client('ldapwhoami', '-N', '-Y', mech,
                                         *words, env=alice)
                    t.ok(done.returncode == 0 and
                         f'SASL SSF: {ssf}' in done.stdout and
                         'uid=alice' in done.stdout,
                         f'{mech}, {option}: SSF {ssf}', done)
            done = server.client('ldapsearch', '-N', '-Q', '-Y', 'GSSAPI',
                                 '-LLL', '-b', '', '-s', 'base', '+',
                                 env=alice)
            t.ok(done.returncode == 0 and 'GSS-SPNEGO' in done.stdout,
                 'an answer through the layer', done)
            for maxbufsize in (64, 2048):
                done = server.client(
                    'ldapwhoami', '-N', '-Y', 'GSSAPI', '-O',
                    f'maxbufsize={maxbufsize}', env=alice)
                t.ok(done.returncode == 0, f'maxbufsize {maxbufsize}', done)
            done = server.client('ldapwhoami', '-N', '-Y', 'GSSAPI', '-O',
                                 'minssf=257', env=alice)
            t.ok(done.returncode != 0, 'minssf=257', done)
            done = server.client('ldapwhoami', '-N', '-ZZ', '-Y', 'GSSAPI',
                                 '-O', 'maxssf=0', env=alice)
            t.ok(done.returncode == 0 and 'SASL SSF: 0' in done.stdout,
                 'within StartTLS, without a layer', done)
            python_ldap(t, server, alice)
            saslclient.load(home.environment('ours'))
            layered.second_binds(t, server, alice, home.ticket(
                'timestamp', 'bob'), lambda user: f'dn:{slapd.dn(user)}')
        with slapd.start(home, name='rules', options='gs2_require: '
                         'gs2:mech=GSSAPI and gs2:layer=privacy or '
                         'gs2:binding=tls-server-end-point\n') as server:
            for binding in ('tls-endpoint', 'none'):
                done = server.client(
                    'ldapwhoami', '-N', '-ZZ', '-Y', 'GSS-SPNEGO', '-O',
                    'maxssf=0', env={**alice, 'LDAPSASL_CBINDING': binding})
                t.equal(done.returncode == 0, binding == 'tls-endpoint',
                        f'GSS-SPNEGO within StartTLS, bound: {binding}')
            done = server.whoami('-Y', 'GSSAPI', env=alice)
            t.ok(done.returncode == 0, 'a rule that is met', done)
            done = server.whoami('-Y', 'GSSAPI', '-O', 'maxssf=1', env=alice)
            t.ok(done.returncode != 0 and 'does not meet the requirements'
                 in done.stdout, 'a rule that is not met', done)
            t.equal([len(lines(server.log(), f'{mech} login failed'))
                     for mech in ('GSSAPI', 'GSS-SPNEGO')], [1, 1],
                    'lines of the log')


def python_ldap(t, server, alice):
    """slapd and python-ldap, which may act as another."""
    tap.find('/usr/lib/python3/dist-packages/ldap', 'python3-ldap')
    script = server.home.write('python-ldap', PYTHON_LDAP)
    for mech, user in (('GSSAPI', 'alice'), ('GSSAPI', 'bob'),
                       ('GSS-SPNEGO', 'alice')):
        authzid = '' if user == 'alice' else f'u:{user}'
        for option, ssf in LAYERS:
            done = server.home.run(
                ['/usr/bin/python3', script, f'ldap://localhost:{server.port}',
                 mech, option or '', authzid], env={**alice,
                                                    'PYTHONPATH': None})
            t.equal(done.stdout, f'{ssf} dn:{slapd.dn(user)}\n',
                    f'python-ldap, {mech}, {option}, {user}')


def imtest(server, layer, plugins='ours'):
    """Whether a login with this layer, and a command through it, succeed; all
    that is said."""
    try:
        said = server.test('imap', '-m', 'GSSAPI', '-l', str(layer),
                           env=server.home.ticket('timestamp'),
                           stdin='a NOOP\nz LOGOUT\n', plugins=plugins).stdout
    except subprocess.TimeoutExpired as error:
        said = error.stdout.decode('utf-8', 'replace')
    return all(re.search(line, said, re.M)
               for line in ('^S: A01 OK', '^a OK')), said


def has_layers(home):
    """Whether Cyrus SASL's own file has one between imtest and imapd."""
    with cyrus.Cyrus(home, 'sasl_mech_list: GSSAPI\n', name='theirs',
                     plugins='gssapi') as server:
        return imtest(server, 256, 'gssapi')[0]


def imap(t):
    """Cyrus IMAP and imtest. That of Debian 13 has no layer with any file."""
    with cyrus.Home() as home:
        shutil.copy(GSSAPI, home.path('ours'))
        with cyrus.Cyrus(home, f'''\
sasl_mech_list: GSSAPI GSS-SPNEGO GS2-KRB5
sasl_gs2_keytab: {home.realm.keytab}
sasl_gs2_require: gs2:realm=EXAMPLE.TEST and not gs2:layer=integrity
''') as server:
            for layer, ok in ((256, True), (1, False), (0, True)):
                good, said = imtest(server, layer)
                if ok and not good and not has_layers(home):
                    t.skip(f'imtest -l {layer}', "it has no layer with Cyrus "
                           "SASL's own file")
                    continue
                t.ok(good == ok, f'imtest -l {layer}',
                     f'{said}\n{server.log()}')


def main(t):
    ldap(t)
    imap(t)


slapd.run(main)
