#!/usr/bin/env python3
"""gs2-inspect as a client of an IMAP server: TLS and STARTTLS, certificates,
each channel binding, what is said where it does not work; servers of each
protocol that have no TLS.
"""

import re
import signal
import subprocess
import threading
import time

import hostile
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
{tried}  mechanism    {mech}
  binding      {binding}
  ticket       alice@EXAMPLE.TEST until TIME in FILE:REALM/ccache
  principal    alice@EXAMPLE.TEST
'''

SECOND = '''\
  tried        tls-unique: refused
               tls-exporter: logged in
'''

REFUSED = '''\
no login: the server refuses: NO authentication failure
next: {next}

  server       imap@localhost
  offers       {offers}
  tls          TLSv1.3
{tried}  mechanism    {mech}
  binding      {binding}
  ticket       alice@EXAMPLE.TEST until TIME in FILE:REALM/ccache
'''

BOTH = 'GS2-KRB5-PLUS GS2-KRB5'
LOG_SAYS = "the server's log says why"
ALL_REFUSED = '''\
  tried        tls-unique: refused
               tls-exporter: refused
               tls-server-end-point: refused
               none: {none}
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

    def said(self, logins=1):
        """Its line about the last of some logins."""
        for _ in range(logins):
            line = self.process.stdout.readline()
        return line.rstrip('\n')

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
            tried = SECOND if binding.startswith('tls-exporter') else ''
            imap.inspect(*args, scheme=scheme).is_(0, IN.format(
                tls=tls, mech=mech, binding=binding, tried=tried))
            assert imap.said(2 if tried else 1) == f'in {mech} alice'
    with t.case('the octets of the binding, on request'), \
            Imap(stage, 'tls-exporter') as imap:
        imap.inspect('-x', '-b', 'tls-exporter').is_(0, IN.format(
            tls='TLSv1.3', mech='GS2-KRB5-PLUS', tried='',
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
            'tried': [{'binding': 'tls-unique', 'bound': True, 'authzid': None,
                       'login': False, 'text': 'NO authentication failure'},
                      {'binding': 'tls-exporter', 'bound': True, 'authzid': None,
                       'login': True, 'text': None}],
            'binding': {'type': 'tls-exporter', 'octets': 32}}, got


def refusals(t, stage):
    """The server does not want it."""
    with t.case('the server has another binding than is asked for'), \
            Imap(stage, 'tls-unique') as imap:
        imap.inspect('-b', 'tls-exporter').is_(1, REFUSED.format(
            next=LOG_SAYS, offers=BOTH, tried='', mech='GS2-KRB5-PLUS',
            binding='tls-exporter, 32 octets'))
        assert imap.said() == (
            'out GS2-KRB5-PLUS SASL(-32): channel binding failure: the client '
            'used channel binding tls-exporter, the server has tls-unique')
    with t.case('a binding that nobody knows: it lets in without one'), \
            Imap(stage, 'tls-magic') as imap:
        imap.inspect().is_(1, REFUSED.format(
            next='the server lets in without a channel binding. TLS probably '
            'ends at a proxy before the server: let it pass TLS on, or use '
            '-b none', offers=BOTH, tried=ALL_REFUSED.format(
                none='logged in'), mech='GS2-KRB5-PLUS',
            binding='tls-unique, 48 octets'))
    with t.case('a rule, of which the server does not speak'):
        stage.write('conf/imap-server.conf', 'gs2_require: gs2:realm=X\n')
        with Imap(stage, 'tls-unique', env={
                'SASL_CONF_PATH': stage.path('conf')}) as imap:
            imap.inspect().is_(1, REFUSED.format(
                next='with each channel binding and without: ' + LOG_SAYS,
                offers=BOTH, tried=ALL_REFUSED.format(none='refused'),
                mech='GS2-KRB5-PLUS', binding='tls-unique, 48 octets'))
    stage.write('conf/imap-server.conf', '')
    with t.case('an authzid, of which the server does not speak, and which '
                'the second binding brings in'), \
            Imap(stage, 'tls-exporter') as imap:
        answer = imap.inspect('-a', 'bob')
        assert answer.status == 1 and (
            'next: the user gets in, but not as another one: look at the '
            "server's proxy policy and its gs2_proxy_require\n"
            ) in answer.out, answer
        assert '''
  tried        tls-unique, as bob: refused
               tls-unique: refused
               tls-exporter: logged in
               tls-exporter, as bob: refused
''' in answer.out, answer
    with t.case('-PLUS is taken out of the list'), \
            Imap(stage, 'tls-unique', 'no-plus') as imap:
        imap.inspect().is_(1, REFUSED.format(
            next='the server can bind, but its list came without -PLUS: find '
            'the proxy, or the attacker, that took it out',
            offers='GS2-KRB5', tried='''\
  tried        tls-unique, not offered: refused
               none: logged in
''', mech='GS2-KRB5', binding='none: the server has none, or TLS ends before it (a '
            'proxy)'))
        assert 'channel binding' in imap.said()
    with t.case('a mechanism that is not bound, by name'), \
            Imap(stage, 'tls-exporter') as imap:
        imap.inspect('-m', 'GS2-KRB5', '-b', 'none').is_(0, IN.format(
            tls='TLSv1.3', mech='GS2-KRB5', binding='none', tried=''))
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
            'gs2-inspect: there is no channel binding tls-magic; there are '
            'tls-exporter, tls-unique, tls-server-end-point and none\n'))
    with t.case("libldap's binding, without LDAP"), \
            Imap(stage, 'none') as imap:
        imap.inspect('-b', 'tls-endpoint').is_(2, '', (
            'gs2-inspect: there is no channel binding tls-endpoint; there are '
            'tls-exporter, tls-unique, tls-server-end-point and none\n'))
    with t.case('nobody there'):
        port = servers.free_port()
        inspected.inspect(stage, 'imap', f'localhost:{port}').is_(
            2, '', f'gs2-inspect: cannot connect to localhost, port {port}: '
            'Connection refused\nnext: look whether the server runs, and at '
            'which host and port (HOST:PORT)\n')
    with t.case('no server is named'):
        inspected.inspect(stage, 'imap', 'imaps://:993').is_(
            2, '', 'gs2-inspect: imaps://:993 is not HOST[:PORT]\n')


def certificates(t, stage):
    """tls-server-end-point of a certificate whose signature has no hash."""
    for algorithm in ('ED25519', 'ED448'):
        stage.certify_itself(algorithm, algorithm.lower())
        trusted = {'SSL_CERT_FILE': stage.path(f'{algorithm}.pem')}
        with t.case(f'{algorithm}: no tls-server-end-point'), \
                Imap(stage, 'none', who=algorithm) as imap:
            imap.inspect('-b', 'tls-server-end-point', env=trusted).is_(
                2, '', 'gs2-inspect: RFC 5929 defines no tls-server-end-point '
                f'for a certificate that is signed by {algorithm}\n')
            imap.inspect(env=trusted).is_(0, IN.format(
                tls='TLSv1.3', mech='GS2-KRB5', binding='none: the server has '
                'none, or TLS ends before it (a proxy)', tried='').replace(
                    'GS2-KRB5-PLUS ', ''))


def strangers(t, stage):
    """Somebody between, who takes TLS away or speaks before it."""
    capability = b'* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK\r\n'
    for name, lines, says in (
            ('STARTTLS is taken away',
             [b'* OK\r\n', b'* CAPABILITY IMAP4rev1 AUTH=GS2-KRB5\r\n'
                           b'a1 OK\r\n'],
             'localhost offers no STARTTLS: nothing is said without TLS\n'
             + hostile.no_tls(993).rstrip()),
            ('STARTTLS is refused',
             [b'* OK\r\n', capability, b'a2 NO \x1b[2J today\r\n'],
             'localhost refuses STARTTLS: NO \\x1b[2J today\n'
             + hostile.no_tls(993).rstrip()),
            ('something is said behind STARTTLS, before TLS',
             [b'* OK\r\n', capability, b'a2 OK\r\n* CAPABILITY AUTH=X\r\n'],
             'localhost says more than it was asked, before TLS: is somebody '
             'between?'),
            ('a line without an end', [b'*' * 70000],
             'localhost sends a line of more than 65536 octets'),
            ('an answer without an end',
             [b'* OK\r\n', b'* CAPABILITY IMAP4rev1\r\n' * 1001],
             'localhost answers with more than 1000 lines'),
            ('nothing', [b''], 'localhost ends the connection before it '
             'has said anything\n' + WANTS_TLS.rstrip()),
            ('nothing, behind a greeting', [b'* OK\r\n', b''],
             'localhost ends the connection')):
        with t.case('hostile: ' + name), hostile.server(*lines) as port:
            inspected.inspect(stage, 'imap', f'imap://localhost:{port}').is_(
                2, '', f'gs2-inspect: {says}\n')


def ports(t, stage):
    """What is advised depends on the other port of the protocol."""
    plain = {'imap': [b'* OK\r\n', b'* CAPABILITY IMAP4rev1\r\na1 OK\r\n'],
             'smtp': [b'220 here\r\n', b'250 here\r\n'],
             # A result of StartTLS: protocolError.
             'ldap': [b'', b'\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02'
                           b'\x04\x00\x04\x00']}
    for name, port, tls_port in (('imap', 143, 993), ('smtp', 587, 465),
                                 ('ldap', 389, 636)):
        def ask(scheme, at):
            return inspected.inspect(stage, name, f'{scheme}localhost{at}').err

        with t.case(f'{name}: no TLS at all'), \
                hostile.server(*plain[name]) as other:
            said = ask(f'{name}://', f':{other}')
            assert said.endswith('\n' + hostile.no_tls(tls_port)), said
        with t.case(f'{name}: TLS at its own port'), \
                hostile.listening(tls_port), \
                hostile.server(*plain[name]) as other:
            said = ask(f'{name}://', f':{other}')
            assert said.endswith(f'\nnext: {name}s://localhost\n'), said
        with t.case(f'{name}: nobody at either port'):
            said = ask('', '')
            assert said == (
                f'gs2-inspect: cannot connect to localhost, port {tls_port}: '
                'Connection refused\nnext: look whether the server runs, and '
                'at which host and port (HOST:PORT)\n'), said
        with t.case(f'{name}: STARTTLS alone'), hostile.listening(port):
            said = ask('', '')
            assert said == (
                f'gs2-inspect: cannot connect to localhost, port {tls_port}: '
                f'Connection refused\nnext: {name}:// asks for STARTTLS\n'
            ), said


def insiders(t, stage):
    """What a server with a good certificate says goes to no terminal as it
    is, and only what it says in TLS counts."""
    tls = hostile.tls_of(stage)
    trusted = {'SSL_CERT_FILE': stage.path('ca.pem')}
    for name, offers in (('a refusal', b'GS2-KRB5'),
                         ('a mechanism', b'GS2-\x1b[2J AUTH=GS2-KRB5')):
        with t.case('hostile: an escape sequence in ' + name), hostile.server(
                None, b'* OK\r\n',
                b'* CAPABILITY AUTH=' + offers + b'\r\na1 OK\r\n',
                b'a2 NO \x1b[2J today\r\n', tls=tls) as port:
            answer = inspected.inspect(stage, 'imap', f'localhost:{port}',
                                       env=trusted)
            assert answer.status == 1 and answer.out.startswith(
                'no login: the server refuses: NO \\x1b[2J today\n'), answer
            assert '\n  offers       GS2-KRB5\n' in answer.out, answer
    told = []
    with t.case('hostile: challenges without an end'), hostile.server(
            None, b'* OK\r\n', b'* CAPABILITY AUTH=GS2-KRB5\r\na1 OK\r\n',
            *[b'+ AAAA\r\n'] * 500, tls=tls, told=told) as port:
        answer = inspected.inspect(stage, 'imap', f'localhost:{port}',
                                   env=trusted)
        assert answer.status == 2 and answer.out.startswith(
            'no login: the client gives up: '), answer
        assert len([words for words in told if words]) == 3, told
    with t.case('hostile: mechanisms that were offered before TLS'), hostile.server(
            b'* OK\r\n',
            b'* CAPABILITY STARTTLS AUTH=GS2-KRB5\r\na1 OK\r\n',
            b'a2 OK\r\n', None, b'a3 OK\r\n', tls=tls) as port:
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
    tls = hostile.tls_of(stage)
    seen = threading.Event()
    with t.case('STARTTLS where the server speaks TLS at once'), \
            hostile.server(None, tls=tls) as port:
        running, says = begin(stage, port, seen)
        with running:
            running.terminate()
        assert says == hint + WANTS_TLS, says
    seen.clear()
    with t.case('a slow server is waited for'), hostile.server(
            seen, b'* OK\r\n', b'* CAPABILITY IMAP4rev1\r\na1 OK\r\n') as port:
        running, says = begin(stage, port, seen)
        with running:
            rest = running.stderr.read()
        assert says == hint + WANTS_TLS, says
        assert rest == (
            'gs2-inspect: localhost offers no STARTTLS: nothing is said '
            'without TLS\n' + hostile.no_tls(993)), rest
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
        for part in (bindings, refusals, channels, certificates, strangers,
                     ports, insiders, silence, watching):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
