#!/usr/bin/env python3
"""What ./demo shows: alice logs in with GS2-KRB5 and with GS2-KRB5-PLUS, in a
throw-away realm, a client and a server process, and a third login is refused;
then the server demands two factors, and shows what it knows of her.

Exit status 0 only if what is shown really happened.
"""

import secrets
import sys
import textwrap
import time

import realm
import scenario
import sources

WIDTH = 78
LANE = 46      # columns between client and server
BOLD, DIM, PLAIN = '\033[1m', '\033[2m', '\033[0m'


def say(text='', style='', indent=0):
    """A line, or a paragraph, on the terminal."""
    if not sys.stdout.isatty():
        style = ''
    lines = textwrap.wrap(text, WIDTH, initial_indent=' ' * indent,
                          subsequent_indent=' ' * indent,
                          break_on_hyphens=False) or ['']
    for line in lines:
        print(style + line + (PLAIN if style else ''))


def field(name, value, indent=2):
    """A name and what it is."""
    for i, line in enumerate(textwrap.wrap(value, WIDTH - indent - 12,
                                           break_on_hyphens=False)):
        print(f'{"":{indent}}{name if i == 0 else "":<12}{line}')


def arrow(event):
    """A message between client and server, as the client saw it."""
    size = int(event['size'] or 0)
    parts = []
    if event['mech']:
        parts.append(event['mech'])
    if event['type'] in ('ok', 'fail'):
        parts.append({'ok': 'success', 'fail': 'refused'}[event['type']])
    if event['type'] == 'abort':
        parts.append('cancelled')
    if event['size'] is not None:
        parts.append(f'{size} octets' if size else 'empty')
    label = f' {", ".join(parts)} '
    if event.kind == 'send':
        line = f'{label:-^{LANE}}>'
    else:
        line = f'<{label:-^{LANE}}'
    print(f'  client {line} server')
    if event['header']:
        note = f'header "{event["header"]}"'
        print(f'{"":9}{note:^{LANE}}'.rstrip())


def exchange(login):
    """All messages of a login."""
    offer = login.client.first('receive', type='mechs')['text'].strip()
    field('offered', offer)
    print()
    for event in login.client.events:
        if event.kind in ('send', 'receive') and event['type'] != 'mechs':
            arrow(event)
    print()


def identities(login):
    """Who each side believes to talk to."""
    client = login.client.first('identity')
    server = login.server.first('identity')
    field('client', f'is {client["local"]}, and talks to {client["peer"]}')
    field('server', f'is {server["local"]}, and talks to {server["peer"]}')
    field('logged in', f'authentication identity {server["authid"]}, '
          f'authorization identity {server["authzid"]}')


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
    say('He has a TLS channel with each side and passes their messages on. '
        'The channels are not the same, so the login is refused.', indent=3)
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
    say("What the application sees, in its proxy policy callback:", indent=3)
    print()
    for name in names:
        seen = sources.values(login, name, 'policy')
        field('', f'{name}: {" | ".join(seen) if seen else "-"}')
    login.equal(sources.values(login, '*indicators', 'policy'),
                sources.INDICATORS['pkinit'], '*indicators')
    print()


def main():
    """Shows it all; the exit status."""
    began = time.monotonic()
    say('cyrus-sasl-gs2: five logins through libsasl', BOLD)
    print()
    try:
        with sources.Sources() as stage:
            say(f'A throw-away realm {stage.realm.name} runs at port '
                f'{stage.realm.port} of this machine. alice has a ticket, '
                'the server has the key of imap/localhost. Client and server '
                'are two processes with a TCP connection between them; each '
                'has loaded our libgs2.so and nothing else.')
            print()
            for part in (plain, bound, intercepted, two_factors):
                part(stage)
    except (scenario.ScenarioError, realm.RealmError, OSError) as error:
        print(f'\ndemo: this should not have happened: {error}',
              file=sys.stderr)
        return 1
    say(f'All of it took {time.monotonic() - began:.1f} seconds. The realm is '
        'stopped and removed.', DIM)
    return 0


if __name__ == '__main__':
    sys.exit(main())
