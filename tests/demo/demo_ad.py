"""What ./demo --ad shows: users of an Active Directory domain log in, and the
server's application sees their groups; a rule lets the members of one in; a
front end brings a user who never came.
"""

import ad
import sources
import tap
from show import BOLD, exchange, field, identities, properties, say

NAMES = ['*gss-ad-user-sid', '*gss-ad-upn', '*gss-ad-groups']


def attempt(stage, number, title, cache, options):
    """A login with its heading and its messages."""
    say(f'{number}. {title}', BOLD)
    print()
    login = stage.login(client_env=cache, options=options,
                        server_plugins='ours-alone',
                        client_plugins='ours-alone',
                        server=[*sources.props(*NAMES), '--proxy-policy',
                                'allow'])
    exchange(login)
    return login


def named(stage, sids):
    """SIDs with the names of what they are, as the domain knows it."""
    names = {sid: name for name, sid in stage.sids.items()}
    names['S-1-18-1'] = 'proved himself to the domain'
    names['S-1-18-2'] = 'brought by a service'
    domain = stage.sids['alice'].rsplit('-', 1)[0]
    names[f'{domain}-513'] = 'Domain Users'
    for sid in sids:
        field('', f'{sid}: {names.get(sid, "?")}')
    print()


def seen(stage, login, user):
    """Who logged in, and what the application sees."""
    login.succeeds(user, principal=f'{user}@{ad.REALM}')
    identities(login)
    print()
    properties(login, NAMES)
    login.equal(sources.values(login, NAMES[0], 'policy'),
                [stage.sids[user]], NAMES[0])
    say('(The server knows groups by their SIDs; the domain says that these '
        'are:)', indent=3)
    print()
    named(stage, sources.values(login, NAMES[2], 'policy'))


def refusal(login):
    """What each side says of a login that was refused."""
    login.refused_by_server('SASL_NOAUTHZ', 'requirements of the server')
    field('client', 'was told: '
          + login.client.first('receive', type='fail')['text'])
    for event in login.server.all('log', level='2'):
        field('server logs', event['text'])
    print()


def show():
    """Logins in an Active Directory domain: groups."""
    say('cyrus-sasl-gs2: four logins in an Active Directory domain', BOLD)
    print()
    if not ad.is_root():
        raise tap.Skip("only root can provision Samba's domain controller")
    with ad.Stage() as stage:
        group = stage.sids['Mailers']
        options = {'gs2_pac_decoder': ad.DECODER,
                   'gs2_require': f'gs2:realm={ad.REALM} and '
                                  f'gs2:ad-groups={group}'}
        say('A Samba domain controller was provisioned and runs at port '
            f'{stage.realm.port} of this machine. alice is in the group '
            f"Mailers, bob is not. The server's sasl.conf:")
        print()
        for name, text in options.items():
            field('', f'{name}: {text}')
        print()
        seen(stage, attempt(stage, 1, 'alice, who is in Mailers',
                            stage.ticket('alice'), options), 'alice')
        refusal(attempt(stage, 2, 'bob, who is not', stage.ticket('bob'),
                        options))
        brought = stage.conjured('alice')
        seen(stage, attempt(
            stage, 3, 'alice, brought by the web server http/localhost (S4U); '
            'she does not know of it', brought, options), 'alice')
        options['gs2_require'] += ' and gs2:ad-groups=S-1-18-1'
        refusal(attempt(
            stage, 4, 'the same, where the rule also demands S-1-18-1',
            brought, options))
