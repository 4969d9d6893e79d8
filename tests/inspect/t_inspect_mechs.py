#!/usr/bin/env python3
"""gs2-inspect mechs, and logins that cannot be: mechanisms, tickets, keys,
clocks.
"""

import os
import time

import inspected
import mounts
import setups
import sources
import tap
import tickets

LOGIN = inspected.LOGIN
MECHS = inspected.MECHS

NO_TICKET = '''\
no login: the client gives up: GSS initiator: No Kerberos credentials \
available (default cache: FILE:DIR/none); get a ticket with kinit

  server       imap@localhost
  mechanism    GS2-KRB5
  ticket       none in FILE:DIR/none
'''

NO_KEY = '''\
no login: the server offers no mechanism of GS2
server's log: GS2-KRB5 is not available for imap@localhost: cannot acquire \
it: No key table entry found matching imap/localhost@; keytab: DIR/ldap.keytab
next: gs2-inspect mechs says why

  server       imap@localhost
  ticket       alice@EXAMPLE.TEST until TIME in FILE:REALM/ccache
'''

KRB5_CONF = 'Included profile file could not be read'

EXPIRED = '''\
no login: the client gives up: GSS initiator: Ticket expired; get a \
ticket with kinit
next: get a new ticket: kinit

  server       imap@localhost
  mechanism    GS2-KRB5
  ticket       alice@EXAMPLE.TEST, expired TIME in FILE:DIR/short.cc
'''

SKEWED = '''\
no login: the client gives up: GSS initiator: Clock skew too great
server's log: GS2-KRB5 login failed: client=- code=SASL_BADAUTH fault=- \
binding=- rules=- authid=- authzid=- principal=- reason="GSS acceptor: Clock skew too \
great" detail="Unspecified GSS failure.  Minor code may provide more \
information; mechanism 1.2.840.113554.1.2.2"
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

next: kadmin -q "ktadd -k DIR/ldap.keytab imap/localhost", which makes a new \
key: other keytabs with this service then need it also; or name another keytab \
(-k) or host (-n)
'''


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
        conf = inspected.write(stage, 'keytab.conf', f'gs2_keytab: {keytab}\n')
        inspected.inspect(stage, *MECHS, '-c', conf).is_(1, NO_KEY_MECHANISMS)
    with t.case('no keytab'):
        answer = inspected.inspect(stage, *MECHS, '-j', '-k',
                                   stage.path('no-keytab')).json(1)
        assert answer['mechanisms'][0] == {
            'name': 'GS2-KRB5', 'server': False, 'client': True,
            'why': f'the keytab FILE:{stage.path("no-keytab")} cannot be '
                   f"read: Key table file '{stage.path('no-keytab')}' not "
                   'found'}, answer
    with t.case('krb5.conf cannot be read'):
        env = {'KRB5_CONFIG': '/etc'}
        answer = inspected.inspect(stage, *MECHS, env=env)
        assert answer.status == 1, answer
        assert KRB5_CONF in answer.out, answer
        got = inspected.inspect(stage, *MECHS, '-j',
                                env=env).json(1)
        assert got['keytab']['error'] == KRB5_CONF, got
        answer = inspected.inspect(stage, *LOGIN, env=env)
        assert answer.status == 2, answer
        assert KRB5_CONF in answer.out, answer
    with t.case('the ticket has expired'):
        short = tickets.ticket(stage, 'short.cc', ['-l', '1s'])
        time.sleep(2.1)
        inspected.inspect(stage, *LOGIN, env=short).is_(2, EXPIRED)
        answer = inspected.inspect(stage, *MECHS, env=short)
        assert answer.out.endswith('the ticket has expired\nnext: kinit\n')
    with t.case('the clock is skewed'), tickets.kdc_at(stage, '-1h'):
        answer = inspected.inspect(stage, *LOGIN, env=tickets.ticket(
            stage, 'hour.cc'))
        answer.is_(2, SKEWED)
    with t.case('the KDC is down'):
        fresh = tickets.ticket(stage, 'fresh.cc')
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
            ('mech_list: PLAIN\n', 'mech_list does not name it'),
            ('gs2_require: gs2:binding=*\n', 'gs2_require demands a channel '
             'binding, and there is none here: offered under TLS, by servers '
             'that bind')):
        with t.case(f'not offered: {options.strip()}'):
            conf = inspected.write(stage, 'offers.conf', options)
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


def own_places(t, stage):
    """A server by its name: service, host and keytab are those that it has,
    unless the command line says otherwise."""
    for folder in (stage.dir, stage.realm.dir): # the server's user reads it
        os.chmod(folder, 0o711)
    for folder in ('ldap/sasl2', 'default'):
        os.makedirs(stage.path('etc', folder))
    inspected.write(stage, 'etc/ldap/sasl2/slapd.conf', 'gs2_authid: full\n')
    inspected.write(stage, 'etc/ldap/slapd.conf', (
        '# sasl-host no\nsasl-host "ldap.example.test"\n'))
    inspected.write(stage, 'etc/default/slapd', (
        '#KRB5_KTNAME=/no\nKRB5_KTNAME="/its.keytab"\nexport KRB5_KTNAME\n'))
    with t.case('slapd by its name'):
        tap.find('slapd', 'slapd')
        wrapper = mounts.over({stage.path('etc', 'ldap'): '/etc/ldap',
                               stage.path('etc', 'default'): '/etc/default'})
        for args, env, wanted in (
                ((), None, ('ldap', 'ldap.example.test', '/its.keytab')),
                (('-s', 'x', '-n', 'y', '-k', '/z'), None, ('x', 'y', '/z')),
                ((), '/mine', ('ldap', 'ldap.example.test', '/mine'))):
            got = inspected.inspect(
                stage, 'mechs', '-j', *args, '-c', 'slapd', wrapper=wrapper,
                env={'KRB5_KTNAME': env}).json(1)
            assert (got['service'], got['host'],
                    got['keytab']['name'].removeprefix('FILE:')) == wanted, got
    with t.case('imapd: its servername'):
        conf = inspected.write(stage, 'imapd.conf', (
            'configdirectory: /x\nservername: mail.example.test\n'))
        got = inspected.inspect(stage, 'mechs', '-j', '-c', conf).json(1)
        assert (got['service'], got['host']) == (
            'imap', 'mail.example.test'), got


def known_servers(t, stage):
    """What is known of servers is what the table of doc/servers.md says, which
    is made by asking them (tests/servers/t_levels.py)."""
    rows = setups.table('servers')
    t.ok(len(rows) > 10, 'the table has servers', rows)
    for server, _, _, service, file, _, binding, log in rows:
        with t.case(f'known of {server}'):
            name = os.path.basename(file.strip('`'))
            imapd = name == 'imapd.conf'
            conf = inspected.write(stage, name, (
                'configdirectory: /x\nsasl_mech_list: GS2-KRB5\n' if imapd
                else 'mech_list: GS2-KRB5\n'))
            wrapper = []
            if imapd and server != 'imapd':
                wrapper = mounts.over({conf: '/etc/imapd.conf'})
                conf = server
            answer = inspected.inspect(stage, *MECHS, '-j', '-c', conf,
                                       wrapper=wrapper)
            got = answer.json(answer.status)
            warned = inspected.inspect(stage, 'conf', '-j', conf,
                                       wrapper=wrapper).json(0)['warnings']
            assert (f'`{got["service"]}`', got['log'] or 'nowhere',
                    bool(warned)) == (service, log.replace('`', ''),
                                      binding != 'none'), (got, warned)


def main(t):
    """All of them in one realm."""
    with sources.Sources() as stage:
        for part in (failures, mechanisms, own_places, known_servers):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
