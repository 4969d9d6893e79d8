#!/usr/bin/env python3
"""Subversion with our plugin on both sides: the author of a commit through
svnserve is the user who has logged in, and nobody commits without a login.
"""

import os

import servers
import setups
import sources
import tap
import wire

TOLD = ('authorization failure: the login does not meet the requirements of '
        'the server')


class Home(servers.Home, sources.Sources):
    """A place for svnserve, and tickets of a foreign realm's users."""


class World:
    """A repository, and svnserve for it."""

    def __init__(self, home):
        self.home = home
        for program in ('svn', 'svnadmin', 'svnlook', 'svnserve'):
            tap.find(program, 'subversion')
        os.mkdir(home.path('repos'))
        self.must(['svnadmin', 'create', home.path('repos/r')])
        home.write('repos/r/conf/svnserve.conf',
                   setups.setup('svnserve.conf'))
        self.server = None
        self.port = servers.free_port()
        self.serve()

    def serve(self, more=''):
        """Starts svnserve anew, with the options that are documented and
        more: it reads them at its start."""
        if self.server:
            self.server.stop()
        self.home.write('conf/svn.conf', setups.setup(
            'svn.conf', {'svn.example.test': 'localhost'}) + more)
        self.server = self.home.start(
            'svnserve', ['svnserve', '-d', '--foreground', '-r',
                         self.home.path('repos'), '--listen-host',
                         '127.0.0.1', '--listen-port', str(self.port),
                         '--log-file', self.home.path('svnserve.messages')],
            ports=[self.port])

    def must(self, args):
        """Runs a command that has to succeed; its output."""
        done = self.home.run(args)
        if done.returncode != 0:
            raise servers.ServerError(f'{args}: {done.stdout}')
        return done.stdout

    def svn(self, port, *args, env=None, user='alice', folder='trunk'):
        """Runs svn by the port with the line that is documented."""
        line = setups.setup('svn', {'alice': user}).split()
        return self.home.run([
            *line, '--non-interactive', '--no-auth-cache', '--config-dir',
            self.home.path('subversion'), *args,
            f'svn://localhost:{port}/r/{folder}'], env=env)

    def author(self):
        """Whose the youngest revision is."""
        return self.must(['svnlook', 'author',
                          self.home.path('repos/r')]).strip()

    def log(self):
        """What svnserve has to say."""
        with open(self.home.path('svnserve.messages'),
                  encoding='utf-8') as log:
            return self.server.log() + log.read()


def commits(rows, world):
    """A commit by alice."""
    with wire.Relay(world.port) as cable:
        done = world.svn(cable.port, 'mkdir', '-m', 'the first one')
        trips = wire.round_trips(cable.take(), b'GS2-KRB5', b'success ')
    rows.add(done.returncode == 0 and 'Committed revision 1' in done.stdout
             and world.author() == 'alice' and trips == 1, 'svn, svnserve',
             'GS2-KRB5', 'no', 'no', trips, 'alice commits',
             (done, trips, world.author(), world.log()))


def foreigner(t, world):
    """A foreign realm's carol, in a repository of some realm and of hers."""
    def commit(more):
        world.home.write('repos/r/conf/svnserve.conf', setups.setup(
            'svnserve.conf', {'[sasl]': more + '[sasl]'}))
        done = world.svn(world.port, 'rm', '-m', 'by carol?', env=ticket,
                         user='carol@OTHER.TEST')
        return done.returncode, world.author()

    ticket = world.home.foreigner('carol')
    t.equal(commit(''), (1, 'alice'), "a foreign realm's carol is refused")
    # svnserve would take her for our own carol.
    t.equal(commit('realm = OTHER.TEST\n'), (1, 'alice'),
            'also in a repository whose realm has the name of hers')


def roles(t, world):
    """The authz file knows a login's role by the name (row A7)."""
    for folder in ('release', 'other'):
        world.must(['svn', 'mkdir', '-m', 'a folder',
                    f'file://{world.home.path("repos/r")}/{folder}'])
    world.home.write('repos/r/conf/authz', setups.setup('svnserve authz'))
    world.home.write('repos/r/conf/svnserve.conf', setups.setup(
        'svnserve.conf', {'[sasl]': setups.setup('svnserve.conf roles')
                          + '[sasl]'}))
    world.serve(setups.setup('svn.conf roles'))
    for how, folder, told in (
            ('timestamp', 'release', 'Authorization failed'),
            ('pkinit', 'other', 'Access denied'),
            ('pkinit', 'release', 'Committed revision')):
        done = world.svn(world.port, 'mkdir', '-m', 'a role',
                         env=world.home.ticket(how), folder=f'{folder}/new')
        t.contains(done.stdout, told, f'{how}, {folder}: {told}')
    t.equal(world.author(), 'alice+smartcard', 'the author has the role')


def refused(t, rows, world):
    """None where the rule is false."""
    world.serve('gs2_require: gs2:authid=bob\n')
    with wire.Relay(world.port) as cable:
        done = world.svn(cable.port, 'rm', '-m', 'not this one')
        trips = wire.round_trips(cable.take(), b'GS2-KRB5', b'failure ')
    rows.add(done.returncode != 0 and trips == 1,
             'svn, gs2_require not met, svnserve', 'GS2-KRB5', 'no', 'no',
             trips, 'refused', (done, trips, world.log()))
    t.contains(done.stdout, TOLD, 'svn is told why')
    t.equal(world.must(['svnlook', 'youngest',
                        world.home.path('repos/r')]).strip(), '1',
            'nothing was committed')


def main(t):
    """A login that is accepted and one that is not."""
    rows = servers.Rows(t, 'svnserve')
    with Home(services=['svn']) as home:
        world = World(home)
        commits(rows, world)
        refused(t, rows, world)
        world.serve()
        foreigner(t, world)
        roles(t, world)
    rows.show()


if __name__ == '__main__':
    tap.run(main)
