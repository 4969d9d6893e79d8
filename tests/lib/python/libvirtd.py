"""libvirtd for the tests, with its driver for tests alone, which is built in:
by TLS as doc/servers.md says, and by TCP. For root alone.

    server = libvirtd.Libvirtd(home, setups.setup('libvirt.conf', ...))
    said, trips, log = server.list_machines(ticket)
"""

import os
import re

import mounts
import servers
import setups
import tap

__all__ = ['Libvirtd']

# Of libvirt's remote protocol: a login begins and goes on.
START, STEP = 68, 69
CERTIFICATES = {'cacert': 'ca.pem', 'servercert': 'server.pem',
                'serverkey': 'server.key', 'clientcert': 'server.pem',
                'clientkey': 'server.key'}
CONFIGURATION = '''\
listen_addr = "127.0.0.1"
tls_no_verify_certificate = 1
listen_tcp = 1
auth_tcp = "sasl"
tcp_port = "{tcp_port}"
tls_port = "{port}"
unix_sock_dir = "{run}"
key_file = "{keys}/serverkey.pem"
cert_file = "{keys}/servercert.pem"
ca_file = "{keys}/cacert.pem"
log_outputs = "1:stderr"
log_filters = "1:rpc"
'''


class Libvirtd:
    """A libvirtd that runs; options is the text of its SASL options, who of
    its list of names."""

    def __init__(self, home, options, name='libvirtd', env=None, who=None):
        self.home = home
        self.virsh = tap.find('virsh', 'libvirt-clients')
        binary = tap.find('libvirtd', 'libvirt-daemon')
        self._link_certificates()
        run = home.path(f'{name}.run')
        os.mkdir(run)
        self.port, self.tcp_port = servers.free_port(), servers.free_port()
        home.write(f'{name}.conf/libvirt.conf', options)
        documented = setups.setup('libvirtd.conf', {
            '*+smartcard': who} if who else None)
        conf = home.write(f'{name}.libvirtd.conf', documented
                          + CONFIGURATION.format(
                              port=self.port, tcp_port=self.tcp_port, run=run,
                              keys=home.path('pki')))
        self.program = home.start(
            name, [*mounts.over({run: '/run'}), binary, '-l', '-f', conf,
                   '-p', home.path(f'{name}.pid')],
            ports=[self.port, self.tcp_port],
            env={'LIBVIRT_DRIVER_DIR': run,
                 'SASL_CONF_PATH': home.path(f'{name}.conf'), **(env or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.program.stop()

    def _link_certificates(self):
        """Gives the certificates the names that virsh looks for."""
        os.makedirs(self.home.path('pki'), exist_ok=True)
        for name, file in CERTIFICATES.items():
            link = self.home.path(f'pki/{name}.pem')
            if not os.path.lexists(link):
                os.symlink(self.home.path(file), link)

    def list_machines(self, ticket, tls=True):
        """What virsh prints, the round trips of the login, and the log of
        it."""
        where = (f'test+tls://localhost:{self.port}/default'
                 f'?pkipath={self.home.path("pki")}' if tls else
                 f'test+tcp://localhost:{self.tcp_port}/default')
        line = setups.setup('virsh', {
            'virsh': self.virsh,
            'qemu+tls://virt.example.test/system': where}).split()
        before = len(self.program.log())
        done = self.home.run(line, env=ticket)
        log = self.program.log()[before:]
        trips = len(re.findall(f'MSG_RX: .* proc=({START}|{STEP}) ', log))
        return done.stdout, trips, log
