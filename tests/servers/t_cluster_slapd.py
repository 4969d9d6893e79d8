#!/usr/bin/env python3
"""slapd on several nodes, as doc/cluster.md configures it: a provider and two
consumers that replicate by GS2-KRB5-PLUS under gs2:binding=*, a proxy that
acts for its users, and HAProxy in front of two nodes with one key; the first
two from cn=config as well.
"""

import os
import re
import time

import cluster
import crowd
import saslclient
import servers
import setups
import slapd
import tap
from cluster import setup, until

WRITABLE = 'access to attrs=description by users write\n'
REPLICAS = f'cn=replicas,{slapd.TOP}'
LOGIN = re.compile(rf'BIND dn="{REPLICAS}" mech=GS2-KRB5')


class Home(slapd.Home):
    """A place for all nodes, each with a principal of its own."""

    def node(self, node):
        """The environment of a node that is a client, as it is documented."""
        keytab = self.path(f'{node}.keytab')
        principal = f'ldap/{node}.example.test'
        if not os.path.exists(keytab):
            self.realm.addprinc(principal)
            self.realm.ktadd(keytab, principal)
        return setups.environment('consumer environment', {
            '/etc/ldap/ldap.keytab': self.realm.keytab,
            '/etc/ldap/client.keytab': keytab,
            '/var/lib/ldap/ccache': self.path(f'{node}.cc')}, cluster.PAGE,
                                  script=True)


def config(*names, places=None):
    """The LDIF of servers.md, and those of the page behind it."""
    return [setups.setup('slapd ldif', {'ldap.example.test': 'localhost'}),
            *[setup(name, places) for name in names]]


# --- replication -------------------------------------------------------------

def start_provider(home, ldifs=None):
    """The provider, which wants a binding of everybody; with LDIF from
    cn=config."""
    if ldifs:
        return slapd.start(
            home, 'provider-config', config=ldifs, bare=True, access=WRITABLE,
            debug='stats,sync', options=setup('provider options'))
    return slapd.start(
        home, 'provider', before=setup('provider'), debug='stats,sync',
        access=setup('provider database') + WRITABLE,
        options=setup('provider options') + 'log_level: 4\n')


def start_consumer(home, provider, node, mech='GS2-KRB5-PLUS', env=None,
                   from_config=False):
    """A consumer, which has nothing yet."""
    places = {
        'ldap://ldap1.example.test': f'ldap://localhost:{provider.port}',
        '/etc/ssl/certs/ca-certificates.crt': home.path('ca.pem'),
        'saslmech=GS2-KRB5-PLUS': f'saslmech={mech}'}
    if from_config:
        where = {'bare': True, 'config': config(
            'consumer ldif', places=places)}
    else:
        where = {'access': setup('consumer database', places)}
    return slapd.start(home, node, empty=True, **where,
                       env={**home.node(node), **(env or {})},
                       options=setup('provider options'), debug='stats,sync')


def description(server):
    """What bob's entry has there, as alice sees it, bound to TLS."""
    done = server.client(
        'ldapsearch', '-ZZ', '-N', '-Q', *slapd.PLUS, '-LLL', '-s', 'base',
        '-b', slapd.dn('bob'), 'description',
        env={'LDAPSASL_CBINDING': 'tls-endpoint'})
    return re.findall(r'description: (.*)', done.stdout)


def change(server, text):
    """alice changes bob's entry at a node; what the client says."""
    file = server.home.write('change.ldif', f'dn: {slapd.dn("bob")}\n'
                             'changetype: modify\nreplace: description\n'
                             f'description: {text}\n')
    return server.client('ldapmodify', '-ZZ', '-N', '-Q', *slapd.PLUS, '-f',
                         file, env={'LDAPSASL_CBINDING': 'tls-endpoint'})


def replication(t, home):
    """What is written to the provider is at both consumers."""
    with start_provider(home) as provider:
        t.equal(change(provider, 'one').returncode, 0,
                'alice writes to the provider')
        with start_consumer(home, provider, 'ldap2') as second, \
                start_consumer(home, provider, 'ldap3') as third:
            nodes = (second, third)
            for node in nodes:
                t.ok(until(lambda node=node: description(node) == ['one']),
                     'a consumer has the entries of before',
                     f'{node.log()[-3000:]}\n{provider.log()[-3000:]}')
            change(provider, 'two')
            for node in nodes:
                t.ok(until(lambda node=node: description(node) == ['two']),
                     'a consumer has what is written now', node.log()[-3000:])
            t.contains(change(second, 'three').stdout, 'Referral (10)',
                       'a consumer refers those who write to the provider')
            t.equal(len(LOGIN.findall(provider.log())), 2,
                    'two logins as the replicas, by GS2, under gs2:binding=*')
        unbound(t, home, provider)
        without_ticket(t, home, provider)


def replication_config(t, home):
    """The same from cn=config."""
    with start_provider(home, config(
            'provider module ldif', 'provider ldif')) as provider, \
            start_consumer(home, provider, 'ldap5', from_config=True) as node:
        change(provider, 'five')
        t.ok(until(lambda: description(node) == ['five']),
             'cn=config: a consumer has what is written',
             f'{node.log()[-3000:]}\n{provider.log()[-3000:]}')
        t.ok(LOGIN.search(provider.log()), 'cn=config: as the replicas')
        t.contains(change(node, 'six').stdout, 'Referral (10)',
                   'cn=config: a consumer refers')


def unbound(t, home, provider):
    """saslmech=GS2-KRB5 binds to nothing: the provider refuses it."""
    before = len(provider.log())
    with start_consumer(home, provider, 'ldap4', 'GS2-KRB5') as node:
        t.ok(until(lambda: 'BIND' in provider.log()[before:]
                   and 'err=' in provider.log()[before:]
                   and 'failed' in node.log()),
             'a consumer by GS2-KRB5 is refused', node.log()[-3000:])
        said = provider.log()[before:]
        t.ok(not description(node) and 'dn="cn=replicas' not in said,
             'it replicates nothing', said)
        t.note('\n'.join(re.findall(r'.*failed.*', node.log())[:2]))


def without_ticket(t, home, provider):
    """A consumer without a client keytab."""
    with start_consumer(home, provider, 'ldap4b', env={
            'KRB5_CLIENT_KTNAME': '/nowhere'}) as node:
        t.ok(until(lambda: 'ldap_sasl_interactive_bind_s failed (-2)'
                   in node.log()), 'a consumer without a ticket says '
             'ldap_sasl_interactive_bind_s failed (-2)', node.log()[-3000:])


# --- a proxy -----------------------------------------------------------------

PROXY_CONF = '''\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {data}/pid
argsfile {data}/args
TLSCertificateFile {home.dir}/server.pem
TLSCertificateKeyFile {home.dir}/server.key
{ours}{proxy}'''
CONFIG = 'database config\nrootpw config.secret\n'
SECRET = '''\
access to dn.exact=uid=bob,ou=people,dc=example,dc=test attrs=description
    by dn.exact=uid=alice,ou=people,dc=example,dc=test write
    by * none
'''


def start_proxy(home, target, node, binds=True, from_config=False):
    """A slapd that has no entries itself."""
    data = home.path(node)
    os.mkdir(data)
    ours = setups.setup('slapd.conf', {'ldap.example.test': 'localhost'})
    places = {'ldaps://ldap1.example.test':
              f'ldaps://localhost:{target.tls_port}',
              '/etc/ssl/certs/ca-certificates.crt': home.path('ca.pem'),
              'ldap9.example.test': f'{node}.example.test'}
    if not binds:
        places['GS2-KRB5-PLUS'] = 'GS2-KRB5'
    conf = home.write(f'{node}.conf', PROXY_CONF.format(
        home=home, data=data, ours='' if from_config else ours,
        proxy=CONFIG if from_config else setup('proxy', places)))
    where = ['-f', conf]
    if from_config:
        where = ['-F', slapd.to_config(home, node, conf, config())]
    port = servers.free_port()
    program = home.start(
        node, [tap.find('slapd', 'slapd'), *where, '-d', 'stats', '-h',
               f'ldap://127.0.0.1:{port}/'], ports=[port],
        env=home.node(node))
    server = slapd.Slapd(home, program, port, None)
    if from_config:
        done = server.client(
            'ldapmodify', '-x', '-D', 'cn=config', '-w', 'config.secret', '-f',
            home.write(f'{node}.ldif', setup('proxy ldif', places)))
        assert done.returncode == 0, f'{done.stdout}\n{server.log()}'
    return server


def read_by(server, ticket):
    """What a user reads of bob's entry by a server, and what it says."""
    done = server.client('ldapsearch', '-N', '-Q', *slapd.KRB5, '-LLL', '-s',
                         'base', '-b', slapd.dn('bob'), 'description',
                         env=ticket)
    return re.findall(r'description: (.*)', done.stdout), done.stdout


def proxy(t, home):
    """Users log in to the proxy, which logs in to the target and acts for
    them there."""
    alice, carol = home.ticket('timestamp'), home.ticket('timestamp', 'carol')
    entry = '\n' + setup('proxy entry')
    with slapd.start(
            home, 'target', before=setup('target'), access=SECRET,
            others=entry, options=setup('target options')) as target:
        t.equal(change(target, 'of bob').returncode, 0, 'alice writes')
        with start_proxy(home, target, 'ldap9') as node:
            for user, ticket, wanted in (('alice', alice, ['of bob']),
                                         ('carol', carol, [])):
                got, said = read_by(node, ticket)
                log = target.log()
                t.ok(got == wanted
                     and f'PROXYAUTHZ dn="{slapd.dn(user)}"' in log,
                     f'by the proxy {user} reads {wanted}',
                     f'{said}\n{log[-3000:]}\n{node.log()[-3000:]}')
            t.contains(target.log(), f'BIND dn="cn=proxies,{slapd.TOP}" '
                       'mech=GS2-KRB5', 'the proxy has logged in by GS2')
        with start_proxy(home, target, 'ldap10', binds=False) as node:
            t.equal(read_by(node, alice)[0], [], 'a proxy by GS2-KRB5 is not '
                    'bound: the target refuses it')


def proxy_config(t, home):
    """The same from cn=config."""
    alice = home.ticket('timestamp')
    with slapd.start(
            home, 'target-config', config=config('target ldif'), bare=True,
            access=SECRET, others='\n' + setup('proxy entry'),
            options=setup('target options')) as target, \
            start_proxy(home, target, 'ldap11', from_config=True) as node:
        change(target, 'of bob')
        got, said = read_by(node, alice)
        t.ok(got == ['of bob'] and f'PROXYAUTHZ dn="{slapd.dn("alice")}"'
             in target.log(), 'cn=config: by the proxy alice reads',
             f'{said}\n{target.log()[-3000:]}\n{node.log()[-3000:]}')


# --- HAProxy -----------------------------------------------------------------

HAPROXY_CONF = '''\
global
    maxconn 200
defaults
    timeout connect 5s
    timeout client 60s
    timeout server 60s
'''
CLIENTS, SECONDS = 8, 6
ENDS_TLS = '''\
listen ends-tls
    mode tcp
    bind 127.0.0.1:{port} ssl crt {pem}
    server ldap1 127.0.0.1:{target} ssl verify none
'''


def balancer(home, nodes):
    """HAProxy in front of nodes; its program, its port, and one where TLS
    ends, with a certificate that is not theirs."""
    port, tls_port = servers.free_port(), servers.free_port()
    places = {'ldap.example.test:389': f'127.0.0.1:{port}'}
    for number, node in enumerate(nodes, 1):
        places[f'ldap{number}.example.test:3389'] = f'127.0.0.1:{node.port}'
    home.certify('balancer')
    pem = home.path('balancer.both')
    with open(pem, 'w', encoding='utf-8') as both:
        for name in ('balancer.pem', 'balancer.key'):
            with open(home.path(name), encoding='utf-8') as part:
                both.write(part.read())
    conf = home.write('haproxy.cfg', HAPROXY_CONF + setup(
        'haproxy.cfg', places) + ENDS_TLS.format(
            port=tls_port, pem=pem, target=nodes[0].tls_port))
    program = home.start('haproxy', [
        tap.find('haproxy', 'haproxy'), '-db', '-f', conf],
                         ports=[port, tls_port])
    return program, port, tls_port


def logins(node):
    """How many logins of alice's a node has seen."""
    return len(re.findall(rf'BIND dn="{slapd.dn("alice")}" mech=GS2',
                          node.log()))


def passed_through(t, home, nodes, ports):
    """Logins by HAProxy, bound and not, and who the client is."""
    program, port, tls_port = ports
    bound = {'LDAPSASL_CBINDING': 'tls-endpoint'}
    before = [logins(node) for node in nodes]
    for _ in range(4):
        done = nodes[0].whoami('-ZZ', *slapd.PLUS, port=port, env=bound)
        t.equal(done.stdout, f'dn:{slapd.dn("alice")}\n',
                'StartTLS by HAProxy, bound to the server: alice')
    t.equal([logins(node) - was for node, was in zip(nodes, before)], [2, 2],
            'two at each node')
    done = nodes[0].whoami(*slapd.KRB5, ldaps=True, port=tls_port)
    t.contains(done.stdout, f'dn:{slapd.dn("alice")}',
               'TLS that ends at HAProxy, not bound: alice')
    done = nodes[0].whoami(*slapd.PLUS, ldaps=True, port=tls_port, env=bound)
    t.ok(done.returncode != 0 and 'dn:' not in done.stdout,
         'TLS that ends at HAProxy, bound: refused', done.stdout)
    with crowd.Connection(port) as connection:
        mine = connection.sock.getsockname()[1]
        connection.sock.sendall(slapd.ber(0x30, slapd.ber(0x02, b'\1'),
                                          slapd.sasl(b'GS2-KRB5', b'n,,x')))
        connection.element()
    t.ok(any(f'client=127.0.0.1;{mine} ' in node.log() for node in nodes),
         f'the log has the client\'s own port, {mine}',
         [node.log()[-1500:] for node in nodes])
    t.note(program.log())


def one_is_killed(t, nodes, port):
    """Under load one node ends at once: what is lost was under way there."""
    before = logins(nodes[1])
    with crowd.Crowd(CLIENTS, crowd.ldap_login, port) as clients:
        time.sleep(SECONDS / 2)
        first = clients.logins
        nodes[0].program.process.kill()
        nodes[0].program.process.wait()
        time.sleep(SECONDS / 2)
    after = clients.logins - first
    t.note(f'{first} logins with two nodes, then {after} with one, '
           f'{len(clients.failures)} lost: {clients.failures[:3]}')
    t.ok(len(clients.failures) <= CLIENTS, 'no more are lost than were under '
         f'way, {CLIENTS}', clients.failures)
    t.ok(after > CLIENTS and logins(nodes[1]) > before,
         'logins go on with the other node')
    t.equal(clients.said, {f'dn:{slapd.dn("alice")}'}, 'each is alice\'s')


def balanced(t, home):
    """Two nodes with one key behind one address."""
    options = 'log_level: 4\n'
    with slapd.start(home, 'node1', scheme='pldap', options=options,
                     debug='stats,trace') as first, \
            slapd.start(home, 'node2', scheme='pldap', options=options,
                        debug='stats,trace') as second:
        nodes = (first, second)
        ports = balancer(home, nodes)
        with ports[0]:
            passed_through(t, home, nodes, ports)
            one_is_killed(t, nodes, ports[1])


def main(t):
    """All of it, as root alone: slapd's options are where they are."""
    if os.geteuid() != 0:
        t.skip('a cluster of slapds', 'only root can give slapd its options')
        return
    with Home() as home:
        saslclient.load(home.environment('ours'))
        replication(t, home)
        replication_config(t, home)
        proxy(t, home)
        proxy_config(t, home)
        balanced(t, home)


if __name__ == '__main__':
    tap.run(main)
