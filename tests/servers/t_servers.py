#!/usr/bin/env python3
"""The first table of pairs in doc/servers.md says of each server and client
what the tables below it have, which the tests print, and leaves out none; the
table of README.md sums it up, a row for each server.
"""

import re

import setups
import tap
import tree

HEAD = '| server | client | mechanism | TLS | binding | round trips | result |'


def summaries():
    """The rows of that table, as lists of cells, without their heads."""
    found = re.search(re.escape(HEAD) + r'.*\n\|[-| ]*\n((?:\|.*\n)*)',
                      setups.document())
    return [setups.cells(line) for line in found[1].splitlines()]


def details():
    """The rows of all tables of doc/servers.md that are about logins."""
    names = re.findall(r'^<!-- table: (.*) -->\n\n?\| server or client \|',
                       setups.document(), re.M)
    return [row for name in names for row in setups.table(name)]


def begins(text, word):
    """True where text is the word, or begins with it and a space or comma."""
    return re.match(re.escape(word) + r'([ ,]|$)', text)


def pair_of(row, pairs):
    """Which (server, client) a row of doc/servers.md is about: the server is
    the last thing that its first cell names. The longest name that fits."""
    client, _, server = row[0].rpartition(', ')
    fits = [pair for pair in pairs if begins(server, pair[0])
            and any(begins(client, c) for c in pair[1].split(', '))]
    return max(fits, key=lambda pair: len(pair[0]), default=None)


def kinds(rows, column):
    """What stands in a column of some rows, each once, in order; of TLS how it
    is begun, not which version it is."""
    return ', '.join(dict.fromkeys(row[column].split()[0] for row in rows))


def each(cells):
    """What some cells list, each once, in order, without "no"; or "none"."""
    words = dict.fromkeys(word for cell in cells for word in cell.split(', '))
    return ', '.join(word for word in words if word != 'no') or 'none'


def overview():
    """The rows of README.md: the servers of the table "servers", with the
    clients, bindings and round trips of all their pairs."""
    pairs = summaries()
    for server, *_rest in setups.table('servers'):
        rows = [row for row in pairs if row[0] == server]
        yield [server, *(each(row[column] for row in rows)
                         for column in (1, 4, 5))]


def main(t):
    """Row by row."""
    readme = setups.document(tree.srcdir('README.md'))
    for row in overview():
        t.contains(readme, f'| {" | ".join(row)} |\n',
                   f'README.md: {row[0]}')
    table = {tuple(row[:2]): row[2:] for row in summaries()}
    rows = {pair: [] for pair in table}
    for row in details():
        pair = pair_of(row, table)
        if pair:
            rows[pair].append(row)
        else:
            t.ok(False, f'the first table has {row[0]}')
    for pair, found in rows.items():
        seen = [kinds(found, column) for column in range(1, 5)]
        t.equal(table[pair][:4], seen, ' with '.join(pair))
        t.ok(len(table[pair]) == 6 and all(table[pair]),
             f'{pair[0]}: a result, and what it does with attributes')
    t.ok(len(table) > 8, 'the table is there')


if __name__ == '__main__':
    tap.run(main)
