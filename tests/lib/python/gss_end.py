#!/usr/bin/env python3
"""One end of GS2-KRB5 on a GSS-API alone, which GSS_LIBRARY names; its
messages go through standard input and output, a line of base64 each.

    gss_end.py initiate HEADER [DATA]   a client
    gss_end.py accept HEADER [DATA]     a server; at the end, who logged in

HEADER is the gs2-header, DATA in base64 what the channel is bound to.
"""

import base64
import ctypes
import sys

import rawgss


def say(octets):
    """A line to the other end."""
    print(base64.b64encode(octets).decode(), flush=True)


def hear():
    """A line from it."""
    line = sys.stdin.readline()
    if not line:
        raise EOFError('the other end is gone')
    return base64.b64decode(line)


def initiate(header, bound):
    """A client's messages."""
    end = rawgss.Initiator(ctypes.byref(rawgss.KRB5), bound)
    say(header + rawgss.without_framing(end.step()))
    end.step(hear())
    print('done' if end.done else 'not done')


def accept(header, bound):
    """A server's messages."""
    end = rawgss.Acceptor(rawgss.KRB5, bound)
    message = hear()
    if not message.startswith(header):
        raise ValueError('another header')
    say(end.step(rawgss.with_framing(message[len(header):], rawgss.KRB5)))
    print(rawgss.display_name(end.name).decode())


def main():
    """The command."""
    role, header, *data = sys.argv[1:]
    header = header.encode()
    bound = header + b''.join(base64.b64decode(part) for part in data)
    {'initiate': initiate, 'accept': accept}[role](header, bound)


if __name__ == '__main__':
    main()
