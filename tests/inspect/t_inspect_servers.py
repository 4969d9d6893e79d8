#!/usr/bin/env python3
"""What gs2-inspect conf says of a configuration is what the server does: each
is given to the real server and to gs2-inspect. Three probes tell what the
server does: is the mechanism listed, is a login that meets the rule let in, is
one that does not refused.

The configurations are those that gs2-inspect was once wrong about, and random
ones (conf_maker.py) for Cyrus' imapd, for slapd, for Postfix' smtpd and for a
server of libsasl's: 40 of them, 200 with GS2_FULL. GS2_SEED repeats a run.

What Cyrus says itself that it has read (cyr_info conf) is compared as well.
"""

import collections
import json
import os
import poplib
import random
import re
import shutil
import signal
import smtplib

import conf_maker
import cyrus
import inspected
import mounts
import one_imapd
import postfix
import saslclient
import scenario
import servers
import slapd
import submission
import tap

COUNT = 200 if os.environ.get('GS2_FULL') else 40
SEED = int(os.environ.get('GS2_SEED') or random.SystemRandom().randrange(
    1 << 32))
RULE = conf_maker.RULE
MECH = 'GS2-KRB5'
CLOSED = (False, False, False)
OPEN = (True, True, True)
RULED = (True, True, False)
NOBODY = (True, False, False)

# The other servers are another user's.
NO_RCACHE = {'KRB5RCACHENAME': 'none:'}

BASE = '''\
configdirectory: {data}
partition-default: {data}/spool
servername: localhost
failedloginpause: 0
loginrealms: EXAMPLE.TEST
'''
CYRUS_CONF = '''\
START {
  recover cmd="ctl_cyrusdb -r"
}
SERVICES {
  imap cmd="imapd" listen="imap"
  imaps cmd="imapd -s" listen="imaps"
  pop3 cmd="pop3d" listen="pop3"
  pop3s cmd="pop3d -s" listen="pop3s"
  sieve cmd="timsieved" listen="sieve"
}
'''

# An smtpd that cannot read its options ends before it answers, and a new one
# after it, for ever.
SMTPD_SECONDS = 20
SMTPD_ENDS = re.compile(r'smtpd\[\d+\]: fatal: .*SASL')

# Each was compared with the real server before: the lines, whose they are
# ("imap": of this service), what the server does, and the word for it.
KNOWN = [
    ('a misspelt option', 'sasl', f'gs2_requires: {RULE}\n', OPEN),
    ('the prefix of imapd.conf', 'sasl', f'sasl_gs2_require: {RULE}\n', OPEN),
    ('an option twice: the first', 'sasl',
     f'gs2_require: {RULE}\ngs2_require: a=b\n', RULED),
    ('a backslash at the end of a comment', 'sasl',
     f'# x \\\ngs2_require: {RULE}\n', RULED),
    ('a comment behind a rule', 'sasl', f'gs2_require: {RULE} # x\n', CLOSED),
    ('no colon', 'sasl', f'gs2_require {RULE}\n', CLOSED),
    ('no value', 'sasl', f'gs2_require: {RULE}\ngs2_keytab:\n', CLOSED),
    ('a long line, and a comment', 'sasl',
     'gs2_require: ' + ' ' * 4082 + f'# {RULE}\n', CLOSED),
    ('a long line, and another option', 'sasl',
     f'gs2_require: {RULE}' + ' ' * 4061 + 'gs2_authid: full\n', RULED),
    ('a list without GS2', 'sasl', f'gs2_require: {RULE}\nmech_list: PLAIN\n',
     CLOSED),
    ('a list with commas', 'sasl', 'mech_list: GS2-KRB5,PLAIN\n', CLOSED),
    ('-PLUS in front', 'sasl', 'mech_list: GS2-KRB5-PLUS PLAIN\n', CLOSED),
    ('-PLUS at the end', 'sasl',
     f'gs2_require: {RULE}\nmech_list: PLAIN GS2-KRB5-PLUS\n', RULED),
    ('a decoder that is not there', 'sasl', 'gs2_pac_decoder: /none.so\n',
     CLOSED),
    ('a misspelt option', 'smtpd', f'gs2_requires: {RULE}\n', OPEN),
    ('a rule', 'smtpd', f'gs2_require: {RULE}\nmech_list: GS2-KRB5\n',
     RULED),
    ('a broken rule', 'smtpd', 'gs2_require: or\nmech_list: GS2-KRB5\n',
     CLOSED),
    ('no prefix', 'imap', f'gs2_require: {RULE}\n', OPEN),
    ('the prefix of a service', 'imap', f'imap_sasl_gs2_require: {RULE}\n',
     RULED),
    ('the prefix of another service', 'imaps',
     f'imap_sasl_gs2_require: {RULE}\n', OPEN),
    ('the prefix of no service', 'imap', f'nntp_sasl_gs2_require: {RULE}\n',
     OPEN),
    ('roles for one service', 'imaps',
     'imaps_sasl_gs2_roles: card\n'
     f'imaps_sasl_gs2_role_card: {RULE}\nsasl_gs2_require: gs2:realm=*\n'
     'imaps_sasl_gs2_require: gs2:role=card\n', RULED),
    ('the prefix of the plugin', 'imap', f'sasl_gs2_gs2_require: {RULE}\n',
     RULED),
    ('the prefix of the plugin wins', 'imap',
     f'imap_sasl_gs2_require: a=b\nsasl_gs2_gs2_require: {RULE}\n', RULED),
    ('a list for one service', 'imap',
     f'sasl_gs2_require: {RULE}\nimap_sasl_mech_list: GS2-KRB5 PLAIN\n'
     'sasl_mech_list: PLAIN\n', RULED),
    ('an option twice: does not start', 'imap',
     f'sasl_gs2_require: {RULE}\nsasl_gs2_require: {RULE}\n', CLOSED),
    ('a comment swallows the rule', 'imap',
     f'# x \\\nsasl_gs2_require: {RULE}\n', OPEN),
    ('another option swallows the rule', 'imap',
     f'admins: a \\\nsasl_gs2_require: {RULE}\n', OPEN),
    ('a rule in two lines', 'imap',
     f'sasl_gs2_require: gs2:realm=* and \\\n  {RULE}\n', RULED),
    ('the file ends within the rule', 'imap',
     f'sasl_gs2_require: {RULE} \\\n', OPEN),
    ('it ends in a backslash', 'imap', f'sasl_gs2_require: {RULE} \\', CLOSED),
    ('a rule in a file that is included', 'imap',
     '@include: {DIR}/more.conf\n', RULED,
     {'more.conf': f'sasl_gs2_require: {RULE}\n'}),
    ('an included file that is not there', 'imap',
     f'sasl_gs2_require: {RULE}\n@include: {{DIR}}/none.conf\n', CLOSED),
    ('a file includes itself', 'imap', '@include: {DIR}/imapd.conf\n', CLOSED),
    ('a relative path twice', 'imap',
     f'sasl_gs2_require: {RULE}\n@include: none.conf\n@include: none.conf\n',
     CLOSED),
    ('a directory is included', 'imap',
     f'sasl_gs2_require: {RULE}\n@include: {{DIR}}\n', RULED),
    ('a rule in libsasl\'s own file', 'imap', 'sasl_mech_list: GS2-KRB5\n',
     RULED, {'Cyrus.conf': f'gs2_require: {RULE}\n'}),
    ('an error in libsasl\'s own file', 'imap', f'sasl_gs2_require: {RULE}\n',
     CLOSED, {'Cyrus.conf': 'gs2_authid full\n'}),
]


# A rule that a password may get past.
PAST = '''sasl_gs2_require: auth-indicators=spake
sasl_mech_list: GS2-KRB5 EXTERNAL
allowplaintext: yes
sasl_sasldb_path: {sasldb}
'''


class Bench:
    """The places of all files, the two users, and what each server does."""

    def __init__(self, home):
        self.home = home
        self.users = [home.ticket('spake', 'alice'),
                      home.ticket('timestamp', 'bob')]
        self.data = one_imapd.folders(home)
        os.makedirs(home.path('conf'), exist_ok=True)
        os.makedirs(home.path('etc'), exist_ok=True)
        home.write('etc/cyrus.conf', CYRUS_CONF)
        self.base = BASE.format(data=self.data)
        self.postfix = None
        # The users of the servers, and that of this test, read all of it.
        if os.geteuid() == 0:
            home.give_to(cyrus.USER)
            for path in (home.dir, home.realm.dir):
                os.chmod(path, 0o755)
            os.chmod(home.realm.keytab, 0o644)
        saslclient.load(home.environment('ours'))

    def lay_out(self, name, text, others):
        """Writes the files; the path of the first."""
        for stale in ('conf/Cyrus.conf', 'etc/more.conf'):
            if os.path.exists(self.home.path(stale)):
                os.unlink(self.home.path(stale))
        for other, content in others.items():
            folder = 'conf' if other == 'Cyrus.conf' else 'etc'
            self._write(f'{folder}/{other}', content)
        return self._write(name, text)

    def _write(self, name, text):
        path = self.home.path(name)
        with open(path, 'w', encoding='utf-8', newline='') as out:
            out.write(text.replace('{DIR}', self.home.path('etc')))
        return path

    # --- the servers ------------------------------------------------------

    def imapd(self, conf, service):
        """Three probes of imapd."""
        seen = []
        try:
            with one_imapd.Imapd(self.home, conf, service, NO_RCACHE) as server:
                for ticket in self.users:
                    os.environ.update(ticket)
                    with server.connect() as connection:
                        seen.append((MECH in connection.offers,
                                     connection.log_in(MECH)))
        except servers.ServerError:
            if seen:
                raise
            return CLOSED
        (listed, alice), (_, bob) = seen
        return listed, alice, bob

    def sasl(self, conf, _service):
        """Three probes of a server of libsasl's, whose file it is."""
        assert conf == self.home.path('conf', 'sasl-peer.conf')
        env = self.home.environment('ours')
        try:
            running = scenario.Server(
                [scenario.PEER, 'server', '--count', '2', '--patience', '5'],
                env)
        except scenario.ScenarioError:
            return CLOSED
        with running:
            seen = [self.home.client(running.port, ['--mech', MECH],
                                     env=ticket) for ticket in self.users]
        offers = seen[0].first('receive', type='mechs')['text'] or ''
        return MECH in offers.split(), *(
            trace.first('outcome')['login'] == 'yes' for trace in seen)

    def slapd(self, conf, _service):
        """Three probes of slapd, which reads one folder of the system's."""
        wrapper = mounts.over({os.path.dirname(conf): slapd.OPTIONS})
        port = servers.free_port()
        shutil.rmtree(self.home.path('slapd-data'), ignore_errors=True)
        os.makedirs(self.home.path('slapd-data'))
        own = self.home.write('slapd.own', (
            'sasl-host localhost\n'
            f'pidfile {self.home.path("slapd-data", "pid")}\n'
            'access to * by * read\n'))
        try:
            running = self.home.start(
                'slapd', [*wrapper, tap.find('slapd', 'slapd'), '-f', own,
                          '-h', f'ldap://127.0.0.1:{port}', '-d', '256'],
                ports=[port], env=slapd.NO_LEAKS)
        except servers.ServerError:
            return CLOSED
        where = ['-H', f'ldap://localhost:{port}']
        with running:
            listed = self.home.run([
                tap.find('ldapsearch', 'ldap-utils'), '-x', '-LLL', *where,
                '-s', 'base', '-b', '', 'supportedSASLMechanisms'])
            seen = [self.home.run(['ldapwhoami', '-N', '-Q', '-Y', MECH,
                                   *where], env={'LDAPNOINIT': '1', **ticket})
                    for ticket in self.users]
        return (bool(re.search(rf': {MECH}$', listed.stdout, re.M)),
                *(done.returncode == 0 for done in seen))

    def smtpd(self, conf, _service):
        """Three probes of smtpd, of which each connection has a new one."""
        if self.postfix is None:
            main_cf = postfix.LOGINS_MAIN_CF.format(
                keytab=self.home.realm.keytab)
            with open(conf, encoding='utf-8', newline='') as made:
                text = made.read()
            shutil.rmtree(os.path.dirname(os.path.dirname(conf)))
            self.postfix = postfix.Postfix(self.home, 'smtpd', main_cf)
            with open(conf, 'w', encoding='utf-8', newline='') as again:
                again.write(text)
            self.home.write('smtpd/master.cf', postfix.MASTER_CF.format(
                port=self.postfix.port).replace(
                    ' smtpd\n', ' smtpd -o max_use=1\n', 1))
            self.postfix.start()
        seen, before = [], len(self.postfix.log())
        for ticket in self.users:
            os.environ.update(ticket)
            try:
                with submission.Conversation(self.postfix.port,
                                             SMTPD_SECONDS) as smtp:
                    offers = smtp.smtp.esmtp_features.get('auth', '').split()
                    seen.append((MECH in offers,
                                 MECH in offers and smtp.log_in()[0] == 235))
            except (smtplib.SMTPException, TimeoutError):
                # It has ended, perhaps before it took the connection.
                log = self.postfix.log()[before:]
                assert SMTPD_ENDS.search(log), log
                return False, False, False
        (listed, alice), (_, bob) = seen
        return listed, alice, bob

    def cyr_info(self, conf, wrapper=()):
        """What Cyrus says that it has read; None where it reads nothing."""
        done = self.home.run([*wrapper, f'{cyrus.PROGRAMS}/cyr_info', '-C',
                              conf, 'conf'])
        if done.returncode != 0:
            return None
        return dict(line.split(': ', 1) for line in done.stdout.splitlines()
                    if ': ' in line)

    def binds(self, line):
        """Whether a simple bind gets into a slapd with that line."""
        port = servers.free_port()
        own = self.home.write('slapd.own', (
            f'{line}pidfile {self.home.path("slapd-data", "pid")}\n'
            'database config\nrootpw secret\n'))
        os.makedirs(self.home.path('slapd-data'), exist_ok=True)
        with self.home.start(
                'slapd', [tap.find('slapd', 'slapd'), '-f', own, '-h',
                          f'ldap://127.0.0.1:{port}', '-d', '256'],
                ports=[port], env=slapd.NO_LEAKS):
            done = self.home.run([
                tap.find('ldapwhoami', 'ldap-utils'), '-x', '-D', 'cn=config',
                '-w', 'secret', '-H', f'ldap://127.0.0.1:{port}'])
        return done.returncode == 0

    # --- gs2-inspect ------------------------------------------------------

    def inspected(self, conf, service):
        """What gs2-inspect says that the server does, its answer, and the rule
        that it says to be in force."""
        answer = inspected.inspect(self.home, 'conf', '-j', conf)
        got = json.loads(answer.raw)
        own = [v for v in got['services'] if v['service'] == service]
        rest = [v for v in got['services'] if v['service'] is None]
        view = (own or rest)[0]
        rule = view['options'].get('gs2_require')
        if view['state'] == 'closed':
            return CLOSED, answer, rule
        return ((True, *conf_maker.lets_in(rule)) if rule else OPEN, answer,
                rule)


# Who is asked, and the file in which the configuration is.
ASKED = {'sasl': (Bench.sasl, 'conf/sasl-peer.conf'),
         'slapd': (Bench.slapd, 'slapd-conf/slapd.conf'),
         'smtpd': (Bench.smtpd, 'smtpd/sasl/smtpd.conf'),
         'imap': (Bench.imapd, 'etc/imapd.conf'),
         'imaps': (Bench.imapd, 'etc/imapd.conf')}


def agree_with_cyrus(bench, conf, service, answer):
    """What gs2-inspect says to be set is what Cyrus says that it has read. It
    asks for an option of a plugin with the plugin's name in front first, and
    for each with the service's name in front before."""
    read, got = bench.cyr_info(conf), json.loads(answer.raw)
    # In imapd.conf, or in what it includes, which is beside it here.
    place = os.path.dirname(conf)
    starts = not any(os.path.dirname(e['file']) == place and
                     'no server starts' in e['text'] for e in got['errors'])
    if starts != (read is not None):
        raise scenario.ScenarioError(f'cyr_info: {read}\n{answer}')
    for view in got['services']:
        if view['state'] == 'closed' or view['service'] not in (None, service):
            continue
        own = f'{view["service"]}_' if view['service'] else ''
        for name in ('gs2_require', 'gs2_authid', 'gs2_attributes',
                     'gs2_role_card', 'gs2_proxy_require'):
            keys = (f'{own}sasl_gs2_{name}', f'sasl_gs2_{name}',
                    f'{own}sasl_{name}', f'sasl_{name}')
            has = next((read[key] for key in keys if key in read), None)
            said = view['options'].get(name)
            if has is not None and said is not None and \
                    ' '.join(has.split()) != ' '.join(said.split()) or \
                    has is None and said is not None and \
                    not os.path.exists(bench.home.path('conf/Cyrus.conf')):
                raise scenario.ScenarioError(
                    f'cyr_info has {name}: {has}, not {said}\n{answer}')
            if has is not None and said is None and \
                    not name.startswith('gs2_role'):
                raise scenario.ScenarioError(
                    f'cyr_info has {name}: {has}\n{answer}')


def agree(bench, kind, made, wanted=None, said_of=None):
    """The server and gs2-inspect say the same, and nobody who meant to have a
    rule is told that all is well where there is none. said_of: gs2-inspect is
    given another file."""
    ask, name = ASKED[kind]
    conf = bench.lay_out(name, made.text, made.others)
    did = ask(bench, conf, kind)
    said, answer, rule = bench.inspected(said_of or conf, kind)
    told = f'{made}\nserver: {did}\ngs2-inspect: {said}\n{answer}'
    if kind in ('imap', 'imaps') and said_of is None:
        agree_with_cyrus(bench, conf, kind, answer)
    if wanted is not None and did != wanted:
        raise scenario.ScenarioError(f'not what was seen before\n{told}')
    if said != did:
        raise scenario.ScenarioError(f'they do not agree\n{told}')
    if (rule is None and did == OPEN and made.meant and answer.status != 1 and
            'gs2_require is not set for' not in answer.out):
        raise scenario.ScenarioError(f'all is said to be well\n{told}')
    return did


def known(t, bench):
    """The inputs that were wrong once."""
    for name, kind, text, wanted, *others in KNOWN:
        with t.case(f'{kind}: {name}'):
            if kind == 'smtpd' and os.geteuid() != 0:
                raise tap.Skip('only root runs Postfix')
            base = bench.base if kind.startswith('imap') else ''
            made = conf_maker.Made(base + text, *(others or [{}]),
                                   meant='require' in text, service=kind)
            agree(bench, kind, made, wanted)


def made_up(t, bench):
    """Random ones."""
    t.note(f'GS2_SEED={SEED}')
    maker = conf_maker.Maker(random.Random(SEED))
    seen = collections.Counter()
    for n in range(COUNT):
        kind = ('imap', 'sasl', 'imap', 'sasl')[n % 4]
        if n % 10 == 9 and os.geteuid() == 0:
            kind = 'slapd'
        elif n % 10 == 5 and os.geteuid() == 0:
            kind = 'smtpd'
        made = maker.imapd(bench.base) if kind == 'imap' else maker.sasl()
        kind = made.service if kind == 'imap' else kind
        with t.case(f'made up, {n}, {kind} (GS2_SEED={SEED})'):
            seen[agree(bench, kind, made)] += 1
    t.note(f'both get in {seen[OPEN]}, one {seen[RULED]}, neither '
           f'{seen[NOBODY]}, closed {seen[CLOSED]}')
    t.ok(min(seen[OPEN], seen[RULED], seen[CLOSED]) > 0,
         'each of the verdicts was seen')


def ways_past(t, bench):
    """A password lets in whom the rule keeps out, and the cure that is named
    closes that."""
    home = bench.home
    base = bench.base + PAST.format(sasldb=home.sasldb)
    if os.geteuid() == 0:
        home.give_to(cyrus.USER)
    for option, past in (('', True), ('sasl_pwcheck_method: auxprop\n', True),
                         ('sasl_pwcheck_method: none\n', False),
                         ('imap_sasl_pwcheck_method: none\n', False)):
        with t.case(f'LOGIN of IMAP, {option.strip() or "as it is"}'):
            conf = bench.lay_out('etc/imapd.conf', base + option, {})
            with one_imapd.Imapd(home, conf, 'imap', NO_RCACHE) as server:
                with server.connect() as connection:
                    got_in = connection.say_password('carol',
                                                     'carol.secret.1')
            answer = inspected.inspect(home, 'conf', '-j', '-p', 'imap', conf)
            cures = [w['cure'] for w in answer.json(0)['warnings']]
            assert (got_in, cures) == (
                past, ['sasl_pwcheck_method: none'] if past else []), (
                    got_in, answer)
    conf = bench.lay_out('slapd.conf', f'gs2_require: {RULE}\n', {})
    warned = inspected.inspect(home, 'conf', '-j', conf).json(0)['warnings']
    cure = warned[-1]['cure'].split('"')[1]
    for line, past in (('', True), (f'{cure}\n', False)):
        with t.case(f'a simple bind, {line.strip() or "as it is"}'):
            assert bench.binds(line) == past, warned


def gets_in_by_apop(bench, conf):
    """Whether pop3d lets in carol by a digest of her password."""
    with one_imapd.Imapd(bench.home, conf, 'pop3', NO_RCACHE,
                         program='pop3d') as server:
        client = poplib.POP3('127.0.0.1', server.port, timeout=30)
        try:
            client.apop('carol', 'carol.secret.1')
            return True
        except poplib.error_proto as error:
            # The greeting has nothing to make a digest of.
            assert 'APOP not supported by server' in str(error), error
            return False
        finally:
            client.quit()


def apop(t, bench):
    """Of pop3d, whatever pwcheck_method is, and imapd has none of it."""
    home = bench.home
    base = (bench.base + PAST.format(sasldb=home.sasldb) +
            'sasl_pwcheck_method: none\n')
    if os.geteuid() == 0:
        home.give_to(cyrus.USER)

    def cures(conf, service):
        answer = inspected.inspect(home, 'conf', '-j', '-p', service, conf)
        return [w['cure'] for w in answer.json(0)['warnings']]

    for lines, wanted in (
            ('', ['allowapop: no']), ('allowapop: no\n', []),
            ('allowapop: on\n', ['allowapop: no']), ('allowapop: off\n', []),
            ('allowapop: fasle\n', []), ('allowapop: 0\n', []),
            ('pop3_allowapop: no\n', []),
            ('pop3s_allowapop: no\n', ['allowapop: no']),
            ('sasl_allowapop: no\n', ['allowapop: no']),
            ('pop3_allowapop: no\nallowapop: yes\n', []),
            ('allowapop: no\npop3_allowapop: yes\n', ['pop3_allowapop: no']),
            ('allowplaintext: no\n', ['allowapop: no'])):
        said = lines.rstrip().replace('\n', ', ') or 'as it is'
        with t.case(f'APOP of POP3, {said}'):
            text = base.replace('allowplaintext: yes\n', '') + lines
            conf = bench.lay_out('etc/imapd.conf', text, {})
            warned = cures(conf, 'pop3')
            assert (gets_in_by_apop(bench, conf), warned) == (
                bool(wanted), wanted), warned
            assert cures(conf, 'imap') == []
            for cure in warned:
                cured = '\n'.join(
                    line for line in text.splitlines()
                    if line.split(':')[0] != cure.split(':')[0])
                conf = bench.lay_out('etc/imapd.conf', f'{cured}\n{cure}\n', {})
                assert not gets_in_by_apop(bench, conf), cure


def aborts(bench, conf):
    """Whether imapd aborts where it lists its mechanisms under TLS. malloc()
    looks whether anybody has written behind what it gave, as it does without
    being told where that hurts."""
    env = {**NO_RCACHE, 'SASL_PATH': bench.home.path('more-plugins'),
           'LD_PRELOAD': f'{cyrus.SYSLOG}:libc_malloc_debug.so.0',
           'GLIBC_TUNABLES': 'glibc.malloc.check=3'}
    with one_imapd.Imapd(bench.home, conf, 'imap', env) as server:
        try:
            with server.connect() as connection:
                connection.start_tls(bench.home.path('ca.pem'))
                connection.leave()
            with server.connect():
                return False
        except (servers.ServerError, ConnectionError):
            assert server.ended is not None, 'it goes on'
            assert os.WTERMSIG(server.ended) == signal.SIGABRT, server.ended
            return True


def overruns(t, bench):
    """libsasl's fault with a list in which each mechanism has a -PLUS: imapd
    aborts, and does not with the cure."""
    home = bench.home
    base = bench.base + (f'tls_server_cert: {home.path("server.pem")}\n'
                         f'tls_server_key: {home.path("server.key")}\n'
                         'allowstarttls: on\n')
    shutil.copytree(home.path('ours'), home.path('more-plugins'))
    for plugin in ('libscram.so', 'libgssapiv2.so'):
        shutil.copy(scenario.system_plugin(plugin), home.path('more-plugins'))
    if os.geteuid() == 0:
        home.give_to(cyrus.USER)
    for mech_list in ('GS2-KRB5', 'GS2-KRB5 EXTERNAL', 'PLAIN gs2-krb5-plus',
                      'GS2-KRB5-PLUS', 'EXTERNAL GS2-KRB5-PLUS',
                      'GS2-KRB5 SCRAM-SHA-256', 'GSSAPI GS2-KRB5',
                      'GSS-SPNEGO  gs2-krb5', 'GS2-KRB5 PLAIN SCRAM-SHA-1',
                      'LOGIN GS2-KRB5'): # of LOGIN there is no plugin
        with t.case(f'imapd under TLS, {mech_list}'):
            line = f'sasl_mech_list: {mech_list}\n'
            conf = bench.lay_out('etc/imapd.conf', base + line, {})
            answer = inspected.inspect(home, 'conf', '-j', '-p', 'imap', conf,
                                       plugins='more-plugins')
            cures = [w['cure'] for w in answer.json(0)['warnings']]
            # The octet that is written may be the one that malloc() has put
            # there, by chance, at one address.
            tries = 3 if cures else 1
            assert any(aborts(bench, conf) for _ in range(tries)) == bool(
                cures), answer
            for cure in cures:
                conf = bench.lay_out('etc/imapd.conf', f'{base}{cure}\n', {})
                assert not aborts(bench, conf), cure


def relative(t, bench):
    """A file that includes itself by a relative path: it depends on the
    directory that Cyrus is started in, and on the name that it is told."""
    home = bench.home
    conf = bench.lay_out('etc/imapd.conf',
                         f'{bench.base}@include: imapd.conf\n', {})
    os.makedirs(home.path('elsewhere'), exist_ok=True)
    home.write('elsewhere/imapd.conf', 'admins: nobody\n')
    for folder, name, reads in (('etc', 'imapd.conf', False),
                                ('etc', conf, False),
                                ('elsewhere', conf, True)):
        with t.case(f'imapd.conf that includes itself, in {folder}: {name}'):
            wrapper = ['env', '-C', home.path(folder)]
            read = bench.cyr_info(name, wrapper)
            assert (read is not None) == reads, read
            answer = inspected.inspect(home, 'conf', '-j', conf,
                                       wrapper=wrapper)
            assert answer.json(2)['unsure'] is not None, answer


def realms(t, bench):
    """Whoever has a realm in the name imapd lets in by its own option alone."""
    full = 'sasl_mech_list: GS2-KRB5\nsasl_gs2_authid: full\n'
    own = 'loginrealms: EXAMPLE.TEST\n'
    for base, wanted in ((bench.base, True),
                         (bench.base.replace(own, ''), False)):
        with t.case(f'imapd, gs2_authid: full, loginrealms: {wanted}'):
            conf = bench.lay_out('etc/imapd.conf', base + full, {})
            assert bench.imapd(conf, 'imap') == (True, wanted, wanted)


def differs(t, bench):
    """A difference between the two is found."""
    with t.case('gs2-inspect that looks at another file is caught'):
        other = bench.home.write('other.conf', f'gs2_requires: {RULE}\n')
        made = conf_maker.Made(f'gs2_require: {RULE}\n', {}, True)
        try:
            agree(bench, 'sasl', made, RULED, said_of=other)
        except scenario.ScenarioError as error:
            assert 'they do not agree' in str(error), error
        else:
            raise scenario.ScenarioError('nothing was noticed')


# erin may act as each name without an entry.
ERIN = f'''
dn: uid=erin,ou=people,{slapd.TOP}
objectClass: account
objectClass: extensibleObject
uid: erin
authzTo: dn.regex:^uid=[^,]*,cn=gs2-krb5,cn=auth$
'''
# Only names without a role are entries.
UNTAGGED = {'uid=([^,]*),': 'uid=([^,/]*),'}
# An option that a request in another's name is not asked for, whose it is, and the
# name; what is said of it.
ACTING = (
    (f'gs2_proxy_require: {RULE}\n', 'alice', slapd.dn('bob'),
     'gs2_proxy_require is asked at logins alone: after one, proxied '
     'authorization (RFC 4370) lets people act as others without it, where '
     'authz-policy and authzTo or authzFrom allow it'),
    (f'gs2_tag: /\ngs2_roles: card\ngs2_role_card: {RULE}\n', 'erin',
     'uid=alice/card,cn=gs2-krb5,cn=auth',
     'gs2_tag refuses names with the character at logins alone: after one, '
     'proxied authorization (RFC 4370) lets people act as whoever has such a '
     'name, where authz-policy and authzTo or authzFrom allow it'))


def acting(t, bench):
    """After a login, one request of LDAP in another's name, which the login
    could not have; and the cure."""
    home = bench.home
    users = {'alice': home.ticket('timestamp', 'alice'),
             'erin': home.newcomer('erin')}
    lists = 'mech_list: GS2-KRB5 EXTERNAL\n'
    for option, user, name, text in ACTING:
        conf = bench.lay_out('slapd.conf', option + lists, {})
        got = inspected.inspect(home, 'conf', '-j', conf).json(0)
        assert [w['text'] for w in got['warnings']] == [text], got
        cure = got['warnings'][0]['cure'].split('"')[1]
        for line, past in (('', True), (f'{cure}\n', False)):
            what = option.split(':')[0]
            with t.case(f'slapd, {what}, in another\'s name: '
                        f'{line.strip() or "as it is"}'), \
                    slapd.start(home, f'slapd-{what}-{past}', more=line,
                                options=option + lists, others=ERIN,
                                places=UNTAGGED) as server:
                def whoami(*args):
                    return server.whoami(*slapd.KRB5, *args, env=users[user])
                assert whoami().stdout == f'dn:{slapd.dn(user)}\n'
                assert whoami('-X', f'dn:{name}').returncode != 0
                done = whoami('-e', f'!authzid=dn:{name}')
                assert (done.returncode == 0, f'dn:{name}\n' in
                        done.stdout) == (past, past), done


def main(t):
    """All with one realm."""
    tap.find(f'{cyrus.PROGRAMS}/imapd', 'cyrus-imapd')
    with slapd_home() as home:
        bench = Bench(home)
        os.makedirs(home.path('slapd-conf'))
        os.makedirs(home.path('smtpd/sasl'))
        tap.find(f'{postfix.DAEMONS}/master', 'postfix')
        for part in (known, made_up, differs, ways_past, acting, apop,
                     overruns, relative, realms):
            part(t, bench)


def slapd_home():
    """A realm with the keys of all servers."""
    home = cyrus.Home()
    home.services = (*cyrus.SERVICES, 'ldap', 'smtp')
    return home


if __name__ == '__main__':
    tap.run(main)
