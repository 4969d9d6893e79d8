"""A session with an IMAP server, spoken by the test itself: several logins on
one connection, by GS2-KRB5 or GSSAPI through libsasl (saslclient.load() was
called) or by a password.

    with imap_session.Session(port) as imap:
        imap.gs2(home.ticket('pkinit')), imap.rights('shared/payroll')
"""

import base64
import os

import crowd
import saslclient

__all__ = ['Session']


class Session(crowd.Connection):
    """One connection."""

    def __init__(self, port):
        super().__init__(port)
        self.number = 0
        self.say(None)

    def command(self, text):
        """What the server says to a command, without its tag, in lines; the
        last one is its result."""
        self.number += 1
        tag = f'a{self.number} '
        return self._lines(tag, self.say((tag + text).encode()))

    def _lines(self, tag, line):
        lines = []
        while line and not line.startswith(tag.encode()):
            lines.append(line.decode())
            line = self.say(None)
        return [*lines, line.decode()[len(tag):]]

    def ok(self, text):
        """True where the command is done."""
        return self.command(text)[-1].startswith('OK')

    def gs2(self, ticket, authzid='', mech='GS2-KRB5'):
        """A login by a ticket; True where it is accepted."""
        os.environ.update(ticket)
        self.number += 1
        tag = f'a{self.number} '
        with saslclient.Login('imap', 'localhost', mech, authzid) as login:
            line = self.say(f'{tag}AUTHENTICATE {mech} '.encode()
                            + base64.b64encode(login.start()))
            while line.startswith(b'+ '):
                answer = login.step(base64.b64decode(line[2:]))
                line = self.say(base64.b64encode(answer))
        return self._lines(tag, line)[-1].startswith('OK')

    def password(self, user, password):
        """A login by LOGIN."""
        return self.ok(f'LOGIN {user} {password}')

    def rights(self, mailbox):
        """The rights that one has there, without those that Cyrus adds for
        old clients."""
        line = self.command(f'MYRIGHTS {mailbox}')[0]
        found = line.rpartition(' ')[2] if 'MYRIGHTS' in line else ''
        return ''.join(right for right in found if right not in 'cd')

    def append(self, mailbox):
        """True where a message could be put there."""
        text = 'Subject: x\r\n\r\nx'
        return self.ok(f'APPEND {mailbox} {{{len(text)}+}}\r\n{text}')
