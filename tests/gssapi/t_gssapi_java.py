#!/usr/bin/env python3
"""GSSAPI of libgssapiv2.so with Java's SASL, in either role, each layer, with
and without an authorization identity.
"""

import subprocess

import sasl_end
import servers
import tap
import tree

LAYERS = (('auth', '0'), ('auth-int', '1'), ('auth-conf', '256'))
AUTHZIDS = (None, 'bob')
JAVA_KRB5 = '''\
[libdefaults]
 default_realm = EXAMPLE.TEST
[realms]
 EXAMPLE.TEST = {{
  kdc = 127.0.0.1:{realm.port}
 }}
[domain_realm]
 localhost = EXAMPLE.TEST
'''
JAAS = '''\
com.sun.security.jgss.krb5.initiate {{
  com.sun.security.auth.module.Krb5LoginModule required
  useTicketCache=true doNotPrompt=true ticketCache="{realm.ccache}";
}};
com.sun.security.jgss.krb5.accept {{
  com.sun.security.auth.module.Krb5LoginModule required
  useKeyTab=true keyTab="{realm.keytab}" storeKey=true isInitiator=false
  principal="imap/localhost@EXAMPLE.TEST";
}};
'''


class Java:
    """Java's ends: their program, what they need of the realm."""

    def __init__(self, stage):
        self.stage = stage
        realm = stage.realm
        self.folder = realm.path('java')
        done = subprocess.run(
            [tap.find('javac', 'default-jdk-headless'), '-d', self.folder,
             tree.srcdir('tests', 'gssapi', 'SaslEnd.java')], check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise servers.ServerError(done.stdout)
        for name, text in (('krb5', JAVA_KRB5), ('jaas', JAAS)):
            with open(f'{self.folder}/{name}', 'w', encoding='ascii') as out:
                out.write(text.format(realm=realm))

    def end(self, role, **settings):
        """One of them."""
        command = [tap.find('java', 'default-jdk-headless'), '-cp',
                   self.folder, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC',
                   f'-Djava.security.krb5.conf={self.folder}/krb5',
                   f'-Djava.security.auth.login.config={self.folder}/jaas',
                   '-Djavax.security.auth.useSubjectCredsOnly=false',
                   'SaslEnd']
        end = sasl_end.End(command, role, self.stage.realm.env, settings)
        self.stage.ends.append(end)
        return end


def java(t, stage):
    """Java's SASL in either role; trap 34: without MUTUAL, and a size with
    layer 1."""
    peers = Java(stage)
    for authzid in AUTHZIDS:
        user = authzid or 'alice'
        for qop, ssf in LAYERS:
            with t.case(f'Java to ours, {qop}, authzid {authzid}'):
                client = peers.end('client', qop=qop, authzid=authzid)
                server = stage.server(policy='allow')
                said = sasl_end.login(client, server)
                t.equal((server.get().get('user'), server.get()['ssf'],
                         client.get()['qop']), (user, ssf, qop), said)
                sasl_end.carry(client, server, qop != 'auth')
            with t.case(f'ours to Java, {qop}, authzid {authzid}'):
                client = stage.client(authzid=authzid)
                server = peers.end('server', qop=qop)
                said = sasl_end.login(client, server)
                t.equal((server.get()['user'], client.get()['ssf'],
                         server.get()['qop']),
                        (authzid or 'alice@EXAMPLE.TEST', ssf, qop), said)
                sasl_end.carry(client, server, qop != 'auth')
    with t.case('Java to ours without MUTUAL: one leg less'):
        client = peers.end('client', mutual='false')
        server = stage.server()
        said = sasl_end.login(client, server)
        t.equal((server.get().get('user'), said.count('C ')), ('alice', 2),
                said)
    with t.case('Java to ours, which demands a layer that it has not'):
        server = stage.server(min=256)
        said = sasl_end.login(peers.end('client', qop='auth-int,auth'),
                              server)
        assert 'C FAIL' in said and 'user' not in server.get(), said
    with t.case('ours, bound to a channel, to Java'):
        client = stage.client(external=256,
                              binding='tls-server-end-point:' + 'aa' * 32)
        server = peers.end('server', qop='auth')
        said = sasl_end.login(client, server)
        t.equal(server.get().get('user'), 'alice@EXAMPLE.TEST', said)
    with t.case('what Java can receive bounds what ours sends'):
        for sender, receiver in (
                (stage.server(), peers.end('client', qop='auth-conf',
                                           buffer=100)),
                (stage.client(), peers.end('server', qop='auth-conf',
                                           buffer=100))):
            pair = (receiver, sender) if sender.role == 'server' else (
                sender, receiver)
            said = sasl_end.login(*pair)
            t.equal(sender.get()['ssf'], '256', said)
            sent = sender.encode(bytes(1000)).data
            sizes = {int.from_bytes(sent[:4], 'big')}
            t.equal(max(sizes) <= 100, True, sizes)
            t.equal(receiver.decode(sent).data, bytes(1000), 'all of it')


def main(t):
    with sasl_end.Stage() as stage:
        java(t, stage)


tap.run(main)
