#!/usr/bin/env python3
"""Cyrus IMAP whose rights decide by roles: mailboxes, administrators and who
may act as others, configured as doc/servers.md says; sessions of one user with
and without the card over a pool of processes; what is left of a login.
"""

import collections
import os
import random
import re
import shutil

import cyrus
import cyrus_roles
import imap_session
import saslclient
import servers
import setups
import tap
import tree
import wire
from cyrus_roles import MAILBOX
from scenario import PLUGIN, system_plugin

FULL = bool(os.environ.get('GS2_FULL'))
LOGINS = 2000 if FULL else 200
ALIVE = 6  # sessions at once
SEED = 17

CARD, NONE = 'pkinit', 'timestamp'
RIGHTS = {CARD: 'lrswip', NONE: 'lr'}
PASSWORD = 'secret.2'
GSSAPI = tree.builddir('gssapi', '.libs', 'libgssapiv2.so')


def connect(server):
    """A session, not logged in."""
    return imap_session.Session(server.ports['imap'])


# --- the setup of the document -----------------------------------------------

def row(rows, server, result, user, how, says, args=(), commands=''):
    """A row of the table: a login by imtest, and what is said then."""
    home = server.home
    with wire.Relay(server.ports['imap']) as relay:
        done = server.test('imap', '-m', 'GS2-KRB5', *args, port=relay.port,
                           env=home.ticket(how, user),
                           stdin=f'{commands}\nz LOGOUT\n')
        trips = wire.round_trips(relay.take(), b'GS2-KRB5',
                                 rb'(?m)^A01 (OK|NO)')
    rows.add(re.search(says, done.stdout, re.M), 'imtest, imapd', 'GS2-KRB5',
             'no', 'no', trips, result, f'{done.stdout}\n{server.log()}')


def as_documented(t, server):
    """The rows."""
    rows = servers.Rows(t, 'cyrus roles')
    ask = f'a MYRIGHTS {MAILBOX}'
    row(rows, server, 'alice, smart card: lrswip', 'alice', CARD,
        rf'^\* MYRIGHTS {MAILBOX} lrswip\r?$', commands=ask)
    row(rows, server, 'alice, no smart card: lr', 'alice', NONE,
        rf'^\* MYRIGHTS {MAILBOX} lr\r?$', commands=ask)
    for how, result, says in (
            (CARD, 'dave, smart card: an administrator', '^a OK'),
            (NONE, 'dave, no smart card: none', '^a NO Permission denied')):
        row(rows, server, result, 'dave', how, says,
            commands=f'a CREATE {how}')
    as_bob = ['-a', 'carol', '-u', 'bob']
    row(rows, server, 'carol as bob, smart card', 'carol', CARD,
        '^Authenticated', as_bob)
    row(rows, server, 'carol as bob, no smart card: refused', 'carol', NONE,
        '^Authentication failed', as_bob)
    rows.show()


# --- one session after the other ---------------------------------------------

def can(imap):
    """What one may do in the mailbox: MYRIGHTS, how SELECT opens it, and
    whether APPEND does."""
    opened = imap.command(f'SELECT {MAILBOX}')[-1]
    return (imap.rights(MAILBOX), re.sub(r'OK \[(\S+)\].*', r'\1', opened),
            imap.append(MAILBOX))


def sessions(t, server, home):
    """What the user may do, and as whom."""
    wanted = {CARD: ('lrswip', 'READ-WRITE', True),
              NONE: ('lr', 'READ-ONLY', False)}
    for how, may in wanted.items():
        with connect(server) as imap:
            t.ok(imap.gs2(home.ticket(how)), f'{how}: alice logs in')
            t.equal(can(imap), may, f'{how}: MYRIGHTS, SELECT, APPEND')
    for how, may in ((CARD, True), (NONE, False)):
        with connect(server) as imap:
            done = imap.gs2(home.ticket(how, 'carol'), 'alice')
            t.equal(done, may, f'{how}: carol as alice')
            if done:
                t.equal(imap.rights(MAILBOX), 'lr', 'as alice she has not '
                        'what the card gives')
        with connect(server) as imap:
            t.ok(not imap.gs2(home.ticket(how, 'alice'), 'carol'),
                 f'{how}: alice as carol is refused')


def ways(home):
    """Ways to log in on one connection, and the rights that dave has then, who
    is an administrator by the card; None where it is refused."""
    return {
        'card': (lambda imap: imap.gs2(home.ticket(CARD, 'dave')), 'lrswipa'),
        'no card': (lambda imap: imap.gs2(home.ticket(NONE, 'dave')), 'lr'),
        'password': (lambda imap: imap.password('dave', PASSWORD), 'lr'),
        "alice's card": (lambda imap: imap.gs2(home.ticket(CARD)), 'lrswip'),
        "alice's card, as bob": (
            lambda imap: imap.gs2(home.ticket(CARD), 'bob'), None),
        'no card, as bob': (
            lambda imap: imap.gs2(home.ticket(NONE, 'dave'), 'bob'), None),
        'wrong password': (
            lambda imap: imap.password('dave', 'wrong'), None),
        'wrong message': (
            lambda imap: imap.ok('AUTHENTICATE GS2-KRB5 biws'), None),
    }


def walk(imap, every, names):
    """Logs in in these ways, one after the other; what was not as it must
    be."""
    for number, name in enumerate(names):
        log_in, wanted = every[name]
        if log_in(imap) != (wanted is not None):
            return name, 'is ' + ('refused' if wanted else 'accepted')
        if wanted and imap.rights(MAILBOX) != wanted:
            return name, imap.rights(MAILBOX)
        # Cyrus has it for administrators alone.
        if wanted and number == 0 and not imap.ok('UNAUTHENTICATE'):
            return name, 'no UNAUTHENTICATE'
    return None


def leftovers(t, server, home):
    """On one connection: after UNAUTHENTICATE, and after a login that is
    refused, rights are those of the next login."""
    every, wrong, count = ways(home), [], 0
    for first, (_, rights) in every.items():
        if rights and 'a' not in rights:
            continue
        for second in every:
            with connect(server) as imap:
                found = walk(imap, every, (first, second))
            wrong += [(first, second, found)] if found else []
            count += 1
    t.equal(wrong, [], f'{count} pairs of logins on one connection, with '
            'UNAUTHENTICATE or a failure between: rights are those of the '
            'last one')


def interleaved(t, server, home):
    """Sessions of one user, some at once, over processes that serve one after
    the other."""
    tickets = {how: home.ticket(how) for how in RIGHTS}
    choose = random.Random(SEED)
    alive, wrong = [], []
    seen = collections.Counter()
    start = len(server.log())

    def end(number):
        imap, how = alive.pop(number)
        got = imap.rights(MAILBOX)
        if got != RIGHTS[how]:
            wrong.append((how, got))
        if choose.random() < .5:  # the others hang up
            imap.ok('LOGOUT')
        imap.__exit__()

    for _ in range(LOGINS):
        if len(alive) == ALIVE:
            end(choose.randrange(ALIVE))
        how = choose.choice(list(RIGHTS))
        imap = connect(server)
        if not imap.gs2(tickets[how]):
            wrong.append((how, 'refused'))
        got = imap.rights(MAILBOX)
        if got != RIGHTS[how]:
            wrong.append((how, got))
        seen[how] += 1
        alive.append((imap, how))
    while alive:
        end(0)
    t.equal(wrong, [], f'{LOGINS} sessions of alice, {ALIVE} at once, '
            f'{dict(seen)}: each has its own rights')
    pids = collections.Counter(re.findall(
        r'imap\[(\d+)\]: .*GS2-KRB5 login accepted', server.log()[start:]))
    t.ok(sum(pids.values()) == LOGINS and max(pids.values()) > LOGINS // 20,
         f'{len(pids)} processes have served them', dict(pids))


# --- GSSAPI ------------------------------------------------------------------

def by_gssapi(t, server, home):
    """GSSAPI and GSS-SPNEGO of our file: the same rights."""
    for mech in ('GSSAPI', 'GSS-SPNEGO'):
        for how, wanted in RIGHTS.items():
            with connect(server) as imap:
                t.equal((imap.gs2(home.ticket(how), mech=mech),
                         imap.rights(MAILBOX)), (True, wanted),
                        f'{mech}, {how}')
    with connect(server) as imap:
        t.equal((imap.gs2(home.ticket(CARD, 'dave')),
                 imap.ok('UNAUTHENTICATE'),
                 imap.gs2(home.ticket(NONE, 'dave'), mech='GSSAPI'),
                 imap.rights(MAILBOX)), (True, True, True, 'lr'),
                'GSSAPI without the card, after GS2 with it')


def by_another_gssapi(t, home):
    """GSSAPI of Cyrus SASL's file, beside our libgs2.so: who logs in by it has
    no role, nor that of the user's login before."""
    os.mkdir(home.path('mixed'))
    for plugin in (PLUGIN, system_plugin('libgssapiv2.so'),
                   system_plugin('libplain.so')):
        shutil.copy(plugin, home.path('mixed'))
    with cyrus_roles.start(home, setups.setup('imapd.conf roles'),
                           name='mixed-files', plugins='mixed') as server:
        with connect(server) as imap:
            assert imap.gs2(home.ticket(CARD, 'dave')), server.log()
            cyrus_roles.fill(imap)
        for mech in ('GS2-KRB5', 'GSSAPI', 'GSS-SPNEGO'):
            with connect(server) as imap:
                t.equal((imap.gs2(home.ticket(CARD), mech=mech),
                         imap.rights(MAILBOX)),
                        (True, 'lrswip' if mech == 'GS2-KRB5' else 'lr'),
                        f"beside Cyrus SASL's file: {mech}, with the card")
            with connect(server) as imap:
                t.equal((imap.gs2(home.ticket(CARD, 'dave')),
                         imap.ok('UNAUTHENTICATE'),
                         imap.gs2(home.ticket(CARD, 'dave'), mech=mech),
                         imap.rights(MAILBOX)),
                        (True, True, True,
                         'lrswipa' if mech == 'GS2-KRB5' else 'lr'),
                        f'{mech}, after GS2 with the card')


# --- where it cannot be ------------------------------------------------------

def missing(t, home):
    """Without the module nobody gets in, and the log says why."""
    options = setups.setup('imapd.conf roles', {
        cyrus_roles.SHOWN: '/nowhere/libnss_gs2.so.2'})
    with cyrus_roles.start(home, options, name='missing') as server, \
            connect(server) as imap:
        t.ok(not imap.ok('AUTHENTICATE GS2-KRB5 biws')
             and not imap.ok('AUTHENTICATE GS2-KRB5'),
             'a module that is not there: nobody gets in')
        t.contains(server.log(), 'option gs2_unix_groups: '
                   '/nowhere/libnss_gs2.so.2: No such file or directory; no '
                   'GS2 mechanism is offered', 'and the log says why')


def not_named(t, home):
    """nsswitch.conf does not name it: no rights, and the log says why."""
    options = setups.setup('imapd.conf roles')
    with cyrus_roles.start(home, options, name='unnamed',
                           nsswitch='group: files\n') as server, \
            connect(server) as imap:
        t.ok(imap.gs2(home.ticket(CARD, 'dave')) and not imap.ok('CREATE x'),
             'nsswitch.conf does not name the module: no administrator')
        t.contains(server.log(), 'the role smartcard of "dave" is not handed '
                   'over: libc does not ask the module', 'the log says why')


def main(t):
    with cyrus.Home() as home:
        home.add_user('dave', PASSWORD)
        shutil.copy(GSSAPI, home.path('ours'))
        saslclient.load(home.environment('ours'))
        server = cyrus_roles.start(home, setups.setup('imapd.conf roles'))
        with server:
            with connect(server) as imap:
                assert imap.gs2(home.ticket(CARD, 'dave')), server.log()
                cyrus_roles.fill(imap)
            as_documented(t, server)
            sessions(t, server, home)
            leftovers(t, server, home)
            interleaved(t, server, home)
            by_gssapi(t, server, home)
            t.excludes(server.log(), 'unix_groups:', 'nothing to complain of')
        missing(t, home)
        not_named(t, home)
        by_another_gssapi(t, home)


if __name__ == '__main__':
    tap.run(main)
