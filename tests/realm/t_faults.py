#!/usr/bin/env python3
"""What goes wrong on a good day: expired tickets, clocks, keytabs, a KDC that
is down. The error text on each side names the cause, the server's log has it
once, and what the client is told has no path of the server in it.
"""

import time

import relay
import scenario
import tap
import tickets

NO_CREDENTIAL = 'the server has no GS2-KRB5 credential for imap@localhost'


def both_know(login, server, client=None):
    """The server refuses for this reason, which its log has, and the client
    learns its own half of it from the error token."""
    failures = login.server.all('log', level='2')
    login.equal(len(failures), 1, 'failures in the log')
    login.contains(failures[0]['text'], server, "the server's log")
    login.contains(failures[0]['text'], 'client=127.0.0.1;',
                   "the server's log")
    login.refused_by_client('SASL_BADSERV', client or server)
    login.equal(login.client.messages(),
                ['send start', 'receive continue', 'send abort'], 'messages')
    login.equal(login.server.all('identity'), [], 'identities')


def own_tickets(t, stage):
    """Tickets that are no longer, or not yet, good."""
    with t.case('the ticket has expired'):
        short = tickets.ticket(stage, 'short.cc', ['-l', '1s'])
        time.sleep(2.1)
        login = stage.login(client_env=short)
        login.refused_by_client('SASL_FAIL', 'Ticket expired')
        login.equal(login.client.messages(), [], 'messages')
    with tickets.kdc_at(stage, '-1h'):
        with t.case("client and KDC are an hour behind the server"):
            login = stage.login(client_env=tickets.ticket(stage, 'hour.cc'))
            both_know(login, 'Clock skew too great')
        with t.case('gs2_error_tokens: no; the failure comes at once'):
            login = stage.login(client_env=tickets.ticket(stage, 'hour.cc'),
                                options={'gs2_error_tokens': 'no'})
            login.refused_by_server('SASL_BADAUTH', 'Clock skew too great')
            login.client_was_told('Clock skew too great')
            login.server_logged('Clock skew too great', 'client=127.0.0.1;')
            login.equal(login.client.messages(),
                        ['send start', 'receive fail'], 'messages')
    with tickets.kdc_at(stage, '-2d'):
        with t.case("client and KDC are two days behind the server"):
            login = stage.login(client_env=tickets.ticket(stage, 'days.cc'))
            both_know(login, 'Ticket expired')


def clocks(t, stage):
    """A client or a server whose own clock is off. libfaketime and
    AddressSanitizer wait for each other at the start of a process; in such a
    build the KDC's clock, above, has to do."""
    if scenario.SANITIZED:
        t.note('libfaketime is for the KDC alone: AddressSanitizer')
        return
    stage.login().succeeds('alice')  # the cache has the service ticket now
    for side, env in (('server', {'server_env': stage.fake_time('+1h')}),
                      ('client', {'client_env': stage.fake_time('+1h')})):
        with t.case(f"the {side}'s clock is an hour ahead"):
            both_know(stage.login(**env), 'Clock skew too great')
    with t.case("by the server's clock, the ticket has expired"):
        login = stage.login(server_env=stage.fake_time('+2d'))
        both_know(login, 'Ticket expired')
    fresh = tickets.ticket(stage, 'fresh.cc')
    with t.case("by the client's clock, the ticket has expired"):
        login = stage.login(client_env={**fresh, **stage.fake_time('+2d')})
        login.refused_by_client('SASL_FAIL', 'Ticket expired')
    with t.case("the client's clock is ahead of the KDC's"):
        login = stage.login(client_env={**fresh, **stage.fake_time('+1h')})
        login.refused_by_client('SASL_FAIL', 'Clock skew too great')


def keytabs(t, stage):
    """The acceptor has no key, or not the right one."""
    ldap, old = stage.path('ldap.keytab'), stage.path('old.keytab')
    garbage = stage.path('garbage.keytab')
    missing = stage.path('no-such-keytab')
    stage.realm.ktadd(ldap, 'ldap/localhost')
    stage.realm.addprinc('sieve/localhost')
    stage.realm.ktadd(old, 'sieve/localhost')
    stage.realm.kadmin('cpw -randkey sieve/localhost')
    with open(garbage, 'w', encoding='utf-8') as out:
        out.write('no keytab\n')
    for what, path, cause in (
            ('without the key', ldap, 'No key table entry found matching '
             'imap/localhost'),
            ('that is not there', missing, f"'{missing}' not found"),
            ('that is no keytab', garbage, 'Unsupported key table format')):
        for how, where in (
                ('KRB5_KTNAME', {'server_env': {
                    'KRB5_KTNAME': 'FILE:' + path}}),
                ('gs2_keytab', {'options': {'gs2_keytab': path}})):
            with t.case(f'{how}: a keytab {what}'):
                login = stage.login(**where)
                login.must('GS2-KRB5' not in
                           login.server.first('mechs')['offered'], 'offered')
                login.server_logged('GS2-KRB5', 'imap@localhost', cause)
                login.refused_by_server('SASL_NOMECH', NO_CREDENTIAL)
                login.client_was_told(NO_CREDENTIAL)
                login.must(stage.dir not in login.client.text,
                           'the client sees a path of the server')
    with t.case('a keytab without the key, for any service'):
        login = stage.login(
            server_env={'KRB5_KTNAME': 'FILE:' + ldap},
            options={'gs2_acceptor': '*'})
        both_know(login, 'imap/localhost@EXAMPLE.TEST not found in '
                  'keytab', "The ticket isn't for us")
    with t.case("a keytab with yesterday's key"):
        login = stage.login(both=['--service', 'sieve'],
                            server_env={'KRB5_KTNAME': 'FILE:' + old})
        both_know(login, 'keytab is likely out of date',
                  'Key version is not available')
    with t.case('gs2_keytab with the key, KRB5_KTNAME without'):
        login = stage.login(
            server_env={'KRB5_KTNAME': 'FILE:' + missing},
            options={'gs2_keytab': stage.realm.keytab})
        login.succeeds('alice')


def late_keytab(t, stage):
    """A mechanism that is not available is not banished either: the same
    connection may try again when the keytab is there. A failure to acquire is
    remembered for some seconds."""
    late = stage.path('late.keytab')
    with relay.CapturingServer('GS2-KRB5') as honest:
        stage.client(honest.port, ['--mech', 'GS2-KRB5'])
    with t.case('a keytab that comes later'), \
            stage.server(env={'KRB5_KTNAME': 'FILE:' + late}) as server, \
            relay.connect(server.port) as connection:
        answer = connection.attempt(honest.first)
        assert NO_CREDENTIAL in answer.text, answer
        stage.realm.ktadd(late, 'imap/localhost')
        for _ in range(20):
            time.sleep(.5)
            answer = connection.attempt(honest.first)
            if answer.word != 'fail':
                break
        assert answer.word == 'continue', answer
        answer = connection.step(b'')
        assert answer.word == 'ok', answer


def services(t, stage):
    """The client asks for a service that does not exist."""
    with t.case('a service that the KDC does not know'):
        login = stage.login(client=['--service', 'nosuch'])
        login.refused_by_client('SASL_FAIL', 'Server nosuch/localhost@',
                                'not found in Kerberos database')
    with t.case('a service other than the server'):
        login = stage.login(client=['--service', 'ldap'])
        login.must(login.client.status == 1, 'logged in')
        login.server_logged('ldap/localhost@EXAMPLE.TEST')


def kdc_down(t, stage):
    """Nobody answers. A service ticket that is there still serves."""
    stage.login().succeeds('alice')  # the cache has the service ticket now
    fresh = tickets.ticket(stage, 'down.cc')
    none = {'KRB5CCNAME': 'FILE:' + stage.path('no-such-cache')}
    stage.realm.stop_kdc()
    with t.case('the KDC is down, a ticket-granting ticket'):
        login = stage.login(client_env=fresh)
        login.refused_by_client('SASL_FAIL', 'Cannot contact any KDC',
                                'EXAMPLE.TEST')
    with t.case('the KDC is down, a password'):
        login = stage.login(
            client=['--authname', 'bob', '--password', 'x'], client_env=none)
        login.refused_by_client('SASL_FAIL', 'bob', 'Cannot contact any KDC')
    with t.case('the KDC is down, a service ticket'):
        stage.login().succeeds('alice')


def main(t):
    """All of them in one realm."""
    with scenario.Stage() as stage:
        for part in (own_tickets, clocks, keytabs, late_keytab, services,
                     kdc_down):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
