"""Moonshot for the tests: users of another organisation, whose RADIUS server
says who they are and what they are entitled to (RFC 7055, RFC 7056).

    with eap.Federation() as stage:
        login = stage.login(client_env=stage.user('alice@home.test'),
                            server=['--props', '*gss:' + eap.FILTER_ID])

The GSS mechanism is that of Debian (moonshot-gss-eap), loaded as the system
loads it; it looks for its RADIUS server in /etc/radsec.conf alone, so the
server side runs with an /etc of its own, which takes root: a copy of what
everybody may read in the system's, with that file in it.
"""

import os
import shutil
import stat

import mounts
import radius
import scenario
import setups
import tap
import tree

__all__ = ['Federation', 'MECH', 'FILTER_ID', 'ENTITLEMENT', 'PERSON',
           'FILTERS', 'ENTITLEMENTS', 'ASSERTION']

MECH = 'EAP-AES128'
PASSWORD = 'a.secret.of.home.1'
# Names of attributes, RFC 7056 sections 4 and 6: they have spaces in them.
FILTER_ID = 'urn:ietf:params:gss:radius-attribute 11'
ASSERTION = 'urn:ietf:params:gss:federated-saml-assertion'
SAML = ('urn:ietf:params:gss:federated-saml-attribute '
        'urn:oasis:names:tc:SAML:2.0:attrname-format:uri urn:oid:')
ENTITLEMENT = SAML + '1.3.6.1.4.1.5923.1.1.1.7'
PERSON = SAML + '1.3.6.1.4.1.5923.1.1.1.6'  # eduPersonPrincipalName

FILTERS = ['staff', 'with space, comma; grün']
ENTITLEMENTS = ['urn:mace:home.test:mail', 'urn:mace:home.test:archive']


def assertion(attributes):
    """A SAML assertion with these attributes: values by name."""
    parts = [
        "<saml:Assertion xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion'"
        " ID='_1' Version='2.0' IssueInstant='2026-01-01T00:00:00Z'>"
        '<saml:Issuer>https://idp.home.test</saml:Issuer>'
        '<saml:AttributeStatement>']
    for name, values in attributes.items():
        _, form, name = name.split(' ')
        parts.append(f"<saml:Attribute NameFormat='{form}' Name='{name}'>")
        parts += [f'<saml:AttributeValue>{value}</saml:AttributeValue>'
                  for value in values]
        parts.append('</saml:Attribute>')
    return ''.join(parts) + '</saml:AttributeStatement></saml:Assertion>'


def fragments(text, size=240):
    """The assertion as it is sent: attributes of at most 247 octets."""
    return [('SAML-AAA-Assertion', text[i:i + size])
            for i in range(0, len(text), size)]


# By name: who the server says that it is, and what else it says.
USERS = {
    'alice@home.test': [
        ('User-Name', 'alice@home.test'),
        *(('Filter-Id', value) for value in FILTERS),
        *fragments(assertion({ENTITLEMENT: ENTITLEMENTS,
                              PERSON: ['alice.liddell@home.test']}))],
    'bob@home.test': [
        ('User-Name', 'robert@home.test'), ('Filter-Id', 'guest'),
        *fragments(assertion({ENTITLEMENT: ENTITLEMENTS[1:]}))],
    # Nothing but the name.
    'carol@home.test': [('User-Name', 'carol@home.test')],
    # No name: RFC 7055 section 5.1 has the initiator anonymous then.
    'dave@home.test': [radius.NAMELESS, ('Filter-Id', 'visitor')],
}


def unreadable(folder, names):
    """Those of the names in a folder that not everybody may read."""
    return [name for name in names if not
            os.lstat(os.path.join(folder, name)).st_mode & stat.S_IROTH]


class Federation(scenario.Stage):
    """A stage with a RADIUS server, and servers that know it."""

    def __init__(self):
        super().__init__()
        self.radius = radius.Radius({name: (PASSWORD, attributes) for
                                     name, attributes in USERS.items()})
        self.etc = None
        self.wrapper = ()

    def __enter__(self):
        if os.geteuid() != 0:
            raise tap.Skip('only root can have an /etc/radsec.conf of its own')
        tap.find('/usr/lib/*/gss/mech_eap.so', 'moonshot-gss-eap')
        super().__enter__()
        try:
            self.radius.__enter__()
            self._private_etc()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc):
        if self.etc:
            mounts.remove({self.etc: '/etc'})
        if self.radius.dir:
            self.radius.__exit__(*exc)
        super().__exit__(*exc)

    def _private_etc(self):
        self.etc = self.path('etc')
        shutil.copytree('/etc', self.etc, symlinks=True, ignore=unreadable)
        self._write('etc/radsec.conf', setups.setup('radsec.conf', {
            'radius.example.test': '127.0.0.1',
            '1812': str(self.radius.port),
            'a.long.secret': self.radius.secret},
            tree.srcdir('doc', 'moonshot.md')))
        self.wrapper = mounts.over({self.etc: '/etc'})

    def _write(self, name, text):
        path = self.path(name)
        with open(path, 'w', encoding='utf-8') as out:
            out.write(text)
        os.chmod(path, 0o600)
        return path

    def environment(self, plugins, extra=None):
        """With the system's mechanisms, whichever it has."""
        moonshot = {'GSS_MECH_CONFIG': None, 'GSSEAP_IDENTITY': '/nonexistent'}
        return super().environment(plugins, dict(moonshot, **(extra or {})))

    def user(self, name, password=PASSWORD):
        """The environment of a client of this user."""
        return {'GSSEAP_IDENTITY': self._write(
            f'{name}.{len(password)}.id', f'{name}\n{password}\n')}

    def server(self, args=(), plugins='ours', env=None, options=None,
               wrapper=None):
        """A server with a RADIUS server of its own; wrapper=() for one
        without."""
        return super().server(args, plugins, env, options,
                              self.wrapper if wrapper is None else wrapper)

    def login(self, *args, mech=MECH, **knobs):
        """One login; alice's if nothing else is said."""
        if 'client_env' not in knobs:
            knobs['client_env'] = self.user('alice@home.test')
        return super().login(*args, mech=mech, **knobs)
