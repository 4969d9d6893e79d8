"""The round trips of a login, as seen on the wire: a TCP relay in front of a
server that keeps what each side said, in turns.

Without TLS the login is found by what is in it:

    with wire.Relay(port) as relay:
        home.run(['ldapwhoami', ..., f'ldap://localhost:{relay.port}'])
        trips = wire.round_trips(relay.take(), b'GS2-KRB5', b'OK')

Under TLS only the turns of the whole connection can be counted. So one counts
those of the same program with another login, whose round trips are known from
a connection without TLS:

        trips = (wire.fewest(relay, gs2_run) - wire.fewest(relay, plain_run)
                 + trips_of_the_plain_login)

A turn is all that one side sends before the other says anything. A server may
speak before it must, as when it sends session tickets (TLS 1.3) between two
writes of a client, or says goodbye before the client has said the last of its
own. So fewest() has the relay hold back what the server says, for as long as
the whole program took before, but at most for some seconds: a client that has
more to say says it in that time, on a slow machine too, and one that waits gets
its answer afterwards.
Without TLS no server here does that before the login is over, so round_trips()
needs no such thing.
"""

import re
import select
import socket
import threading
import time

__all__ = ['Relay', 'fewest', 'round_trips', 'turns']

RUNS_MAX = 6
HOLD_SECONDS_MAX = 5
CLIENT, SERVER = 'client', 'server'


class Relay:
    """Listens on a free port of the loopback interface, passes connections on
    to another one, and keeps each as a list of (side, octets). What the server
    says waits for `hold` seconds while the client may have more to say."""

    def __init__(self, server_port):
        self.server_port = server_port
        self.hold = 0
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.connections = []
        self.threads = []
        self.over, self.end = socket.socketpair()
        self.acceptor = threading.Thread(target=self._accept)

    def __enter__(self):
        self.acceptor.start()
        return self

    def __exit__(self, *_exc):
        self.end.close()
        self.acceptor.join()
        for thread in self.threads:
            thread.join()
        self.listener.close()
        self.over.close()

    def take(self):
        """The connections since the last call, the oldest first. Those that
        the client closed are complete."""
        for thread in self.threads:
            thread.join()
        taken, self.connections, self.threads = self.connections, [], []
        return taken

    def _accept(self):
        while self.over not in select.select([self.listener, self.over],
                                             [], [])[0]:
            client = self.listener.accept()[0]
            said = []
            thread = threading.Thread(target=self._pass, args=(client, said))
            self.connections.append(said)
            self.threads.append(thread)
            thread.start()

    def _pass(self, client, said):
        """One connection, from its first octet to the end of either side."""
        try:
            with client, socket.create_connection(
                    ('127.0.0.1', self.server_port)) as server:
                for sock in (client, server):
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while self._one(client, server, said):
                    pass
        except OSError:
            pass  # one side is gone: so is the connection

    def _one(self, client, server, said):
        """Passes on what is there; False at the end of the connection."""
        ready = select.select([client, server, self.over], [], [])[0]
        if client not in ready and server in ready:
            ready += select.select([client], [], [], self.hold)[0]
        if client in ready:
            source, target, side = client, server, CLIENT
        elif server in ready:
            source, target, side = server, client, SERVER
        else:
            return False
        data = source.recv(1 << 16)
        if data:
            if said and said[-1][0] == side:
                said[-1] = (side, said[-1][1] + data)
            else:
                said.append((side, data))
            target.sendall(data)
        return bool(data)


def turns(connections):
    """How often a client spoke and was answered, in all connections."""
    return sum(said[at][0] == CLIENT and at + 1 < len(said)
               for said in connections for at in range(len(said)))


def fewest(relay, run):
    """The turns of what run() does by the relay; one in which the server spoke
    before it had to is not counted. The least of some runs, seen twice, since
    a machine may be busier in one than it was while the time was taken."""
    counts, longest = [], 0
    while (len(counts) < RUNS_MAX and
           counts.count(min(counts, default=0)) < 2):
        begun = time.monotonic()
        run()
        relay.take()
        longest = max(longest, time.monotonic() - begun)
        relay.hold = min(longest, HOLD_SECONDS_MAX)
        run()
        relay.hold = 0
        counts.append(turns(relay.take()))
    return min(counts)


def round_trips(connections, first, last):
    """The turns from the client's where the expression first is found, to the
    server's first one from there where last is; 0 where there is no such
    login."""
    for said in connections:
        trips = 0
        for side, data in said:
            if side == CLIENT and (trips or re.search(first, data)):
                trips += 1
            elif trips and re.search(last, data):
                return trips
    return 0
