"""Servers whose logs a test reads: as Debian configures their logs, with the
SASL options, the keytab and the user of the test's choice.

    with logged.Home() as home:
        with logged.start(home, 'imapd', options={'gs2_authid': 'full'}) as it:
            it.say(b'n,,' + token)
            it.lines()          a list of Line, by syslog() and in files

Postfix, Exim and slapd's options take root: tap.Skip for others.
"""

import base64
import collections
import copy
import os
import re
import shutil
import sys

import attempts
import cyrus
import ds389
import libvirtd
import mounts
import postfix
import rawgss
import saslclient
import servers
import setups
import slapd
import small_servers
import tap
import tree

__all__ = ['APART', 'CYRUS', 'Home', 'LOGINS', 'Line', 'RESPONSES', 'SERVERS',
           'VERBOSE', 'start', 'together']

FACILITIES = {1: 'user', 2: 'mail', 3: 'daemon', 4: 'auth', 6: 'lpr',
              7: 'news', 10: 'authpriv', 20: 'local4', 22: 'local6'}
LEVELS = ('emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info',
          'debug')
SYSLOG = re.compile(r'<(\d+)>(\w+ [ \d]\d [\d:]{8}) (.*)')

VERBOSE = '-v'  # among the options of memcached
RESPONSES = 'smtpd_sasl_response_limit = 300000'  # among those of smtpd
LOGINS = 'nsslapd-errorlog-level: 8'  # among those of 389-ds
# Services whose servers take their host to be what `hostname` prints.
HOSTNAME = ('svn', 'memcached', 'nntp', 'vnc', 'libvirt')
# Where packages are unpacked that cannot be installed.
APART = '/var/lib/gs2-tests'
EXIM = f'{APART}/exim4-daemon-heavy'
EXIM_USER = 'Debian-exim'
EXIM_CONF = '''\
spool_directory = {data}/spool
log_file_path = {data}/%slog
pid_file_path = {data}/pid
primary_hostname = localhost
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts =
keep_environment = *
acl_smtp_rcpt = check
begin acl
check:
{acl}  accept authenticated = *
  deny
begin routers
none:
  driver = redirect
  data = :blackhole:
begin transports
begin authenticators
{authenticator}'''


class Line(collections.namedtuple('Line', 'where time text')):
    """A line of a log: where is FACILITY.LEVEL of syslog, or a file's name."""

    def in_file(self):
        """As it is in a file: of syslog's, as rsyslogd writes it."""
        if '.' not in self.where:
            return self.text
        return f'{self.time} mail {self.text}'


class Home(servers.Home):
    """A place for all of them, and first messages of clients."""

    def __init__(self):
        super().__init__(services=(*cyrus.SERVICES, 'ldap', 'smtp', 'xmpp',
                                   *HOSTNAME))
        self.count = 0

    def number(self):
        """1, 2, and so on."""
        self.count += 1
        return self.count

    def message(self, service):
        """A first message of alice's, as it should be."""
        with saslclient.Login(service, 'localhost', 'GS2-KRB5') as login:
            return login.start()

    @staticmethod
    def unbound(service):
        """One whose token is not bound to its header."""
        return rawgss.krb5_message(None, service)

    def late(self, service):
        """One by a client whose clock is an hour ahead."""
        done = self.realm.run(
            [sys.executable, tree.helper('rawgss.py'), 'bound', service],
            env=self.fake_time('+1h'))
        return base64.b64decode(done)


class Running:
    """A server: its log, and attempts at a login."""

    def __init__(self, server, setting):
        self.kind = SERVERS[server]
        self.service = self.kind.service
        self.syslog = setting.syslog
        self.replays = setting.replays
        self.program = None
        self.port = None
        self.ports = {}  # of all of Cyrus
        self.files = {}
        self.shown = {}  # how much of each file

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        if self.program:
            self.program.stop()

    def beside(self, server):
        """Another one of the same Cyrus."""
        other = copy.copy(self)
        other.kind, other.shown = SERVERS[server], {}
        other.service = other.kind.service
        other.port = self.ports[other.kind.protocol]
        return other

    def say(self, message):
        """An attempt with that first message; the server's last words, empty
        if it does not run or hangs up."""
        return attempts.say(self.kind.protocol, self.port, message)

    def lines(self):
        """What was logged since the last call, by this server: Cyrus is
        several."""
        tag = self.kind.tag
        return [line for line in self._all_lines()
                if not tag or line.text.startswith(tag + '[')]

    def _new_text(self, path):
        text = read(path)
        before = self.shown.get(path, 0)
        self.shown[path] = len(text)
        return text[before:]

    def _all_lines(self):
        found = []
        for where, path in self.files.items():
            for line in self._new_text(path).splitlines():
                found.append(Line(where, '', line))
        for line in self._new_text(self.syslog).splitlines():
            number, time, text = SYSLOG.fullmatch(line).groups()
            where = (FACILITIES[int(number) >> 3] + '.'
                     + LEVELS[int(number) & 7])
            found.append(Line(where, time, text))
        return found


def read(path):
    """A file's text; none where there is no file."""
    try:
        with open(path, encoding='utf-8', errors='replace') as text:
            return text.read()
    except FileNotFoundError:
        return ''


def lines_of(options, prefix=''):
    """Options as lines of a configuration."""
    return ''.join(f'{prefix}{k}: {v}\n' for k, v in options.items())


class Setting:
    """What a server is started with: a name of its own, options, the
    environment, a syslog file that its user may write."""

    def __init__(self, home, server, options, env, user, acl=''):
        self.home = home
        self.acl = acl
        self.name = f'{server}-{home.number()}'
        self.options = options
        self.user = user
        self.syslog = home.write(f'{self.name}.syslog', '')
        os.chmod(self.syslog, 0o666)
        for folder in (home.dir, home.realm.dir):
            os.chmod(folder, 0o711)
        os.chmod(home.realm.keytab, 0o644)
        self.replays = home.path(self.name + '.replays')
        os.mkdir(self.replays)
        os.chmod(self.replays, 0o777)
        # A copy: the user of a server may not get into the build.
        self.env = {'LD_PRELOAD': shutil.copy(cyrus.SYSLOG,
                                              home.path(self.name + '.so')),
                    'GS2_SYSLOG': self.syslog,
                    'KRB5_KTNAME': 'FILE:' + home.realm.keytab,
                    'KRB5RCACHENAME': f'file2:{self.replays}/file', **env}

    def conf(self, application):
        """A directory with the options of an application."""
        self.home.write(f'{self.name}.conf/{application}.conf',
                        lines_of(self.options))
        return {**self.env,
                'SASL_CONF_PATH': self.home.path(self.name + '.conf')}

    def become(self):
        """What makes a command run as the user."""
        return mounts.become(self.user) if self.user else []


def start_slapd(s, it):
    """slapd as Debian's package sets it up: loglevel none."""
    server = slapd.start(s.home, s.name, options=lines_of(s.options) or '#\n',
                         user=s.user, env=s.env, debug='0',
                         more='loglevel none\n')
    it.program, it.port = server.program, server.port


def start_cyrus(s, it):
    """All of Cyrus, for one of its servers."""
    server = cyrus.Cyrus(s.home, lines_of(s.options, 'sasl_'), s.name, s.env)
    it.program, it.ports = server.program, server.ports
    it.port = it.ports[it.kind.protocol]


def start_postfix(s, it):
    """smtpd, which has its environment from main.cf alone."""
    import_environment = ' '.join(f'{k}={v}' for k, v in s.env.items())
    conf = setups.setup('postfix main.cf', {
        'mail.example.test': 'localhost',
        'KRB5_KTNAME=/etc/postfix/smtp.keytab': import_environment})
    if s.options.pop(RESPONSES, None):
        conf += f'{RESPONSES}\n'
    postfix.prepare(s.home)
    mx = postfix.Postfix(s.home, s.name, conf + 'maillog_file =\n',
                         lines_of(s.options))
    mx.start()
    it.program, it.port = mx.program, mx.port


def start_svnserve(s, it):
    """svnserve with one repository, "r"."""
    repos = s.home.path(f'{s.name}.repos')
    os.mkdir(repos)
    done = s.home.run([tap.find('svnadmin', 'subversion'), 'create',
                       f'{repos}/r'])
    if done.returncode != 0:
        raise servers.ServerError(done.stdout)
    s.home.write(f'{s.name}.repos/r/conf/svnserve.conf',
                 setups.setup('svnserve.conf'))
    it.port = servers.free_port()
    it.files = {'stderr': s.home.path(f'{s.name}.log'),
                '--log-file': s.home.path(f'{s.name}.messages')}
    env = s.conf('svn')
    if s.user:
        s.home.give_to(s.user)
    it.program = s.home.start(
        s.name, [*s.become(), tap.find('svnserve', 'subversion'), '-d',
                 '--foreground', '-r', repos, '--listen-host', '127.0.0.1',
                 '--listen-port', str(it.port), '--log-file',
                 it.files['--log-file']], ports=[it.port], env=env)


def start_memcached(s, it):
    """memcached, which says what it does where it is asked to."""
    it.port = servers.free_port()
    it.files = {'stderr': s.home.path(f'{s.name}.log')}
    user = ['-u', 'root'] if os.geteuid() == 0 and not s.user else []
    verbose = ['-v'] if s.options.pop(VERBOSE, None) else []
    env = s.conf('memcached')
    if s.user:
        s.home.give_to(s.user)
    it.program = s.home.start(
        s.name, [*s.become(), tap.find('memcached', 'memcached'), '-S',
                 *verbose, '-U', '0', *user, '-l', '127.0.0.1', '-p',
                 str(it.port)], ports=[it.port], env=env)


def exim_command(home):
    """What runs Exim, which wants its user to be there."""
    binary = tap.find(f'{EXIM}/usr/sbin/exim4', 'exim4-daemon-heavy')
    places = {}
    for path, line in (
            ('/etc/passwd', f'{EXIM_USER}:x:65001:65001::/:/bin/false\n'),
            ('/etc/group', f'{EXIM_USER}:x:65001:\n')):
        name = os.path.basename(path)
        with open(path, encoding='utf-8') as text:
            places[home.write(f'exim.{name}', text.read() + line)] = path
    return [*mounts.over(places), binary]


def start_exim(s, it):
    """Exim with its queue, its log and its configuration in the scratch
    directory."""
    it.port = servers.free_port()
    data = s.home.path(f'{s.name}.data')
    os.mkdir(data)
    conf = s.home.write(f'{s.name}.exim', EXIM_CONF.format(
        data=data, port=it.port, acl=s.acl, authenticator=setups.setup('exim', {
            'mail.example.test': 'localhost'})))
    command = exim_command(s.home)
    s.home.give_to('nobody')
    os.chown(data, 65001, 65001)
    os.chown(conf, 0, 0)
    it.files = {'stderr': s.home.path(f'{s.name}.log'),
                'mainlog': f'{data}/mainlog', 'paniclog': f'{data}/paniclog'}
    it.program = s.home.start(s.name, [*command, '-C', conf, '-bdf'],
                              ports=[it.port], env=s.conf('exim'))


def start_389ds(s, it):
    """389-ds as its package sets it up, but for who it runs as."""
    it.files = {'errors': s.home.path(f'{s.name}/log_dir/errors')}
    level = ds389.LOGINS if s.options.pop(LOGINS, None) else ds389.DEFAULT
    server = ds389.start(s.home, s.name, lines_of(s.options), level=level,
                         others=setups.setup('389-ds map'), env=s.env)
    it.program, it.port = server.program, server.port


def start_libvirtd(s, it):
    """libvirtd, by TLS."""
    server = libvirtd.Libvirtd(s.home, lines_of(s.options), s.name, s.env)
    it.program, it.port = server.program, server.port
    it.files = {'libvirtd.log': s.home.path(f'{s.name}.log')}


def start_nnrpd(s, it):
    """INN's server for readers, which runs as a user of its own."""
    it.program, it.port, it.files = small_servers.nnrpd(
        s.home, s.name, s.conf('INN'))


def start_prosody(s, it):
    """Prosody."""
    it.program, it.port, it.files = small_servers.prosody(
        s.home, s.name, s.conf('prosody'), s.user)


def start_qemu(s, it):
    """QEMU's VNC."""
    it.program, it.port, it.files = small_servers.qemu(
        s.home, s.name, s.conf('qemu'), s.user)


# file: which one has its options, as the document calls it.
Kind = collections.namedtuple('Kind', 'service protocol start tag file')
SASL2 = '/etc/sasl2/'
IMAPD_CONF = '/etc/imapd.conf'
SERVERS = {
    'slapd': Kind('ldap', 'ldap', start_slapd, None,
                  '/etc/ldap/sasl2/slapd.conf'),
    'imapd': Kind('imap', 'imap', start_cyrus, 'cyrus/imap', IMAPD_CONF),
    'pop3d': Kind('pop', 'pop3', start_cyrus, 'cyrus/pop3', IMAPD_CONF),
    'timsieved': Kind('sieve', 'sieve', start_cyrus, 'cyrus/sieve',
                      IMAPD_CONF),
    'lmtpd': Kind('lmtp', 'lmtp', start_cyrus, 'cyrus/lmtp', IMAPD_CONF),
    'smtpd': Kind('smtp', 'smtp', start_postfix, None,
                  '/etc/postfix/sasl/smtpd.conf'),
    'svnserve': Kind('svn', 'svn', start_svnserve, None, SASL2 + 'svn.conf'),
    'Exim': Kind('smtp', 'smtp', start_exim, None, SASL2 + 'exim.conf'),
    'memcached': Kind('memcached', 'memcached', start_memcached, None,
                      SASL2 + 'memcached.conf'),
    '389-ds': Kind('ldap', 'ldap', start_389ds, None, SASL2 + 'iDS.conf'),
    'libvirtd': Kind('libvirt', 'libvirt', start_libvirtd, None,
                     SASL2 + 'libvirt.conf'),
    'nnrpd': Kind('nntp', 'nntp', start_nnrpd, None, SASL2 + 'INN.conf'),
    'Prosody': Kind('xmpp', 'xmpp', start_prosody, None,
                    SASL2 + 'prosody.conf'),
    'QEMU': Kind('vnc', 'vnc', start_qemu, None, SASL2 + 'qemu.conf'),
}
CYRUS = tuple(name for name, kind in SERVERS.items()
              if kind.start is start_cyrus)


def start(home, server, options=None, env=None, user=None, starts=True,
          acl=''):
    """Starts a server of SERVERS, ready for attempts. options are of the
    plugin or of libsasl; env is over what the realm has. starts is False
    where it may end instead. acl: lines in front of Exim's for recipients."""
    kind = SERVERS[server]
    options = dict(options or {})
    if kind.service in HOSTNAME:
        options['gs2_acceptor'] = f'{kind.service}@localhost'
    setting = Setting(home, server, options, env or {}, user, acl)
    running = Running(server, setting)
    try:
        kind.start(setting, running)
    except servers.ServerError:
        if starts:
            raise
    return running


def together(server):
    """The servers that one start starts, that one among them."""
    return CYRUS if server in CYRUS else (server,)
