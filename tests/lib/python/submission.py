"""Logins to a mail server, with libsasl in this process, and what the server
then says to mail.

    saslclient.load(home.environment('ours'))
    with submission.Conversation(port) as smtp:
        code, text = smtp.log_in()
        code, text = smtp.offer_mail('alice@example.test', 'bob@example.test')
"""

import base64
import smtplib

import saslclient

__all__ = ['Conversation']


class Conversation:
    """A connection to smtpd whose logins are libsasl's."""

    def __init__(self, port, timeout=120):
        self.smtp = smtplib.SMTP('localhost', port, timeout=timeout)
        self.smtp.ehlo()

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.smtp.quit()

    def log_in(self, mech='GS2-KRB5', authzid=''):
        """One attempt; the last answer of the server."""
        with saslclient.Login('smtp', 'localhost', mech, authzid) as login:
            first = base64.b64encode(login.start()).decode()
            code, text = self.smtp.docmd('AUTH', f'{mech} {first}')
            while code == 334:
                answer = login.step(base64.b64decode(text))
                code, text = self.smtp.docmd(
                    base64.b64encode(answer).decode())
        return code, text.decode()

    def offer_mail(self, sender, recipient):
        """What the server says to a sender and a recipient."""
        self.smtp.mail(sender)
        code, text = self.smtp.rcpt(recipient)
        self.smtp.rset()
        return code, text.decode()
