#!/usr/bin/env python3
"""What a user of a client reads where a login fails, as the table of
doc/troubleshooting.md has it: ldapwhoami, ldapsearch
and python-ldap at slapd, imtest, mbsync and gsasl at imapd, svn at svnserve;
without a ticket, with one that has expired, where the KDC does not know the
service or does not answer, and where the server refuses. What is shown is up to
the client: gsasl has a GS2-KRB5 of its own, imtest and svn show no reason, and
mbsync asks for a password first.
"""

import contextlib
import os
import time

import cyrus
import realm
import setups
import slapd
import t_mail
import t_svnserve
import tap
import tree

DEBIAN_PYTHON = '/usr/bin/python3'  # which has python3-ldap
PYTHON_LDAP = '''\
import sys, ldap, ldap.sasl
connection = ldap.initialize(sys.argv[1])
connection.set_option(ldap.OPT_X_SASL_NOCANON, 1)
try:
    connection.sasl_interactive_bind_s('', ldap.sasl.sasl(
        {ldap.sasl.CB_USER: sys.argv[2]}, 'GS2-KRB5'))
    print('dn:' + connection.whoami_s())
except ldap.LDAPError as error:
    print(error)
'''


class Home(cyrus.Home):
    """A place for all of the servers."""

    def __init__(self):
        super().__init__()
        self.services = (*self.services, 'svn')


class World:
    """The servers, and the clients by name."""

    def __init__(self, home, imapd):
        self.home = home
        self.imapd = imapd
        self.slapd = slapd.start(home)
        self.svn_world = t_svnserve.World(home)
        self.count = 0

    def ldap(self, tool, env, refuse):
        """An LDAP tool; bob may not act as alice."""
        args = ['-X', 'u:alice'] if refuse else []
        done = self.home.run(
            [tap.find(tool, 'ldap-utils'), '-N', '-Q', '-Y', 'GS2-KRB5', *args,
             '-H', f'ldap://localhost:{self.slapd.port}/'],
            env={'LDAPNOINIT': '1', **env})
        return done.stdout

    def ldapwhoami(self, env, refuse):
        """ldapwhoami."""
        return self.ldap('ldapwhoami', env, refuse)

    def ldapsearch(self, env, refuse):
        """ldapsearch -Q."""
        return self.ldap('ldapsearch', env, refuse)

    def python_ldap(self, env, refuse):
        """Debian's python3-ldap, in Debian's Python."""
        tap.find('/usr/lib/python3/dist-packages/ldap/sasl.py', 'python3-ldap')
        script = self.home.write('bind.py', PYTHON_LDAP)
        return self.home.run(
            [DEBIAN_PYTHON, script, f'ldap://localhost:{self.slapd.port}/',
             'u:alice' if refuse else ''],
            env={'LDAPNOINIT': '1', **env}).stdout

    def imtest(self, env, refuse):
        """imtest; a rule of imapd's wants a binding under TLS."""
        return self.imapd.test('imaps' if refuse else 'imap', '-m', 'GS2-KRB5',
                               env=env).stdout

    def mbsync(self, env, refuse):
        """mbsync, in a new folder each time."""
        self.count += 1
        tls, port = ('IMAPS', 'imaps') if refuse else ('None', 'imap')
        folder = os.path.join(self.home.dir, f'mbsync.{tls}')
        if os.path.exists(folder):
            os.rename(folder, f'{folder}.{self.count}')
        return t_mail.mbsync(self.home, self.imapd.ports[port], tls, env)[0]

    def gsasl(self, env, refuse):
        """gsasl, with a mechanism of its own; it is refused under TLS."""
        return t_mail.gsasl(self.home, self.imapd.ports['imap'],
                            'STARTTLS' if refuse else 'None', env)[0]

    def svn(self, env, refuse):
        """svn."""
        if refuse:
            self.svn_world.serve('gs2_require: gs2:authid=nobody\n')
        try:
            return self.svn_world.svn(self.svn_world.port, 'ls', env=env,
                                      user='bob').stdout
        finally:
            if refuse:
                self.svn_world.serve()


@contextlib.contextmanager
def no_ticket(home):
    """There is no cache."""
    yield {'KRB5CCNAME': 'FILE:' + home.path('none.cc')}


def ticket(home, *args):
    """A new ticket of bob's, and no other."""
    env = {'KRB5CCNAME': 'FILE:' + home.path('bob.cc')}
    home.realm.kinit('bob', realm.Realm.password('bob'), env=env, args=args)
    return env


@contextlib.contextmanager
def expired_ticket(home):
    """Yesterday's ticket."""
    env = ticket(home, '-l', '1s')
    time.sleep(2.1)
    yield env


@contextlib.contextmanager
def kdc_down(home):
    """A ticket, and no KDC."""
    env = ticket(home)
    home.realm.stop_kdc()
    try:
        yield env
    finally:
        home.realm.start_kdc()


@contextlib.contextmanager
def server_refuses(home):
    """A ticket, and a server that does not let its user in."""
    yield ticket(home)


@contextlib.contextmanager
def wrong_service(home):
    """A KDC that does not know the services; it never knows them again."""
    env = ticket(home)
    home.realm.kadmin(*[f'delprinc -force {s}/localhost'
                        for s in ('imap', 'ldap', 'svn')])
    yield env


# What libsasl would put before the plugin's text where nothing has failed.
SUCCESSFUL = 'successful result'
CASES = (no_ticket, expired_ticket, kdc_down, server_refuses, wrong_service)


def texts():
    """By client, what the document says that it prints in each case."""
    rows = setups.table('client texts',
                        tree.srcdir('doc', 'troubleshooting.md'))
    return {name.replace('-', '_'): [cell.strip('`') for cell in cells]
            for name, *cells in rows}


def main(t):
    """Each client in each case."""
    cache = {'KRB5RCACHENAME': 'none:'}  # slapd, another user, has that file
    with Home() as home, cyrus.Cyrus(home, env=cache) as imapd:
        world = World(home, imapd)
        for number, case in enumerate(CASES):
            with case(home) as env:
                for client, shown in texts().items():
                    what = f'{case.__name__}: {client}: {shown[number]}'
                    with t.case(what):
                        said = getattr(world, client)(
                            env, case is server_refuses)
                        assert shown[number] in said, said
                        assert SUCCESSFUL not in said, said


if __name__ == '__main__':
    tap.run(main)
