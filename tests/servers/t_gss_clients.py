#!/usr/bin/env python3
"""Clients that have GSS-API and no libsasl make the first message of GS2 as
doc/servers.md shows: python-gssapi, perl's GSSAPI, the JDK. The last two bind
with an address type that RFC 5801 does not allow, unless they are told.
"""

import base64

import scenario
import servers
import setups
import sources
import tap

HEADER = 'n,,'
REFUSED = 'with an address type other than 0, as Java does'
PYTHON = '''\
import base64, gssapi, gssapi.raw
header = b'n,,'
{ours}print(base64.b64encode(token).decode())
'''
PERL = '''\
use GSSAPI;
use MIME::Base64;
my $header = 'n,,';
{ours}print encode_base64($token, '');
'''
JAVA = '''\
import java.util.Base64;
import org.ietf.jgss.*;
import sun.security.jgss.krb5.internal.TlsChannelBindingImpl;

public class Gs2 {{
    public static void main(String[] args) throws Exception {{
        byte[] header = "n,,".getBytes();
{ours}        System.out.println(Base64.getEncoder().encodeToString(token));
    }}
}}
'''
KRB5_CONF = '''\
[libdefaults]
 default_realm = EXAMPLE.TEST
[realms]
 EXAMPLE.TEST = {{
  kdc = 127.0.0.1:{port}
 }}
[domain_realm]
 localhost = EXAMPLE.TEST
'''
JAAS = '''\
com.sun.security.jgss.krb5.initiate {{
  com.sun.security.auth.module.Krb5LoginModule required
  useTicketCache=true doNotPrompt=true ticketCache="{cache}";
}};
'''


class Home(servers.Home, sources.Sources):
    """A realm, and a server that says what is wrong."""


class Client:
    """A program that makes a first token: its setup, its text, the package
    that it needs; wrong is what it says where nobody told it."""

    def __init__(self, name, text, needs, right='', wrong=None):
        self.name = name
        self.text = text
        self.needs = needs
        self.right = right
        self.wrong = wrong

    def token(self, home, misses=False):
        """Its token, with its framing; without the lines that cure it."""
        tap.find(*self.needs)
        ours = setups.setup(self.name)
        if misses:
            assert self.right in ours, self.right
            ours = ours.replace(self.right, self.wrong)
        file = home.write('Gs2.java' if self.name == 'jgss' else self.name,
                          self.text.format(ours=ours))
        done = home.run([*self.command(home), file],
                        env={'PYTHONPATH': None})
        if done.returncode != 0:
            raise scenario.ScenarioError(f'{self.name}: {done.stdout}')
        return base64.b64decode(done.stdout.split()[-1])

    def command(self, home):
        """What runs its file."""
        if self.name == 'python-gssapi':
            return ['/usr/bin/python3']
        if self.name == 'perl-gssapi':
            return ['perl']
        cache = home.realm.ccache
        # Java reads the first section of a name alone.
        conf = home.write('java-krb5.conf', KRB5_CONF.format(
            port=home.realm.port))
        jaas = home.write('jaas.conf', JAAS.format(cache=cache))
        return ['java', *setups.setup('java').split(),
                f'-Djava.security.krb5.conf={conf}',
                f'-Djava.security.auth.login.config={jaas}']


CLIENTS = (
    Client('python-gssapi', PYTHON, (
        '/usr/lib/python3/dist-packages/gssapi', 'python3-gssapi')),
    Client('perl-gssapi', PERL, ('/usr/lib/*/perl5/*/GSSAPI.pm',
                                 'libgssapi-perl'),
           '$binding->set_initiator(0, "");\n'
           '$binding->set_acceptor(0, "");\n', ''),
    Client('jgss', JAVA, ('java', 'default-jdk-headless'),
           'new TlsChannelBindingImpl(', 'new ChannelBinding('))


def without_framing(token):
    """A token as GS2 sends it, without RFC 2743's tag, length and OID."""
    at = 2 + (token[1] & 0x7f if token[1] & 0x80 else 0)
    return token[at + 2 + token[at + 1]:]


def main(t):
    """Each of them."""
    with Home() as home:
        for client in CLIENTS:
            with t.case(f'{client.name} logs in'):
                message = HEADER.encode() + without_framing(
                    client.token(home))
                answer, login = home.say(message)
                assert answer.word == 'ok', (answer, login)
                login.server_logged('login accepted', 'alice@EXAMPLE.TEST')
            if not client.right:
                continue
            with t.case(f'{client.name} as it is by itself: refused'):
                message = HEADER.encode() + without_framing(
                    client.token(home, misses=True))
                answer, login = home.say(message)
                assert answer.word != 'ok', (answer, login)
                login.contains(str(login), REFUSED, client.name)


if __name__ == '__main__':
    tap.run(main)
