#!/usr/bin/env python3
"""make bench: what a login costs, as a ratio to bare GSS.

A process of tests/bench/bench for each way to log in, in a throw-away realm.
Each does the floor (bare GSS) and its own logins in turn, login by login, and
the processes take rounds in turn, so that whatever else the machine does hits
all alike. A figure is the ratio to the floor of the same process in the same
round; shown are the median over the rounds and the quartiles.

    bench.py [--rounds N] [--logins N] [--only PART,...] [--write DIRECTORY]

Prints the tables of bench_report.py; --write also writes them to bench.md and
bench.svg in that directory. strace, valgrind and gnuplot are used if they
are installed.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import bench_report
import bench_servers
import realm
import scenario
import servers
import tap
import tree

PROGRAM = os.environ.get('GS2_BENCH') or tree.builddir(
    'tests', 'bench', 'bench')
PARTS = ('rounds', 'shape', 'heap', 'threads', 'syscalls', 'instructions',
         'attributes', 'sasldb', 'growth', 'servers', 'gssapi')
THREADS = (1, 2, 4, 16)
HALF_OPEN = 10000
# Layers by their SSF, octets of a message, and of one that an open connection
# has carried.
LAYERS = (1, 256)
MESSAGES = (64, 1024, 16384, 60000)
OPEN = ((0, 0), (256, 0), (256, 1000), (256, 60000))
OPEN_LOGINS = 200
# malloc() keeps what a side has freed and gives it to the other one, which would
# have it for nothing.
WITHOUT_CACHES = 'glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0'
GROWTH = [(10, 1), (100, 1), (500, 1), (10, 100), (100, 100), (500, 100)]
INDICATORS = ('bench1', 'bench2', 'bench3', 'bench4')
KRB5_CONF = '[libdefaults]\n spake_preauth_groups = edwards25519\n'
KDC_CONF = ('[kdcdefaults]\n spake_preauth_kdc_challenge = edwards25519\n'
            '[realms]\n EXAMPLE.TEST = {\n' +
            ''.join(f'  spake_preauth_indicator = {i}\n' for i in INDICATORS) +
            ' }\n')
# A replay cache, or none.
CACHES = ('off', 'on')


class Way:
    """One row of the tables: a program's arguments, and the plugins it
    needs, by path."""

    def __init__(self, name, args, plugins=()):
        self.name = name
        self.args = args
        self.plugins = plugins
        self.env = None


def system_plugins(*names):
    """Plugins of the system, or None where one is not installed."""
    try:
        return [scenario.system_plugin(name) for name in names]
    except scenario.ScenarioError:
        return None


def ways():
    """The rows that can play here."""
    found = [
        Way('floor', ['floor']),
        Way('this plugin', ['sasl', 'GS2-KRB5'], [scenario.PLUGIN]),
        # Its client wants a name, its server a user that sasldb may not have.
        Way('Debian gs2', ['sasl', 'GS2-KRB5', 'alice'],
            system_plugins('libgs2.so', 'libsasldb.so')),
        Way('Debian GSSAPI', ['sasl', 'GSSAPI'],
            system_plugins('libgssapiv2.so')),
        Way('gsasl GS2', ['gsasl', 'GS2-KRB5']),
        Way('gsasl GSSAPI', ['gsasl', 'GSSAPI']),
    ]
    return [way for way in found if way.plugins is not None]


class Worker:
    """A process that is told what to do, command by command."""

    def __init__(self, way, env):
        self.way = way
        self.process = subprocess.Popen(
            [PROGRAM, *way.args], env=env, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def ask(self, command):
        """The answer's figures, by name."""
        self.process.stdin.write(command + '\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line.endswith('\n'):
            raise realm.RealmError(f'{self.way.name}: no answer to {command}')
        return figures(line)

    def close(self):
        """Ends the process."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def figures(line):
    """The figures of a line of name=value."""
    return {name: float(value) for name, value in
            (field.split('=') for field in line.split())}


class Bench:
    """The measurements, and what they gave: results[part][row]..."""

    def __init__(self, the_realm, args):
        self.realm = the_realm
        self.args = args
        self.rows = ways()
        self.results = {}
        self.scratch = the_realm.path('bench')
        for way in self.rows:
            self.prepare(way)
        self.prune()

    def prepare(self, way):
        """Gives a row's plugins a directory of their own."""
        folder = os.path.join(self.scratch, way.name.replace(' ', '-'))
        os.makedirs(folder)
        for plugin in way.plugins:
            os.symlink(plugin, os.path.join(folder, os.path.basename(plugin)))
        way.env = dict(self.realm.env, SASL_PATH=folder,
                       KRB5RCACHENAME='none:')

    def prune(self):
        """Drops the rows that cannot log in, and says so."""
        for way in self.rows[:]:
            done = subprocess.run([PROGRAM, *way.args], env=way.env,
                                  input='only 1\n', capture_output=True,
                                  text=True, check=False)
            if done.returncode != 0:
                if way.name in ('floor', 'this plugin'):
                    raise realm.RealmError(done.stderr)
                note(f'{way.name} is left out: {done.stderr.strip()}')
                self.rows.remove(way)

    def environment(self, way, cache='off'):
        """A row's environment, with or without a replay cache."""
        if cache == 'off':
            return way.env
        path = os.path.join(self.scratch, way.name.replace(' ', '-') + '.rc')
        return dict(way.env, KRB5RCACHENAME='file2:' + path)

    def in_turn(self, commands, cache='off', rows=None):
        """Each row's answers to these commands, the rows in turn."""
        workers = [Worker(way, self.environment(way, cache))
                   for way in rows or self.rows]
        answers = {worker.way.name: [] for worker in workers}
        try:
            for command in commands:
                for worker in workers:
                    answers[worker.way.name].append(worker.ask(command))
        finally:
            for worker in workers:
                worker.close()
        return answers

    def rounds(self):
        """The cost of a login on each side, without and with a replay
        cache."""
        command = f'round {self.args.logins}'
        return {cache: self.in_turn([command] * self.args.rounds, cache)
                for cache in CACHES}

    def shape(self):
        """Messages, octets and GSS calls."""
        return {name: answers[0]
                for name, answers in self.in_turn(['shape']).items()}

    def heap(self):
        """The heap that a half-open login takes."""
        return {name: answers[0] for name, answers in
                self.in_turn([f'heap {self.args.half_open}']).items()}

    def threads(self):
        """Logins a second in several threads."""
        rows = [way for way in self.rows if way.args[0] != 'gsasl']
        found = {}
        for count in THREADS:
            each = max(1, 2 * self.args.logins // count)
            found[count] = self.in_turn(
                [f'threads {count} {each}'] * max(3, self.args.rounds // 2),
                rows=rows)
        return found

    def syscalls(self):
        """The system calls of a login, a side, by strace."""
        logins = 20
        found = {}
        for way in self.rows:
            trace = os.path.join(self.scratch, 'trace')
            subprocess.run(['strace', '-f', '-o', trace, PROGRAM, *way.args],
                           env=way.env, input=f'only {logins}\n', text=True,
                           stdout=subprocess.DEVNULL, check=True)
            found[way.name] = count_syscalls(trace, logins)
        return found

    def instructions(self):
        """The instructions of a login, a side, by callgrind."""
        logins = 50
        found = {}
        for way in self.rows:
            out = os.path.join(self.scratch, 'callgrind')
            subprocess.run(['valgrind', '--tool=callgrind', '-q',
                            f'--callgrind-out-file={out}',
                            '--collect-atstart=no',
                            '--toggle-collect=bench_only',
                            PROGRAM, *way.args],
                           env=way.env, input=f'only {logins}\n', text=True,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=True)
            found[way.name] = count_instructions(out, logins)
        return found

    def attributes(self):
        """What attributes that are asked for cost, against the bare calls."""
        rows = [way for way in self.rows if way.name == 'this plugin']
        return {kind: self.in_turn([f'attrs {kind} {self.args.logins}'] *
                                   self.args.rounds,
                                   rows=rows)['this plugin']
                for kind in ('one', 'all', 'rule')}

    def sasldb(self):
        """What one attribute costs beside libsasl's own auxprop plugin, whose
        file is there, is missing, or cannot be read."""
        plugins = system_plugins('libsasldb.so')
        if plugins is None or not shutil.which('saslpasswd2'):
            note('sasldb: sasl2-bin or libsasldb.so is not installed')
            return {}
        good, bad = (os.path.join(self.scratch, name)
                     for name in ('sasldb', 'sasldb-directory'))
        subprocess.run(['saslpasswd2', '-p', '-c', '-f', good, 'bob'],
                       input='secret', text=True, check=True)
        os.mkdir(bad)
        rows = []
        for kind, path in (('readable', good), ('missing', good + '-not'),
                           ('unreadable', bad)):
            way = Way(kind, ['sasl', 'GS2-KRB5'], [scenario.PLUGIN, *plugins])
            self.prepare(way)
            way.env['BENCH_SASLDB'] = path
            rows.append(way)
        return self.in_turn([f'attrs one {self.args.logins}'] *
                            self.args.rounds, rows=rows)

    def growth(self):
        """Many attributes of many values, from the scripted mechanism."""
        way = next(w for w in self.rows if w.name == 'this plugin')
        found = []
        for attrs, values in GROWTH:
            rounds = max(5, 2000 // (attrs * values))
            done = subprocess.run(
                [PROGRAM, 'script', str(attrs), str(values), str(rounds)],
                env=way.env, stdout=subprocess.PIPE, text=True, check=True)
            found.append(figures(done.stdout))
        return found

    def servers(self):
        """Server CPU and wall time of a login to real servers."""
        return bench_servers.measure(max(3, self.args.rounds // 4),
                                     2 * self.args.logins)

    def gssapi(self):
        """GSSAPI of ours and of Cyrus SASL's file, against bare GSS with the
        two wraps of its negotiation: logins, layers, open connections."""
        rows = [Way(name, ['sasl', 'GSSAPI'], plugins) for name, plugins in (
            (bench_report.OURS, [tree.builddir('gssapi', '.libs',
                                               'libgssapiv2.so')]),
            (bench_report.CYRUS, system_plugins('libgssapiv2.so'))) if plugins]
        for way in rows:
            way.name = f'GSSAPI of {way.name}'
            self.prepare(way)
        found = {'login': {}, 'layer': {}, 'open': {}}
        for ssf in (0, *LAYERS):
            found['login'][ssf] = self.in_turn(
                [f'gssapi {ssf} {self.args.logins}'] * self.args.rounds,
                rows=rows)
        for ssf in LAYERS:
            for octets in MESSAGES:
                found['layer'][ssf, octets] = self.in_turn(
                    [f'layer {ssf} {octets} 10'] * self.args.rounds, rows=rows)
        for way in rows:
            way.env['GLIBC_TUNABLES'] = WITHOUT_CACHES
        for ssf, octets in OPEN:
            found['open'][ssf, octets] = self.in_turn(
                [f'open {ssf} {octets} {OPEN_LOGINS}'], rows=rows)
        return found

    def run(self, parts):
        """Does these parts, as far as the tools for them are here."""
        tools = {'syscalls': 'strace', 'instructions': 'valgrind'}
        for part in parts:
            tool = tools.get(part)
            if tool and not shutil.which(tool):
                note(f'{part}: {tool} is not installed')
                continue
            note(f'measuring: {part}')
            self.results[part] = getattr(self, part)()


def count_syscalls(trace, logins):
    """System calls a login, a side, between the marks of bench_login.c."""
    counts = {'client': 0, 'server': 0}
    side = None
    with open(trace, encoding='utf-8', errors='replace') as lines:
        for line in lines:
            mark = re.search(r'close\(-100([123])\)', line)
            if mark:
                side = {'1': 'client', '2': 'server', '3': None}[mark[1]]
            elif side and re.match(r'\d+ +\w+\(', line):
                counts[side] += 1
    return {name: count / logins for name, count in counts.items()}


def count_instructions(out, logins):
    """Instructions a login, a side, as callgrind_annotate adds them up."""
    text = subprocess.run(
        ['callgrind_annotate', '--inclusive=yes', '--threshold=100',
         '--auto=no', out], stdout=subprocess.PIPE, text=True,
        check=True).stdout
    counts = {}
    for side in ('client', 'server'):
        line = re.search(rf'^ *([\d,]+) .*:bench_{side}_side( |$)', text, re.M)
        counts[side] = int(line[1].replace(',', '')) / logins
    return counts


def note(text):
    """Says what is being done."""
    print(f'bench: {text}', file=sys.stderr, flush=True)


def make_ticket(the_realm):
    """alice's ticket, with authentication indicators."""
    the_realm.kadmin('modprinc +requires_preauth alice')
    the_realm.kinit('alice', the_realm.password('alice'))


def arguments():
    """What the command line says."""
    parser = argparse.ArgumentParser(
        description='What a login costs, as a ratio to bare GSS.')
    parser.add_argument('--rounds', type=int, default=40)
    parser.add_argument('--logins', type=int, default=50,
                        help='of each kind in a round')
    parser.add_argument('--half-open', type=int, default=HALF_OPEN)
    parser.add_argument('--only', default=','.join(PARTS),
                        help='of ' + ', '.join(PARTS))
    parser.add_argument('--write', metavar='DIRECTORY')
    args = parser.parse_args()
    args.parts = args.only.split(',')
    if not set(args.parts) <= set(PARTS):
        parser.error('parts are ' + ', '.join(PARTS))
    return args


def main():
    """The command."""
    args = arguments()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, tap.raise_exit)
    try:
        with realm.Realm(krb5_conf=KRB5_CONF, kdc_conf=KDC_CONF) as here:
            make_ticket(here)
            bench = Bench(here, args)
            bench.run(args.parts)
    except (OSError, realm.RealmError, servers.ServerError,
            subprocess.CalledProcessError) as error:
        sys.exit(f'bench.py: {error}')
    text = bench_report.tables(bench.results, args)
    print(text, end='')
    if args.write:
        with open(os.path.join(args.write, 'bench.md'), 'w',
                  encoding='utf-8') as out:
            out.write(text)
        with tempfile.TemporaryDirectory(prefix='gs2-bench.') as scratch:
            if not bench_report.picture(
                    bench.results, scratch,
                    os.path.join(args.write, 'bench.svg')):
                note('no picture: gnuplot is not installed')


if __name__ == '__main__':
    main()
