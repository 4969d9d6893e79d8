#!/usr/bin/env python3
"""The commonest breakages, each made with the real slapd and KDC: what the
client says, what the server logs, what gs2-inspect says, and what
doc/troubleshooting.md advises, side by side.
"""

import os
import re
import shutil
import time

import inspected
import mounts
import servers
import slapd
import sources
import tap
import tickets
import tree

MECH = 'GS2-KRB5'
LOG_SECONDS = 20
ALICE = 'auth-indicators=spake'
NOT_MET = r'reason="the login does not meet the requirements of the server"'


class Place(sources.Sources, servers.Home):
    """A slapd whose options and keytab a case has chosen."""

    def __init__(self):
        super().__init__()
        self.services = ('ldap',)

    def lay_out(self):
        """Everybody may read all but what a case closes."""
        for folder in (self.dir, self.realm.dir):
            os.chmod(folder, 0o755)
        os.makedirs(self.path('sasl2'))
        os.chmod(self.realm.keytab, 0o644)
        self.alice = self.ticket('spake', 'alice')
        self.bob = self.ticket('timestamp', 'bob')

    def see(self, options='', keytab=None, env=None, host='localhost',
            command=('login',), inspect=()):
        """One breakage: client, log, gs2-inspect."""
        inspected.write(self, 'sasl2/slapd.conf',
                        f'mech_list: {MECH}\n{options}')
        wrapper = mounts.over({self.path('sasl2'): slapd.OPTIONS})
        keytab, env = keytab or self.realm.keytab, env or self.alice
        port, data = servers.free_port(), self.path('data')
        shutil.rmtree(data, ignore_errors=True)
        os.makedirs(data)
        if os.path.exists(self.path('slapd.log')):
            os.unlink(self.path('slapd.log'))
        shutil.chown(data, 'openldap', 'openldap')
        own = inspected.write(self, 'own.conf', (
            f'sasl-host {host}\npidfile {data}/pid\n'
            'access to * by * read\n'))
        with self.start('slapd', [
                *wrapper, tap.find('slapd', 'slapd'), '-f', own, '-h',
                f'ldap://{host}:{port}', '-u', 'openldap', '-g', 'openldap',
                '-d', '256'], ports=[port], env={
                    'KRB5_KTNAME': keytab, 'KRB5RCACHENAME': 'none:',
                    **slapd.NO_LEAKS}) as server:
            client = self.run([
                tap.find('ldapwhoami', 'ldap-utils'), '-N', '-Q', '-Y', MECH,
                '-H', f'ldap://{host}:{port}'],
                              env={'LDAPNOINIT': '1', **env}).stdout
            log = ended(server)
        said = inspected.inspect(
            self, *command, *(() if command[0] == 'conf' else (
                '-n', host, '-k', keytab, '-c')), 'slapd', *inspect,
            env=env, wrapper=wrapper)
        return client, log, said.out + said.err


def ended(server):
    """What slapd logged once it has closed the client's connection, which is
    the second one: the first asked whether it listens."""
    end = time.monotonic() + LOG_SECONDS
    while (log := server.log()).count(' closed') < 2:
        if time.monotonic() > end:
            raise AssertionError(f'the connection stays: {log}')
        time.sleep(.02)
    return log


def no_key(place):
    """The keytab is another service's."""
    keytab = place.path('imap.keytab')
    place.realm.ktadd(keytab, 'imap/localhost')
    os.chmod(keytab, 0o644)
    return place.see(keytab=keytab, command=('mechs',))


def unreadable_key(place):
    """root alone reads it."""
    keytab = place.path('closed.keytab')
    shutil.copy(place.realm.keytab, keytab)
    os.chmod(keytab, 0o600)
    return place.see(keytab=keytab, command=('mechs',))


def wrong_host(place):
    """The KDC knows no such service."""
    host = place.realm.host
    place.realm.kadmin(f'delprinc -force ldap/{host}')
    return place.see(host=host, env=tickets.ticket(place, 'host.cc'))


def expired(place):
    """A ticket of a second."""
    env = tickets.ticket(place, 'short.cc', ['-l', '1s'])
    time.sleep(2.1)
    return place.see(env=env)


def wrong_realm(place):
    """The user is of another realm than the rule."""
    return place.see('gs2_require: gs2:realm=EXAMPLE.TEST\n',
                     env=place.foreigner())


def wrong_realm_in_rule(place):
    """The rule is of another realm than the user."""
    return place.see('gs2_require: gs2:realm=EXAMPLE.COM\n')


def misspelt(place):
    """Whoever has a ticket gets in."""
    return place.see(f'gs2_requires: {ALICE}\n', env=place.bob,
                     command=('conf',))


def typo(place):
    """Nobody gets in."""
    return place.see(f'gs2_require: {ALICE} nd a=b\n', command=('conf',))


def absent(place):
    """Bob had no second factor."""
    return place.see(f'gs2_require: {ALICE}\n', env=place.bob)


def skew(place):
    """The KDC's clock is an hour late."""
    with tickets.kdc_at(place, '-1h'):
        return place.see(env=tickets.ticket(place, 'late.cc'))


def not_allowed(place):
    """The rule names others."""
    return place.see('gs2_require: gs2:authid=alice\n', env=place.bob)


NO_MECH = r'Authentication method not supported'
REFUSED = r'authorization failure: the login does not meet the requirements'
NEXT = r'next: see which comparison is false, below'
RULE_CURE = (r'`gs2-inspect login -c CONFIGURATION` prints each comparison')
KEY_LOG = r'GS2-KRB5 is not available for ldap@localhost: cannot acquire it'
# What is not in the server's log: there was no login.
NOTHING = r'\A(?!.*GS2-KRB5 login).*?conn=\d+ fd=\d+ closed'

# Each, the client's text, the server's log, what gs2-inspect says, and what
# doc/troubleshooting.md does.
BREAKAGES = [
    (no_key, NO_MECH, KEY_LOG,
     r'no key for ldap/localhost in .*next: kadmin .*makes a new key',
     r'The keytab that is named does not have the service\'s key'),
    (unreadable_key, NO_MECH, KEY_LOG,
     r'openldap cannot read it: Permission denied.*'
     r'next: chgrp openldap \S+ && chmod g\+r \S+ \(no key is changed\)',
     r'`gs2-inspect mechs -c SERVER`, as root, looks as that user and says '
     r'what cures it'),
    (expired, r'Ticket expired; get a ticket with kinit', NOTHING,
     r'next: get a new ticket: kinit', r'Run `kinit` again'),
    (wrong_realm, REFUSED, NOT_MET + r' detail="not met: gs2:realm=EXAMPLE',
     NEXT + r'.* realm +OTHER\.TEST.*false +gs2:realm=EXAMPLE\.TEST',
     RULE_CURE),
    (wrong_realm_in_rule, REFUSED,
     NOT_MET + r' detail="not met: gs2:realm=EXAMPLE\.COM',
     NEXT + r'.* realm +EXAMPLE\.TEST.*false +gs2:realm=EXAMPLE\.COM',
     RULE_CURE),
    (misspelt, r'dn:uid=bob,', r'authcid="bob',
     r'not in force: there is no option gs2_requires; is it gs2_require\b.*'
     r'whoever has a ticket gets in',
     r'An option that is misspelt .* is not in force'),
    (typo, r'the server\'s configuration of GS2 has an error',
     r'GS2: option gs2_require: line 1, column 23.*no GS2 mechanism is',
     r'slapd\.conf:2:36: closed: .*found \'nd\'.*nobody gets in by GS2',
     r'A rule, a map or a value that does not parse lets nobody in'),
    (absent, REFUSED, NOT_MET + r' detail="not met: auth-indicators=spake',
     NEXT + r'.*false +auth-indicators=spake \(the login has no such attribute',
     RULE_CURE),
    (skew, r'Clock skew too great', r'login failed: .*Clock skew too great',
     r'next: set the clocks of this machine, the server and the KDC',
     r'More than five minutes between client, server and KDC'),
    (not_allowed, REFUSED, NOT_MET + r' detail="not met: gs2:authid=alice',
     NEXT + r'.*false +gs2:authid=alice', RULE_CURE),
    (wrong_host, r'Server ldap/\S+ not found in Kerberos database', NOTHING,
     r'next: make the service\'s principal.*or name another host',
     r'use the server\'s full name, not an alias or an address'),
]


def page():
    """doc/troubleshooting.md in one line."""
    with open(tree.srcdir('doc', 'troubleshooting.md'),
              encoding='utf-8') as text:
        return ' '.join(text.read().split())


def shown(text, pattern):
    """What is seen of a text, in a line; None where it is not there."""
    found = re.search(pattern, text, re.S)
    return ' '.join(found[0].split()) if found else None


def main(t):
    """Each of them."""
    if os.geteuid() != 0:
        raise tap.Skip('only root runs slapd as its user')
    tap.find('slapd', 'slapd')
    advice = page()
    with Place() as place:
        place.lay_out()
        for make, *wanted in BREAKAGES:
            name = make.__name__.replace('_', ' ')
            with t.case(f'{name}: all of it is made'):
                cells = (*make(place), advice)
            t.note(f'=== {name}')
            for who, text, pattern in zip(
                    ('client', 'log', 'gs2-inspect', 'page'), cells, wanted):
                seen = shown(text, pattern)
                t.note(f'{who}: {seen}')
                t.ok(seen is not None, f'{name}: {who}', f'{pattern}\n{text}')


if __name__ == '__main__':
    tap.run(main)
