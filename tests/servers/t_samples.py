#!/usr/bin/env python3
"""libsasl's own example server and client, built from the sources that
libsasl2-dev brings: logins with and without a channel binding (-c: present,
-C: critical), and the attributes that the server shows by
SASL_GSS_PEER_NAME.
"""

import os
import re
import subprocess

import servers
import sources
import tap
import wire

EXAMPLES = '/usr/share/doc/libsasl2-dev/examples'
# The client names its mechanism; the server ends with one letter.
BEGUN, ENDED = rb'GS2-KRB5', rb'\A[ON]'


class Home(servers.Home, sources.Sources):
    """A place for them, and tickets with a second factor."""


def examples(home):
    """The directory with the sources. Where dpkg was told to leave documents
    out, they come from the package itself."""
    if os.path.exists(f'{EXAMPLES}/server.c'):
        return EXAMPLES
    for args in (['apt-get', 'download', 'libsasl2-dev'],
                 ['sh', '-c', 'dpkg-deb -x libsasl2-dev_*.deb unpacked']):
        done = home.run(args)
        if done.returncode != 0:
            raise tap.Skip(f'{EXAMPLES} is not here: install the package '
                           'libsasl2-dev with its documents')
    return home.path('unpacked') + EXAMPLES


def build(home):
    """Compiles both, with GSS name attributes."""
    top = examples(home)
    for name in ('server', 'client'):
        done = subprocess.run(
            ['cc', '-w', '-DHAVE_GSS_GET_NAME_ATTRIBUTE',
             '-DHAVE_GSSAPI_GSSAPI_EXT_H', f'-I{top}', '-I/usr/include/sasl',
             '-o', home.path(f'sample-{name}'), f'{top}/{name}.c',
             f'{top}/common.c', '-lsasl2', '-lgssapi_krb5'],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        if done.returncode != 0:
            raise servers.ServerError(f'{name}.c: {done.stdout}')


class Samples:
    """The server's runs, and the rows of what is seen."""

    def __init__(self, t, rows, home):
        self.t = t
        self.rows = rows
        self.home = home
        self.count = 0

    def attempt(self, server=(), client=(), env=None):
        """One login by a server of its own: the client's end, what the server
        said, and the round trips."""
        port = servers.free_port()
        self.count += 1
        # It writes to whoever hangs up, such as one who asks if it is there.
        program = self.home.start(
            f'sample{self.count}',
            ['env', '--ignore-signal=PIPE', 'stdbuf', '-oL',
             self.home.path('sample-server'), '-h', 'localhost', '-s', 'imap',
             '-p', str(port), *server], ports=[port])
        with program, wire.Relay(port) as relay:
            done = self.home.run(
                [self.home.path('sample-client'), '-s', 'imap', '-p',
                 str(relay.port), *client, 'localhost'],
                stdin='\n\n', env=env or self.home.ticket('timestamp'))
            trips = wire.round_trips(relay.take(), BEGUN, ENDED)
            if done.returncode == 0:
                program.log_with('successful authentication')
        return done, program.log(), trips

    def login(self, mechanism, header, binding, **options):
        """alice logs in with this gs2-header; the server's output."""
        done, said, trips = self.attempt(**options)
        passed = (trips == 2 and done.returncode == 0
                  and f'\n{header}' in done.stdout
                  and f'\n{header}' in said
                  and "successful authentication 'alice'" in said)
        self.rows.add(passed, self.name(options), mechanism, 'no', binding,
                      trips, 'alice', f'{done}\n{said}')
        return said

    @staticmethod
    def name(options):
        """Both programs with their options, for the table."""
        return ', '.join("libsasl's " + ' '.join((side,
                                                 *options.get(side, ())))
                         for side in ('client', 'server'))

    def refused(self, text, **options):
        """The client finds nothing to log in with, and says why."""
        done, said, _ = self.attempt(**options)
        self.t.ok('successful authentication' not in done.stdout + said
                  and done.returncode != 0 and text in done.stdout,
                  f'{self.name(options)}: refused', f'{done}\n{said}')


def indicators(said):
    """The values of auth-indicators that the server shows, in hex, one
    paragraph a value."""
    return [bytes.fromhex(''.join(value.split())).decode() for value in
            re.findall(r'^Attribute auth-indicators Authenticated Complete\n'
                       r'\s*((?:[0-9a-f]+\n)+)', said, re.M)]


def main(t):
    """All of them in one realm."""
    rows = servers.Rows(t, 'samples')
    with Home() as home:
        build(home)
        samples = Samples(t, rows, home)
        samples.login('GS2-KRB5', 'n,,', 'no')
        samples.login('GS2-KRB5', 'n,,', 'no', server=['-c'])
        samples.login('GS2-KRB5', 'y,,', 'no', client=['-c'])
        samples.login('GS2-KRB5-PLUS', 'p=sasl-sample,,', 'sasl-sample',
                      client=['-c'], server=['-c'])
        said = samples.login('GS2-KRB5-PLUS', 'p=sasl-sample,,', 'sasl-sample',
                             client=['-C'], server=['-C'],
                             env=home.ticket('pkinit'))
        t.equal(indicators(said), sources.INDICATORS['pkinit'],
                'the server shows auth-indicators by SASL_GSS_PEER_NAME')
        samples.refused('no mechanism available', client=['-C'])
        samples.refused('no mechanism available', server=['-C'])
    rows.show()


if __name__ == '__main__':
    tap.run(main)
