#!/usr/bin/env python3
"""tls-server.c and tls-client.c, which applications are written after: built
by the commands of doc/applications.md, they log in by TLS 1.3 and a binding to
it, and nobody gets in between.  What each line that matters is good for is
shown by programs without it.
"""

import base64
import contextlib
import os
import re
import shutil
import ssl
import subprocess
import sys

import certs
import realm
import saslclient
import sasldb
import scenario
import servers
import tap
from tls_example import (Home, Man, SOURCES, TIMEOUT, Talk, commands,
                         listening, source)

IN = 'logged in as alice, by GS2-KRB5-PLUS\n'
SEEN = 'alice is in, by GS2-KRB5, bound to tls-exporter\n'
UNBOUND = 'no login: this login is not bound to the TLS channel\n'
NO_TLS = 'the client does not speak TLS 1.3 with us\n'
# The client has an error token of the server's: it cannot tell who bent it.
MISMATCH = (
    'no login: SASL(-10): server failed mutual authentication step: GSS '
    'initiator: Generic error (see e-text)\n')
NOTHING = 'libsasl offers nothing: is there a key for the server?\n'
NO_OFFER = 'the server does not offer GS2-KRB5-PLUS\n'

# What makes a program without a line: its source, the line's text, and what
# stands there instead.
SERVER, CLIENT = 'tls-server.c', 'tls-client.c'
NO_BINDING = [(CLIENT, '||\n        !bind_channel(&c, true)', ''),
              (CLIENT, 'MECH "GS2-KRB5-PLUS"', 'MECH "GS2-KRB5"')]
NO_CHECK = [(SERVER, 'strcmp(fact(c->conn, "*gs2-binding"), "tls-exporter") '
             '!= 0', '0')]
NO_NAME = [(CLIENT, 'SSL_set1_host(c->ssl, host) == 1 && ', '')]
NO_VERIFY = [(CLIENT, 'SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);', '')]
NO_REQUEST = [(SERVER, 'sasl_auxprop_request(c.conn, asked) != SASL_OK ||',
               '')]
NO_LIST = [(SERVER, '!bind_channel(&c, false) ||', '')]
CRITICAL = [(SERVER, 'bind_channel(&c, false)', 'bind_channel(&c, true)')]
SSF = ('!bind_channel(&c, false) ||', '!bind_channel(&c, false) || '
       'sasl_setprop(c.conn, SASL_SEC_PROPS, &(sasl_security_properties_t){ '
       '.min_ssf = 56, .max_ssf = 256, .maxbufsize = 65536 }) != SASL_OK ||')
MIN_SSF = [(SERVER, *SSF)]
TOLD_SSF = [(SERVER, SSF[0], SSF[1] + 'sasl_setprop(c.conn, SASL_SSF_EXTERNAL,'
             ' &(sasl_ssf_t){ (unsigned)SSL_get_cipher_bits(c.ssl, NULL) }) '
             '!= SASL_OK ||')]
NO_PREFIX = [(SERVER, 'strncmp(mech, "GS2-", 4) != 0 ||', '')]
SHOWS = [(SERVER, '"*gs2-binding", NULL };', '"*gs2-binding", '
          '"*gss-attributes-json", NULL };'),
         (SERVER, '    say(c, "OK", user);', '    fprintf(stderr, "%s\\n", '
          'fact(c->conn, "*gss-attributes-json"));\n    say(c, "OK", user);')]


def builds(t, home):
    """The commands, and the heads of the sources have the same."""
    for which in ('tls-server', 'tls-client'):
        command = next(c for c in commands()
                       if c.startswith(f'cc -o {which} '))
        t.contains(source(f'{which}.c'), f' * {command}\n',
                   f'{which}.c has the command of the page')
        for compiler in ('gcc', 'clang'):
            with t.case(f'{compiler} has no complaint about {which}.c'):
                tap.find(compiler, compiler)
                home.build(which, compiler=f'{compiler} -Wall -Wextra '
                           '-Wshadow -Wconversion -O2')


def logins(t, home):
    """Who gets in, and who does not."""
    t.equal(home.login(), (0, IN, SEEN), 'bound: logged in')
    t.equal(home.login(NO_BINDING), (1, UNBOUND, ''),
            'a client without a binding: refused')
    with t.case('a server that shows all attributes'):
        status, told, seen = home.login(server=SHOWS)
        assert (status, told) == (0, IN), told
        assert '"name":"urn:mspac:client-info"' in seen, seen
    with t.case('a client without a ticket: it says what to do'):
        status, told, _ = home.login(env={
            'KRB5CCNAME': 'FILE:' + home.path('none')})
        assert status == 1 and told.startswith('no login: '), told
        assert told.endswith('; get a ticket with kinit\n'), told
        assert 'No Kerberos credentials available' in told, told


def keyless(t, home):
    """A server that has no key."""
    none = {'KRB5_KTNAME': home.path('none')}
    alone = {'SASL_PATH': home.path('ours-alone'), **none}
    t.equal(home.login(server_env=none), (1, NO_OFFER, ''),
            'a server without a key: it does not offer what is asked')
    t.equal(home.login(server_env=alone), (
        1, NO_OFFER, NOTHING), 'and where it offers nothing else, it says so')


def certificates(t, home):
    """Who the server is."""
    wrong = 'the certificate of localhost is not good: '
    certs.self_signed(home.dir, 'other.example')
    for end in ('pem', 'key'):
        os.rename(home.path('cert.pem' if end == 'pem' else 'key.pem'),
                  home.path(f'other.{end}'))
    trusted = {'SSL_CERT_FILE': home.path('other.pem')}
    t.equal(home.login(who='other'),
            (1, wrong + 'self-signed certificate\n', NO_TLS),
            'a certificate of an unknown authority: refused')
    t.equal(home.login(who='other', env=trusted),
            (1, wrong + 'hostname mismatch\n', NO_TLS),
            'a certificate for another name: refused')
    t.equal(home.login(NO_VERIFY, who='other'), (0, IN, SEEN),
            'a client that does not verify takes the one')
    t.equal(home.login(NO_NAME, who='other', env=trusted), (0, IN, SEEN),
            'a client that does not look at the name takes the other')


def middle(t, home):
    """Somebody whom the client takes for the server."""
    lines = []

    def man(port):
        there = Man(home, port)
        lines.append(there.lines)
        return there

    t.equal(home.login(through=man), (1, MISMATCH, ''),
            'a man in the middle: refused')
    t.equal(lines[-1], ['MECHS', 'GS2-KRB5-PLUS', '+'],
            'what both said was theirs to read')
    t.equal(home.login((), NO_CHECK, through=man), (1, MISMATCH, ''),
            'the same, with a server that does not look: refused by GSS')
    t.equal(home.login(NO_BINDING, through=man), (1, UNBOUND, ''),
            'the same, with a client that has no binding: refused')
    t.equal(home.login(NO_BINDING, NO_CHECK, through=man)[:2],
            (0, IN.replace('-PLUS', '')),
            'without binding and check the man in the middle gets in')


def lines_of_the_server(t, home):
    """What the server is without a line of its own."""
    t.equal(home.login(NO_BINDING, NO_CHECK),
            (0, IN.replace('-PLUS', ''),
             'alice is in, by GS2-KRB5, bound to \n'),
            'that does not look at the binding: who has none is in')
    t.equal(home.login(server=NO_REQUEST), (1, UNBOUND, ''),
            'that does not ask for the properties: nobody is in')
    t.equal(home.login(server=NO_LIST), (1, NO_OFFER, ''),
            'that has no binding when it lists: no -PLUS')


def changed(t, home):
    """What the page says of other servers."""
    with Talk(home, CRITICAL) as talk:
        t.equal(talk.hear(), 'MECHS GS2-KRB5-PLUS\r\n',
                'the binding is critical: nothing without -PLUS is offered')
    t.equal(home.login(server=CRITICAL), (0, IN, SEEN),
            'the binding is critical: a bound login')
    t.equal(home.login(NO_BINDING, CRITICAL), (
        1, 'no login: SASL(-32): channel binding failure: the server requires '
        'channel binding and the client used none\n', ''),
            'the binding is critical: who has none is refused')
    t.equal(home.login(server=MIN_SSF), (1, NO_OFFER, NOTHING),
            'min_ssf, and libsasl does not know of TLS: not offered')
    t.equal(home.login(server=TOLD_SSF), (0, IN, SEEN),
            'min_ssf, and libsasl knows of TLS: logged in')


def others(t, home):
    """A property that another plugin fills, after another mechanism."""
    password = b'PLAIN ' + base64.b64encode(
        b'\0carol@localhost\0carol.secret.1')
    sasldb.store(home, 'gs2-binding', {'carol': 'tls-exporter'})
    home.write('conf/tls-server.conf', 'gs2_acceptor: example@localhost\n'
               f'sasldb_path: {home.sasldb}\n')
    for changes, answer, what in (
            ((), UNBOUND.replace('no login:', 'NO'), 'not believed'),
            (NO_PREFIX, 'OK carol@localhost\n', 'believed without the line')):
        with Talk(home, changes) as talk:
            t.contains(talk.hear(), ' PLAIN', 'PLAIN is offered')
            t.equal(talk.say(password).replace('\r', ''), answer,
                    f"a binding that sasldb has for PLAIN's user: {what}")


def preferred(t, home):
    """What libsasl chooses of a list."""
    shutil.copy(scenario.system_plugin('libgssapiv2.so'), home.path('ours'))
    saslclient.load(home.environment('ours'))
    for names, begins in (('GS2-KRB5-PLUS GS2-KRB5', b'p=tls-exporter,,'),
                          ('GS2-KRB5-PLUS GS2-KRB5 GSSAPI', b'\x60')):
        with saslclient.Login('example', 'localhost', names, binding=(
                b'tls-exporter', bytes(32))) as login:
            got = login.start()[:len(begins)]
            t.equal(got, begins, f'of {names} libsasl chooses {begins}')


def broken(t, home):
    """What tls-client never says."""
    malformed = 'this is no word with base64 behind it'
    for what, line, answer in (
            ('no such mechanism', b'GS2-NONE bg==',
             'SASL(-4): no mechanism available: Couldn\'t find mech GS2-NONE'),
            ('no base64', b'GS2-KRB5 ?', malformed),
            ('no token', b'GS2-KRB5 bg==',
             'SASL(-5): bad protocol / cancel: malformed GS2 header: no comma '
             'after the channel binding flag at octet 1, where the message '
             'ends'),
            ('one word', b'GS2-KRB5', malformed),
            ('an empty line', b'', malformed),
            ('a long line', b'GS2-KRB5 ' + b'A' * 70000, malformed)):
        with Talk(home) as talk:
            talk.hear()
            t.equal(talk.say(line), f'NO {answer}\r\n',
                    f'a client with {what}')
    with t.case('a client with TLS 1.2: refused'):
        try:
            with Talk(home, maximum_version=ssl.TLSVersion.TLSv1_2):
                raise AssertionError('there is a channel')
        except ssl.SSLError as error:
            assert 'PROTOCOL_VERSION' in str(error), error


def answers(t, home, what, lines, told, **limits):
    """What the client makes of a server that says these lines."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home.path('server.pem'), home.path('server.key'))
    for name, value in limits.items():
        setattr(context, name, value)
    with listening() as listener, t.case(f'a server {what}'):
        client = home.client(listener.getsockname()[1])
        with contextlib.suppress(OSError), context.wrap_socket(
                listener.accept()[0], server_side=True) as sock:
            sock.sendall(lines[0])
            if len(lines) > 1:
                sock.recv(65536)
                sock.sendall(lines[1])
        got = client.communicate(timeout=TIMEOUT)[0]
        assert re.fullmatch(told, got) and client.returncode == 1, got


def hostile_servers(t, home):
    """With a good certificate, or an old TLS."""
    offer = b'MECHS GS2-KRB5-PLUS GS2-KRB5\r\n'
    for what, lines, told in (
            ('that says OK before it has proved who it is',
             [offer, b'OK alice\r\n'],
             'no login: the server ends the login too soon\n'),
            ('that hangs up', [offer, b''],
             'no login: the server ends the login too soon\n'),
            ('that offers no -PLUS', [b'MECHS GS2-KRB5 PLAIN\r\n'], NO_OFFER),
            ('with an escape sequence', [offer, b'NO \033[2J\r\n'],
             r'no login: \?\[2J\n'),
            ('with no base64', [offer, b'+ ?\r\n'],
             'no login: the server does not speak base64\n'),
            ('with no token', [offer, b'+ AAAA\r\n'],
             'no login: SASL.*\n')):
        answers(t, home, what, lines, told)
    answers(t, home, 'with TLS 1.2', [offer], '.*protocol version.*\n',
            maximum_version=ssl.TLSVersion.TLSv1_2)


def typed(t, home):
    """What the page says to type into a shell in a throw-away realm, on a host
    called localhost, with the plugin that was built."""
    env, port = home.environment('ours'), servers.free_port()
    names = [n for n in env if n.startswith(('SASL_', 'GSS_'))]
    lines = '\n'.join(commands()).replace('$(hostname)', 'localhost')
    lines = lines.replace('4433', str(port)).replace(
        '-E KRB5_CONFIG', ' '.join(f'-E {n}' for n in ['KRB5_CONFIG', *names]))
    *lines, client = lines.splitlines()
    with t.case('the lines of the page'):
        tap.find('systemd-socket-activate', 'systemd')
        tap.find('openssl', 'openssl')
        for name in SOURCES:
            home.write(home.path('page', 'tests', 'servers', name),
                       source(name))
        done = subprocess.run(
            [sys.executable, realm.__file__, 'run', '--', 'sh', '-c',
             '\n'.join([*lines, 'server=$!', 'for _ in $(seq 100)',
                        f'do sleep .1; {client} && break; done',
                        'kill $server'])],
            cwd=home.path('page'), env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=TIMEOUT, check=False)
        for wanted in (IN, SEEN):
            assert wanted in done.stdout, done.stdout


def main(t):
    """All of it in one realm; the server's host is this machine's, so the
    key is named."""
    tap.find('pkg-config', 'pkg-config')
    tap.find('/usr/include/openssl/ssl.h', 'libssl-dev')
    with Home() as home:
        home.write('conf/tls-server.conf', 'gs2_acceptor: example@localhost\n')
        for part in (builds, logins, keyless, certificates, middle,
                     lines_of_the_server, changed, broken, hostile_servers,
                     typed, others, preferred):
            part(t, home)


if __name__ == '__main__':
    tap.run(main)
