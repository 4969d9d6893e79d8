"""A RADIUS server for the tests: freeradius with a configuration of its own,
on a free port of the loopback interface. It knows its users by password, in
the clear (what krb5's OTP module sends) and by EAP-TTLS with EAP-GTC in the
tunnel (what Moonshot speaks), and confirms the channel binding of EAP (RFC
6677): that the acceptor is who the initiator believes it to be.

    users = {'alice': ('secret', [('Filter-Id', 'staff')])}
    with radius.Radius(users) as server:
        ... server.port, server.secret ...

Nothing outside of its scratch directory is read or written, but for
freeradius' own modules and dictionaries.
"""

import os
import re
import shutil
import tempfile
import time

import certs
import realm
import servers
import tap

__all__ = ['Radius', 'NAMELESS']

# Among the attributes of a user: the server does not say who it is.
NAMELESS = ('Reply-Message', 'no name')

CONF = '''\
prefix = /usr
name = radius
raddbdir = {dir}
confdir = {dir}
logdir = {dir}
run_dir = {dir}
libdir = /usr/lib/freeradius
pidfile = {dir}/pid
cleanup_delay = 0
proxy_requests = no
security {{
    reject_delay = 0
    status_server = no
}}
client localhost {{
    ipaddr = 127.0.0.1
    secret = {secret}
}}
modules {{
    always reject {{
        rcode = reject
    }}
    always handled {{
        rcode = handled
    }}
    files {{
        usersfile = {dir}/users
    }}
    pap {{
    }}
    eap {{
        default_eap_type = ttls
        gtc {{
            auth_type = PAP
        }}
        tls-config tls-common {{
            private_key_file = {dir}/key.pem
            certificate_file = {dir}/cert.pem
            ca_file = {dir}/cert.pem
            tls_min_version = "1.2"
            tls_max_version = "1.2"
            ecdh_curve = ""
        }}
        ttls {{
            tls = tls-common
            default_eap_type = gtc
            use_tunneled_reply = yes
            virtual_server = inner
        }}
    }}
}}
server outer {{
    listen {{
        type = auth
        ipaddr = 127.0.0.1
        port = {port}
    }}
    {who}
    post-auth {{
        if (&reply:Reply-Message == "no name") {{
            update reply {{
                &User-Name !* ANY
            }}
        }}
    }}
}}
server inner {{
    {who}
}}
server channel_bindings {{
    authorize {{
        if (&GSS-Acceptor-Service-Name != \\
                &outer.request:GSS-Acceptor-Service-Name || \\
            &GSS-Acceptor-Host-Name != \\
                &outer.request:GSS-Acceptor-Host-Name) {{
            reject
        }}
        update control {{
            &Chbind-Response-Code := success
        }}
        update reply {{
            &GSS-Acceptor-Service-Name = &GSS-Acceptor-Service-Name
            &GSS-Acceptor-Host-Name = &GSS-Acceptor-Host-Name
        }}
        handled
    }}
}}
'''

# The same outside and inside of the tunnel.
WHO = '''\
authorize {
        eap {
            ok = return
        }
        files
        pap
    }
    authenticate {
        Auth-Type PAP {
            pap
        }
        eap
    }'''


class Server(servers.Program):
    """The process. It listens by UDP, so that its log says when it is
    ready."""

    READY = re.compile(r'^Ready to process requests', re.M)

    def _wait(self):
        end = time.monotonic() + servers.START_SECONDS
        while not self.READY.search(self.log()):
            if self.process.poll() is not None or time.monotonic() > end:
                raise servers.ServerError(f'{self.name} does not start:\n'
                                          f'{self.log()}')
            time.sleep(.01)


class Radius:
    """A running server. users: by name, a password and the attributes (name,
    value) of the Access-Accept; an attribute may be there more than once."""

    secret = 'between.server.and.radius'

    def __init__(self, users):
        self.users = users
        self.port = realm.free_port()
        self.dir = None
        self.server = None

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix='gs2-radius.')
        try:
            certs.self_signed(self.dir, 'radius.home.test')
            self._configure()
            self.server = Server(
                'freeradius',
                [tap.find('freeradius', 'freeradius'), '-X', '-d', self.dir,
                 '-n', 'radiusd'],
                dict(os.environ), self.path('log'), cwd=self.dir)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        if self.server:
            self.server.stop()
        if self.dir:
            shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        """A path in the scratch directory."""
        return os.path.join(self.dir, name)

    def log(self):
        """What the server said, for a test that failed."""
        return self.server.log() if self.server else ''

    def _configure(self):
        self._write('radiusd.conf', CONF.format(
            dir=self.dir, port=self.port, secret=self.secret, who=WHO))
        self._write('users', ''.join(
            f'{name} Cleartext-Password := "{password}"\n' + ',\n'.join(
                f'\t{attribute} += "{value}"'
                for attribute, value in attributes) + '\n'
            for name, (password, attributes) in self.users.items()))

    def _write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as out:
            out.write(text)
