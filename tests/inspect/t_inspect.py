#!/usr/bin/env python3
"""gs2-inspect on this machine: what it prints, all of it, where all is well
and in everything that goes wrong, as text and as JSON, and its exit status.
"""

import contextlib
import os
import pty
import re
import signal
import socket
import subprocess
import time

import inspected
import sources
import t_faults
import tap
import tree

LOGIN = ('login', '-n', 'localhost')
MECHS = ('mechs', '-n', 'localhost')

PAC = '''\
  urn:mspac:                   yes            yes       *gss64:urn:mspac:
    (144 octets)
  urn:mspac:client-info        yes            yes       \
*gss64:urn:mspac:client-info
    (20 octets)
  urn:mspac:16                 yes            yes       *gss64:urn:mspac:16
    (16 octets)
  urn:mspac:server-checksum    yes            yes       \
*gss64:urn:mspac:server-checksum
    (16 octets)
  urn:mspac:privsvr-checksum   yes            yes       \
*gss64:urn:mspac:privsvr-checksum
    (16 octets)
'''

ATTRIBUTES = '''
  attribute                    authenticated  complete  properties
''' + PAC + '''\
  auth-indicators              yes            yes       \
*gss:auth-indicators *gss64:auth-indicators
    spake
    with space, comma
    grün
'''

ALL_WELL = '''\
logged in as alice

  server       imap@localhost
  mechanism    GS2-KRB5
  binding      none
  ticket       alice@EXAMPLE.TEST until TIME in FILE:DIR/alice.spake.cc
  principal    alice@EXAMPLE.TEST
  realm        EXAMPLE.TEST
  identity     alice
  local name   alice
''' + ATTRIBUTES

ASSERTED = '''\
  urn:x:mail                   no             yes       none
    a@x.test  shown as urn:x:mail
    b@x.test  shown as urn:x:mail
'''

LET_IN = '''\
logged in as alice@EXAMPLE.TEST

  server       imap@localhost
  mechanism    GS2-KRB5-PLUS
  binding      tls-exporter, 32 octets
               HEX
  ticket       alice@EXAMPLE.TEST until TIME in FILE:DIR/alice.spake.cc
  principal    alice@EXAMPLE.TEST
  realm        EXAMPLE.TEST
  identity     alice@EXAMPLE.TEST
  local name   alice
''' + ATTRIBUTES.replace(
    '*gss64:urn:mspac:\n', '*gss64:urn:mspac: *pac\n').replace(
    '*gss64:auth-indicators\n', '*gss64:auth-indicators *indicators\n') + '''
gs2_require is true
  gs2:realm=EXAMPLE.TEST and (auth-indicators=spake or auth-indicators=otp)
    true     gs2:realm=EXAMPLE.TEST
    true     auth-indicators=spake
    false    auth-indicators=otp (the login has other values)

gs2_proxy_require is not set
'''

RULE_FALSE = '''\
no login: the server refuses: the login does not meet the requirements of the \
server
server's log: GS2-KRB5 login failed: client=- code=SASL_NOAUTHZ binding=- \
rules=not-met authid="alice" authzid="bob" principal="alice@EXAMPLE.TEST" \
reason="the login does not meet the requirements of the server" \
detail="not met: gs2:binding=*, in the rule: auth-indicators=otp and not \
gs2:mech=GS2-KRB5 or gs2:binding=*"
next: see which comparison is false, below

  server       imap@localhost
  mechanism    GS2-KRB5
  binding      none
  ticket       alice@EXAMPLE.TEST until TIME in FILE:DIR/alice.spake.cc
  principal    alice@EXAMPLE.TEST
  realm        EXAMPLE.TEST
  identity     alice
  acts as      bob
  local name   alice
''' + ATTRIBUTES + '''
gs2_require is false
  auth-indicators=otp and not gs2:mech=GS2-KRB5 or gs2:binding=*
    false    auth-indicators=otp (the login has other values)
    false    not gs2:mech=GS2-KRB5
    false    gs2:binding=* (the login has none)

gs2_proxy_require is false
  gs2:authid=admin
    false    gs2:authid=admin (the login has another one)
'''

ATTRIBUTE_MISSING = '''\
no login: the server refuses: the login does not meet the requirements of the \
server
server's log: GS2-KRB5 login failed: client=- code=SASL_NOAUTHZ binding=- \
rules=not-met authid="alice" authzid=- principal="alice@EXAMPLE.TEST" \
reason="the login does not meet the requirements of the server" \
detail="not met: auth-indicators=spake, in the rule: auth-indicators=spake"
next: see which comparison is false, below

  server       imap@localhost
  mechanism    GS2-KRB5
  binding      none
  ticket       alice@EXAMPLE.TEST until TIME in FILE:DIR/alice.no-pac.cc
  principal    alice@EXAMPLE.TEST
  realm        EXAMPLE.TEST
  identity     alice
  local name   alice

no attributes

gs2_require is false
  auth-indicators=spake
    false    auth-indicators=spake (the login has no such attribute, or an \
unauthenticated one)

gs2_proxy_require is true, and does not apply: acts as nobody else
  gs2:authid=alice
    true     gs2:authid=alice
'''

BROKEN_RULE = '''\
DIR/broken.conf:2:32: gs2_require: a comparison expected, found 'or'
  gs2_require:  gs2:realm=* and  or
                                 ^
'''

NO_TICKET = '''\
no login: the client gives up: GSS initiator: No credentials were supplied, \
or the credentials were unavailable or inaccessible: No Kerberos credentials \
available (default cache: FILE:DIR/none) (mechanism 1.2.840.113554.1.2.2); \
get a ticket with kinit

  server       imap@localhost
  mechanism    GS2-KRB5
  ticket       none in FILE:DIR/none
'''

NO_KEY = '''\
no login: the server offers no mechanism of GS2
server's log: GS2-KRB5 is not available for imap@localhost: cannot acquire \
it: No credentials were supplied, or the credentials were unavailable or \
inaccessible: No key table entry found matching imap/localhost@ (mechanism \
1.2.840.113554.1.2.2); keytab: DIR/ldap.keytab
next: gs2-inspect mechs says why

  server       imap@localhost
  ticket       alice@EXAMPLE.TEST until TIME in FILE:REALM/ccache
'''

EXPIRED = '''\
no login: the client gives up: GSS initiator: Unspecified GSS failure.  Minor \
code may provide more information: Ticket expired (mechanism \
1.2.840.113554.1.2.2)
next: get a new ticket: kinit

  server       imap@localhost
  mechanism    GS2-KRB5
  ticket       alice@EXAMPLE.TEST, expired TIME in FILE:DIR/short.cc
'''

SKEWED = '''\
no login: the client gives up: GSS initiator: Unspecified GSS failure.  Minor \
code may provide more information: Clock skew too great (mechanism \
1.2.840.113554.1.2.2)
server's log: GS2-KRB5 login failed: client=- code=SASL_BADAUTH binding=- \
rules=- authid=- authzid=- principal=- reason="GSS acceptor: Unspecified GSS \
failure.  Minor code may provide more information: Clock skew too great \
(mechanism 1.2.840.113554.1.2.2)" detail=-
next: set the clocks of this machine, the server and the KDC: they may differ \
by five minutes (timedatectl, chronyc tracking)

  server       imap@localhost
  mechanism    GS2-KRB5
  binding      none
  ticket       alice@EXAMPLE.TEST until TIME in FILE:DIR/hour.cc
'''

MECHANISMS = '''\
  mechanism      server  client
  GS2-KRB5       yes     yes
  GS2-IAKERB     no      no     offered only where gs2_mechs names it

  service   imap@localhost
  plugin    PLUGINS/libgs2.so
  keytab    FILE:REALM/keytab
            imap/localhost@EXAMPLE.TEST, kvno 1
            imap/HOST@EXAMPLE.TEST, kvno 1
            ldap/localhost@EXAMPLE.TEST, kvno 1
            ldap/HOST@EXAMPLE.TEST, kvno 1
            smtp/localhost@EXAMPLE.TEST, kvno 1
            smtp/HOST@EXAMPLE.TEST, kvno 1
  ticket    alice@EXAMPLE.TEST until TIME in FILE:REALM/ccache
'''

NO_KEY_MECHANISMS = '''\
  mechanism      server  client
  GS2-KRB5       no      yes    no key for imap/localhost in \
FILE:DIR/ldap.keytab: has ldap/localhost@EXAMPLE.TEST, kvno 1
  GS2-IAKERB     no      no     offered only where gs2_mechs names it

  service   imap@localhost
  plugin    PLUGINS/libgs2.so
  keytab    FILE:DIR/ldap.keytab
            ldap/localhost@EXAMPLE.TEST, kvno 1
  ticket    alice@EXAMPLE.TEST until TIME in FILE:REALM/ccache

next: kadmin -q "ktadd -k DIR/ldap.keytab imap/localhost", or name another \
keytab (-k) or host (-n)
'''

BAD_CONF = '''\
# a comment
gs2_requre: gs2:realm=EXAMPLE.TEST
sasl_gs2_require: a=1
gs2_require: a=1 and or
gs2_attributes: x=y x=z
gs2_authid: alias
gs2_authid: local
gs2_error_tokens: perhaps
gs2_nothing_like_it: 1
mech_list: GS2-KRB5
foo
'''

BAD_CONF_SAYS = '''\
DIR/bad.conf:2:1: there is no option gs2_requre; is it gs2_require
  gs2_requre: gs2:realm=EXAMPLE.TEST
  ^
DIR/bad.conf:3:1: sasl_gs2_require is not read: but for imapd.conf it is \
gs2_require
  sasl_gs2_require: a=1
  ^
DIR/bad.conf:4:22: gs2_require: a comparison expected, found 'or'
  gs2_require: a=1 and or
                       ^
DIR/bad.conf:5:21: gs2_attributes: property x is named twice
  gs2_attributes: x=y x=z
                      ^
DIR/bad.conf:6:13: gs2_authid: "alias" is not auto, full, local or attribute \
NAME
  gs2_authid: alias
              ^
DIR/bad.conf:7:1: gs2_authid is set in line 6 already, and that one counts
  gs2_authid: local
  ^
DIR/bad.conf:8:19: gs2_error_tokens: "perhaps" is not yes or no
  gs2_error_tokens: perhaps
                    ^
DIR/bad.conf:9:1: there is no option gs2_nothing_like_it
  gs2_nothing_like_it: 1
  ^
DIR/bad.conf:11:1: a name and a colon expected; no server starts with this file
  foo
  ^
'''

NO_FILE = ('gs2-inspect: there is no {}.conf in {}; name the file itself, or '
           'its directory in SASL_CONF_PATH\n')
ALONE = 'warning: gs2_require is asked at GS2 logins alone'
NOT_SET = (f'{ALONE}, and whatever else is offered (GSSAPI, PLAIN) lets '
           'people in without it: mech_list is not set\n')


def write(stage, name, text):
    """A configuration file; its path."""
    path = stage.path(name)
    with open(path, 'w', encoding='utf-8') as out:
        out.write(text)
    return path


def shown_in_readme():
    """The login that README.md shows, as if it had been in this stage."""
    path = tree.srcdir('README.md')
    with open(path, encoding='utf-8') as readme:
        shown = re.search(r'^\$ gs2-inspect login .*\n((?:[^`].*\n|\n)*)',
                          readme.read(), re.M)[1]
    return inspected.Answer.plain(shown, [
        ('/tmp/krb5cc_1000', 'DIR/alice.no-pac.cc')])


def logins(t, stage):
    """Logins that succeed, and that a rule refuses."""
    ticket = stage.ticket('spake')
    with t.case('all well'):
        inspected.inspect(stage, *LOGIN, env=ticket).is_(0, ALL_WELL)
    with t.case('all well: a rule is true, attributes are mapped, a binding'):
        conf = write(stage, 'good.conf', (
            'gs2_require: gs2:realm=EXAMPLE.TEST and (auth-indicators=spake '
            'or auth-indicators=otp)\n'
            'gs2_attributes: indicators=auth-indicators pac:base64=urn:mspac:'
            '\ngs2_authid: full\n'))
        inspected.inspect(stage, *LOGIN, '-c', conf, '-b', 'tls-exporter',
                          '-x', env=ticket).is_(0, LET_IN)
    with t.case('a rule is false, and that for acting as others is'):
        conf = write(stage, 'false.conf', (
            'gs2_require: auth-indicators=otp and not gs2:mech=GS2-KRB5 or '
            'gs2:binding=*\ngs2_proxy_require: gs2:authid=admin\n'))
        answer = inspected.inspect(stage, *LOGIN, '--conf', conf, '--authzid',
                                   'bob', env=ticket)
        answer.is_(1, RULE_FALSE)
    with t.case('an attribute is missing'):
        conf = write(stage, 'missing.conf', (
            'gs2_require: auth-indicators=spake\n'
            'gs2_proxy_require: gs2:authid=alice\n'))
        inspected.inspect(stage, *LOGIN, '-c', conf, env=stage.ticket(
            'no-pac')).is_(1, ATTRIBUTE_MISSING)
    t.equal(shown_in_readme(), ATTRIBUTE_MISSING,
            'README.md shows what is printed')
    with t.case('a broken rule'):
        conf = write(stage, 'broken.conf', (
            '# rules\ngs2_require:  gs2:realm=* and  or\n'))
        inspected.inspect(stage, *LOGIN, '-c', conf, env=ticket).is_(
            1, '', BROKEN_RULE + 'gs2-inspect: with this configuration nobody '
            'gets in\n')
        inspected.inspect(stage, *MECHS, '-c', conf, env=ticket).is_(
            1, '', BROKEN_RULE + 'gs2-inspect: with this configuration no '
            'mechanism is offered\n')


def by_name(t, stage):
    """The name of an application stands for its file."""
    os.makedirs(stage.path('conf'), exist_ok=True)
    write(stage, 'conf/mail.conf', 'gs2_require: gs2:service=imap\n')
    env = {'SASL_CONF_PATH': '/nonexistent:' + stage.path('conf')}
    with t.case('an application by its name'):
        answer = inspected.inspect(stage, *LOGIN, '-c', 'mail', env=env)
        answer.is_(0, answer.out)
        assert 'gs2_require is true\n  gs2:service=imap\n' in answer.out
    with t.case('an application that has no file'):
        inspected.inspect(stage, *LOGIN, '-c', 'nosuch', env={
            'SASL_CONF_PATH': '/nonexistent'}).is_(
                2, '', NO_FILE.format('nosuch', '/nonexistent'))
    with t.case('an application by its name: the first directory wins'):
        second = stage.path('second')
        os.makedirs(second)
        write(stage, 'second/mail.conf', 'gs2_authid: local\n')
        write(stage, 'second/other.conf', 'gs2_authid: full\n')
        for name, value in (('mail', 'gs2_require: gs2:service=imap'),
                            ('other', 'gs2_authid: full')):
            answer = inspected.inspect(stage, 'conf', name, env={
                'SASL_CONF_PATH': env['SASL_CONF_PATH'] + ':' + second})
            assert f': no error\n  {value}\n' in answer.out, answer
    with t.case('an application that has no file, anywhere'):
        answer = inspected.inspect(stage, 'conf', 'nosuch', env={
            'SASL_CONF_PATH': None})
        answer.is_(2, '', NO_FILE.format('nosuch', built_in_path()))
    for path in ('/etc/imapd.conf', '/etc/ldap/sasl2/slapd.conf',
                 '/etc/postfix/sasl/smtpd.conf'):
        with t.case(f'a server that has its own place: {path}'):
            folder, file = os.path.split(path)
            name = file.removesuffix('.conf')
            answer = inspected.inspect(stage, 'conf', name, env={
                'SASL_CONF_PATH': '/nonexistent'})
            if os.path.exists(path):
                assert path in answer.out + answer.err, answer
            else:
                answer.is_(2, '', NO_FILE.format(
                    name, f'{folder}:/nonexistent'))


def built_in_path():
    """The directories of configurations that libsasl was built with, out of
    the library itself."""
    done = subprocess.run(['ldd', inspected.PROGRAM], check=True,
                          stdout=subprocess.PIPE, text=True)
    library = re.search(r'libsasl2\.so\S* => (\S+)', done.stdout)[1]
    with open(library, 'rb') as octets:
        return re.search(rb'\0(/[^\0]*/sasl2?(?::/[^\0:]+)+)\0',
                         octets.read())[1].decode()


def failures(t, stage):
    """No login: tickets, keys, clocks."""
    with t.case('no ticket'):
        env = {'KRB5CCNAME': 'FILE:' + stage.path('none')}
        inspected.inspect(stage, *LOGIN, env=env).is_(2, NO_TICKET)
        answer = inspected.inspect(stage, *MECHS, env=env)
        answer.is_(0, MECHANISMS.replace(
            'alice@EXAMPLE.TEST until TIME in FILE:REALM/ccache',
            'none in FILE:DIR/none') +
                   '\nno ticket: a client cannot log in\nnext: kinit\n')
    with t.case('no key'):
        keytab = stage.path('ldap.keytab')
        stage.realm.ktadd(keytab, 'ldap/localhost')
        answer = inspected.inspect(stage, *LOGIN, '-k', keytab)
        answer.is_(2, NO_KEY)
        inspected.inspect(stage, *MECHS, '-k', keytab).is_(
            1, NO_KEY_MECHANISMS)
        conf = write(stage, 'keytab.conf', f'gs2_keytab: {keytab}\n')
        inspected.inspect(stage, *MECHS, '-c', conf).is_(1, NO_KEY_MECHANISMS)
    with t.case('no keytab'):
        answer = inspected.inspect(stage, *MECHS, '-j', '-k',
                                   stage.path('no-keytab')).json(1)
        assert answer['mechanisms'][0] == {
            'name': 'GS2-KRB5', 'server': False, 'client': True,
            'why': f'the keytab FILE:{stage.path("no-keytab")} cannot be '
                   f"read: Key table file '{stage.path('no-keytab')}' not "
                   'found'}, answer
    with t.case('the ticket has expired'):
        short = t_faults.ticket(stage, 'short.cc', ['-l', '1s'])
        time.sleep(2.1)
        inspected.inspect(stage, *LOGIN, env=short).is_(2, EXPIRED)
        answer = inspected.inspect(stage, *MECHS, env=short)
        assert answer.out.endswith('the ticket has expired\nnext: kinit\n')
    with t.case('the clock is skewed'), t_faults.kdc_at(stage, '-1h'):
        answer = inspected.inspect(stage, *LOGIN, env=t_faults.ticket(
            stage, 'hour.cc'))
        answer.is_(2, SKEWED)
    with t.case('the KDC is down'):
        fresh = t_faults.ticket(stage, 'fresh.cc')
        stage.realm.stop_kdc()
        answer = inspected.inspect(stage, *LOGIN, env=fresh)
        stage.realm.start_kdc()
        assert answer.status == 2 and "Cannot contact any KDC for realm " \
            "'EXAMPLE.TEST'" in answer.out, answer
        assert '\nnext: look at [realms] in krb5.conf' in answer.out, answer


def mechanisms(t, stage):
    """What is offered, and why not."""
    with t.case('the mechanisms'):
        inspected.inspect(stage, *MECHS).is_(0, MECHANISMS)
    for options, why in (
            ('gs2_mechs: GS2-OTHER\n', 'gs2_mechs does not name it'),
            ('mech_list: PLAIN\n', 'mech_list does not name it')):
        with t.case(f'not offered: {options.strip()}'):
            conf = write(stage, 'offers.conf', options)
            answer = inspected.inspect(stage, *MECHS, '-j', '-c',
                                       conf).json(1)
            assert [(m['name'], m['server'], m['why'])
                    for m in answer['mechanisms']][0] == (
                        'GS2-KRB5', False, why), answer
    with t.case('no plugin'):
        answer = inspected.inspect(stage, *MECHS, '-j',
                                   plugins='gssapi').json(1)
        assert answer['plugin'] is None and answer['mechanisms'][0][
            'why'].startswith('libsasl loads no GS2 plugin'), answer
    with t.case('a plugin that is not ours'):
        answer = inspected.inspect(stage, *MECHS, plugins='debian-alone')
        assert 'plugin    PLUGINS/libgs2.so, which is not of ' \
            'cyrus-sasl-gs2: it knows no rules\n' in answer.out, answer
        answer = inspected.inspect(stage, *LOGIN, plugins='debian-alone')
        assert answer.status == 2, answer
        assert answer.err == (
            'gs2-inspect: libsasl loads another plugin for GS2-KRB5, which '
            'knows neither rules nor attributes; gs2-inspect mechs says '
            'which\n'), answer


def documents(t, stage):
    """The JSON of a login."""
    conf = write(stage, 'json.conf', (
        'gs2_require: gs2:binding=* and (auth-indicators=otp or not '
        'gs2:realm=A)\ngs2_attributes: second=auth-indicators\n'))
    args = (*LOGIN, '-j', '-c', conf)
    ticket = stage.ticket('spake')
    with t.case('JSON: a login'):
        got = inspected.inspect(stage, *args, '-b', 'tls-unique',
                                env=ticket).json(0)
        attrs = {a['name']: a for a in got.pop('attributes')}
        until = got['ticket'].pop('until')
        assert abs(until - time.time() - 86400) < 3600, until
        assert got == {
            'v': 1, 'login': True, 'mechanism': 'GS2-KRB5-PLUS',
            'service': 'imap', 'host': 'localhost',
            'binding': {'type': 'tls-unique', 'octets': 32},
            'ticket': {'principal': 'alice@EXAMPLE.TEST',
                       'cache': ticket['KRB5CCNAME']},
            'principal': 'alice@EXAMPLE.TEST', 'realm': 'EXAMPLE.TEST',
            'authid': 'alice', 'authzid': 'alice', 'local': 'alice',
            'rules': [{
                'option': 'gs2_require', 'rule': 'gs2:binding=* and '
                '(auth-indicators=otp or not gs2:realm=A)',
                'applies': True, 'met': True, 'comparisons': [
                    {'text': 'gs2:binding=*', 'met': True},
                    {'text': 'auth-indicators=otp', 'met': False},
                    {'text': 'not gs2:realm=A', 'met': True}]}]}, got
        assert attrs['auth-indicators'] == {
            'name': 'auth-indicators', 'readable': True,
            'authenticated': True, 'complete': True,
            'values': [{'value': v} for v in sources.INDICATORS['spake']],
            'properties': ['*gss:auth-indicators', '*gss64:auth-indicators',
                           '*second']}, attrs
        assert set(attrs['urn:mspac:']['values'][0]['value']) == {'b64'}
    with t.case('JSON: octets of the binding, on request alone'):
        got = inspected.inspect(stage, *args, '-x', '-b', 'tls-unique',
                                env=ticket).json(0)
        assert re.fullmatch('[0-9a-f]{64}', got['binding']['hex']), got
    with t.case('JSON: a refusal'):
        got = inspected.inspect(stage, *args, env=ticket).json(1)
        failure = got['failure']
        assert 'not met: gs2:binding=*' in failure.pop('log'), got
        assert got['login'] is False and failure == {
            'side': 'server', 'code': -14,
            'text': 'the login does not meet the requirements of the server',
            'next': 'see which comparison is false, below'}, got
    with t.case('JSON: no login'):
        env = {'KRB5CCNAME': 'FILE:' + stage.path('none')}
        got = inspected.inspect(stage, *LOGIN, '-j', env=env).json(2)
        assert got['failure']['side'] == 'client', got
        assert got['failure']['text'].endswith('get a ticket with kinit'), got


def unauthenticated(t, stage):
    """An attribute that nobody vouches for, beside those of the KDC."""
    try:
        module = stage.with_module()
    except tap.Skip as reason:
        t.skip('an attribute that is not authenticated', reason)
        return
    ticket = stage.fresh(how='spake')
    # Behind kinit: what the ticket for tickets has is in the others again.
    stage.inject('alice@EXAMPLE.TEST asserted urn:x:mail a@x.test',
                 'alice@EXAMPLE.TEST asserted urn:x:mail b@x.test')
    conf = write(stage, 'asserted.conf', (
        'gs2_require: urn:x:mail=a@x.test\ngs2_attributes: mail=urn:x:mail\n'))
    with t.case('an attribute that is not authenticated: shown as such'):
        inspected.inspect(stage, *LOGIN, env=ticket, wrapper=module).is_(
            0, ALL_WELL.replace(PAC, ASSERTED + PAC))
    with t.case('an attribute that is not authenticated: meets no rule'):
        answer = inspected.inspect(stage, *LOGIN, '-c', conf, env=ticket,
                                   wrapper=module)
        answer.is_(1, answer.out)
        assert ASSERTED + PAC in answer.out, answer
        assert '\n\ngs2_require is false\n' in answer.out, answer
        assert answer.out.count(
            '    false    urn:x:mail=a@x.test (the login has no such '
            'attribute, or an unauthenticated one)\n') == 1, answer
    with t.case('an attribute that is not authenticated: JSON'):
        got = inspected.inspect(stage, *LOGIN, '-j', '-c', conf, env=ticket,
                                wrapper=module).json(1)
        attrs = {a['name']: a for a in got['attributes']}
        assert attrs['urn:x:mail'] == {
            'name': 'urn:x:mail', 'readable': True, 'authenticated': False,
            'complete': True, 'properties': [], 'values': [
                {'value': value, 'display': 'urn:x:mail'}
                for value in ('a@x.test', 'b@x.test')]}, attrs
        assert attrs['auth-indicators']['authenticated'], attrs
    stage.inject()


def configurations(t, stage):
    """Configurations, without any login."""
    with t.case('conf: everything that can be wrong'):
        bad = write(stage, 'bad.conf', BAD_CONF)
        inspected.inspect(stage, 'conf', bad).is_(1, BAD_CONF_SAYS)
        got = inspected.inspect(stage, 'conf', '-j', bad).json(1)
        assert got['file'] == bad, got
        assert got['errors'][2] == {
            'line': 4, 'column': 22,
            'text': "gs2_require: a comparison expected, found 'or'"}, got
        assert [e['line'] for e in got['errors']] == [
            2, 3, 4, 5, 6, 7, 8, 9, 11], got
    with t.case('conf: nothing wrong'):
        good = write(stage, 'fine.conf', (
            '# mech_list: x\n  GS2_Authid :x\n'.replace(' :x', ': full  ') +
            'mech_list: GS2-KRB5\n\n'))
        inspected.inspect(stage, 'conf', good).is_(0, (
            'DIR/fine.conf: no error\n  gs2_authid: full\n'
            '  gs2_require is not set: whoever has a ticket gets in\n'))
    with t.case('conf: a directory is no configuration'):
        inspected.inspect(stage, 'conf', stage.dir).is_(
            2, '', 'gs2-inspect: cannot read DIR: Is a directory\n')
    with t.case('conf: imapd.conf has its options with a prefix'):
        imapd = write(stage, 'imapd.conf', (
            'configdirectory: /var/lib/imap\nsasl_gs2_require: a=\n'
            'gs2_authid: local\nimaps_sasl_gs2_require: gs2:binding=* or\n'
            'pop3_sasl_gs2_authid: full\n'))
        inspected.inspect(stage, 'conf', imapd).is_(1, (
            'DIR/imapd.conf:2:21: gs2_require: a value expected, where the '
            'text ends\n  sasl_gs2_require: a=\n                      ^\n'
            'DIR/imapd.conf:3:1: gs2_authid is not read: in imapd.conf it is '
            'sasl_gs2_authid\n  gs2_authid: local\n  ^\n'
            'DIR/imapd.conf:4:41: gs2_require: a comparison expected, where '
            'the text ends\n  imaps_sasl_gs2_require: gs2:binding=* or\n'
            + ' ' * 42 + '^\nDIR/imapd.conf:2:1: '
            + NOT_SET.replace('mech_list', 'sasl_mech_list')
            + '  sasl_gs2_require: a=\n  ^\n'))
    with t.case('conf: a line that libsasl breaks, an option without value'):
        cut = write(stage, 'cut.conf', (
            'gs2_require: ' + 'a=1 or ' * 600 + 'a=1\ngs2_keytab:  \n'))
        got = inspected.inspect(stage, 'conf', '-j', cut).json(1)
        assert [(e['line'], e['text']) for e in got['errors']] == [
            (1, 'the line is longer than the 4,094 octets that libsasl takes '
                'for one; no server starts with this file'),
            (2, 'the option has no value; no server starts with this file'),
        ], got
    with t.case('conf: the setups of the example have no error'):
        example = tree.srcdir('sasl.conf.example')
        inspected.inspect(stage, 'conf', example).is_(0, (
            f'{example}: no error\n'
            '  gs2_require is not set: whoever has a ticket gets in\n'))
        for name in ('two factors only', 'channel binding for all',
                     'a help desk that may act as others',
                     'attributes to the application'):
            setup = write(stage, 'setup.conf', ''.join(
                f'{k}: {v}\n' for k, v in sources.setup_of(name).items()))
            answer = inspected.inspect(stage, 'conf', setup)
            answer.is_(0, answer.out)


def ways_past(t, stage):
    """Configurations without an error that let people in past the rule."""
    rule = 'gs2_require: gs2:realm=A\n'
    no_error = 'DIR/past.conf: no error\n  gs2_require: gs2:realm=A\n'
    plain = f'DIR/past.conf:2:21: {ALONE}: PLAIN lets people in without it\n'
    login = f'DIR/past.conf:2:36: {ALONE}: LOGIN lets people in without it\n'
    listed = 'mech_list: GS2-KRB5 PLAIN EXTERNAL LOGIN'
    for name, text, says in (
            ('mech_list is not set', rule,
             f'DIR/past.conf:1:1: {NOT_SET}  {rule}  ^\n'),
            ('mech_list names others', f'{rule}{listed}\n',
             f'{plain}  {listed}\n{" " * 22}^\n'
             f'{login}  {listed}\n{" " * 37}^\n'),
            ('mech_list names GS2 mechanisms alone', rule +
             'mech_list:  GS2-KRB5-PLUS\tgs2-iakerb external\n', ''),
            ('the first mech_list counts', rule +
             'mech_list: GS2-KRB5\nmech_list: PLAIN\n', '')):
        with t.case(f'conf: a way past the rule: {name}'):
            conf = write(stage, 'past.conf', text)
            inspected.inspect(stage, 'conf', conf).is_(0, no_error + says)
    with t.case('conf: a way past the rule: gs2_mechs says what is of GS2'):
        conf = write(stage, 'past.conf', (
            rule + 'mech_list: SCRIPTED EAP-OTHER\ngs2_mechs: EAP-OTHER\n'))
        got = inspected.inspect(stage, 'conf', '-j', conf).json(0)
        assert got == {'v': 1, 'file': conf, 'errors': [], 'warnings': [{
            'line': 2, 'column': 12, 'text': ALONE.removeprefix('warning: ')
            + ': SCRIPTED lets people in without it'}]}, got
    with t.case('conf: a way past the rule: no rule, no way'):
        conf = write(stage, 'past.conf', 'mech_list: PLAIN\n')
        inspected.inspect(stage, 'conf', conf).is_(0, (
            'DIR/past.conf: no error\n'
            '  gs2_require is not set: whoever has a ticket gets in\n'))
    with t.case('conf: a way past the rule: of imapd.conf, with a prefix'):
        conf = write(stage, 'imapd.conf', (
            'configdirectory: /var/lib/imap\nmech_list: GS2-KRB5\n'
            'sasl_gs2_require: gs2:realm=A\nsasl_mech_list: GSSAPI\n'))
        got = inspected.inspect(stage, 'conf', '-j', conf).json(0)
        assert [(w['line'], w['column']) for w in got['warnings']] == [
            (4, 17)], got
    with t.case('conf: a way past the rule: past that of one service'):
        conf = write(stage, 'imapd.conf', (
            'configdirectory: /var/lib/imap\nimaps_sasl_gs2_require: a=1\n'))
        got = inspected.inspect(stage, 'conf', '-j', conf).json(0)
        assert [w['line'] for w in got['warnings']] == [2], got


def watching(t, stage):
    """Again and again, until interrupted."""
    env = stage.environment('ours-alone', {'TZ': 'UTC'})
    with t.case('watch: progress on a terminal, changes, a summary'):
        leader, follower = pty.openpty()
        with subprocess.Popen(
                [inspected.PROGRAM, *LOGIN, '-w', '0.05'], env=env,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=follower) as running:
            os.close(follower)
            first = running.stdout.readline()
            shown = b''
            while shown.count(b'\r') < 3:
                shown += os.read(leader, 4096)
            running.send_signal(signal.SIGINT)
            rest = running.stdout.read()
            with contextlib.suppress(OSError):
                while os.read(leader, 4096):
                    pass
        os.close(leader)
        assert running.returncode == 0, (running.returncode, rest)
        assert re.fullmatch(rb'\r?\d\d:\d\d:\d\d in, by GS2-KRB5\n',
                            first), first
        assert re.search(rb'\r\d+ in, 0 not, \d+ s ', shown), shown
        assert re.fullmatch(
            rb'\r?(\d+) logins in \d+\.\d s \(\d+\.\d a second\): \1 in, '
            rb'0 not\n\d+\.\d\d ms the fastest, \d+\.\d\d ms on average, '
            rb'\d+\.\d\d ms the slowest\n', rest), rest
    with t.case('watch: as fast as can be, and nobody gets in'):
        env['KRB5CCNAME'] = 'FILE:' + stage.path('none')
        with subprocess.Popen(
                [inspected.PROGRAM, *LOGIN, '--watch=0'], env=env,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT) as running:
            first = running.stdout.readline()
            running.send_signal(signal.SIGTERM)
            rest = running.stdout.read()
        assert running.returncode == 2, running.returncode
        assert re.match(rb'\d\d:\d\d:\d\d not in: GSS initiator: No cred',
                        first), first
        assert re.fullmatch(rb'(\d+) logins in .*: 0 in, \1 not\n', rest), rest


def usage(t, stage):
    """The command line."""
    help_text = '; gs2-inspect --help says how to use it\n'
    for args, says in (
            ((), 'a command is wanted: mechs, login, imap or conf'),
            (('nosuch',), 'a command is wanted: mechs, login, imap or conf'),
            (('login', 'x'), 'no operand is taken by login'),
            (('conf',), 'one operand is wanted by conf'),
            (('conf', '-b', 'x', 'y'), 'this command has no option -b'),
            (('imap', '-s', 'x', 'y'), 'this command has no option -s'),
            (('login', '-w', '-1'), 'this value cannot be used for -w'),
            (('login', '-w', '1', '-j'),
             '--json and --watch exclude each other'),
            (('login', '--nosuch'),
             'the option is unknown or lacks its value')):
        with t.case('usage: ' + ' '.join(args)):
            inspected.inspect(stage, *args).is_(
                2, '', f'gs2-inspect: {says}{help_text}')
    with t.case('usage: --help'):
        for args in (['--help'], ['conf', '-h']):
            answer = inspected.inspect(stage, *args)
            answer.is_(0, answer.out)
            assert answer.out.startswith('usage: gs2-inspect mechs'), answer
            assert max(map(len, answer.out.splitlines())) < 80, answer


@contextlib.contextmanager
def patience(t, stage):
    """A server that never says anything; it takes half a minute to find out,
    so the others run meanwhile."""
    with socket.create_server(('127.0.0.1', 0)) as silent:
        port = silent.getsockname()[1]
        with contextlib.ExitStack() as running:
            given_up = [running.enter_context(subprocess.Popen(
                [inspected.PROGRAM, 'imap', f'{scheme}://localhost:{port}'],
                env=stage.environment('ours-alone'), text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE)) for scheme in ('imap', 'imaps')]
            running.callback(lambda: [each.terminate() for each in given_up])
            yield
            imap, imaps = [each.stderr.read() for each in given_up]
            status = [each.wait() for each in given_up]
        wants_tls = ('next: a server that speaks TLS from the first octet '
                     'wants imaps://\n')
        t.equal(imap, (
            'gs2-inspect: localhost sends no greeting; waiting for it\n'
            f'{wants_tls}gs2-inspect: localhost sends no greeting within 30 '
            f'seconds\n{wants_tls}'), 'imap: no greeting is an error')
        t.equal(imaps, 'gs2-inspect: localhost: no TLS: nothing is said for '
                '30 seconds\n', 'imaps: no word of TLS is an error')
        t.equal(status, [2, 2], 'imap, imaps: exit status')


def main(t):
    """All of them in one realm."""
    with sources.Sources() as stage, patience(t, stage):
        for part in (logins, by_name, failures, mechanisms, documents,
                     unauthenticated, configurations, ways_past, watching,
                     usage):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
