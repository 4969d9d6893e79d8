#!/usr/bin/env python3
"""What ./demo shows: alice logs in with GS2-KRB5 and with GS2-KRB5-PLUS, in a
throw-away realm, a client and a server process, and a third login is refused;
then the server demands two factors, and shows what it knows of her. With an
argument, what others show: --ad is demo_ad.py, --eap demo_eap.py.

Exit status 0 only if what is shown really happened.
"""

import argparse
import secrets
import sys
import time

import demo_ad
import demo_eap
import realm
import scenario
import servers
import sources
import tap
from show import BOLD, DIM, exchange, field, identities, properties, say


def shape(name, data):
    """A channel binding for a person: its name, and the octets' ends."""
    return (f'{name}, {len(data)} octets: {data[:6].hex()}...'
            f'{data[-2:].hex()}')


def option(name, data):
    """The same for sasl-peer."""
    return ['--binding', f'{name}:{data.hex()}']


def plain(stage):
    """The first login."""
    say('1. GS2-KRB5', BOLD)
    say('One message and its answer prove both sides to each other; the '
        'client then has the last word.', indent=3)
    print()
    login = stage.login(server_plugins='ours-alone',
                        client_plugins='ours-alone')
    exchange(login)
    login.succeeds('alice', header='n,,',
                   messages=['send start', 'receive continue',
                             'send continue', 'receive ok'])
    identities(login)
    field('binding', 'none')
    print()


def bound(stage):
    """The second login."""
    say('2. GS2-KRB5-PLUS', BOLD)
    say('Both sides are at the two ends of one TLS channel, and the login is '
        'bound to it. The server may send data with its success, as LDAP '
        'servers do.', indent=3)
    print()
    data = secrets.token_bytes(32)
    login = stage.login(both=[*option('tls-exporter', data),
                              '--success-data'],
                        mech=None, server_plugins='ours-alone',
                        client_plugins='ours-alone')
    exchange(login)
    login.succeeds('alice', header='p=tls-exporter,,',
                   messages=['send start', 'receive ok'])
    identities(login)
    field('binding', f'{shape("tls-exporter", data)}, on both sides')
    print()


def intercepted(stage):
    """The third login."""
    say('3. GS2-KRB5-PLUS, with a man in the middle', BOLD)
    say('The attacker has a TLS channel with each side and passes messages '
        'on. The channels are not the same, so the login is refused.',
        indent=3)
    print()
    near, far = secrets.token_bytes(32), secrets.token_bytes(32)
    login = stage.login(client=option('tls-exporter', near),
                        server=option('tls-exporter', far),
                        mech=None, server_plugins='ours-alone',
                        client_plugins='ours-alone')
    exchange(login)
    login.must(login.client.status == 1, 'the client logged in')
    login.must(login.server.first('summary')['logins'] == '0',
               'the server let somebody in')
    login.server_logged('login failed', 'binding')
    field('binding', f'client: {shape("tls-exporter", near)}')
    field('', f'server: {shape("tls-exporter", far)}')
    code, text = login.client.failure()
    field('client says', f'{code}: {text}')
    logged = [e['text'] for e in login.server.all('log', level='2')]
    for line in logged:
        field('server logs', line)
    print()


def two_factors(stage):
    """A login with one factor, and one with two."""
    options = dict(sources.setup_of('two factors only'),
                   gs2_attributes='indicators=auth-indicators')
    names = ['*indicators', '*gss-display:auth-indicators',
             '*gss64:urn:mspac:client-info', '*gss-attributes-json']
    both = {'options': options, 'server_plugins': 'ours-alone',
            'client_plugins': 'ours-alone',
            'server': [*sources.props(*names), '--proxy-policy', 'allow']}
    say('4. A server that demands two factors', BOLD)
    say('Its sasl.conf, a setup of sasl.conf.example and a map:', indent=3)
    print()
    for option_name, text in options.items():
        field('', f'{option_name}: {text}')
    print()
    say('alice has got her ticket with her password:', indent=3)
    print()
    login = stage.login(client_env=stage.ticket('timestamp'), **both)
    exchange(login)
    login.refused_by_server('SASL_NOAUTHZ', 'requirements of the server')
    field('client', 'was told: ' + login.client.first('receive',
                                                      type='fail')['text'])
    for event in login.server.all('log', level='2'):
        field('server logs', event['text'])
    print()
    say('alice has got her ticket with her smart card (PKINIT):', indent=3)
    print()
    login = stage.login(client_env=stage.ticket('pkinit'), **both)
    exchange(login)
    login.succeeds('alice')
    identities(login)
    print()
    properties(login, names)
    login.equal(sources.values(login, '*indicators', 'policy'),
                sources.INDICATORS['pkinit'], '*indicators')


def show():
    """Five logins in a realm."""
    say('cyrus-sasl-gs2: five logins through libsasl', BOLD)
    print()
    with sources.Sources() as stage:
        say(f'A throw-away realm {stage.realm.name} runs at port '
            f'{stage.realm.port} of this machine. alice has a ticket, '
            'the server has the key of imap/localhost. Client and server '
            'are two processes with a TCP connection between them; each '
            'has loaded our libgs2.so and nothing else.')
        print()
        for part in (plain, bound, intercepted, two_factors):
            part(stage)


# What is shown with an argument.
SHOWS = {'--ad': demo_ad.show, '--eap': demo_eap.show}


def main():
    """Shows what is asked for; the exit status."""
    parser = argparse.ArgumentParser(description='Shows logins by GS2.')
    for name, one in SHOWS.items():
        parser.add_argument(name, dest='show', action='store_const',
                            const=one, help=one.__doc__)
    parser.set_defaults(show=show)
    began = time.monotonic()
    try:
        parser.parse_args().show()
    except tap.Skip as reason:
        print(f'demo: {reason}', file=sys.stderr)
        return 1
    except (scenario.ScenarioError, realm.RealmError, servers.ServerError,
            OSError) as error:
        print(f'\ndemo: this should not have happened: {error}',
              file=sys.stderr)
        return 1
    say(f'All of it took {time.monotonic() - began:.1f} seconds. What ran for '
        'it is stopped and removed.', DIM)
    return 0


if __name__ == '__main__':
    sys.exit(main())
