#!/usr/bin/env python3
"""LDAP from Python, PHP and Perl, as doc/servers.md has it: each logs in to
slapd by GS2, bound to TLS where it can, and says why not without a ticket.
"""

import servers
import setups
import slapd
import tap
import wire

HOST = 'ldap.example.test'
PHP_MODULES = '-dextension=ldap'
ENDS = {
    'python-ldap': ('import ldap, ldap.sasl\n', 'connection.start_tls_s()\n',
                    'print(connection.whoami_s())\n'),
    'php-ldap': ('<?php\n', 'ldap_start_tls($ldap) || exit("no TLS");\n',
                 'ldap_get_option($ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, $why);\n'
                 'print($why . ldap_exop_whoami($ldap));\n'),
    'Net::LDAP': ('', '', 'print $bound->code ? $bound->error . $sasl->error '
                  ': $ldap->search(base => "", scope => "base", filter => '
                  '"(objectClass=*)")->code . " is the result\\n";\n'),
}
BEFORE_LOGIN = {'python-ldap': 'connection.sasl_interactive_bind_s',
                'php-ldap': 'ldap_sasl_bind'}
COMMANDS = {'python-ldap': ['/usr/bin/python3'], 'php-ldap': ['php', '-n'],
            'Net::LDAP': ['perl']}
PACKAGES = {'python-ldap': ('/usr/lib/python3/dist-packages/ldap',
                            'python3-ldap'),
            'php-ldap': ('/usr/lib/php/*/ldap.so', 'php-ldap'),
            'Net::LDAP': ('/usr/lib/*/perl5/*/Authen/SASL/Cyrus.pm',
                          'libauthen-sasl-cyrus-perl')}
SAYS = {'python-ldap': f'dn:{slapd.dn("alice")}',
        'php-ldap': f'dn:{slapd.dn("alice")}', 'Net::LDAP': '0 is the result'}
NO_TICKET = 'No Kerberos credentials available'


def script(home, client, port, mech='GS2-KRB5'):
    """The lines of the document, with what is needed to run; a file. Under TLS
    where the mechanism binds."""
    before, tls, after = ENDS[client]
    ours = setups.setup(client, {HOST: 'localhost'})
    ours = ours.replace('ldap://localhost', f'ldap://localhost:{port}')
    ours = ours.replace("LDAP->new('localhost'",
                        f"LDAP->new('localhost', port => {port}")
    ours = ours.replace("'GS2-KRB5'", f"'{mech}'")
    if mech != 'GS2-KRB5':
        ours = ours.replace(BEFORE_LOGIN[client], tls + BEFORE_LOGIN[client])
    return home.write(client.replace(':', '') + mech, before + ours + after)


def run(home, client, port, mech='GS2-KRB5', env=None):
    """Runs it; what it says."""
    command = list(COMMANDS[client])
    if client == 'php-ldap':
        command.append(PHP_MODULES)
    done = home.run([*command, script(home, client, port, mech)], env={
        'LDAPTLS_CACERT': home.path('ca.pem'), 'PYTHONPATH': None,
        'LDAPSASL_NOCANON': 'on', **(env or {})})
    return done.stdout


def one(t, rows, server, client):
    """The logins of one client."""
    home = server.home
    with wire.Relay(server.port) as cable:
        said = run(home, client, cable.port)
        trips = wire.round_trips(cable.take(), b'GS2-KRB5', slapd.ANSWERED)
    log = server.log()
    rows.add(SAYS[client] in said and trips == 1
             and f'BIND dn="{slapd.dn("alice")}" mech=GS2-KRB5' in log,
             f'{client}, slapd', 'GS2-KRB5', 'no', 'no', trips, 'alice',
             f'{said}\n{log[-2000:]}')
    said = run(home, client, server.port,
               env={'KRB5CCNAME': 'FILE:/nowhere'})
    t.ok(SAYS[client] not in said, f'{client}: without a ticket no login',
         said)
    t.note(f'{client} without a ticket: {said}')
    if client in BEFORE_LOGIN:
        t.contains(said, NO_TICKET, f'{client} shows why')
        bound = {'LDAPSASL_CBINDING': 'tls-endpoint'}
        said = run(home, client, server.port, 'GS2-KRB5-PLUS', bound)
        rows.add(SAYS[client] in said, f'{client}, slapd', 'GS2-KRB5-PLUS',
                 'StartTLS 1.3', 'tls-endpoint', 1, 'alice', said)
        said = run(home, client, server.port, 'GS2-KRB5-PLUS')
        t.ok(SAYS[client] not in said, f'{client}: without LDAPSASL_CBINDING '
             'there is no -PLUS', said)


def main(t):
    """Each of them."""
    rows, skipped = servers.Rows(t, 'ldap clients'), 0
    with slapd.Home() as home, slapd.start(home) as server:
        for client in ENDS:
            try:
                tap.find(*PACKAGES[client])
            except tap.Skip as reason:
                skipped += 1
                t.skip(client, reason)
                continue
            one(t, rows, server, client)
    rows.show(complete=not skipped)


if __name__ == '__main__':
    tap.run(main)
