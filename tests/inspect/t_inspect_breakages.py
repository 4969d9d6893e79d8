#!/usr/bin/env python3
"""The commonest breakages, each made with the real slapd and the real imapd of
Cyrus and with a real KDC: what the client says, what the server logs, what
gs2-inspect says, and what doc/troubleshooting.md advises, side by side.
"""

import contextlib
import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
import time

import cyrus
import inspected
import mounts
import one_imapd
import servers
import slapd
import sources
import tap
import tickets
import tls_proxy
import tree

MECH = 'GS2-KRB5'
LOG_SECONDS = 20
ALICE = 'auth-indicators=spake'
NOT_MET = r'reason="the login does not meet the requirements of the server"'
IMAPD_CONF = '''\
configdirectory: {data}
partition-default: {data}/spool
servername: {host}
failedloginpause: 0
tls_server_cert: {home.dir}/server.pem
tls_server_key: {home.dir}/server.key
sasl_mech_list: GS2-KRB5 EXTERNAL
'''
SLAPD_CONF = '''\
sasl-host {host}
sasl-cbinding tls-endpoint
TLSCertificateFile {home.dir}/server.pem
TLSCertificateKeyFile {home.dir}/server.key
pidfile {data}/pid
access to * by * read
'''


class Place(sources.Sources, servers.Home):
    """The realm of all servers, and who logs in."""

    def __init__(self):
        super().__init__()
        self.services = ('ldap', 'imap')

    def lay_out(self):
        """Everybody may read all but what a case closes."""
        for folder in (self.dir, self.realm.dir):
            os.chmod(folder, 0o755)
        for file in (self.realm.keytab, self.path('server.key')):
            os.chmod(file, 0o644)
        self.certify('proxy')
        self.realm.addprinc('sieve/localhost')
        self.realm.ktadd(self.path('sieve.keytab'), 'sieve/localhost')
        os.chmod(self.path('sieve.keytab'), 0o644)
        self.alice = self.ticket('spake', 'alice')
        self.bob = self.ticket('timestamp', 'bob')
        self.trusted = {'SSL_CERT_FILE': self.path('ca.pem'),
                        'LDAPTLS_CACERT': self.path('ca.pem')}

    def fresh_folder(self, name):
        """An empty folder."""
        shutil.rmtree(self.path(name), ignore_errors=True)
        os.makedirs(self.path(name))
        return self.path(name)


class Server:
    """A server whose options and keytab a case has chosen."""

    def __init__(self, place):
        self.place = place

    def see(self, options='', keytab=None, env=None, host='localhost',
            command=('login',)):
        """One breakage: client, log, gs2-inspect."""
        keytab = keytab or self.place.realm.keytab
        env = env or self.place.alice
        with self.running(options, keytab, host, tls=False) as (port, log):
            client = self.client(host, port, env)
            text = log()
        said = inspected.inspect(
            self.place, *command, *(() if command[0] == 'conf' else (
                '-n', host, '-k', keytab, '-c')), self.name, env=env,
            wrapper=mounts.over(self.seen))
        return client, text, said.out + said.err

    def see_proxied(self, options=''):
        """The same of a login through a proxy that starts TLS anew."""
        place = self.place
        env = {**place.alice, **place.trusted}
        with self.running(options, place.realm.keytab, 'localhost',
                          tls=True) as (port, log), tls_proxy.TlsProxy(
                              port, place.path('proxy.pem'),
                              place.path('proxy.key')) as proxy:
            client = self.client('localhost', proxy.port, env, tls=True)
            text = log()
            said = inspected.inspect(place, self.service,
                                     f'localhost:{proxy.port}', env=env)
        return client, text, said.out + said.err


class Slapd(Server):
    """slapd, as the user openldap."""
    name, service, user = 'slapd', 'ldap', 'openldap'

    @contextlib.contextmanager
    def running(self, options, keytab, host, tls):
        """Its port, and what reads its log."""
        place = self.place
        inspected.write(place, place.fresh_folder('sasl2') + '/slapd.conf',
                        f'mech_list: {MECH}\n{options}')
        self.seen = {place.path('sasl2'): slapd.OPTIONS}
        data = place.fresh_folder('data')
        shutil.chown(data, self.user, self.user)
        own = inspected.write(place, 'own.conf', SLAPD_CONF.format(
            home=place, host=host, data=data))
        ports = [servers.free_port(), servers.free_port()]
        if os.path.exists(place.path('slapd.log')):
            os.unlink(place.path('slapd.log'))
        # Debian gives a machine's own name 127.0.1.1.
        listens = ' '.join(
            f'ldap://{address}:{ports[0]} ldaps://{address}:{ports[1]}'
            for address in sorted({'127.0.0.1', socket.gethostbyname(host)}))
        with place.start('slapd', [
                *mounts.over(self.seen), tap.find('slapd', 'slapd'), '-f', own,
                '-h', listens, '-u', self.user, '-g', self.user, '-d', '256'],
                         ports=ports[:1], env={
                             'KRB5_KTNAME': keytab, 'KRB5RCACHENAME': 'none:',
                             **slapd.NO_LEAKS}) as program:
            yield ports[tls], lambda: ended(program)

    def client(self, host, port, env, tls=False):
        """What ldapwhoami says."""
        return self.place.run([
            tap.find('ldapwhoami', 'ldap-utils'), '-N', '-Q', '-Y',
            f'{MECH}-PLUS' if tls else MECH, '-H',
            f'{"ldaps" if tls else "ldap"}://{host}:{port}'], env={
                **({'LDAPSASL_CBINDING': 'tls-endpoint'} if tls else
                   {'LDAPNOINIT': '1'}), **env}).stdout


class Imapd(Server):
    """Cyrus' imapd, which becomes the user cyrus by itself."""
    name, service, user = 'imapd', 'imap', 'cyrus'

    @contextlib.contextmanager
    def running(self, options, keytab, host, tls):
        """Its port, and what reads its log."""
        place = self.place
        if tls:
            with cyrus.Cyrus(place, f'sasl_mech_list: {MECH} EXTERNAL\n',
                             env={'KRB5_KTNAME': keytab,
                                  'KRB5RCACHENAME': 'none:'}) as master:
                yield master.ports['imaps'], master.log
            return
        data = one_imapd.folders(place)
        subprocess.run(['chown', '-R', self.user, data], check=True)
        conf = inspected.write(place, 'imapd.conf', IMAPD_CONF.format(
            home=place, host=host, data=data) + re.sub(
                '^', 'sasl_', options, flags=re.M).removesuffix('sasl_'))
        self.seen = {conf: '/etc/imapd.conf'}
        log = inspected.write(place, 'imapd.syslog', '')
        os.chmod(log, 0o666)
        with one_imapd.Imapd(
                place, conf, 'imap', {
                    'KRB5_KTNAME': keytab, 'KRB5RCACHENAME': 'none:'},
                user=None, host=host) as program:
            yield program.port, lambda: read(log)

    def client(self, host, port, env, tls=False):
        """What imtest says."""
        return self.place.run(
            [f'{cyrus.PROGRAMS}/imtest', *(['-s'] if tls else []), '-m',
             f'{MECH}-PLUS' if tls else MECH, '-p', str(port), host],
            env=env, stdin='. LOGOUT\r\n').stdout


def read(path):
    """A file."""
    with open(path, encoding='utf-8', errors='replace') as text:
        return text.read()


def ended(server):
    """What slapd logged once it has closed the client's connection, which is
    the second one: the first asked whether it listens."""
    end = time.monotonic() + LOG_SECONDS
    while (log := server.log()).count(' closed') < 2:
        if time.monotonic() > end:
            raise AssertionError(f'the connection stays: {log}')
        time.sleep(.02)
    return log


def no_key(server):
    """The keytab is another service's."""
    return server.see(keytab=server.place.path('sieve.keytab'),
                      command=('mechs',))


def unreadable_key(server):
    """root alone reads it."""
    keytab = server.place.path('closed.keytab')
    shutil.copy(server.place.realm.keytab, keytab)
    os.chmod(keytab, 0o600)
    return server.see(keytab=keytab, command=('mechs',))


def wrong_host(server):
    """The KDC knows no such service."""
    host = server.place.realm.host
    server.place.realm.kadmin(f'delprinc -force {server.service}/{host}')
    return server.see(host=host, env=tickets.ticket(server.place, 'host.cc'))


def expired(server):
    """A ticket of a second."""
    env = tickets.ticket(server.place, 'short.cc', ['-l', '1s'])
    time.sleep(2.1)
    return server.see(env=env)


def wrong_realm(server):
    """The user is of another realm than the rule."""
    return server.see('gs2_require: gs2:realm=EXAMPLE.TEST\n',
                      env=server.place.foreigner())


def wrong_realm_in_rule(server):
    """The rule is of another realm than the user."""
    return server.see('gs2_require: gs2:realm=EXAMPLE.COM\n')


def misspelt(server):
    """Whoever has a ticket gets in."""
    return server.see(f'gs2_requires: {ALICE}\n', env=server.place.bob,
                      command=('conf',))


def typo(server):
    """Nobody gets in."""
    return server.see(f'gs2_require: {ALICE} nd a=b\n', command=('conf',))


def absent(server):
    """Bob had no second factor."""
    return server.see(f'gs2_require: {ALICE}\n', env=server.place.bob)


def skew(server):
    """The KDC's clock is an hour late."""
    with tickets.kdc_at(server.place, '-1h'):
        return server.see(env=tickets.ticket(server.place, 'late.cc'))


def not_allowed(server):
    """The rule names others."""
    return server.see('gs2_require: gs2:authid=alice\n', env=server.place.bob)


def proxied(server):
    """TLS ends at a proxy before the server."""
    return server.see_proxied()


RULE_CURE = r'`gs2-inspect login -c CONFIGURATION` prints each comparison'
KEY_LOG = r'GS2-KRB5 is not available for {service}@localhost: cannot acquire'
# What is not in the server's log: there was no login.
NOTHING = r'\A(?!.*GS2-KRB5 login).*'
NEXT = r'next: see which comparison is false, below'

# What only one of them says.
WORDS = {
    'slapd': {
        'no_mech': r'Authentication method not supported',
        'refused': r'authorization failure: the login does not meet the '
                   r'requirements',
        'broken': r"the server's configuration of GS2 has an error",
        'expired': r'Ticket expired; get a ticket with kinit',
        'unknown': r'Server ldap/\S+ not found in Kerberos database',
        'unbound': r'server failed mutual authentication step: GSS initiator: '
                   r'Generic error',
        'in': r'dn:uid=bob,', 'in_log': r'authcid="bob',
        'skewed': r'Clock skew too great', 'prefix': '', 'line': 2,
    },
    'imapd': {
        'no_mech': r'Server did not advertise AUTH=GS2-KRB5',
        'refused': r'A01 NO authorization failure',
        'broken': r'Server did not advertise AUTH=GS2-KRB5',
        'expired': r'Authentication failed\. generic failure',
        'unknown': r'Authentication failed\. generic failure',
        'unbound': r'Authentication failed\. server failed mutual '
                   r'authentication step',
        'in': r'Authenticated\.',
        'in_log': r'login: \S+ \S+ bob GS2-KRB5 User logged in',
        'skewed': r'Authentication failed\. server failed mutual '
                  r'authentication step',
        'prefix': 'sasl_', 'line': 8,
    },
}

# Each, the client's text, the server's log, what gs2-inspect says, and what
# doc/troubleshooting.md does.
BREAKAGES = [
    (no_key, r'{no_mech}', KEY_LOG,
     r'no key for {service}/localhost in .*next: kadmin .*makes a new key',
     r'The keytab in this line does not have the service\'s key'),
    (unreadable_key, r'{no_mech}', KEY_LOG,
     r'{user} cannot read it: Permission denied.*'
     r'next: chgrp {group} \S+ && chmod g\+r \S+ \(no key is changed\)',
     r'`gs2-inspect mechs -c SERVER`, run as root, looks at it as that '
     r'user and says what to do'),
    (expired, r'{expired}', NOTHING,
     r'next: get a new ticket: kinit', r'Run `kinit` again'),
    (wrong_realm, r'{refused}',
     NOT_MET + r' detail="not met: gs2:realm=EXAMPLE',
     NEXT + r'.* realm +OTHER\.TEST.*false +gs2:realm=EXAMPLE\.TEST',
     RULE_CURE),
    (wrong_realm_in_rule, r'{refused}',
     NOT_MET + r' detail="not met: gs2:realm=EXAMPLE\.COM',
     NEXT + r'.* realm +EXAMPLE\.TEST.*false +gs2:realm=EXAMPLE\.COM',
     RULE_CURE),
    (misspelt, r'{in}', r'{in_log}',
     r'not in force: there is no option {prefix}gs2_requires; did you mean '
     r'{prefix}gs2_require\b.*whoever has a ticket gets in',
     r'An option that is misspelt, .{0,40} is ignored'),
    (typo, r'{broken}',
     r'GS2: option gs2_require: line 1, column 23.*no GS2 mechanism is',
     r'\.conf:{line}:\d+: closed: .*found \'nd\'.*nobody gets in by GS2',
     r'A rule, a map or a value that does not parse lets nobody in'),
    (absent, r'{refused}', NOT_MET + r' detail="not met: auth-indicators=spake',
     NEXT + r'.*false +auth-indicators=spake \(the login has no such '
     r'attribute', RULE_CURE),
    (skew, r'{skewed}', r'login failed: .*Clock skew too great',
     r'next: set the clocks of this machine, the server and the KDC',
     r'The clocks of client, server and KDC differ by more than five minutes'),
    (not_allowed, r'{refused}', NOT_MET + r' detail="not met: gs2:authid=alice',
     NEXT + r'.*false +gs2:authid=alice', RULE_CURE),
    (proxied, r'{unbound}',
     r'login failed: .*reason="[^"]*bound to another GS2 header or channel',
     r'next: the server lets in without a channel binding\. TLS probably ends '
     r'at a proxy before the server',
     r'a proxy ends TLS, or there is an attack'),
    (wrong_host, r'{unknown}', NOTHING,
     r'next: make the service\'s principal.*or name another host',
     r'Use the server\'s full name, not an alias or an address'),
]


def page():
    """doc/troubleshooting.md in one line."""
    with open(tree.srcdir('doc', 'troubleshooting.md'),
              encoding='utf-8') as text:
        return ' '.join(text.read().split())


def shown(text, pattern):
    """What is seen of a text, in a line; None where it is not there."""
    found = re.search(pattern, text, re.S)
    return ' '.join(found[0].split()) if found else None


def pattern_of(text, server):
    """A pattern of the table for one of the servers."""
    group = grp.getgrgid(pwd.getpwnam(server.user).pw_gid).gr_name
    words = {'service': server.service, 'user': server.user, 'group': group,
             **WORDS[server.name]}
    return re.sub(r'\{(\w+)\}', lambda name: str(words[name[1]]), text)


def breakages(t, server, advice):
    """Each of them, of one server."""
    for make, *wanted in BREAKAGES:
        name = f'{server.name}, {make.__name__.replace("_", " ")}'
        with t.case(f'{name}: all of it is made'):
            cells = (*make(server), advice)
        t.note(f'=== {name}')
        for who, text, pattern in zip(('client', 'log', 'gs2-inspect', 'page'),
                                      cells, wanted):
            pattern = pattern_of(pattern, server)
            seen = shown(text, pattern)
            t.note(f'{who}: {seen}')
            t.ok(seen is not None, f'{name}: {who}', f'{pattern}\n{text}')


def main(t):
    """Both servers in one realm."""
    if os.geteuid() != 0:
        raise tap.Skip('only root runs a server as its user')
    tap.find('slapd', 'slapd')
    for program in ('imapd', 'imtest'):
        tap.find(f'{cyrus.PROGRAMS}/{program}', cyrus.PACKAGES[program])
    advice = page()
    with Place() as place:
        place.lay_out()
        for server in (Slapd(place), Imapd(place)):
            breakages(t, server, advice)


if __name__ == '__main__':
    tap.run(main)
