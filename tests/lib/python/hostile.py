"""Servers that say what no server should: for the tests of gs2-inspect.
"""

import contextlib
import socket
import ssl
import threading

__all__ = ['listening', 'no_tls', 'server', 'tls_of']

TIMEOUT = 60


def tls_of(home):
    """TLS with the certificate of a servers.Home."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(home.path('server.pem'), home.path('server.key'))
    return tls


@contextlib.contextmanager
def listening(port):
    """Somebody at a port of our own choice. Raises OSError where that cannot
    be."""
    with socket.create_server(('127.0.0.1', port)):
        yield


def no_tls(port):
    """What gs2-inspect advises where a server has no TLS, and nobody is at the
    port for TLS."""
    return ('next: give the server a certificate and its key, since there is '
            f'no TLS at port {port} either; if it has them, look for somebody '
            'between who takes STARTTLS away\n')


@contextlib.contextmanager
def server(*lines, tls=None, told=None):
    """A server that says these lines, whatever it is told, starts TLS where
    one is None, waits where one is an event, and says one again and again
    where it is a function; its port. What it was told is added to a list, if
    there is one."""
    def serve():
        heard = True
        with contextlib.suppress(OSError), contextlib.ExitStack() as ends:
            peer = ends.enter_context(listener.accept()[0])
            peer.settimeout(TIMEOUT)
            for line in lines:
                if isinstance(line, threading.Event):
                    line.wait()
                    continue
                if line is None:
                    peer = ends.enter_context(
                        tls.wrap_socket(peer, server_side=True))
                    continue
                if not heard:
                    words = peer.recv(4096)
                    if told is not None:
                        told.append(words)
                while callable(line):
                    peer.sendall(line())
                peer.sendall(line)
                heard = False
            peer.shutdown(socket.SHUT_WR)
            peer.recv(4096)

    with socket.create_server(('127.0.0.1', 0)) as listener:
        listener.settimeout(TIMEOUT)
        # Where the test fails, nobody waits for it.
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
    thread.join()
