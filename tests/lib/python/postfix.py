"""Postfix for the tests: instances of it with configuration, queue and data
in a scratch directory, each with its own port and environment.

    with servers.Home() as home:
        postfix.prepare(home)
        mx = postfix.Postfix(home, 'mx', MAIN_CF, SMTPD_CONF)
        mx.start()

Postfix's master runs as root and its daemons as the user postfix, to whom the
scratch directory is given.
"""

import grp
import os
import pwd
import re
import subprocess
import time

import servers
import tap

__all__ = ['LOGINS_MAIN_CF', 'Postfix', 'prepare', 'USER']

USER = 'postfix'
DAEMONS = '/usr/lib/postfix/sbin'
POSTLOG = '/usr/sbin/postlog'
LOG_SECONDS = 20

# What a program of a throw-away realm reads.
PRIVATE = ('KRB5_CONFIG', 'KRB5RCACHENAME', 'SASL_PATH', 'SASL_PLUGINDIR')

# What must be for any instance to run from a directory of its own.  gsasl sends a
# mail without waiting for the answer to DATA, which Postfix from 3.9 on forbids
# unless told otherwise.
OWN_MAIN_CF = '''\
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
daemon_directory = {daemons}
maillog_file = {dir}/log
maillog_file_prefixes = {dir}
cyrus_sasl_config_path = {dir}/sasl
alias_maps =
alias_database =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
smtp_host_lookup = native
smtputf8_enable = no
biff = no
smtpd_forbid_unauth_pipelining = no
'''

# More lines, of an smtpd that lets people log in by the keys of a file.  With
# options that it cannot read it ends, and a new one at once.
LOGINS_MAIN_CF = '''\
myhostname = localhost
smtpd_sasl_auth_enable = yes
import_environment = MAIL_CONFIG MAIL_LOGTAG LANG=C POSTLOG_SERVICE \
POSTLOG_HOSTNAME KRB5_KTNAME={keytab} KRB5RCACHENAME=none:
service_throttle_time = 1s
'''

MASTER_CF = '''\
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
'''

# The kernel forgets with whom a process that changes its user wanted to die,
# so what dies with the test is a shell, which ends the master.  That one ends
# its process group, so it must lead one.
KEEPER = '''\
trap 'kill "$master"' TERM
setsid "$@" &
master=$!
wait "$master" || wait "$master"
'''

# The queue's directories, with who owns them; RFC 5321 has no word on it,
# postfix-files(5) does.
QUEUE = {'.': ('root', 'root', 0o755),
         'pid': ('root', 'root', 0o755),
         'public': (USER, 'postdrop', 0o710),
         'maildrop': (USER, 'postdrop', 0o730)}
QUEUE.update((name, (USER, 'root', 0o700)) for name in (
    'active', 'bounce', 'corrupt', 'defer', 'deferred', 'flush', 'hold',
    'incoming', 'private', 'saved', 'trace'))


def prepare(home):
    """Postfix's user can read what is in the scratch directories, and users
    to whom it delivers mail get to their mailboxes."""
    tap.find(f'{DAEMONS}/master', 'postfix')
    home.give_to(USER)
    os.chmod(home.dir, 0o711)


def once(main_cf):
    """main_cf with the last entry alone of each parameter. Every daemon would
    log a warning of another one as it starts, postlogd too: to its own socket,
    which may be full by then, so that it waits for itself for ever."""
    entries = re.findall(r'^((\w+) *=.*\n(?:[ \t].*\n)*)', main_cf, re.M)
    return ''.join({name: entry for entry, name in entries}.values())


class Postfix:
    """An instance: main_cf in addition to what it needs to run at all, and
    smtpd_conf, the options of its smtpd's SASL."""

    def __init__(self, home, name, main_cf, smtpd_conf=''):
        self.home = home
        self.name = name
        self.port = servers.free_port()
        self.program = None
        self.env = home.environment('ours')
        os.mkdir(home.path(name), 0o755)
        self.configure(main_cf, smtpd_conf)
        self._make_directories()

    def path(self, *parts):
        """A path in the instance's directory."""
        return self.home.path(self.name, *parts)

    def configure(self, main_cf, smtpd_conf=''):
        """Writes main.cf, master.cf and the options of smtpd's SASL."""
        own = OWN_MAIN_CF.format(dir=self.path(), daemons=DAEMONS)
        for name, text in (
                ('main.cf', once(own + self._with_environment(main_cf))),
                ('master.cf', MASTER_CF.format(port=self.port)),
                ('sasl/smtpd.conf', smtpd_conf)):
            self.home.write(f'{self.name}/{name}', text)

    def _with_environment(self, main_cf):
        """main_cf, whose import_environment has also those variables that
        programs of this realm need and it does not set."""
        found = re.search(r'^import_environment = .*', main_cf, re.M)
        known = re.findall(r'(\w+)=', found[0])
        more = ''.join(f' {name}={value}' for name, value in self.env.items()
                       if name in PRIVATE and name not in known)
        return main_cf[:found.end()] + more + main_cf[found.end():]

    def _make_directories(self):
        for name, (user, group, mode) in QUEUE.items():
            self._directory(self.path('queue', name), user, group, mode)
        self._directory(self.path('data'), USER, USER, 0o700)

    @staticmethod
    def _directory(path, user, group, mode):
        os.makedirs(path, exist_ok=True)
        os.chown(path, pwd.getpwnam(user).pw_uid, grp.getgrnam(group).gr_gid)
        os.chmod(path, mode)

    def start(self, folder=None, wrapper=()):
        """Starts it; ready when its port answers. Behind a command, its
        directory may be at another path, the folder."""
        self.program = self.home.start(
            self.name, [*wrapper, 'sh', '-c', KEEPER, 'sh',
                        f'{DAEMONS}/master', '-c', folder or self.path(),
                        '-d'],
            ports=[self.port], env=self.env)
        return self

    def stop(self):
        """Stops it and all its daemons, if it runs. They have the master's
        socket, and may live longer than it: start() must not take one of them
        for the new one."""
        if not self.program:
            return
        self.program.stop()
        end = time.monotonic() + LOG_SECONDS
        while servers.answers(self.port):
            if time.monotonic() > end:
                raise servers.ServerError(f'{self.name} goes on listening')
            time.sleep(.02)

    def log(self):
        """What it logged so far, and what its master wrote. The daemons send
        their lines to one of them, which writes them in order. So everything
        is there once a line that is sent now is there."""
        mark = f'read at {time.monotonic_ns()}'
        subprocess.run([POSTLOG, '-c', self.path(), '-t', 'test', mark],
                       check=True, env=self.env, stderr=subprocess.DEVNULL)
        end = time.monotonic() + LOG_SECONDS
        while mark not in (text := self._written()):
            if time.monotonic() > end:
                raise servers.ServerError(f'{self.name} logs nothing:\n'
                                          f'{text}')
            time.sleep(.02)
        return self.program.log() + text

    def _written(self):
        try:
            with open(self.path('log'), encoding='utf-8',
                      errors='replace') as log:
                return log.read()
        except FileNotFoundError:
            return ''

