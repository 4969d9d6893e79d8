"""How ./demo shows things on a terminal: paragraphs, names and values, and the
messages of a login between client and server.
"""

import sys
import textwrap

import sources

__all__ = ['say', 'field', 'arrow', 'exchange', 'identities', 'properties',
           'BOLD', 'DIM']

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


def properties(login, names):
    """What the application sees of these properties."""
    say('What the application sees, in its proxy policy callback:', indent=3)
    print()
    for name in names:
        seen = sources.values(login, name, 'policy')
        field('', f'{name}: {" | ".join(seen) if seen else "-"}')
    print()
