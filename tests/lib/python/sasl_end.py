"""The two ends of a SASL exchange, each a process of its own (sasl-end), with
the plugins of its own directory: so two files that serve the same mechanism can
meet.

    with sasl_end.Stage() as stage:
        client = stage.client('ours', authzid='bob')
        server = stage.server('cyrus', min=1)
        sasl_end.login(client, server)
        assert client.get()['ssf'] == '256'

What one end says may be changed on its way (relay), and the end of the other
side may be a raw one of the GSS-API (rawgss.py).
"""

import base64
import collections
import os
import pathlib
import subprocess

import realm
import scenario
import tap

__all__ = ['Answer', 'End', 'Stage', 'carry', 'login', 'CODES', 'CYRUS']

CYRUS = '/usr/lib/*/sasl2/libgssapiv2.so'
CODES = {0: 'OK', 1: 'CONTINUE', -1: 'FAIL', -2: 'NOMEM', -3: 'BUFOVER',
         -4: 'NOMECH', -5: 'BADPROT', -6: 'NOTDONE', -7: 'BADPARAM',
         -10: 'BADSERV', -11: 'WRONGMECH', -13: 'BADAUTH', -14: 'NOAUTHZ',
         -15: 'TOOWEAK', -25: 'UNAVAIL', -29: 'CONFIGERR', -32: 'BADBINDING'}

Answer = collections.namedtuple('Answer', 'code data text')


def word_of(octets):
    """What sasl-end reads."""
    return '=' if octets is None else base64.b64encode(octets).decode()


class End:
    """One end."""

    def __init__(self, program, role, env, settings):
        program = [program] if isinstance(program, str) else program
        words = [f'{key}={value}' if key.startswith('option:')
                 else f"{key.replace('_', '-')}={value}"
                 for key, value in settings.items() if value is not None]
        self.role = role
        self.log = []
        self.process = subprocess.Popen(
            [*program, role, *words], env=env, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, encoding='utf-8', errors='surrogateescape')

    def ask(self, line):
        """One command, and its answer's line."""
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()
        for answer in iter(self.process.stdout.readline, ''):
            answer = answer.rstrip('\n')
            if not answer.startswith('log '):
                return answer
            self.log.append(answer.removeprefix('log '))
        raise EOFError(f'{self.role}: status {self.process.wait()}')

    def call(self, command, *pieces):
        """A command whose answer has a code."""
        line = self.ask(' '.join([command, *map(word_of, pieces)]))
        code, data, text = line.split(' ', 2)
        return Answer(CODES.get(int(code), code),
                      None if data == '=' else base64.b64decode(data), text)

    def start(self, octets=None):
        """sasl_client_start() or sasl_server_start()."""
        return self.call('start', octets)

    def step(self, octets):
        """sasl_client_step() or sasl_server_step()."""
        return self.call('step', octets)

    def encode(self, *pieces):
        """sasl_encodev()"""
        return self.call('encode', *pieces)

    def decode(self, octets):
        """sasl_decode()"""
        return self.call('decode', octets)

    def new(self):
        """A new connection in the place of the old one: itself."""
        self.ask('new')
        return self

    def plain(self):
        """The server is asked for PLAIN with a wrong password."""
        return self.call('plain')

    def other(self, mech):
        """A client starts another mechanism on its connection."""
        line = self.ask(f'other {mech}')
        return CODES.get(int(line.split(' ', 1)[0]), line)

    def get(self):
        """What there is to know of the connection."""
        return dict(item.split('=', 1)
                    for item in self.ask('get').split('\t')[1:])

    def end(self):
        """Ends it: its exit status."""
        if self.process.stdout.closed:
            return self.process.wait()
        self.process.stdin.close()
        for line in self.process.stdout:
            self.log.append(line.rstrip('\n').removeprefix('log '))
        self.process.stdout.close()
        return self.process.wait()


class Stage:
    """A realm, and ends in it."""

    def __init__(self, **settings):
        self.settings = settings
        self.realm = realm.Realm()
        self.ends = []
        self.paths = {}

    def __enter__(self):
        self.realm.start()
        build = pathlib.Path(os.environ['GS2_BUILDDIR'])
        self.program = str(build / 'tests/peer/sasl-end')
        sasl = pathlib.Path(tap.find(CYRUS, 'libsasl2-modules-gssapi-mit'))
        files = {'gs2': build / 'plugin/.libs/libgs2.so',
                 'ours': pathlib.Path(os.environ.get(
                     'GS2_GSSAPI', build / 'gssapi/.libs/libgssapiv2.so')),
                 'cyrus': sasl, 'plain': sasl.parent / 'libplain.so',
                 'anonymous': sasl.parent / 'libanonymous.so'}
        for name, has in (('ours', ['ours', 'plain', 'anonymous']),
                          ('cyrus', ['cyrus', 'plain', 'anonymous']),
                          ('both', ['ours', 'gs2', 'plain']),
                          ('cyrus-both', ['cyrus', 'gs2', 'plain'])):
            folder = self.folder(name, [])
            for file in has:
                (folder / f'lib{file}.so').symlink_to(files[file])
        return self

    def folder(self, name, files):
        """Plugins that ends may have by this name."""
        folder = pathlib.Path(self.realm.path(f'sasl-{name}'))
        folder.mkdir()
        for file in map(pathlib.Path, files):
            (folder / file.name).symlink_to(file)
        self.paths[name] = str(folder)
        return folder

    def __exit__(self, *_exc):
        for end in self.ends:
            end.end()
        self.realm.stop()

    def environment(self, plugins, **more):
        """Of an end."""
        return scenario.with_new_names({
            **self.realm.env, 'SASL_PATH': self.paths[plugins],
            'SASL_CONF_PATH': self.realm.path('no-configuration'),
            'KRB5RCACHENAME': 'none:', **more})

    def end(self, role, plugins, settings, env=None):
        """One end, which is ended with the stage."""
        end = End(self.program, role,
                  self.environment(plugins, **(env or {})),
                  {**self.settings, **settings})
        self.ends.append(end)
        return end

    def client(self, plugins='ours', env=None, **settings):
        """A client, of libsasl."""
        return self.end('client', plugins, settings, env)

    def server(self, plugins='ours', env=None, **settings):
        """A server, of libsasl."""
        return self.end('server', plugins, settings, env)


def login(client, server, relay=None):
    """Leads both to the end: what was said, as a text. relay is given who
    speaks ('C' or 'S'), how many messages came before and the octets, and
    gives the octets that arrive."""
    said, count = [], 0

    def carry(who, answer):
        nonlocal count
        size = '-' if answer.data is None else len(answer.data)
        said.append(f'{who} {answer.code} {size}')
        data = answer.data
        if relay is not None and answer.code in ('OK', 'CONTINUE'):
            data = relay(who, count, data)
        count += 1
        return data

    told, heard = client.start(), None
    first = True
    while told.code in ('OK', 'CONTINUE'):
        octets = carry('C', told)
        if octets is None and not first:
            octets = b''
        heard = server.start(octets) if first else server.step(octets)
        first = False
        octets = carry('S', heard)
        if heard.code not in ('OK', 'CONTINUE'):
            break
        if heard.code == 'OK' and octets is None:
            break
        told = client.step(octets)
        if heard.code == 'OK':
            carry('C', told)
            break
    else:
        carry('C', told)
    return ', '.join(said)


def carry(client, server, layered):
    """What one end of a login encodes the other decodes, whole and octet by
    octet; what was changed on its way it does not."""
    for one, other in ((client, server), (server, client)):
        for text in (b'x', b'hello, world' * 1000):
            sent = one.encode(text).data
            assert other.decode(sent).data == text, (one.role, len(text))
            assert (sent != text) == layered, (one.role, sent[:80])
        sent, got = one.encode(b'in pieces').data, b''
        for at in range(len(sent)):
            got += other.decode(sent[at:at + 1]).data or b''
        assert got == b'in pieces', (one.role, got)
    if layered:
        sent = bytearray(client.encode(b'changed').data)
        sent[-1] ^= 1
        assert server.decode(bytes(sent)).code != 'OK', server.role
