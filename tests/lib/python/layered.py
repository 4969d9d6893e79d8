"""A connection of LDAP on which one binds again and again, by mechanisms with a
security layer and without, as libldap would not: what is said goes through the
layer of the last bind that has made one (RFC 4422 section 3.8).

    saslclient.load(home.environment('ours'))
    with layered.Connection(server) as conn:
        conn.log_in(ticket, 'GSSAPI', max_ssf=256)
        conn.whoami()               through the layer
        conn.log_in(ticket, 'GS2-KRB5')
"""

import os

import saslclient
import scenario
import slapd

__all__ = ['Connection', 'second_binds']

IN_PROGRESS = 14


class Connection(slapd.Connection):
    """One connection, without TLS."""

    def __init__(self, server):
        super().__init__(server, tls=False)
        self.logins = []
        self.layer = None
        self.came = b''

    def __exit__(self, *exc):
        super().__exit__(*exc)
        for login in self.logins:
            login.__exit__()

    def write(self, data):
        """Octets to the server, through the layer."""
        super().write(self.layer.encode(data) if self.layer else data)

    def read(self, size):
        """So many octets of what came through it."""
        if not self.layer:
            return super().read(size)
        while len(self.came) < size:
            # What comes in the clear is no length: the layer refuses it.
            length = super().read(4)
            self.came += self.layer.decode(length)
            if not length:
                raise scenario.ScenarioError('the server has hung up')
            self.came += self.layer.decode(
                super().read(int.from_bytes(length, 'big')))
        data, self.came = self.came[:size], self.came[size:]
        return data

    def log_in(self, ticket, mech, authzid='', max_ssf=0):
        """A bind; its result code. A layer of its own takes the place of the
        one that there is."""
        os.environ.update(ticket)
        login = saslclient.Login('ldap', 'localhost', mech, authzid,
                                 max_ssf=max_ssf)
        self.logins.append(login)
        message = login.start()
        code = IN_PROGRESS
        while code == IN_PROGRESS:
            (code,), _name, _text, *rest = self.ask(
                slapd.sasl(mech.encode(), message))
            if code == IN_PROGRESS or (code == 0 and rest and rest[0]):
                message = login.step(rest[0] if rest else b'')
        if code == 0 and login.ssf():
            self.layer = login
        return code

    def ssf(self):
        """Of the layer that there is."""
        return self.layer.ssf() if self.layer else 0


def second_binds(t, server, alice, bob, name_of):
    """On one connection, after a bind with a layer: binds without one, refused
    ones, and one with another layer. alice and bob are tickets, name_of is the
    directory's name of a user."""
    for mech, max_ssf in (('GSSAPI', 256), ('GSSAPI', 1), ('GSS-SPNEGO', 256)):
        what = f'{mech}, max_ssf {max_ssf}'
        with Connection(server) as conn:
            t.equal((conn.log_in(alice, mech, max_ssf=max_ssf), conn.ssf(),
                     conn.whoami()), (0, max_ssf, name_of('alice')),
                    f'{what}: a layer')
            for second in ('GS2-KRB5', 'GSSAPI', 'GSS-SPNEGO'):
                t.equal((conn.log_in(bob, second), conn.ssf(), conn.whoami()),
                        (0, max_ssf, name_of('bob')),
                        f'{what}, then {second} without one: the first stays')
            t.ok(conn.bind(b'GSSAPI', b'junk')[0] != 0 and
                 name_of('bob') != conn.whoami(),
                 f'{what}, then a bind that is refused: the first stays')
            t.equal((conn.code(slapd.simple(name_of('carol')[len('dn:'):],
                                            'carol.secret')), conn.whoami()),
                    (0, name_of('carol')),
                    f'{what}, then a password: the first stays')
            t.equal((conn.log_in(bob, 'GSSAPI', max_ssf=257 - max_ssf),
                     conn.ssf(), conn.whoami()),
                    (0, 257 - max_ssf, name_of('bob')),
                    f'{what}, then another layer: it takes its place')
