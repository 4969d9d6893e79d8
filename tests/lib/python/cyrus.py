"""A private Cyrus IMAP for the tests: imapd, pop3d, timsieved and lmtpd, each
with its port, configured as doc/servers.md says, run by cyrmaster as nobody.

    with cyrus.Home() as home, cyrus.Cyrus(home) as server:
        done = server.test('imap', '-m', 'GS2-KRB5', env=...)
        server.log()                what the servers gave to syslog
        server.deliver('bob', text)

Also for sessions of many clients: Cyrus(home, options) takes the options of
imapd.conf that are not needed to run at all as a text of the caller's; places
(mounts.over) are files that it sees at the system's paths.
"""

import base64
import os
import pwd
import re
import shutil

import mounts
import servers
import setups
import sources
import tap
import tree

__all__ = ['ADMIN', 'Cyrus', 'Home', 'SERVICES', 'documented', 'header']

PROGRAMS = '/usr/lib/cyrus/bin'
PACKAGES = {'imapd': 'cyrus-imapd', 'pop3d': 'cyrus-pop3d',
            'imtest': 'cyrus-clients'}
# What GSS calls them, for keys.
SERVICES = ('imap', 'pop', 'sieve', 'lmtp')
# Whoever runs cyrmaster as root names a user for it and its servers.
USER = 'nobody' if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())[0]
ADMIN = 'alice'
SYSLOG = tree.builddir('tests', 'modules', '.libs', 'syslog.so')

IMAPD_CONF = '''\
configdirectory: {data}
defaultpartition: default
partition-default: {data}/spool
sievedir: {data}/sieve
cyrus_user: {user}
servername: localhost
autocreate_quota: 0
autocreate_post: yes
failedloginpause: 0
tls_server_cert: {home.dir}/server.pem
tls_server_key: {home.dir}/server.key
allowstarttls: on
'''

# The name of a service is the prefix of options that only it has.
CYRUS_CONF = '''\
START {{
  recover cmd="{programs}/ctl_cyrusdb -C {conf} -r"
}}
SERVICES {{
{services}
}}
EVENTS {{
}}
'''
COMMANDS = {'imap': 'imapd', 'imaps': 'imapd -s', 'pop3': 'pop3d',
            'sieve': 'timsieved', 'lmtp': 'lmtpd'}
CLIENTS = {'imap': 'imtest', 'imaps': 'imtest', 'pop3': 'pop3test',
           'sieve': 'sivtest', 'lmtp': 'lmtptest'}


class Home(servers.Home, sources.Sources):
    """A place for Cyrus, and tickets with and without a second factor."""

    def __init__(self):
        super().__init__(services=SERVICES)


def documented(home):
    """The lines of imapd.conf that the documents show."""
    return setups.setup('imapd.conf', {'/etc/cyrus.keytab': home.realm.keytab,
                                       'helpdesk': ADMIN})


def header(transcript):
    """The gs2-header that the client sent, as its transcript has it: a krb5
    token, which begins with 1 and 0 (RFC 4121 section 4.1), is behind it."""
    first = re.search(r'[A-Za-z0-9+/]{100,}', transcript)
    said = base64.b64decode(first[0][:100]) if first else b''
    return said.split(b'\1\0')[0].decode('latin-1')


class Cyrus:
    """A running Cyrus: ports by the name of the service, and clients."""

    def __init__(self, home, options=None, name='cyrus', env=None,
                 plugins='ours', places=None):
        for program, package in PACKAGES.items():
            tap.find(f'{PROGRAMS}/{program}', package)
        self.home = home
        if options is None:
            # The keytab that the options name must be the one that is used.
            options = documented(home)
            env = {'KRB5_KTNAME': home.path('no-keytab'), **(env or {})}
        self.data = home.path(name)
        self.ports = {service: servers.free_port() for service in COMMANDS}
        for folder in ('db', 'socket', 'log', 'proc', 'lock', 'spool'):
            os.makedirs(os.path.join(self.data, folder))
        conf = home.write(f'{name}/imapd.conf', IMAPD_CONF.format(
            home=home, data=self.data, user=USER) + options)
        master = home.write(f'{name}/cyrus.conf', self._services(conf))
        self.log_path = home.write(f'{name}/syslog', '')
        user = USER if os.geteuid() == 0 else None
        if user:
            home.give_to(user)
        command = [tap.find('cyrmaster', 'cyrus-imapd'), '-C', conf, '-M',
                   master, '-p', os.path.join(self.data, 'pid'), '-D']
        if places:
            command = mounts.over(places) + mounts.become(user) + command
        self.program = home.start(
            name, command, ports=self.ports.values(),
            user=None if places else user,
            env={'LD_PRELOAD': shutil.copy(SYSLOG, self.data),
                 'GS2_SYSLOG': self.log_path, **(env or {})},
            plugins=plugins)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.program.stop()

    def _services(self, conf):
        lines = []
        for service, command in COMMANDS.items():
            program, *args = command.split()
            command = ' '.join([f'{PROGRAMS}/{program}', '-C', conf, *args])
            lines.append(f'  {service} cmd="{command}" '
                         f'listen="127.0.0.1:{self.ports[service]}"')
        return CYRUS_CONF.format(programs=PROGRAMS, conf=conf,
                                 services='\n'.join(lines))

    def log(self):
        """What the servers said: PROGRAM[PID]: TEXT, in lines; and what they
        wrote as they died."""
        with open(self.log_path, encoding='utf-8', errors='replace') as log:
            return log.read() + self.program.log()

    def test(self, service, *args, port=None, env=None, stdin='',
             plugins='ours'):
        """Runs imtest, or its like of that service; port is a relay's. What
        it says after the login is stdin."""
        ssl = ['-s'] if service == 'imaps' else []
        return self.home.run(
            [f'{PROGRAMS}/{CLIENTS[service]}', *ssl, *args, '-p',
             str(port or self.ports[service]), 'localhost'],
            env=env, stdin=stdin.replace('\n', '\r\n'), plugins=plugins)

    def deliver(self, user, message, env):
        """A message for a user, by LMTP from ADMIN, whose ticket is in env;
        makes the mailbox where there is none."""
        done = self.test('lmtp', '-m', 'GS2-KRB5', env=env, stdin=(
            f'MAIL FROM:<{ADMIN}@localhost>\nRCPT TO:<{user}>\nDATA\n'
            f'{message}.\n'))
        if '250 2.1.5 Success' not in done.stdout:
            raise servers.ServerError(f'LMTP: {done.stdout}\n{self.log()}')
