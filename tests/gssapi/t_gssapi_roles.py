#!/usr/bin/env python3
"""Roles in slapd's access rules by GSSAPI and GSS-SPNEGO: believed of a login
by our files, and of no other, whatever a directory says of the user.
"""

import os
import shutil

import setups
import slapd
import slapd_roles
import tree
from scenario import PLUGIN, system_plugin
from slapd import TOP
from slapd_roles import DENIED, PAYROLL, SUCCESS

GSSAPI = tree.builddir('gssapi', '.libs', 'libgssapiv2.so')
# Has slapd request our properties at each connection.
REQUESTED = tree.builddir('tests', 'modules', '.libs', 'requested.so')
MECHS = ('GSSAPI', 'GSS-SPNEGO', 'GS2-KRB5')

CHANGE = f'''\
dn: {PAYROLL}
changetype: modify
replace: description
description: changed
'''
# Whoever logs in by Kerberos has this entry, where users could write.
LIAR = f'''

dn: {slapd.dn('liar')}
objectClass: account
objectClass: extensibleObject
uid: liar
gs2-roles: smartcard
gs2-expires: never
gs2-mech: {{mech}}

'''
LIES = f'''\
attributetype ( 1.3.6.1.4.1.4203.666.1.1 NAME 'gs2-roles' SUP name )
attributetype ( 1.3.6.1.4.1.4203.666.1.2 NAME 'gs2-expires' SUP name )
attributetype ( 1.3.6.1.4.1.4203.666.1.3 NAME 'gs2-mech' SUP name )
authz-regexp uid=[^,]*,cn=(gssapi|gss-spnego|gs2-krb5),cn=auth \
uid=liar,ou=people,{TOP}
'''
OPTIONS = {
    'smartcard': 'gs2:realm=EXAMPLE.TEST and auth-indicators=smartcard',
    'sealed': 'gs2:layer=privacy',
    'signed': 'gs2:layer=integrity',
    'bare': 'gs2:layer=none',
    'gssapi': 'gs2:mech=GSSAPI',
    'spnego': 'gs2:mech=GSS-SPNEGO',
}


def plugins(home, name, gs2, gssapi):
    """A directory of plugins with these two."""
    os.mkdir(home.path(name))
    for plugin in (gs2, gssapi, system_plugin('libplain.so')):
        shutil.copy(plugin, home.path(name))
    return name


def writes(server, mech, ticket, *options, entry=PAYROLL):
    """The result code of a change after a login."""
    change = server.home.write('change.ldif', CHANGE.replace(PAYROLL, entry))
    return server.client('ldapmodify', '-N', '-Q', '-Y', mech, *options, '-f',
                         change, env=ticket).returncode


def ours(t, home, both):
    """As doc/servers.md has it for GS2: the card decides, and nothing that an
    entry says."""
    for what, given in (('', {}), (', whose entry says otherwise', {
            'before': LIES, 'others': slapd_roles.others()
            + LIAR.format(mech='GSSAPI'), 'env': {'LD_PRELOAD': REQUESTED}})):
        name = f'ours-{len(given)}'
        with slapd_roles.start(home, name, plugins=both,
                               options=slapd_roles.options_of_all(),
                               **given) as server:
            for mech in MECHS:
                t.equal([writes(server, mech, home.ticket(how))
                         for how in ('pkinit', 'timestamp')],
                        [SUCCESS, DENIED],
                        f'our files, {mech}: with the card, without{what}')
            # With those entries everybody is one user.
            if not given:
                t.equal(writes(server, 'GSSAPI', home.ticket('pkinit'), '-X',
                               'u:bob'), DENIED,
                        'our files, GSSAPI: with the card, as another')


def layers(t, home, both):
    """Roles by the mechanism and the layer of the login."""
    ldif, access = slapd_roles.doors(OPTIONS)
    lines = slapd_roles.plugin(home, *[(slapd_roles.group(role), role)
                                       for role in OPTIONS])
    with slapd.start(home, 'layers', options=slapd_roles.options(OPTIONS),
                     others=ldif, access=access, more=lines,
                     plugins=both) as server:
        for mech, words, wanted in (
                ('GSSAPI', (), {'sealed', 'gssapi'}),
                ('GSSAPI', ('-O', 'maxssf=1'), {'signed', 'gssapi'}),
                ('GSSAPI', ('-O', 'maxssf=0'), {'bare', 'gssapi'}),
                ('GSS-SPNEGO', (), {'sealed', 'spnego'}),
                ('GSS-SPNEGO', ('-O', 'maxssf=0'), {'bare', 'spnego'}),
                ('GS2-KRB5', (), {'bare'})):
            got = {role for role in OPTIONS if writes(
                server, mech, home.ticket('timestamp'), *words,
                entry=slapd_roles.door(role)) == SUCCESS}
            t.equal(got, wanted, f'roles by {mech}, {words}')


def theirs(t, home, name):
    """Cyrus SASL's files: an entry that has our properties is not
    believed."""
    for mech in MECHS:
        server = slapd_roles.start(
            home, f'{name}-{mech}', plugins=name, before=LIES,
            options=slapd_roles.options_of_all(),
            others=slapd_roles.others() + LIAR.format(mech=mech),
            env={'LD_PRELOAD': REQUESTED})
        with server:
            card = home.ticket('pkinit')
            by_ours = mech == 'GS2-KRB5' and name == 'mixed'
            t.equal(writes(server, mech, card),
                    SUCCESS if by_ours else DENIED,
                    f'{name}: {mech}, the role is in the entry')
            done = server.whoami('-Y', mech, env=card)
            t.ok(done.returncode == 0 and 'uid=liar' in done.stdout,
                 f'{name}: {mech}, and they are logged in', done)
            t.equal(server.log().count(
                f'libsasl has {mech} from a file that is not of '
                'cyrus-sasl-gs2, so its logins have no roles'),
                    int(not by_ours),
                    f'{name}: {mech}, slapd says once why it has no role')


def main(t):
    with slapd.Home() as home:
        # The client's.
        shutil.copy(GSSAPI, home.path('ours'))
        both = plugins(home, 'both', PLUGIN, GSSAPI)
        plugins(home, 'mixed', PLUGIN, system_plugin('libgssapiv2.so'))
        plugins(home, 'theirs', system_plugin('libgs2.so'),
                system_plugin('libgssapiv2.so'))
        ours(t, home, both)
        layers(t, home, both)
        for name in ('mixed', 'theirs'):
            theirs(t, home, name)


slapd.run(main)
