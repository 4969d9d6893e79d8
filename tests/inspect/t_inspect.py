#!/usr/bin/env python3
"""gs2-inspect's command line, what it does again and again, how long it waits
for a server, and that no value reaches a terminal as it is.
"""

import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import termios

import inspected
import servers
import sources
import tap
import tree

NO_CONNECTION = ('look whether the server runs, and at which host and port '
                 '(HOST:PORT)')
LOGIN = inspected.LOGIN
MECHS = inspected.MECHS


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
        assert re.match(rb'\d\d:\d\d:\d\d not in: GSS initiator: No Kerb',
                        first), first
        assert re.fullmatch(rb'(\d+) logins in .*: 0 in, \1 not\n', rest), rest
    del env['KRB5CCNAME']
    with t.case('watch: a JSON document a line'):
        with subprocess.Popen(
                [inspected.PROGRAM, *LOGIN, '-j', '-w', '0.01'],
                env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE) as running:
            lines = [running.stdout.readline() for _ in range(3)]
            running.send_signal(signal.SIGINT)
            lines += running.stdout.readlines()
            summary = running.stderr.read()
        assert running.returncode == 0, (running.returncode, summary)
        for line in lines:
            got = json.loads(line)
            assert got['v'] == 1 and got['login'] and got['attributes'], got
        assert re.match(rb'%d logins in .*: %d in, 0 not\n' % (
            len(lines), len(lines)), summary), summary
    with t.case('watch: a JSON document where there is no connection'):
        port = servers.free_port()
        with subprocess.Popen(
                [inspected.PROGRAM, 'imap', '-j', '-w', '0.01',
                 f'localhost:{port}'], env=env, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            lines = [running.stdout.readline() for _ in range(2)]
            running.send_signal(signal.SIGINT)
            lines += running.stdout.readlines()
            summary = running.stderr.read()
        assert running.returncode == 2, (running.returncode, summary)
        for line in lines:
            assert json.loads(line) == {
                'v': 1, 'login': False, 'failure': {
                    'side': 'client', 'cause': None, 'code': -1,
                    'text': 'cannot connect to '
                    f'localhost, port {port}: Connection refused',
                    'log': None, 'next': NO_CONNECTION}}, line
    with t.case('watch: its reader has gone'):
        with subprocess.Popen(
                [inspected.PROGRAM, 'imap', '-j', '-w', '0.01',
                 f'localhost:{port}'], env=env, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
            running.stdout.readline()
            running.stdout.close()
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()
        assert running.returncode == 2, running.returncode


def terminals(t, stage):
    """No value commands a terminal."""
    with t.case('escaped: a configuration'):
        conf = inspected.write(stage, 'escape.conf', (
            'gs2_require: gs2:realm="\x1b[2J\x7f\x9b\u00fc" or\n'
            'mech_list: GS2-KRB5\n'))
        inspected.inspect(stage, 'conf', conf).is_(1, (
            'DIR/escape.conf:1:38: closed: gs2_require: a comparison '
            'expected, where the text ends\n'
            '  gs2_require: gs2:realm="\\x1b[2J\\x7f\\xc2\\x9b'
            '\u00fc" or\n' + ' ' * 50 + '^\n'
            'DIR/escape.conf: closed: nobody gets in by GS2\n'))
    with t.case('escaped: a rule'):
        conf = inspected.write(stage, 'escape.conf', (
            'gs2_require: gs2:realm="\x1b[2J"\n'))
        for args in (['conf', conf], [*LOGIN, '-c', conf]):
            answer = inspected.inspect(stage, *args)
            assert 'gs2:realm="\\x1b[2J"\n' in answer.out, answer
            assert '\x1b' not in answer.out + answer.err, answer
    with t.case('escaped: a principal of a keytab'):
        keytab = stage.path('escape.keytab')
        stage.realm.addprinc('imap/escape')
        stage.realm.ktadd(keytab, 'imap/escape')
        with open(keytab, 'r+b') as octets: # of the same length
            changed = octets.read().replace(b'escape', b'\x1b[2Jxx')
            octets.seek(0)
            octets.write(changed)
        answer = inspected.inspect(stage, *MECHS, '-k', keytab)
        assert answer.out.count('imap/\\x1b[2Jxx@EXAMPLE.TEST') == 2, answer
        assert '\x1b' not in answer.out + answer.err, answer


def on_a_terminal(stage, *args, env=None, columns=1000):
    """What a command that runs in the stage's folder writes to a terminal."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ,
                struct.pack('HHHH', 25, columns, 0, 0))
    with subprocess.Popen(
            [inspected.PROGRAM, *args], stdin=subprocess.DEVNULL,
            stdout=follower, stderr=follower, cwd=stage.dir,
            env=stage.environment('ours-alone', {
                'TZ': 'UTC', 'TERM': 'xterm', **(env or {})})) as running:
        os.close(follower)
        shown = b''
        with contextlib.suppress(OSError): # its end
            while more := os.read(leader, 65536):
                shown += more
        running.wait()
    os.close(leader)
    return shown.decode().replace('\r\n', '\n')


def colours(t, stage):
    """On a terminal alone, and nothing else is different there."""
    conf = inspected.write(stage, 'colour.conf', (
        'gs2_require: auth-indicators=none or gs2:realm=*\n'
        'gs2_requires: x=y\n'))
    good, bad, doubt = (f'\x1b[{n}m' for n in (32, 31, 33))
    for args, has in (
            (('conf', conf), [doubt + 'not in force', doubt + 'warning']),
            ((*LOGIN, '-c', conf), [good + 'logged in', good + 'true',
                                    bad + 'false']),
            (MECHS, [good + 'yes', bad + 'no'])):
        with t.case(f'colours: {args[0]}'):
            shown = on_a_terminal(stage, *args)
            elsewhere = inspected.inspect(stage, *args)
            for word in has:
                assert word in shown, shown
            assert '\x1b' not in elsewhere.raw + elsewhere.err, elsewhere
            assert re.sub('\x1b\\[(0|3[123])m', '', shown).endswith(
                elsewhere.raw), shown
    for env in ({'NO_COLOR': '1'}, {'TERM': 'dumb'}, {'TERM': None}):
        with t.case(f'no colours: {env}'):
            shown = on_a_terminal(stage, 'conf', conf, env=env)
            assert shown == inspected.inspect(stage, 'conf', conf).raw, shown
    with t.case('a document is the same everywhere'):
        shown = on_a_terminal(stage, 'conf', '-j', conf, columns=40)
        assert shown == inspected.inspect(stage, 'conf', '-j', conf).raw, shown


WARNING = '''\
fold.conf:1:1: warning: gs2_require is asked at GS2 logins alone, and whatever
  else is offered (GSSAPI, PLAIN) lets people in without it: mech_list is not
  set
'''
COMMAND = '''\
next: kadmin -q "ktadd -k fold.keytab imap/localhost", which makes a new key:
  other keytabs with this service then need it also; or name another keytab (-k)
  or host (-n)
'''
NARROW = '''\
next: kadmin -q
  "ktadd -k fold.keytab imap/localhost",
  which makes a new key: other keytabs
  with this service then need it also;
  or name another keytab (-k) or host
  (-n)
'''
HINT = '''\
    false    auth-indicators=a-second-factor-that-nobody-has-got (the login has
      no such attribute, or an unauthenticated one)
'''
ERROR = '''\
gs2-inspect: there is no no-such-application-at-all.conf in /nonexistent; name
  the file itself, or its directory in SASL_CONF_PATH (in SASL_CONFDIR after
  libsasl 2.1.28)
'''


def folded(t, stage):
    """A text that does not fit into a line of a terminal goes on in the next
    one. A value, which people copy, does not, and nothing does elsewhere."""
    rule = ' or '.join(['auth-indicators=spake'] * 5)
    inspected.write(stage, 'fold.conf', f'gs2_require: {rule}\n')
    conf = ('conf', './fold.conf')
    mechs = ('mechs', '-n', 'localhost', '-k', 'fold.keytab')
    inspected.write(stage, 'hint.conf', (
        'gs2_require: auth-indicators=a-second-factor-that-nobody-has-got\n'))
    plain = {'NO_COLOR': '1', 'SASL_CONF_PATH': '/nonexistent'}
    long = 'a-folder-with-a-name-of-its-own/' * 4
    keytab = ('mechs', '-n', 'localhost', '-k', f'{long}keytab')
    ticket = {'KRB5CCNAME': f'FILE:{long}ccache'}
    # libgssapi_krb5 loses a principal where there is no keytab.
    lossy = {'ASAN_OPTIONS': 'verify_asan_link_order=0:detect_leaks=0'}
    for columns, args, wanted in (
            (80, conf, f'  gs2_require: {rule}\n./{WARNING}'),
            (80, ('conf', 'no-such-application-at-all'), ERROR),
            (80, (*LOGIN, '-c', './hint.conf'), HINT),
            (80, mechs, COMMAND), (0, mechs, COMMAND), (40, mechs, NARROW),
            (30, mechs, COMMAND.replace('\n  ', ' ')),
            (80, keytab, f'\n  keytab\n    FILE:{long}keytab\n'),
            (80, keytab, f'\n  ticket    none in\n    FILE:{long}ccache\n'),
            (80, LOGIN, f'\n  ticket       none in\n    FILE:{long}ccache\n')):
        env = {**plain, **(lossy if '-k' in args else {}),
               **(ticket if args in (keytab, LOGIN) else {})}
        with t.case(f'{columns} columns: {" ".join(args)}'):
            shown = on_a_terminal(stage, *args, env=env, columns=columns)
            assert wanted in shown, shown
            wide = on_a_terminal(stage, *args, env=env)
            assert shown.split() == wide.split(), (shown, wide)


def usage(t, stage):
    """The command line."""
    help_text = '\nnext: gs2-inspect help says how to use it\n'
    for args, says in (
            ((), 'a command is wanted'),
            (('nosuch',), 'there is no command nosuch'),
            (('\x1b[2J',), 'there is no command \\x1b[2J'),
            (('logn',), 'there is no command logn; did you mean login?'),
            (('help', 'cnof'), 'there is no command cnof; did you mean conf?'),
            (('help', 'conf', 'x'), 'help takes no x'),
            (('login', 'x'), 'login takes no x'),
            (('conf', 'x', '\x1b[2J'), 'conf takes no \\x1b[2J'),
            (('conf',), 'conf wants a CONF'),
            (('conf', '-b', 'x', 'y'), 'conf has no option -b'),
            (('imap', '-s', 'x', 'y'), 'imap has no option -s'),
            (('login', '-w', '-1'), 'this value cannot be used for -w: -1'),
            (('login', '--as', 'x', '--assume', 'y'),
             'this value cannot be used for -A: y'),
            (('login', '-b'), 'a value is wanted by -b'),
            (('login', '--binding'), 'a value is wanted by -b'),
            (('login', '-Z'), 'there is no option -Z'),
            (('login', '--kaytab=x'), 'there is no option kaytab; did you '
             'mean keytab?'),
            (('login', '--nosuch'), 'there is no option nosuch')):
        with t.case('usage: ' + ' '.join(args)):
            inspected.inspect(stage, *args).is_(
                2, '', f'gs2-inspect: {says}{help_text}')
    with t.case('usage: a document, where one is wanted'):
        got = inspected.inspect(stage, 'login', '-j', '-Z').json(2)
        assert got == {'v': 1, 'failure': {
            'side': 'client', 'cause': None, 'code': -7,
            'text': 'there is no option -Z', 'log': None, 'next': 'gs2-inspect help says how to use it'}}, got
    with t.case('usage: a server that is nearly right'):
        answer = inspected.inspect(stage, 'conf', 'slpad')
        assert answer.status == 2, answer
        assert answer.err.endswith('; did you mean slapd?\n'), answer
    with t.case('usage: --version'):
        answer = inspected.inspect(stage, '--version')
        assert re.fullmatch(r'gs2-inspect \d+\.\d+\S*\n', answer.out), answer
        answer.is_(0, answer.out)
    with t.case('usage: --help'):
        for args, options in ((['--help'], 'aAbcjkmnprsuvwxh'),
                              (['help'], 'aAbcjkmnprsuvwxh'),
                              (['mechs', '-h'], 'cjknpsh'),
                              (['login', '-h'], 'aAbcjkmnpsuvwxh'),
                              (['imap', '--help'], 'abjmwxh'),
                              (['help', 'conf'], 'jprh'),
                              (['conf', '-h'], 'jprh')):
            answer = inspected.inspect(stage, *args)
            answer.is_(0, answer.out)
            first = ([a for a in args if a.strip('-') not in 'help'] or
                     ['mechs'])[0]
            assert answer.out.startswith(
                f'usage: gs2-inspect {first} '), answer
            assert ''.join(re.findall(r'^  -(\w), --', answer.out,
                                      re.M)) == options, answer
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
            f'{wants_tls}gs2-inspect: localhost says nothing for 30 '
            f'seconds\n{wants_tls}'), 'imap: no greeting is an error')
        t.equal(imaps, 'gs2-inspect: localhost: no TLS: nothing is said for '
                '30 seconds\n', 'imaps: no word of TLS is an error')
        t.equal(status, [2, 2], 'imap, imaps: exit status')


def examples(t, stage):
    """The command lines of gs2-inspect(1) are ones; what they find out is for
    other tests. Servers of the page do not answer here."""
    with open(tree.srcdir('gs2-inspect.1'), encoding='utf-8') as page:
        lines = re.findall(r'^\.Dl [$#] gs2-inspect ([^|\\\n]*)', page.read(),
                           re.M)
    t.ok(len(lines) > 15, 'the page has examples', lines)
    for line in lines:
        args = re.sub(r'\S+\.(example\.(org|test))$', 'localhost:1',
                      line.strip()).split()
        with t.case(f'gs2-inspect(1): {line}'):
            try:
                answer = inspected.inspect(stage, *args, timeout=3)
            except subprocess.TimeoutExpired:
                assert '-w' in args, 'it does not end'
            else:
                assert 'says how to use it' not in answer.err, answer


def main(t):
    """All of them in one realm."""
    with sources.Sources() as stage, patience(t, stage):
        for part in (watching, terminals, colours, folded, usage, examples):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
