#!/usr/bin/env python3
"""GSSAPI and GSS-SPNEGO of libgssapiv2.so by tickets of other kinds (traps 35
and 37 of doc/gssapi.md): one that may not be forwarded, an anonymous one, a
name with an "@", a foreign realm's, one that ends while its layer is in use.
"""

import os
import shutil
import time

import sasl_end
import slapd
import tap
import tree

GSSAPI = os.environ.get('GS2_GSSAPI') or tree.builddir(
    'gssapi', '.libs', 'libgssapiv2.so')
MECHS = ('GSSAPI', 'GSS-SPNEGO')
LIFETIME = 10 # seconds


class Home(slapd.Home):
    """Ends of a realm that has PKINIT, and trusts another."""

    def __enter__(self):
        super().__enter__()
        shutil.copy(GSSAPI, self.path('ours'))
        self.ends = []
        return self

    def __exit__(self, *exc):
        for end in self.ends:
            end.end()
        super().__exit__(*exc)

    def login(self, ticket, mech, server=(), **client):
        """A login: what was said, and the two ends."""
        program = tree.builddir('tests', 'peer', 'sasl-end')
        ends = [sasl_end.End(program, role, self.environment('ours', {
            'KRB5RCACHENAME': 'none:', **env}), {'mech': mech, **settings})
            for role, env, settings in (('client', ticket, client),
                                        ('server', {}, dict(server)))]
        self.ends += ends
        return sasl_end.login(*ends), *ends

    def cache(self, name, *args, principal='alice', password=None):
        """A ticket that kinit gets so."""
        env = {'KRB5CCNAME': f'FILE:{self.path(name)}.ticket'}
        self.realm.kinit(principal, password, args=args, env=env)
        return env


def delegation(t, home):
    """Asked for and not given; given where it was not asked for."""
    password = home.realm.password('alice')
    for flag, given in (('-F', False), ('-f', True)):
        ticket = home.cache(f'forward{flag}', flag, password=password)
        for mech in MECHS:
            for asked in ('yes', 'no'):
                with t.case(f'trap 35: {mech}, kinit {flag}, asked: {asked}'):
                    said, client, server = home.login(ticket, mech,
                                                      pass_credentials=asked)
                    got = server.get()
                    t.equal((got.get('user'), 'creds' in got),
                            ('alice', given and asked == 'yes'), said)
                    sasl_end.carry(client, server, True)


def names(t, home):
    """Whom the server sees."""
    home.realm.addprinc('WELLKNOWN/ANONYMOUS')
    home.realm.addprinc('odd\\@name', 'odd.secret')
    anonymous = home.cache('anonymous', '-n',
                           principal=f'@{home.realm.name}')
    odd = home.cache('odd', principal='odd\\@name', password='odd.secret')
    foreign = home.foreigner('carol')
    for what, ticket, server, user in (
            ('anonymous', anonymous, {}, None),
            ('an escaped "@"', odd, {}, 'odd\\@name'),
            ("a foreign realm's carol", foreign, {}, 'carol@OTHER.TEST'),
            ("a foreign realm's carol, whom a rule refuses", foreign,
             {'option:gs2_require': 'gs2:realm=EXAMPLE.TEST'}, None)):
        for mech in MECHS:
            with t.case(f'trap 35: {mech}, {what}: {user}'):
                said, _client, end = home.login(ticket, mech, server.items())
                t.equal((end.get().get('user'), 'S OK' in said),
                        (user, user is not None), f'{said} {end.log}')


def end_of_a_ticket(t, home):
    """krb5 goes on with a context whose ticket has ended, and so does its
    layer; a new login by that ticket fails."""
    ticket = home.cache('short', '-l', f'{LIFETIME}s',
                        password=home.realm.password('alice'))
    ends = time.monotonic() + LIFETIME + 1
    logins = {mech: home.login(ticket, mech) for mech in MECHS}
    for mech, (said, _client, server) in logins.items():
        t.equal(server.get().get('user'), 'alice', f'{mech}: {said}')
    time.sleep(max(0, ends - time.monotonic()))
    for mech, (_said, client, server) in logins.items():
        with t.case(f'trap 37: {mech}, the layer when the ticket has ended'):
            sasl_end.carry(client, server, True)
        with t.case(f'trap 37: {mech}, a new login by it fails'):
            answer = home.login(ticket, mech)[1].start()
            assert answer.code not in ('OK', 'CONTINUE'), answer


def main(t):
    with Home() as home:
        for rows in (delegation, names, end_of_a_ticket):
            rows(t, home)


tap.run(main)
