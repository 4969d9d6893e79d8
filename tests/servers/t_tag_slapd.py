#!/usr/bin/env python3
"""slapd that knows the roles of a login by the user's name (gs2_tag, row A7),
as doc/servers.md configures it; and who tries to pass for such a name: by a
principal, an authzid, an entry of their own with a password.
"""

import os
import shutil

import layered
import saslclient
import setups
import slapd
import tree
from scenario import PLUGIN, system_plugin
from slapd import TOP
from slapd_roles import DENIED, FOLDERS, SUCCESS, options_of_all, write

GSSAPI = tree.builddir('gssapi', '.libs', 'libgssapiv2.so')
ANONYMOUS, INVALID = 8, 49 # what a change is answered; what a bind is
CARD = 'uid=alice/smartcard,cn=gs2-krb5,cn=auth'
BOBS = slapd.dn('bob')
# A user who may act as each name without an entry, and what of alice's name
# slapd makes the one of her card.
FRONT_END = f'''
dn: uid=erin,ou=people,{TOP}
objectClass: account
objectClass: extensibleObject
uid: erin
authzTo: dn.regex:^uid=[^,]*,cn=gs2-krb5,cn=auth$
'''
ESCAPED = ('alice\\2fsmartcard', 'alice\\2Fsmartcard',
           'alice\\ef\\bc\\8fsmartcard')
# What users often may: entries of their own below their own.
ADDRESS_BOOK = f'''\
access to dn.children="{BOBS}" by dn.exact="{BOBS}" write by * auth
access to dn.base="{BOBS}" attrs=children by dn.exact="{BOBS}" write
'''
REGEXP = {'authz-regexp uid=([^,]*),cn=gs2-krb5(-plus)?,cn=auth uid=$1,'
          'ou=people,dc=example,dc=test\n': ''}
# Names of entries that look like the one that the rule is about.
FORGED = (
    f'uid=alice/smartcard,{BOBS}',
    f'cn=smartcard,{BOBS}',
    f'uid=alice\\2Fsmartcard\\2Ccn=gs2-krb5\\2Ccn=auth,{BOBS}',
    f'cn=auth,{BOBS}',
    f'uid=alice/smartcard+cn=gs2-krb5,{BOBS}',
    CARD,
    'uid=alice/smartcard,cn=gs2-krb5,cn=auth,dc=example,dc=test',
    f'uid=alice/smartcard,ou=people,{TOP}',
)


def start(home, name='slapd', tag='/', **given):
    """A slapd as the document says."""
    regexp = setups.setup('slapd tag regexp').replace('/', tag)
    options = setups.setup('slapd tag options')
    return slapd.start(home, name, places={
        **REGEXP, 'authz-policy to\n': regexp + 'authz-policy to\n'},
                       **{'options': options.replace(': /', f': {tag}'),
                          'others': FOLDERS,
                          'access': ADDRESS_BOOK
                          + setups.setup('slapd tag access'), **given})


def forged(entry):
    """An Add of an entry with a password."""
    return slapd.add(entry, objectClass=['account', 'extensibleObject'],
                     uid=['alice/smartcard'],
                     cn=['smartcard', 'auth', 'gs2-krb5'],
                     userPassword=['forged.secret'])


def by_the_name(t, server, card, password):
    """Who may write, by which login, on one connection."""
    with slapd.Connection(server) as conn:
        for what, ticket, authzid, wanted, name in (
                ('card', card, '', SUCCESS, CARD),
                ('no card', password, '', DENIED, slapd.dn('alice')),
                ('card, as herself', card, 'u:alice', SUCCESS, CARD),
                ('no card, as bob', password, 'u:bob', DENIED, BOBS)):
            t.equal((conn.gs2(ticket, authzid)[0], conn.code(write()),
                     conn.whoami()), (SUCCESS, wanted, f'dn:{name}'),
                    f'{what}: {"writes" if wanted == SUCCESS else "no"}')
        for authzid, text in (
                ('u:bob', ''), ('u:alice/smartcard', 'between a user and a'),
                (f'dn:{CARD}', 'between a user and a'),
                ('u:bob/smartcard', 'between a user and a')):
            code, told = conn.gs2(card, authzid)
            t.ok(code == DENIED and text in told and conn.code(write()) != 0,
                 f'card, as {authzid}: refused', (code, told))
    with slapd.Connection(server) as conn:
        t.equal((conn.gs2(card, offer='GS2-KRB5-PLUS',
                          name=b'GS2-KRB5-PLUS')[0],
                 conn.code(write())), (SUCCESS, SUCCESS),
                'bound to TLS, by either name of the mechanism')


def by_a_principal(t, server):
    """Principals with the role in their names, or what becomes it in a DN."""
    for name in ('alice/smartcard', 'alice\uFF0Fsmartcard'):
        with slapd.Connection(server) as conn:
            code, told = conn.gs2(server.home.newcomer(name))
            t.ok(code == DENIED and 'that stands between a user and a role'
                 in told, f'the principal {ascii(name)}: refused',
                 (code, told))


def by_an_entry(t, server):
    """bob, who may add entries below the entry of bob, makes one and binds to
    it."""
    bob = server.home.ticket('timestamp', 'bob')
    made = 0
    for entry in FORGED:
        with slapd.Connection(server) as conn:
            conn.gs2(bob)
            code = conn.code(forged(entry))
            made += code == SUCCESS
            bound = conn.code(slapd.simple(entry, 'forged.secret'))
            t.ok(bound == (SUCCESS if code == SUCCESS else INVALID)
                 and conn.code(write()) != SUCCESS,
                 f'an entry {entry} (add: {code}, bind: {bound}): no right')
    t.ok(made > 3, f'{made} such entries were made')


def mapped_into_the_tree(t, home):
    """What the document warns of, so that it stays true."""
    regexp = ('authz-regexp uid=([^,/]*)/([a-z]+),cn=gs2-krb5(-plus)?,cn=auth '
              f'cn=$2,uid=$1,ou=people,{TOP}\n')
    access = (f'access to dn.subtree="ou=payroll,{TOP}"\n    by dn.regex="'
              f'^cn=smartcard,uid=[^,]+,ou=people,{TOP}$" write\n'
              '    by users read\n')
    with start(home, 'slapd-mapped', before=regexp,
               access=ADDRESS_BOOK + access) as server, \
            slapd.Connection(server) as conn:
        conn.gs2(home.ticket('timestamp', 'bob'))
        t.equal((conn.code(forged(f'cn=smartcard,{BOBS}')),
                 conn.code(slapd.simple(f'cn=smartcard,{BOBS}',
                                        'forged.secret')),
                 conn.code(write())), (SUCCESS,) * 3,
                'names mapped into the tree: bob has the role by a password')


def one_dn_of_two(t, home):
    """Why a character that only looks like the tag counts as it."""
    with start(home, 'slapd-untagged', options='#\n') as server, \
            slapd.Connection(server) as conn:
        t.equal((conn.gs2(home.newcomer('bob\uFF0Fsmartcard'))[0],
                 conn.whoami(), conn.code(write())),
                (SUCCESS, 'dn:uid=bob/smartcard,cn=gs2-krb5,cn=auth', SUCCESS),
                'without gs2_tag: the principal bob\\uff0fsmartcard has the '
                'DN of the role')


def by_an_escape(t, home):
    """A DN in which slapd sees the tag and nobody else does. Without gs2_tag
    it is the name of the role. A name is no DN: slapd escapes it."""
    erin = home.newcomer('erin')
    for name, options in (('slapd-escapes', {}),
                          ('slapd-escapes-untagged', {'options': '#\n'})):
        with start(home, name, others=FOLDERS + FRONT_END,
                   **options) as server:
            for user in ESCAPED:
                with slapd.Connection(server) as conn:
                    code, told = conn.gs2(
                        erin, f'dn:uid={user},cn=gs2-krb5,cn=auth')
                    seen = (code, conn.code(write()))
                    if options:
                        t.equal((*seen, conn.whoami()),
                                (SUCCESS, SUCCESS, f'dn:{CARD}'),
                                f'without gs2_tag: {user} has the role')
                    else:
                        t.ok(seen == (DENIED, ANONYMOUS)
                             and 'can stand for the character' in told,
                             f'as uid={user}: refused', (seen, told))
            with slapd.Connection(server) as conn:
                t.equal((conn.gs2(erin)[0],
                         conn.code(write(control=slapd.as_another(
                             f'dn:{CARD}')))), (SUCCESS, SUCCESS),
                        f'{name}: the control asks no plugin, as documented')
            with slapd.Connection(server) as conn:
                t.equal((conn.gs2(erin, f'u:{ESCAPED[0]}')[0],
                         conn.code(write())), (DENIED, ANONYMOUS),
                        f'{name}, as u:{ESCAPED[0]}: not the name of the role')


def with_a_realm(t, home, card, password):
    """sasl-realm, which libsasl appends."""
    with start(home, 'slapd-realm',
               before='sasl-realm EXAMPLE.TEST\n') as server, \
            slapd.Connection(server) as conn:
        code, told = conn.gs2(card)
        t.ok(code == DENIED and 'alice/smartcard@EXAMPLE.TEST' in told,
             'sasl-realm, with the card: refused', (code, told))
        t.equal(conn.gs2(password)[0], SUCCESS, 'without the card: not')


def characters(t, home, card):
    """How the others look in a DN: authz-regexp takes the escaped one for a
    name without a role, and maps it into the tree."""
    for tag, name in (('+', 'alice\\2Bsmartcard,ou=people,' + TOP),
                      ('%', 'alice%smartcard,cn=gs2-krb5,cn=auth'),
                      ('~', 'alice~smartcard,cn=gs2-krb5,cn=auth')):
        with start(home, f'slapd-{ord(tag)}', tag=tag) as server, \
                slapd.Connection(server) as conn:
            t.equal((conn.gs2(card)[0], conn.whoami()),
                    (SUCCESS, f'dn:uid={name}'), f'gs2_tag: {tag}')


def by_gssapi(t, home, card, password):
    """GSSAPI of our file has the name as well, and lets nobody in who has it
    without the role. Cyrus SASL's has neither: what the document warns of."""
    os.mkdir(home.path('mixed'))
    for plugin in (PLUGIN, system_plugin('libgssapiv2.so'),
                   system_plugin('libplain.so')):
        shutil.copy(plugin, home.path('mixed'))
    rule = setups.setup('slapd tag access')
    gssapi = rule.replace('cn=gs2-krb5(-plus)?', 'cn=gss(api|-spnego)')
    assert gssapi != rule
    other = home.newcomer('carol/smartcard')
    for name, files, access, wanted in (
            ('our file', 'ours', gssapi,
             ((SUCCESS, SUCCESS), (SUCCESS, DENIED), (DENIED, ANONYMOUS))),
            ("Cyrus SASL's file, named by a rule", 'mixed', gssapi,
             ((SUCCESS, DENIED), (SUCCESS, DENIED), (SUCCESS, SUCCESS))),
            ("Cyrus SASL's file", 'mixed', rule, ((SUCCESS, DENIED),) * 3)):
        with start(home, name.replace(' ', '-'), plugins=files,
                   options=options_of_all('slapd tag options'),
                   access=access) as server:
            for mech in ('GSSAPI', 'GSS-SPNEGO'):
                for (who, ticket), expected in zip((
                        ('card', card), ('no card', password),
                        ('the principal carol/smartcard', other)), wanted):
                    with layered.Connection(server) as conn:
                        t.equal((conn.log_in(ticket, mech),
                                 conn.code(write())), expected,
                                f'{name}, {mech}: {who}')


def main(t):
    with slapd.Home() as home:
        shutil.copy(GSSAPI, home.path('ours'))
        saslclient.load(home.environment('ours'))
        card, password = home.ticket('pkinit'), home.ticket('timestamp')
        with start(home) as server:
            by_the_name(t, server, card, password)
            by_a_principal(t, server)
            by_an_entry(t, server)
        mapped_into_the_tree(t, home)
        one_dn_of_two(t, home)
        by_an_escape(t, home)
        with_a_realm(t, home, card, password)
        characters(t, home, card)
        by_gssapi(t, home, card, password)


if __name__ == '__main__':
    slapd.run(main)
