"""What ./demo --eap shows: users of another organisation log in by EAP, and
the server's application sees what their RADIUS server and their SAML identity
provider say of them.
"""

import eap
import sources
from show import BOLD, exchange, field, identities, properties, say

NAMES = ['*entitlement', f'*gss:{eap.FILTER_ID}', f'*gss:{eap.PERSON}']


def attempt(stage, user, number, title, password=eap.PASSWORD, **knobs):
    """A login with its heading and its messages."""
    say(f'{number}. {title}', BOLD)
    print()
    login = stage.login(client_env=stage.user(user, password),
                        server_plugins='ours-alone',
                        client_plugins='ours-alone',
                        server=[*sources.props(*NAMES), '--proxy-policy',
                                'allow', *knobs.pop('server', ())], **knobs)
    exchange(login)
    return login


def refusal(login):
    """What each side says of a login that was refused."""
    login.must(login.client.status == 1, 'the client logged in')
    code, text = login.client.failure()
    told = login.client.first('receive', type='fail')['text']
    field('client', f'was told: {told}' if told else f'says {code}: {text}')
    for event in login.server.all('log', level='2'):
        field('server logs', event['text'])
    print()


def entitled(stage, options):
    """The first login, and what the application sees of it."""
    login = attempt(stage, 'alice@home.test', 1,
                    'alice, who is entitled, on a bound channel',
                    mech='EAP-AES128-PLUS', options=options,
                    both=['--binding', 'tls-exporter:' + 'a5' * 32,
                          '--success-data'])
    login.succeeds('alice.liddell@home.test', principal='alice@home.test',
                   header='p=tls-exporter,,')
    identities(login)
    print()
    properties(login, NAMES)
    login.equal(sources.values(login, '*entitlement', 'policy'),
                eap.ENTITLEMENTS, 'entitlement')


def not_entitled(stage, options):
    """The second, which a rule refuses."""
    login = attempt(stage, 'bob@home.test', 2,
                    'bob, who is not, and whom his RADIUS server calls robert '
                    '(gs2_authid: full)',
                    options=dict(options, gs2_authid='full'))
    login.refused_by_server('SASL_NOAUTHZ', 'requirements of the server')
    refusal(login)


def wrong_password(stage, options):
    """The third, which the RADIUS server refuses."""
    login = attempt(stage, 'alice@home.test', 3, 'a wrong password for alice',
                    'not.hers', options=options)
    login.server_logged('Authentication rejected by RADIUS server')
    refusal(login)


def intercepted(stage, options):
    """The fourth, which the binding refuses."""
    login = attempt(stage, 'alice@home.test', 4,
                    'alice, with a man in the middle', options=options,
                    mech='EAP-AES128-PLUS',
                    client=['--binding', 'tls-exporter:' + 'a5' * 32],
                    server=['--binding', 'tls-exporter:' + '5a' * 32])
    login.server_logged('Channel bindings do not match')
    refusal(login)


def show():
    """Logins by Moonshot: EAP, a RADIUS server, SAML."""
    options = sources.setup_of('guests by Moonshot')
    say('cyrus-sasl-gs2: four logins by EAP (Moonshot)', BOLD)
    print()
    with eap.Federation() as stage:
        say('A RADIUS server, freeradius, knows the users of home.test. It '
            f'runs at port {stage.radius.port} of this machine. Their '
            'passwords go to it through the server, in a tunnel (EAP-TTLS). '
            "The server's sasl.conf is a setup of sasl.conf.example:")
        print()
        for option, text in options.items():
            field('', f'{option}: {text}')
        print()
        for part in (entitled, not_entitled, wrong_password, intercepted):
            part(stage, options)
