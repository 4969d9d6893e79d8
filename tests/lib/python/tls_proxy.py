"""A proxy that ends TLS in front of a server: what the client binds to is not
what the server sees.

    with tls_proxy.TlsProxy(server_port, home.path('server.pem'),
                            home.path('server.key')) as proxy:
        connect to proxy.port
"""

import contextlib
import select
import socket
import ssl
import threading

__all__ = ['TlsProxy']

TIMEOUT = 60


def read(sock):
    """What is there; b'' at the end, None where it is nothing for us."""
    sock.setblocking(False)
    try:
        return sock.recv(1 << 16)
    except (ssl.SSLWantReadError, BlockingIOError):
        return None
    finally:
        sock.settimeout(TIMEOUT)


class TlsProxy:
    """Listens on a free port with this certificate and passes connections on
    to another one: in TLS that it starts anew, or in the clear."""

    def __init__(self, server_port, certificate, key, tls=True):
        self.server_port = server_port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.onward = None
        if tls:
            self.onward = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self.onward.check_hostname = False
            self.onward.verify_mode = ssl.CERT_NONE
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.over, self.end = socket.socketpair()
        self.threads = [threading.Thread(target=self._accept)]

    def __enter__(self):
        self.threads[0].start()
        return self

    def __exit__(self, *_exc):
        self.end.close()
        for thread in self.threads:
            thread.join()
        self.listener.close()
        self.over.close()

    def _accept(self):
        while self.over not in select.select([self.listener, self.over],
                                             [], [])[0]:
            thread = threading.Thread(target=self._serve,
                                      args=(self.listener.accept()[0],))
            self.threads.append(thread)
            thread.start()

    def _serve(self, client):
        with contextlib.suppress(OSError), client, socket.create_connection(
                ('127.0.0.1', self.server_port), TIMEOUT) as server:
            client = self.context.wrap_socket(client, server_side=True)
            if self.onward:
                server = self.onward.wrap_socket(server)
            with client, server:
                while self._pass(client, server):
                    pass

    def _pass(self, client, server):
        """Passes on what is there; False at the end of the connection."""
        ready = select.select([client, server, self.over], [], [])[0]
        for source, target in ((client, server), (server, client)):
            if source not in ready:
                continue
            data = read(source)
            while data:
                target.sendall(data)
                data = read(source)
            if data == b'':
                return False
        return self.over not in ready
