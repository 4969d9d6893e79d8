#!/usr/bin/env python3
"""gs2-inspect as a client of an IMAP server: TLS and STARTTLS, certificates,
each channel binding, what is said where it does not work.
"""

import contextlib
import re
import signal
import socket
import ssl
import subprocess
import threading
import time

import inspected
import servers
import tap
import tree

SERVER = tree.builddir('tests', 'inspect', 'imap-server')

IN = '''\
logged in

  server       imap@localhost
  offers       GS2-KRB5-PLUS GS2-KRB5
  tls          {tls}
  mechanism    {mech}
  binding      {binding}
  ticket       alice@EXAMPLE.TEST until TIME in FILE:REALM/ccache
  principal    alice@EXAMPLE.TEST
'''

REFUSED = '''\
no login: the server refuses: NO authentication failure
next: the server may have another type of channel binding: try -b with each, \
and -b none

  server       imap@localhost
  offers       GS2-KRB5-PLUS GS2-KRB5
  tls          TLSv1.3
  mechanism    GS2-KRB5-PLUS
  binding      tls-exporter, 32 octets
  ticket       alice@EXAMPLE.TEST until TIME in FILE:REALM/ccache
'''

NO_TICKET = '''\
no login: the client gives up: GSS initiator: No Kerberos credentials \
available (default cache: FILE:DIR/none); get a ticket with kinit

  server       imap@localhost
  offers       GS2-KRB5-PLUS GS2-KRB5
  tls          TLSv1.3
  mechanism    GS2-KRB5
  ticket       none in FILE:DIR/none
'''

WANTS_TLS = ('next: a server that speaks TLS from the first octet wants '
             'imaps://\n')


class Imap:
    """A running imap-server, as whoever the certificate is for."""

    def __init__(self, stage, *args, who='server', env=None):
        self.stage = stage
        self.process = subprocess.Popen(
            [SERVER, stage.path(f'{who}.pem'), stage.path(f'{who}.key'),
             *args], env=stage.environment('ours-alone', env),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.port = int(re.match(r'listening port=(\d+)\n',
                                 self.process.stdout.readline())[1])

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.process.terminate()
        self.process.stdout.close()
        self.process.wait()

    def said(self):
        """Its line about the last login."""
        return self.process.stdout.readline().rstrip('\n')

    def inspect(self, *args, scheme='', env=None):
        """gs2-inspect's answer about it."""
        env = {'SSL_CERT_FILE': self.stage.path('ca.pem'), **(env or {})}
        return inspected.inspect(self.stage, 'imap', *args,
                                 f'{scheme}localhost:{self.port}', env=env)


def bindings(t, stage):
    """Each way to the server, and each binding."""
    for server, args, scheme, tls, binding in (
            (['tls-exporter'], [], '', 'TLSv1.3', 'tls-exporter, 32 octets'),
            (['tls-exporter', 'starttls'], [], 'imap://', 'TLSv1.3',
             'tls-exporter, 32 octets'),
            (['tls-unique', 'tls1.2'], [], 'imaps://', 'TLSv1.2',
             'tls-unique, 12 octets'),
            (['tls-unique', 'tls1.2', 'starttls', 'no-ir'], [], 'imap://',
             'TLSv1.2', 'tls-unique, 12 octets'),
            (['tls-server-end-point', 'no-ir'],
             ['--binding', 'tls-server-end-point'], 'imaps://', 'TLSv1.3',
             'tls-server-end-point, 32 octets'),
            (['tls-exporter'], ['-b', 'none'], '', 'TLSv1.3', 'none')):
        with t.case(f'{tls}, {binding}: {" ".join(server)}'), \
                Imap(stage, *server) as imap:
            mech = 'GS2-KRB5' if binding == 'none' else 'GS2-KRB5-PLUS'
            imap.inspect(*args, scheme=scheme).is_(0, IN.format(
                tls=tls, mech=mech, binding=binding))
            assert imap.said() == f'in {mech} alice'
    with t.case('the octets of the binding, on request'), \
            Imap(stage, 'tls-exporter') as imap:
        imap.inspect('-x').is_(0, IN.format(
            tls='TLSv1.3', mech='GS2-KRB5-PLUS',
            binding='tls-exporter, 32 octets\n               HEX'))
    with t.case('JSON'), Imap(stage, 'tls-exporter') as imap:
        got = imap.inspect('-j', '-x').json(0)
        assert re.fullmatch('[0-9a-f]{64}', got['binding'].pop('hex'))
        del got['ticket']
        assert got == {
            'v': 1, 'login': True, 'mechanism': 'GS2-KRB5-PLUS',
            'service': 'imap', 'host': 'localhost',
            'offers': 'GS2-KRB5-PLUS GS2-KRB5', 'tls': 'TLSv1.3',
            'principal': 'alice@EXAMPLE.TEST',
            'binding': {'type': 'tls-exporter', 'octets': 32}}, got


def refusals(t, stage):
    """The server does not want it."""
    with t.case('the server has another binding'), \
            Imap(stage, 'tls-unique') as imap:
        imap.inspect().is_(1, REFUSED)
        assert imap.said() == (
            'out GS2-KRB5-PLUS SASL(-32): channel binding failure: the client '
            'used channel binding tls-exporter, the server has tls-unique')
    with t.case('a mechanism that is not bound, by name'), \
            Imap(stage, 'tls-exporter') as imap:
        imap.inspect('-m', 'GS2-KRB5', '-b', 'none').is_(0, IN.format(
            tls='TLSv1.3', mech='GS2-KRB5', binding='none'))
    with t.case('the server has no binding, and a rule asks for one'):
        stage.write('conf/imap-server.conf', 'gs2_require: gs2:binding=*\n')
        with Imap(stage, 'none', env={
                'SASL_CONF_PATH': stage.path('conf')}) as imap:
            answer = imap.inspect()
            assert answer.status == 1 and answer.out.startswith(
                'no login: the server offers no mechanism of GS2\n'), answer
    stage.write('conf/imap-server.conf', '')
    with t.case('the server has no key'), Imap(stage, 'none', env={
            'KRB5_KTNAME': stage.path('no-keytab')}) as imap:
        answer = imap.inspect()
        assert answer.status == 1 and answer.out.startswith(
            'no login: the server offers no mechanism of GS2\n'), answer
    with t.case('no ticket'), Imap(stage, 'none') as imap:
        env = {'KRB5CCNAME': 'FILE:' + stage.path('none')}
        imap.inspect('-b', 'none', env=env).is_(2, NO_TICKET.replace(
            'GS2-KRB5-PLUS GS2-KRB5', 'GS2-KRB5'))


def channels(t, stage):
    """No TLS, no login."""
    help_text = ('\nnext: name the server as its certificate does, and a file '
                 'with the certificate of its authority in SSL_CERT_FILE\n')
    with t.case('an authority that is not known'), \
            Imap(stage, 'none') as imap:
        imap.inspect(env={'SSL_CERT_FILE': '/dev/null'}).is_(2, '', (
            'gs2-inspect: the certificate of localhost is not good: unable '
            'to get local issuer certificate' + help_text))
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days',
         '2', '-subj', '/CN=other.example', '-addext',
         'subjectAltName=DNS:other.example', '-keyout',
         stage.path('other.key'), '-out', stage.path('other.pem')],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with t.case("a name that the certificate has not"), \
            Imap(stage, 'none', who='other') as imap:
        trusted = {'SSL_CERT_FILE': stage.path('other.pem')}
        imap.inspect(env=trusted).is_(2, '', (
            'gs2-inspect: the certificate of localhost is not good: hostname '
            'mismatch' + help_text))
    with t.case('TLS where the server begins without'), \
            Imap(stage, 'none', 'starttls') as imap:
        imap.inspect().is_(2, '', (
            'gs2-inspect: localhost does not speak TLS: wrong version '
            'number\nnext: imap:// asks for STARTTLS\n'))
    with t.case('a binding that is none'), Imap(stage, 'none') as imap:
        imap.inspect('-b', 'tls-magic').is_(2, '', (
            'gs2-inspect: the channel bindings of TLS are tls-exporter, '
            'tls-unique and tls-server-end-point; tls-magic is none\n'))
    with t.case('nobody there'):
        port = servers.free_port()
        inspected.inspect(stage, 'imap', f'localhost:{port}').is_(
            2, '', f'gs2-inspect: cannot connect to localhost, port {port}: '
            'Connection refused\n')
    with t.case('no server is named'):
        inspected.inspect(stage, 'imap', 'imaps://:993').is_(
            2, '', 'gs2-inspect: imaps://:993 is no HOST[:PORT]\n')


@contextlib.contextmanager
def hostile(*lines, tls=None, told=None):
    """A server that says these lines, whatever it is told, starts TLS where
    one is None, and waits where one is an event; its port. What it was told
    is added to a list, if there is one."""
    def serve():
        heard = True
        with contextlib.suppress(OSError), contextlib.ExitStack() as ends:
            peer = ends.enter_context(listener.accept()[0])
            for line in lines:
                if isinstance(line, threading.Event):
                    line.wait()
                    continue
                if line is None:
                    peer = ends.enter_context(
                        tls.wrap_socket(peer, server_side=True))
                    continue
                if not heard:
                    words = peer.recv(4096)
                    if told is not None:
                        told.append(words)
                peer.sendall(line)
                heard = False
            peer.shutdown(socket.SHUT_WR)
            peer.recv(4096)

    with socket.create_server(('127.0.0.1', 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
    thread.join()


def strangers(t, stage):
    """Somebody between, who takes TLS away or speaks before it."""
    capability = b'* CAPABILITY IMAP4rev1 STARTTLS\r\nc1 OK\r\n'
    for name, lines, says in (
            ('STARTTLS is taken away',
             [b'* OK\r\n', b'* CAPABILITY IMAP4rev1 AUTH=GS2-KRB5\r\n'
                           b'c1 OK\r\n'],
             'localhost offers no STARTTLS: nothing is said without TLS\n'
             'next: imaps://localhost'),
            ('STARTTLS is refused',
             [b'* OK\r\n', capability, b't1 NO \x1b[2J today\r\n'],
             'localhost refuses STARTTLS: NO \\x1b[2J today'),
            ('something is said behind STARTTLS, before TLS',
             [b'* OK\r\n', capability, b't1 OK\r\n* CAPABILITY AUTH=X\r\n'],
             'localhost says more than it was asked, before TLS: is somebody '
             'between?'),
            ('a line without an end', [b'*' * 70000],
             'localhost sends a line of more than 65536 octets'),
            ('an answer without an end',
             [b'* OK\r\n', b'* CAPABILITY IMAP4rev1\r\n' * 1001],
             'localhost answers with more than 1000 lines'),
            ('nothing', [b''], 'localhost ends the connection without a '
             'greeting\n' + WANTS_TLS.rstrip()),
            ('nothing, behind a greeting', [b'* OK\r\n', b''],
             'localhost ends the connection')):
        with t.case('hostile: ' + name), hostile(*lines) as port:
            inspected.inspect(stage, 'imap', f'imap://localhost:{port}').is_(
                2, '', f'gs2-inspect: {says}\n')


def insiders(t, stage):
    """What a server with a good certificate says goes to no terminal as it
    is, and only what it says in TLS counts."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(stage.path('server.pem'), stage.path('server.key'))
    trusted = {'SSL_CERT_FILE': stage.path('ca.pem')}
    for name, offers in (('a refusal', b'GS2-KRB5'),
                         ('a mechanism', b'GS2-\x1b[2J AUTH=GS2-KRB5')):
        with t.case('hostile: an escape sequence in ' + name), hostile(
                None, b'* OK\r\n',
                b'* CAPABILITY AUTH=' + offers + b'\r\nc1 OK\r\n',
                b'a1 NO \x1b[2J today\r\n', tls=tls) as port:
            answer = inspected.inspect(stage, 'imap', f'localhost:{port}',
                                       env=trusted)
            assert answer.status == 1 and answer.out.startswith(
                'no login: the server refuses: NO \\x1b[2J today\n'), answer
            assert '\n  offers       GS2-KRB5\n' in answer.out, answer
    told = []
    with t.case('hostile: challenges without an end'), hostile(
            None, b'* OK\r\n', b'* CAPABILITY AUTH=GS2-KRB5\r\nc1 OK\r\n',
            *[b'+ AAAA\r\n'] * 500, tls=tls, told=told) as port:
        answer = inspected.inspect(stage, 'imap', f'localhost:{port}',
                                   env=trusted)
        assert answer.status == 2 and answer.out.startswith(
            'no login: the client gives up: '), answer
        assert len([words for words in told if words]) == 4, told
        assert told[3] == b'*\r\n', told
    with t.case('hostile: mechanisms that were offered before TLS'), hostile(
            b'* OK\r\n',
            b'* CAPABILITY STARTTLS AUTH=GS2-KRB5\r\nc1 OK\r\n',
            b't1 OK\r\n', None, b'c2 OK\r\n', tls=tls) as port:
        answer = inspected.inspect(stage, 'imap', f'imap://localhost:{port}',
                                   env=trusted)
        assert answer.status == 1 and answer.out.startswith(
            'no login: the server offers no mechanism of GS2\n'), answer


def begin(stage, port, seen):
    """Starts it with STARTTLS in mind, and waits for what it says of a server
    that does not greet."""
    env = stage.environment('ours-alone', {'TZ': 'UTC'})
    running = subprocess.Popen(
        [inspected.PROGRAM, 'imap', f'imap://localhost:{port}'], env=env,
        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE)
    says = running.stderr.readline() + running.stderr.readline()
    seen.set()
    return running, says


def silence(t, stage):
    """A server that does not greet, since it waits for TLS or is slow."""
    hint = 'gs2-inspect: localhost sends no greeting; waiting for it\n'
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(stage.path('server.pem'), stage.path('server.key'))
    seen = threading.Event()
    with t.case('STARTTLS where the server speaks TLS at once'), \
            hostile(None, tls=tls) as port:
        running, says = begin(stage, port, seen)
        with running:
            running.terminate()
        assert says == hint + WANTS_TLS, says
    seen.clear()
    with t.case('a slow server is waited for'), hostile(
            seen, b'* OK\r\n', b'* CAPABILITY IMAP4rev1\r\nc1 OK\r\n') as port:
        running, says = begin(stage, port, seen)
        with running:
            rest = running.stderr.read()
        assert says == hint + WANTS_TLS, says
        assert rest == (
            'gs2-inspect: localhost offers no STARTTLS: nothing is said '
            'without TLS\nnext: imaps://localhost\n'), rest
        assert running.returncode == 2, running.returncode


def watching(t, stage):
    """Again and again."""
    with t.case('watch: the server goes away'), \
            Imap(stage, 'tls-exporter') as imap:
        env = stage.environment('ours-alone', {
            'TZ': 'UTC', 'SSL_CERT_FILE': stage.path('ca.pem')})
        with subprocess.Popen(
                [inspected.PROGRAM, 'imap', '-w', '.01',
                 f'localhost:{imap.port}'], env=env, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL) as running:
            first = running.stdout.readline()
            imap.said()
            imap.process.terminate()
            second = running.stdout.readline()
            running.send_signal(signal.SIGINT)
            rest = running.stdout.read()
        assert re.fullmatch(r'\d\d:\d\d:\d\d in, by GS2-KRB5-PLUS\n',
                            first), first
        assert re.fullmatch(r'\d\d:\d\d:\d\d not in: .*\n', second), second
        assert re.search(r'^\d+ logins in .*: [1-9]\d* in, [1-9]\d* not\n',
                         rest, re.M), rest
        assert running.returncode == 2, running.returncode
    with t.case('watch: the login that was cut off does not count'), \
            Imap(stage, 'tls-exporter') as imap:
        env = stage.environment('ours-alone', {
            'TZ': 'UTC', 'SSL_CERT_FILE': stage.path('ca.pem')})
        with subprocess.Popen(
                [inspected.PROGRAM, 'imap', '-w', '.01',
                 f'localhost:{imap.port}'], env=env, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL) as running:
            running.stdout.readline()
            imap.process.send_signal(signal.SIGSTOP)
            time.sleep(.5)
            running.send_signal(signal.SIGINT)
            rest = running.stdout.read()
            imap.process.send_signal(signal.SIGCONT)
        assert re.match(r'(\d+) logins in .*: \1 in, 0 not\n', rest), rest
        assert running.returncode == 0, running.returncode


def main(t):
    """All of them in one realm."""
    with servers.Home() as stage:
        for part in (bindings, refusals, channels, strangers, insiders,
                     silence, watching):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
