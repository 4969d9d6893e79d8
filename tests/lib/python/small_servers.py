"""nnrpd of INN, Prosody and QEMU's VNC for the tests, each configured as
doc/servers.md says, each with what it needs to run at all in a directory of
the test's own.

    server = small_servers.nnrpd(home, 'nnrpd', env)
    server.program, server.port

Options of SASL are in files that the environment names (SASL_CONF_PATH).
"""

import collections
import os

import mounts
import servers
import setups
import tap

__all__ = ['INN', 'PROSODY_CONF', 'nnrpd', 'prosody', 'qemu']

Started = collections.namedtuple('Started', 'program port files')

# Where tests/repo/install-packages puts packages that it does not install.
INN = '/var/lib/gs2-tests/inn2'
INN_LIBRARIES = f'{INN}/usr/lib/news:{INN}-inews/usr/lib/news'
INN_USER = 'news'
INN_CONF = '''\
mta: "/bin/true %s"
organization: none
ovmethod: tradindexed
hismethod: hisv6
pathhost: localhost
domain: localhost
pathbin: {inn}/usr/lib/news/bin
pathnews: {data}
pathdb: {data}/db
pathetc: {data}/etc
pathrun: {data}/run
pathlog: {data}/log
pathspool: {data}/spool
pathtmp: {data}/tmp
'''
INN_ACTIVE = 'local.test 0000000000 0000000001 y\n'

PROSODY_CONF = '''\
pidfile = "{data}/pid"
data_path = "{data}"
plugin_paths = {{ "/usr/lib/prosody/modules/mod_auth_cyrus" }}
run_as_root = true
modules_enabled = {{ "saslauth", "tls", "disco" }}
modules_disabled = {{ "s2s" }}
c2s_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
ssl = {{
  key = "{home.dir}/server.key", certificate = "{home.dir}/server.pem"
}}
log = {{ debug = "{data}/log" }}
{ours}
VirtualHost "localhost"
'''
QEMU_CERTIFICATES = {'ca-cert': 'ca.pem', 'server-cert': 'server.pem',
                     'server-key': 'server.key'}
VNC_PORT = 5900


def must(home, args, env=None):
    """Runs a program that has to succeed."""
    done = home.run(args, env=env)
    if done.returncode != 0:
        raise servers.ServerError(f'{args}: {done.stdout}')


def as_user(home, user):
    """What makes a command run as a user who can read all of home."""
    if not user:
        return []
    home.give_to(user)
    return mounts.become(user)


def nnrpd(home, name, env):
    """INN's server for readers, without the rest of INN; as root alone."""
    if os.geteuid() != 0:
        raise tap.Skip("INN's innbind serves root and news alone")
    binary = tap.find(f'{INN}/usr/lib/news/bin/nnrpd', 'inn2')
    data = home.path(f'{name}.inn')
    for folder in ('db', 'etc', 'run', 'log', 'spool/overview',
                   'tmp'):
        os.makedirs(f'{data}/{folder}')
    home.write(f'{data}/inn.conf', INN_CONF.format(data=data, inn=INN)
               + setups.setup('inn.conf'))
    home.write(f'{data}/etc/readers.conf', setups.setup('readers.conf'))
    home.write(f'{data}/etc/storage.conf', '')
    home.write(f'{data}/db/active', INN_ACTIVE)
    home.write(f'{data}/db/newsgroups', '')
    ours = {'INNCONF': f'{data}/inn.conf', 'LD_LIBRARY_PATH': INN_LIBRARIES}
    become = as_user(home, INN_USER)
    must(home, [*become, f'{INN}/usr/lib/news/bin/makehistory', '-O', '-x'],
         ours)
    port = servers.free_port()
    program = home.start(
        name, [*become, binary, '-D', '-f', '-p', str(port), '-b',
               '127.0.0.1'], ports=[port],
        env={**ours, **env})
    return Started(program, port, {'stderr': home.path(f'{name}.log')})


def prosody(home, name, env, user=None):
    """Prosody with mod_auth_cyrus, which may run as a user."""
    binary = tap.find('prosody', 'prosody')
    tap.find('/usr/lib/prosody/modules/mod_auth_cyrus', 'prosody-modules')
    tap.find('/usr/lib/*/lua/*/cyrussasl.so', 'lua-cyrussasl')
    data = home.path(f'{name}.data')
    os.mkdir(data)
    port = servers.free_port()
    conf = home.write(f'{name}.cfg.lua', PROSODY_CONF.format(
        home=home, data=data, port=port, ours=setups.setup(
            'prosody', {'xmpp.example.test': 'localhost'})))
    program = home.start(
        name, [*as_user(home, user), binary, '-F', '--config', conf],
        ports=[port], env=env)
    return Started(program, port, {'stderr': home.path(f'{name}.log'),
                                   'prosody.log': f'{data}/log'})


def qemu(home, name, env, user=None, tls=True):
    """A machine of QEMU's that does nothing but offer its screen; with TLS, or
    without. It may run as a user."""
    keys = home.path('vnc')
    os.makedirs(keys, exist_ok=True)
    for link, file in QEMU_CERTIFICATES.items():
        if not os.path.lexists(f'{keys}/{link}.pem'):
            os.symlink(home.path(file), f'{keys}/{link}.pem')
    if not os.path.exists(f'{keys}/dh-params.pem'):
        # Else QEMU makes some, which takes seconds.
        must(home, ['openssl', 'genpkey', '-genparam', '-algorithm', 'DH',
                    '-pkeyopt', 'dh_param:ffdhe2048', '-out',
                    f'{keys}/dh-params.pem'])
    port = servers.free_port()
    shown = setups.setup('qemu', {
        'qemu-system-x86_64': tap.find('qemu-system-x86_64',
                                       'qemu-system-x86'),
        '/etc/pki/vnc': keys, '0.0.0.0:5': f'127.0.0.1:{port - VNC_PORT}'})
    if not tls:
        shown = shown.replace(',tls-creds=tls0', '')
    program = home.start(
        name, [*as_user(home, user), *shown.split(), '-M', 'none',
               '-display', 'none', '-S'],
        ports=[port], env=env)
    return Started(program, port, {'stderr': home.path(f'{name}.log')})
