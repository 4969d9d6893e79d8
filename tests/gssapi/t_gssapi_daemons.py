#!/usr/bin/env python3
"""Servers that people run, by GSSAPI and GSS-SPNEGO of libgssapiv2.so, as by
GS2 (tests/servers/): Postfix's smtpd and its client, svnserve, memcached,
389-ds, libvirtd; a rule that is met and one that is not, roles where they apply; and
100 MB through a sealed slapd and a sealed libvirtd.  (slapd and Cyrus IMAP:
t_gssapi_servers.py.)
"""

import base64
import hashlib
import os
import shutil

import ds389
import layered
import libvirtd
import memcached
import postfix_relay
import saslclient
import servers
import setups
import slapd
import tap
import tree

GSSAPI = os.environ.get('GS2_GSSAPI') or tree.builddir(
    'gssapi', '.libs', 'libgssapiv2.so')
MECHS = ('GSSAPI', 'GSS-SPNEGO')
CARD = 'auth-indicators=smartcard'
TOLD = 'the login does not meet the requirements of the server'
# 25 entries of 4 MB, in attributes that each are two thirds of a message.
ENTRIES, OCTETS = 25, 4 * 1024 * 1024
MACHINE = '''\
<domain type='test'>
  <name>big</name>
  <memory>8192</memory>
  <os><type>hvm</type></os>
  <description>{}</description>
</domain>
'''
SVNSERVE_LAYER = '[sasl]\nmin-encryption = 128\nmax-encryption = 256\n'


class Home(slapd.Home):
    """A place for all of them."""

    def __enter__(self):
        super().__enter__()
        shutil.copy(GSSAPI, self.path('ours'))
        return self


def tickets(home):
    """By smart card, which a rule wants, and by password."""
    return {'card': home.ticket('pkinit'),
            'password': home.ticket('timestamp')}


# --- memcached ---------------------------------------------------------------

def memcached_server(t, home):
    """A value is stored after a login alone; it has no layer."""
    home.write('conf/memcached.conf', setups.setup('memcached.conf', {
        'cache.example.test': 'localhost', 'GS2-KRB5': 'GSSAPI GSS-SPNEGO'})
        + f'gs2_require: {CARD}\n')
    port = servers.free_port()
    server = home.start('memcached', [
        tap.find('memcached', 'memcached'), '-S', '-vv', '-U', '0', '-u',
        'root', '-l', '127.0.0.1', '-p', str(port)], ports=[port])
    for mech in MECHS:
        for how, ticket in tickets(home).items():
            os.environ.update(ticket)
            with memcached.Connection(port) as connection:
                status = connection.log_in(mech.encode())
                stored = connection.store(b'k', how.encode())
            t.equal((status, stored), {
                'card': (memcached.OK, (memcached.OK, b'card')),
                'password': (memcached.REFUSED, (memcached.REFUSED, None)),
            }[how], f'memcached, {mech}, {how}')
    t.contains(server.log(), f'not met: {CARD}', 'memcached logs why')
    server.stop()


# --- svnserve ----------------------------------------------------------------

class Svnserve:
    """A repository whose connections are sealed."""

    def __init__(self, home, mech):
        self.home = home
        self.name = f'svn-{mech}'
        self.repository = home.path(self.name, 'r')
        os.mkdir(home.path(self.name))
        self.must('svnadmin', 'create', self.repository)
        home.write(f'{self.repository}/conf/svnserve.conf', setups.setup(
            'svnserve.conf', {'[sasl]\n': setups.setup(
                'svnserve.conf roles') + SVNSERVE_LAYER}))
        home.write(f'{self.repository}/conf/authz',
                   setups.setup('svnserve authz'))
        self.must('svn', 'mkdir', '-m', 'a folder',
                  f'file://{self.repository}/release')
        self.options = setups.setup('svn.conf', {
            'svn.example.test': 'localhost', 'GS2-KRB5': mech}) + setups.setup(
                'svn.conf roles')

    def must(self, *command):
        """What a command says that has to succeed."""
        done = self.home.run(command)
        if done.returncode != 0:
            raise servers.ServerError(f'{command}: {done.stdout}')
        return done.stdout

    def serve(self, rule):
        """svnserve with a rule."""
        self.home.write('conf/svn.conf',
                        f'{self.options}gs2_require: {rule}\n')
        self.port = servers.free_port()
        return self.home.start('svnserve', [
            tap.find('svnserve', 'subversion'), '-d', '--foreground', '-r',
            self.home.path(self.name), '--listen-host', '127.0.0.1',
            '--listen-port', str(self.port)], ports=[self.port])

    def svn(self, ticket, *args):
        """A command of svn."""
        line = setups.setup('svn').split()
        return self.home.run([
            *line, '--non-interactive', '--no-auth-cache', '--config-dir',
            self.home.path('subversion'), *args], env=ticket).stdout

    def url(self, path):
        """A place in it."""
        return f'svn://localhost:{self.port}/r/{path}'


def svnserve(t, home):
    """A role is needed to commit; a file goes in and out through the layer."""
    for mech in MECHS:
        world, content = Svnserve(home, mech), os.urandom(3 * 1024 * 1024)
        with open(home.path('content'), 'wb') as out:
            out.write(content)
        with world.serve('gs2:layer=privacy'):
            for how, told in (('password', 'Authorization failed'),
                              ('card', 'Committed revision')):
                said = world.svn(tickets(home)[how], 'import', '-m', how,
                                 home.path('content'),
                                 world.url('release/file'))
                t.contains(said, told, f'svnserve, {mech}, {how}: {told}')
            world.svn(tickets(home)['card'], 'export', '--force',
                      world.url('release/file'), home.path('exported'))
            with open(home.path('exported'), 'rb') as exported:
                t.ok(exported.read() == content,
                     f'svnserve, {mech}: the file comes back')
        t.equal(world.must('svnlook', 'author', world.repository),
                'alice+smartcard\n', f'svnserve, {mech}: the author')
        with world.serve('gs2:layer=none'):
            t.contains(world.svn(tickets(home)['card'], 'ls', world.url('')),
                       TOLD, f'svnserve, {mech}: a rule that is not met')


# --- 389-ds ------------------------------------------------------------------

def directory(t, home):
    """Layers, and a rule."""
    with ds389.start(home, options=f'gs2_require: {CARD}\n',
                     others=setups.setup('389-ds map')) as server:
        for mech in MECHS:
            for option, ssf in (('minssf=0', '256'), ('maxssf=1', '1'),
                                ('maxssf=0', '0')):
                done = server.client('ldapwhoami', '-N', '-Y', mech, '-O',
                                     option, env=tickets(home)['card'])
                t.ok(f'SASL SSF: {ssf}\n' in done.stdout and
                     f'dn: {ds389.dn("alice")}' in done.stdout,
                     f'389-ds, {mech}, {option}: SSF {ssf}', done)
            done = server.client('ldapwhoami', '-N', '-Y', mech,
                                 env=tickets(home)['password'])
            t.ok(done.returncode == 49 and 'dn:' not in done.stdout,
                 f'389-ds, {mech}: a rule that is not met', done)
        # This realm, not that of the servers before.
        os.environ.update(home.environment('ours'))
        in_the_clear(t, server, home)


def in_the_clear(t, server, home):
    """For each bind, 389-ds takes another connection of libsasl, and answers
    in the clear where there was a layer (row KL6): the client's refuses it."""
    for mech in MECHS:
        with layered.Connection(server) as conn:
            first = conn.log_in(tickets(home)['card'], mech, max_ssf=256)
            ssf, who = conn.ssf(), conn.whoami()
            try:
                told = conn.log_in(home.ticket('pkinit', 'bob'), 'GS2-KRB5')
            except saslclient.SaslError as error:
                told = str(error)
            t.ok((first, ssf, who) == (0, 256, f'dn: {ds389.dn("alice")}')
                 and 'longer than was agreed' in str(told),
                 f'389-ds, {mech}: a second bind is answered in the clear, '
                 'which the layer refuses', (first, ssf, who, told))


# --- libvirtd ----------------------------------------------------------------

def machines(t, home):
    """By TCP, for which it demands SSF 56; who may is said by a role."""
    for mech in MECHS:
        options = setups.setup('libvirt.conf', {
            'virt.example.test': 'localhost', 'GS2-KRB5': mech})
        with libvirtd.Libvirtd(home, options + 'gs2_require: '
                               'gs2:layer=privacy\n', mech) as server:
            for how, ticket in tickets(home).items():
                said, _trips, log = server.list_machines(ticket, tls=False)
                t.ok(('test   running' in said) == (how == 'card'),
                     f'virsh, libvirtd, {mech}, {how}', f'{said}\n{log}')
            if mech == 'GSSAPI':
                much_of_libvirtd(t, home, server)
        with libvirtd.Libvirtd(home, options + 'gs2_require: '
                               'gs2:layer=none\n', f'{mech}-no') as server:
            said, _trips, log = server.list_machines(tickets(home)['card'],
                                                     tls=False)
            t.ok('running' not in said, f'libvirtd, {mech}: a rule that is '
                 'not met', f'{said}\n{log}')


def much_of_libvirtd(t, home, server):
    """100 MB by one connection: a machine with a long description is defined
    and asked for again and again."""
    text = os.urandom(1024 * 1024).hex()
    path = home.write('machine.xml', MACHINE.format(text))
    commands = f'define {path};' + 'dumpxml big;' * 50
    done = home.run([server.virsh, '-c', 'test+tcp://localhost:'
                     f'{server.tcp_port}/default', commands],
                    env=tickets(home)['card'], timeout=600)
    sums = {hashlib.sha256(part.split('<')[0].encode()).digest()
            for part in done.stdout.split('<description>')[1:]}
    t.equal((done.stdout.count('<description>'), sums),
            (50, {hashlib.sha256(text.encode()).digest()}),
            'libvirtd: 100 MB through the layer of a connection')


# --- slapd -------------------------------------------------------------------

def much_of_slapd(t, home):
    """100 MB into the directory and out of it."""
    values = {f'uid=big{n},ou=people,{slapd.TOP}': os.urandom(OCTETS)
              for n in range(ENTRIES)}
    ldif = home.path('much.ldif')
    with open(ldif, 'w', encoding='ascii') as out:
        for dn, value in values.items():
            uid = dn.split(',')[0].removeprefix('uid=')
            out.write(f'dn: {dn}\nobjectClass: account\n'
                      f'objectClass: extensibleObject\nuid: {uid}\n'
                      f'audio:: {base64.b64encode(value).decode()}\n\n')
    alice = home.ticket('timestamp')
    users = ('authz-regexp uid=([^,]*),(cn=[^,]*,)?cn=gss(api|-spnego),cn=auth'
             f' uid=$1,ou=people,{slapd.TOP}\n')
    with slapd.start(home, options='minssf: 256\n', env={}, more=users,
                     before='sockbuf_max_incoming_auth 16777215\n',
                     access=f'maxsize {1 << 30}\naccess to * by dn.exact='
                     f'{slapd.dn("alice")} write by * auth\n') as server:
        for mech in MECHS:
            if mech == 'GSSAPI':
                done = server.client('ldapadd', '-N', '-Q', '-Y', mech, '-f',
                                     ldif, env=alice)
                t.equal(done.returncode, 0, f'slapd, {mech}: 100 MB go in')
            done = server.client('ldapsearch', '-N', '-Q', '-Y', mech, '-LLL',
                                 '-o', 'ldif-wrap=no', '-b', slapd.TOP,
                                 '(uid=big*)', 'audio', env=alice)
            found = dict(part.split('\naudio:: ') for part in
                         done.stdout.removeprefix('dn: ').strip().split(
                             '\n\ndn: '))
            t.equal([dn for dn, value in values.items()
                     if base64.b64decode(found.get(dn, '')) != value], [],
                    f'slapd, {mech}: 100 MB come out')


# --- Postfix -----------------------------------------------------------------

def mail(t, home):
    """Its client logs in to its server."""
    world = postfix_relay.World(home)
    for mech in MECHS:
        for realm_name, good in (('EXAMPLE.TEST', True),
                                 ('OTHER.TEST', False)):
            world.serve(realm_name, mech)
            relay = world.relay(f'{mech}-{realm_name}', world.server.port,
                                mech=mech)
            line, text = world.deliver(relay, f'{mech} {realm_name}')
            relay.stop()
            t.ok(postfix_relay.arrives(line, text) if good else
                 'status=deferred' in line and TOLD in world.server.log()
                 or 'authorization failure' in line,
                 f'smtp, smtpd, {mech}, gs2:realm={realm_name}',
                 f'{line}\n{text}\n{world.server.log()}')


def main(t):
    if os.geteuid() != 0:
        raise tap.Skip('only root can start most of them')
    with Home(services=['memcached', 'svn', 'libvirt']) as home:
        saslclient.load(home.environment('ours'))
        for server in (memcached_server, svnserve, machines, much_of_slapd):
            with t.case(f'{server.__name__} runs'):
                server(t, home)
    # Each of them gives what is there to its user.
    for server in (directory, mail):
        with Home() as home:
            server(t, home)


tap.run(main)
