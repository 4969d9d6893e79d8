"""The tables and the picture of bench.py.

Figures are ratios to bare GSS in the same process and the same round: the
median over the rounds, and in brackets the quartiles.
"""

import os
import shutil
import statistics
import subprocess

__all__ = ['CYRUS', 'OURS', 'tables', 'picture']

SIDES = ('client', 'server')
OURS = 'this plugin'
CYRUS = 'Debian'
GSSAPI_OURS, GSSAPI_CYRUS = f'GSSAPI of {OURS}', f'GSSAPI of {CYRUS}'
LAYER_WORDS = {0: 'none', 1: 'integrity', 256: 'privacy'}
GNUPLOT = '''\
set terminal svg size 760,380 font "sans-serif,13" background "#ffffff"
set output "{out}"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.9 noborder
set boxwidth 0.9
set ylabel "CPU time of a login, bare GSS = 1"
set xrange [-0.6:{last}.6]
set yrange [0:*]
set offsets 0, 0, 0.2, 0
set grid ytics lc rgb "#dddddd"
set border 3
set bmargin 4
set tics nomirror out
set key top left
set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb "#555555" \\
    dt 2 front
plot "{data}" using 2:xtic(1) title "client" lc rgb "#3b6ea5", \\
     "" using 3 title "server" lc rgb "#d9822b", \\
     "" using ($0-0.25):2:(sprintf("%.2f", $2)) with labels offset 0,0.5 \\
        notitle, \\
     "" using ($0+0.25):3:(sprintf("%.2f", $3)) with labels offset 0,0.5 \\
        notitle
'''


def ratio(answer, side, clock):
    """A login of one side, or of both, against the floor of the round."""
    sides = SIDES if side == 'both' else (side,)
    return (sum(answer[f'login_{s}_{clock}'] for s in sides) /
            sum(answer[f'floor_{s}_{clock}'] for s in sides))


def spread(values):
    """Median and quartiles, as they are shown."""
    if len(values) < 2:
        return f'{values[0]:.2f}'
    low, middle, high = statistics.quantiles(values, n=4)
    return f'{middle:.2f} ({low:.2f}-{high:.2f})'


def row(*cells):
    """A line of a table."""
    return '| ' + ' | '.join(str(cell) for cell in cells) + ' |\n'


def table(head, rows):
    """A table: its first column is a name, the others are figures."""
    return (row(*head) + '|---' + '|---:' * (len(head) - 1) + '|\n' +
            ''.join(row(*cells) for cells in rows) + '\n')


def costs(results):
    """CPU time, wall time and instructions of a login."""
    rounds = results['rounds']
    floor = rounds['off']['floor']
    micros = {s: statistics.median(a[f'floor_{s}_cpu'] for a in floor)
              for s in SIDES}
    text = ('Cost of a login, bare GSS = 1 (which is '
            f'{micros["client"]:.0f} and {micros["server"]:.0f} microseconds '
            'of CPU time):\n\n')
    rows = []
    for name in rounds['off']:
        cells = [name]
        for cache, clock, sides in (('off', 'cpu', (*SIDES, 'both')),
                                    ('on', 'cpu', SIDES),
                                    ('off', 'wall', ('both',))):
            for side in sides:
                cells.append(spread([ratio(a, side, clock)
                                     for a in rounds[cache][name]]))
        rows.append(cells)
    return text + table(('', 'client', 'server', 'both',
                         'client, replay cache', 'server, replay cache',
                         'both, wall time'), rows)


def shapes(results):
    """Everything about a login that is counted."""
    shape = results.get('shape', {})
    heap = results.get('heap', {})
    calls = results.get('syscalls', {})
    instructions = results.get('instructions', {})
    floor = instructions.get('floor')
    rows = []
    for name, one in shape.items():
        cells = [name, f'{one["messages"]:.0f}', f'{one["octets"]:.0f}']
        cells.append(' + '.join(f'{one[f"{s}_calls"]:.0f}' for s in SIDES))
        cells.append(' + '.join(f'{calls[name][s]:.0f}' for s in SIDES)
                     if name in calls else '')
        cells.append(' + '.join(f'{instructions[name][s] / floor[s]:.3f}'
                                for s in SIDES)
                     if name in instructions else '')
        cells.append(' + '.join(f'{heap[name][s]:.0f}' for s in SIDES)
                     if name in heap else '')
        rows.append(cells)
    return ('Counted (client + server); GSS calls without those that only '
            'release memory, instructions with bare GSS = 1, heap octets of '
            'a login that is half open:\n\n' +
            table(('', 'messages', 'octets', 'GSS calls', 'system calls',
                   'instructions', 'heap, half open'), rows))


def thread_ratios(answers):
    """Logins a second against the floor's, a round."""
    return [a['login'] / a['floor'] for a in answers]


def threads(results):
    """Logins in several threads at once."""
    found = results['threads']
    names = list(next(iter(found.values())))
    lines = [[name, *(spread(thread_ratios(rows[name]))
                      for rows in found.values())] for name in names]
    speed = {count: statistics.median(a['floor'] for a in rows['floor'])
             for count, rows in found.items()}
    lines.append(['bare GSS, logins a second',
                  *(f'{speed[count]:.0f}' for count in found)])
    return ('Logins a second in threads, bare GSS with a credential for each '
            'thread = 1 (more is better):\n\n' +
            table(('', *(f'{c} threads' if c > 1 else '1 thread'
                         for c in found)), lines))


def attribute_costs(answers):
    """What attributes add, against what the bare calls add; both in
    microseconds of the server's CPU time."""
    added = [a['login_server_cpu'] - a['none_server_cpu'] for a in answers]
    bare = [a['bare_server_cpu'] - a['floor_server_cpu'] for a in answers]
    return statistics.median(added), statistics.median(bare)


def attributes(results):
    """Attributes of real tickets."""
    names = {'one': 'one attribute, four values', 'all': 'all, as JSON',
             'rule': 'a rule on one attribute'}
    rows = []
    for kind, answers in results['attributes'].items():
        added, bare = attribute_costs(answers)
        rows.append([names[kind], f'{added:.1f}', f'{bare:.1f}',
                     f'{added / bare:.2f}'])
    return ('What attributes add to the server\'s side, in microseconds, and '
            'the bare GSS calls that read them:\n\n' +
            table(('', 'this plugin', 'bare calls', 'ratio'), rows))


def sasldb_cost(answers):
    """What one attribute adds to the server's side, bare GSS = 1."""
    return statistics.median(
        (a['login_server_cpu'] - a['none_server_cpu']) / a['floor_server_cpu']
        for a in answers)


def sasldb(results):
    """One attribute beside another auxprop plugin."""
    return ('What one attribute adds to the server\'s side where libsasl\'s '
            'own auxprop plugin is loaded as well, by whether its file can be '
            'read, bare GSS = 1:\n\n' +
            table(('sasldb', 'adds'),
                  [[kind, f'{sasldb_cost(answers):.2f}']
                   for kind, answers in results['sasldb'].items()]))


def growth(results):
    """Many attributes."""
    rows = []
    for one in results['growth']:
        total = one['attrs'] * one['values']
        added = one['all'] - one['none']
        bare = one['bare_all'] - one['bare_none']
        rows.append([f'{one["attrs"]:.0f} of {one["values"]:.0f}',
                     f'{added:.0f}', f'{bare:.0f}',
                     f'{(added - bare) / total:.2f}'])
    return ('All attributes of a name as JSON, from a scripted mechanism that '
            'does nothing else; microseconds of the server\'s CPU time:\n\n' +
            table(('attributes of values', 'this plugin', 'bare calls',
                   'difference, a value'), rows))


def throughput(answers, verb):
    """Of a layer, bare GSS = 1, in each round."""
    return [a[f'floor_{verb}'] / a[f'login_{verb}'] for a in answers]


def gssapi(results):
    """GSSAPI, against bare GSS with its two wraps."""
    found = results['gssapi']
    names = list(found['login'][0])
    text = ('A login by GSSAPI, CPU time; bare GSS with the leg and the two '
            'wraps of RFC 4752 = 1:\n\n' + table(
                ('layer', *(f'{name}, {side}' for name in names
                            for side in SIDES)),
                [[LAYER_WORDS[ssf], *(spread([ratio(a, side, 'cpu')
                                              for a in rows[name]])
                                      for name in names for side in SIDES)]
                 for ssf, rows in found['login'].items()]))
    text += ('Throughput of its layer, bare gss_wrap() and gss_unwrap() = 1 '
             '(more is better):\n\n' + table(
                 ('layer, octets', *(f'{name}, {verb}' for name in names
                                     for verb in ('encode', 'decode'))),
                 [[f'{LAYER_WORDS[ssf]}, {octets}',
                   *(spread(throughput(rows[name], verb)) for name in names
                     for verb in ('encode', 'decode'))]
                  for (ssf, octets), rows in found['layer'].items()]))
    return text + (
        'Heap octets of a connection that stays open, after a message of so '
        'many octets either way:\n\n' + table(
            ('layer, octets', *(f'{name}, {side}' for name in names
                                for side in SIDES)),
            [[f'{LAYER_WORDS[ssf]}, {octets}',
              *(f'{rows[name][0][side]:.0f}' for name in names
                for side in SIDES)]
             for (ssf, octets), rows in found['open'].items()]))


def gssapi_targets(found, target):
    """What was asked of GSSAPI."""
    for ssf, rows in found['login'].items():
        for side, bound in (('server', 1.25), ('client', 1.40)):
            target(f'GSSAPI, {side}, layer {LAYER_WORDS[ssf]}',
                   statistics.median(ratio(a, side, 'cpu')
                                     for a in rows[GSSAPI_OURS]), bound)
    for (ssf, octets), rows in found['layer'].items():
        for verb in ('encode', 'decode'):
            name = f'{verb}, {LAYER_WORDS[ssf]}, {octets} octets'
            ours = statistics.median(throughput(rows[GSSAPI_OURS], verb))
            target(f'{name}, against bare GSS', ours, .9, True)
            if GSSAPI_CYRUS in rows:
                target(f"{name}, against Debian's", ours / statistics.median(
                    throughput(rows[GSSAPI_CYRUS], verb)), 1, True)
    for (ssf, octets), rows in found['open'].items():
        for side in SIDES if GSSAPI_CYRUS in rows else ():
            target(f"heap against Debian's, {side}, layer {LAYER_WORDS[ssf]}, "
                   f'{octets} octets', rows[GSSAPI_OURS][0][side] /
                   rows[GSSAPI_CYRUS][0][side], 1)


def targets(results):
    """What was asked for, and what came of it."""
    found = []

    def target(name, value, bound, at_least=False):
        met = value >= bound if at_least else value <= bound
        found.append(row(name, f'{value:.2f}', ('at least ' if at_least else
                                                'at most ') + f'{bound:.2f}',
                         'met' if met else 'missed'))

    rounds = results.get('rounds', {})
    for cache, answers in rounds.items():
        for side, bound in (('server', 1.15), ('client', 1.30)):
            target(f'{side}, replay cache {cache}',
                   statistics.median(ratio(a, side, 'cpu')
                                     for a in answers[OURS]), bound)
        for name, bound in (('Debian gs2', 1.6), ('Debian GSSAPI', 4)):
            if name in answers:
                target(f'server against {name}, replay cache {cache}',
                       statistics.median(
                           ratio(a, 'server', 'cpu') / ratio(b, 'server',
                                                             'cpu')
                           for a, b in zip(answers[name], answers[OURS])),
                       bound, True)
    rates = {count: statistics.median(thread_ratios(rows[OURS]))
             for count, rows in results.get('threads', {}).items()}
    if rates:
        target('2 threads', rates[2], .95, True)
        target('2 threads against 1', rates[2] / rates[1], .95, True)
        target('16 threads against 2', rates[16] / rates[2], 1, True)
    for kind, answers in results.get('attributes', {}).items():
        added, bare = attribute_costs(answers)
        target(f'attributes, {kind}, against bare calls', added / bare, 1.5)
    for kind, answers in results.get('sasldb', {}).items():
        target(f'one attribute, sasldb {kind}', sasldb_cost(answers), .35)
    heap = results.get('heap', {})
    if 'Debian gs2' in heap:
        for side in SIDES:
            target(f'heap against Debian gs2, {side}',
                   heap[OURS][side] / heap['Debian gs2'][side], 1)
    if 'gssapi' in results:
        gssapi_targets(results['gssapi'], target)
    if not found:
        return ''
    return row('goal', 'measured', 'bound', '') + '|---|---:|---|---|\n' + \
        ''.join(found) + '\n'


def servers(results):
    """A login to real servers, against the same with this plugin in the same
    round."""
    rows = []
    for server, ways in results['servers'].items():
        for name, answers in ways.items():
            ratios = {clock: spread([answer[clock] / ours[clock] for
                                     answer, ours in zip(answers, ways[OURS])])
                      for clock in ('cpu', 'wall')}
            micros = statistics.median(a['cpu'] for a in answers) * 1e6
            rows.append((f'{server}, {name}', ratios['cpu'], ratios['wall'],
                         f'{micros:.0f}'))
    return ('A login to real servers by one client, a connection each; this '
            'plugin = 1. The client is the same but for GSSAPI:\n\n' +
            table(('', 'server CPU', 'wall time', 'microseconds of CPU'),
                  rows))


def tables(results, args):
    """All that was measured, as a page."""
    text = ('# What a login costs\n\n'
            '![CPU time of a login](bench.svg)\n\n'
            'Written by `make bench BENCH_ARGS="--write $PWD/doc"`: '
            f'{args.rounds} rounds of {args.logins} logins, each login next '
            'to one of bare GSS in the same process. Medians, and in brackets '
            'the quartiles over the rounds.\n\n')
    for part, make in (('rounds', costs), ('shape', shapes),
                       ('threads', threads), ('attributes', attributes),
                       ('sasldb', sasldb), ('growth', growth),
                       ('servers', servers), ('gssapi', gssapi)):
        if results.get(part):
            text += make(results)
    return text + targets(results)


def picture(results, scratch, out):
    """Draws the cost of both sides with gnuplot; False where it is not
    installed."""
    gnuplot = shutil.which('gnuplot')
    if not gnuplot or 'rounds' not in results:
        return False
    data = os.path.join(scratch, 'data')
    with open(data, 'w', encoding='utf-8') as lines:
        for name, answers in results['rounds']['off'].items():
            values = [statistics.median(ratio(a, side, 'cpu')
                                        for a in answers) for side in SIDES]
            label = name.replace(' ', '\\n')
            lines.write(f'"{label}" {values[0]:.3f} {values[1]:.3f}\n')
    script = GNUPLOT.format(out=out, data=data,
                            last=len(results['rounds']['off']) - 1)
    subprocess.run([gnuplot], input=script, text=True, check=True)
    return True
