#!/usr/bin/env python3
"""Delegated credentials: a server logs in at a second server for its user,
with what SASL_DELEGATEDCREDS gives, and by a cache that gs2_ccache_store
keeps. Nothing is published or kept unless the client delegated; whatever
stands in the way of the cache refuses the login and is left as it was.
"""

import contextlib
import os
import re
import stat

import realm
import scenario
import tap

DELEGATE = ['--secflag', 'pass-credentials']
LDAP = ['--service', 'ldap']
ALLOW = ['--proxy-policy', 'allow']
CHANGE = "others than root and this server's user can change "
TOLD = 'the server cannot keep the delegated credential'
PLAIN_OCTETS = re.compile(r'[A-Za-z0-9._@-]')


def escaped(user):
    """A user's part of the name of a cache, as it is documented."""
    done = ''.join(c if PLAIN_OCTETS.fullmatch(c)
                   else ''.join(f'%{octet:02x}' for octet in c.encode())
                   for c in user)
    return '%2e' + done[1:] if done.startswith('.') else done


class Store:
    """A directory for caches, and logins at a server that keeps them there."""

    def __init__(self, stage, name='caches', mode=0o700):
        self.stage = stage
        self.folder = stage.path(name)
        os.mkdir(self.folder)
        os.chmod(self.folder, mode)

    def options(self, **others):
        """The server's configuration."""
        return {'gs2_ccache_store': f'FILE:{self.folder}/krb5cc_%u', **others}

    def path(self, user='alice'):
        """The cache of a user."""
        return os.path.join(self.folder, 'krb5cc_' + escaped(user))

    def files(self):
        """All that is in the directory."""
        return sorted(os.listdir(self.folder))

    def login(self, client=(), others=None, **knobs):
        """A login that delegates."""
        knobs.setdefault('options', self.options(**(others or {})))
        return self.stage.login(client=[*DELEGATE, *client], **knobs)

    def clear(self):
        """Takes the files away."""
        for name in self.files():
            os.remove(os.path.join(self.folder, name))


def content(path):
    """A file's octets."""
    with open(path, 'rb') as file:
        return file.read()


def second_hop(t, stage):
    """The application does it, with SASL_DELEGATEDCREDS."""
    with t.case('the server logs in at a second one as the user'):
        with stage.server(LDAP) as back:
            login = stage.login(client=DELEGATE,
                                server=['--hop', str(back.port)])
            trace = back.finish()
        login.succeeds('alice')
        login.equal(login.server.first('identity')['delegated'],
                    'alice@EXAMPLE.TEST', 'SASL_DELEGATEDCREDS')
        login.equal(login.server.first('outcome')['login'], 'yes',
                    'the second login')
        seen = trace.first('identity')
        login.equal((seen['authid'], seen['peer']),
                    ('alice', 'alice@EXAMPLE.TEST'), 'at the second server')
        login.contains(seen['local'], 'ldap', 'at the second server')
    with t.case('no credential was delegated: there is no second hop'):
        with stage.server(LDAP) as back:
            login = stage.login(server=['--hop', str(back.port)])
        login.succeeds('alice')
        login.equal(login.server.first('hop')['delegated'], None, 'delegated')
        login.equal(login.server.all('outcome'), [], 'a second login')
    with t.case('after the login is refused there is none either'):
        login = stage.login(client=[*DELEGATE, '--authzid', 'bob'],
                            server=['--proxy-policy', 'deny', '--probe'])
        login.refused_by_server('SASL_NOAUTHZ', 'policy says no')
        login.equal(login.server.first('identity')['delegated'], None,
                    'SASL_DELEGATEDCREDS')


def kept(t, stage):
    """A cache that other programs use."""
    store = Store(stage)
    with t.case('the cache is there, and its owner alone can read it'):
        os.umask(0)
        login = store.login()
        os.umask(0o022)
        login.succeeds('alice')
        login.equal(store.files(), ['krb5cc_alice'], 'files')
        status = os.lstat(store.path())
        login.equal((stat.S_IMODE(status.st_mode), status.st_uid,
                     stat.S_ISREG(status.st_mode)),
                    (0o600, os.geteuid(), True), 'mode and owner')
    with t.case('it has a ticket-granting ticket of hers'):
        shown = stage.realm.run([realm.tool('klist'), '-f', '-c',
                                 store.path()])
        assert 'principal: alice@EXAMPLE.TEST' in shown, shown
        assert 'krbtgt/EXAMPLE.TEST@EXAMPLE.TEST' in shown, shown
    with t.case('a program with this cache logs in as her'):
        env = {'KRB5CCNAME': 'FILE:' + store.path()}
        stage.login(both=LDAP, client_env=env).succeeds('alice')
    with t.case('the next login puts another in its place, in one move'):
        before, old = content(store.path()), stage.path('old')
        os.link(store.path(), old)
        store.login().succeeds('alice')
        assert content(old) == before
        assert content(store.path()) != before
        assert store.files() == ['krb5cc_alice'], store.files()
    with t.case('a login that delegates nothing leaves it alone'):
        before = os.lstat(store.path())
        stage.login(options=store.options()).succeeds('alice')
        assert os.lstat(store.path()) == before
        store.clear()
        stage.login(options=store.options()).succeeds('alice')
        assert store.files() == [], store.files()
    with t.case('without the option nothing is kept'):
        store.login(options={}).succeeds('alice')
        assert store.files() == [], store.files()
    with t.case('who acts as another: the own credential is kept'):
        store.login(['--authzid', 'bob'], server=ALLOW).succeeds(
            'alice', authzid='bob')
        assert store.files() == ['krb5cc_alice'], store.files()
        store.clear()
    with t.case('with gs2_tag, by the name without the role'):
        store.login(others={'gs2_roles': 'ours', 'gs2_tag': '+',
                            'gs2_role_ours': 'gs2:realm=EXAMPLE.TEST'}
                    ).succeeds('alice+ours', principal='alice@EXAMPLE.TEST')
        assert store.files() == ['krb5cc_alice'], store.files()
        store.clear()
    with t.case('a rule refuses the login: nothing is kept'):
        login = store.login(others={'gs2_require': 'gs2:authid=bob'})
        login.refused_by_server('SASL_NOAUTHZ', 'requirements')
        assert store.files() == [], store.files()


def composed(t, stage):
    """A credential that GSS makes for S4U2Proxy from one that can initiate and
    accept: the client has no part in it."""
    store = Store(stage, 'composed')
    env = {'KRB5CCNAME': 'FILE:' + stage.path('service.cc')}
    stage.realm.kinit('imap/localhost', env=env,
                      args=['-k', '-t', stage.realm.keytab])
    both = {'server': ['--gss-creds-both'], 'server_env': env}
    with t.case("a credential of our own making is not the client's"):
        login = stage.login(options=store.options(), **both)
        login.succeeds('alice')
        login.equal(login.server.first('identity')['delegated'], None,
                    'SASL_DELEGATEDCREDS')
        login.equal(store.files(), [], 'files')
    with t.case('one that the client delegates is, there too'):
        login = store.login(**both)
        login.succeeds('alice')
        login.equal(login.server.first('identity')['delegated'],
                    'alice@EXAMPLE.TEST', 'SASL_DELEGATEDCREDS')
        login.equal(store.files(), ['krb5cc_alice'], 'files')


def names(t, stage):
    """Users whose names are a way out of the directory, if they were paths."""
    store = Store(stage, 'names')
    with t.case('gs2_authid: full, and the name has the realm'):
        store.login(others={'gs2_authid': 'full'}).succeeds(
            'alice@EXAMPLE.TEST', principal='alice@EXAMPLE.TEST')
        assert store.files() == ['krb5cc_alice@EXAMPLE.TEST'], store.files()
        store.clear()
    users = ('.', '..', '../../out', '/out', '.hidden', 'a/../../out', '~root',
             '%u', '%2e', '*', 'grün', 'a b', 'x' * 200)
    for number, user in enumerate(users):
        with t.case(f'a user who is called {user[:20]}'):
            stage.realm.addprinc(f'"{user}"', 'her.secret.1')
            env = {'KRB5CCNAME': 'FILE:' + stage.path(f'user{number}.cc')}
            stage.realm.kinit(user, 'her.secret.1', env=env)
            login = store.login(client_env=env)
            login.equal(login.client.status, 0, 'exit status')
            name = login.server.first('identity')['authid']
            login.equal(store.files(), [os.path.basename(store.path(name))],
                        'files')
            store.clear()
    with t.case('nothing is anywhere else'):
        assert not os.path.lexists(stage.path('out'))
        assert not os.path.lexists(os.path.dirname(stage.dir) + '/out')
    with t.case('a name that is too long for a file is refused'):
        stage.realm.addprinc('y' * 230, 'her.secret.1')
        env = {'KRB5CCNAME': 'FILE:' + stage.path('long.cc')}
        stage.realm.kinit('y' * 230, 'her.secret.1', env=env)
        login = store.login(client_env=env, options={
            'gs2_ccache_store': f'{store.folder}/{"z" * 30}%u'})
        login.refused_by_server('SASL_FAIL', TOLD)
        login.server_logged('login failed', 'File name too long')
        assert store.files() == [], store.files()


def refused(store, *reason):
    """A login that delegates, where something stands in the way; nothing of it
    is left, and whoever delegates nothing gets in."""
    def state():
        return store.files() if os.path.isdir(store.folder) else None

    before = state()
    login = store.login(server=['--probe'])
    login.refused_by_server('SASL_FAIL', TOLD)
    login.server_logged('GS2-KRB5 login failed', TOLD, '/krb5cc_alice: ',
                        *reason)
    login.client_was_told(TOLD)
    login.must(store.folder not in login.client.text, 'the client has a path')
    for event in login.server.all('identity'):
        left = [event[k] for k in ('authid', 'authzid', 'peer', 'delegated')]
        login.equal(left, [None] * 4, 'left of it')
    login.equal(state(), before, 'files')
    store.stage.login(options=store.options()).succeeds('alice')


def in_the_way(t, stage):
    """Something else is where the cache should be."""
    store = Store(stage, 'ways')
    victim = stage.path('victim')
    with open(victim, 'w', encoding='ascii') as out:
        out.write('mine')

    @contextlib.contextmanager
    def there(make):
        make(store.path())
        yield
        try:
            os.remove(store.path())
        except IsADirectoryError:
            os.rmdir(store.path())

    for what, make in (
            ('a symbolic link to a file',
             lambda path: os.symlink(victim, path)),
            ('a symbolic link to nothing',
             lambda path: os.symlink(stage.path('nothing'), path)),
            ('a directory', os.mkdir), ('a named pipe', os.mkfifo)):
        with t.case(f'in the place of the cache is {what}'), there(make):
            refused(store, 'something else than a file of ours')
    with t.case('what the links point at is as it was'):
        assert content(victim) == b'mine'
        assert not os.path.lexists(stage.path('nothing'))


def folders(t, stage):
    """Directories that are not ours alone."""
    for mode in (0o770, 0o720, 0o707, 0o702, 0o777, 0o1777):
        with t.case(f'a directory of mode {mode:o}'):
            refused(Store(stage, f'mode{mode:o}', mode),
                    'others can write to the directory')
    for mode in (0o755, 0o711, 0o2750):
        with t.case(f'a directory of mode {mode:o} will do'):
            store = Store(stage, f'mode{mode:o}', mode)
            store.login().succeeds('alice')
            assert store.files() == ['krb5cc_alice'], store.files()
    with t.case('a directory that is not there'):
        store = Store(stage, 'gone')
        os.rmdir(store.folder)
        refused(store, 'No such file or directory')
        assert not os.path.lexists(store.folder)
    with t.case('a file instead of a directory'):
        with open(store.folder, 'wb'):
            pass
        refused(store, 'Not a directory')
    for slashes in ('', '///'):
        with t.case(f'a symbolic link{slashes} instead of a directory'):
            real = Store(stage, f'real{len(slashes)}')
            store = Store(stage, f'link{len(slashes)}')
            os.rmdir(store.folder)
            os.symlink(real.folder, store.folder)
            store.folder += slashes
            refused(store, 'the directory is a symbolic link')
            assert real.files() == [], real.files()


def ways(t, stage):
    """Directories on the way to it."""
    def below(name, mode):
        os.mkdir(stage.path(name))
        os.chmod(stage.path(name), mode)
        return Store(stage, name + '/caches')

    for mode in (0o777, 0o775, 0o720):
        with t.case(f'in a directory of mode {mode:o}'):
            refused(below(f'above{mode:o}', mode),
                    CHANGE)
    with t.case('in one of mode 1777, as /tmp is'):
        below('sticky', 0o1777).login().succeeds('alice')
    with t.case('by way of a symbolic link, through a directory of ours'):
        os.mkdir(stage.path('aside'))
        os.symlink(stage.path('aside'), stage.path('detour'))
        store = Store(stage, 'detour/caches')
        store.login().succeeds('alice')
        assert store.files() == ['krb5cc_alice'], store.files()
    with t.case("by way of a symbolic link, through another's directory"):
        os.symlink(stage.path('above777'), stage.path('wrong'))
        refused(Store(stage, 'wrong/others'), CHANGE)


def owners(t, stage):
    """What root can arrange, and what only others can see."""
    if os.geteuid() != 0:
        with t.case('a directory that we cannot write to'):
            refused(Store(stage, 'unwritable', 0o500), 'Permission denied')
        t.skip('a directory, and a file, of another user',
               'only root can make one')
        return
    t.skip('a directory that we cannot write to',
           'root can write everywhere: t_nobody.py has it')
    with t.case('a directory of another user'):
        store = Store(stage, 'others')
        os.chown(store.folder, 65534, 65534)
        refused(store, 'the directory belongs to another user')
    with t.case("below a directory of another user's"):
        store = Store(stage, 'others/caches')
        refused(store, CHANGE)
    with t.case("another user's file in the place of the cache"):
        store = Store(stage, 'planted')
        with open(store.path(), 'w', encoding='ascii') as out:
            out.write('planted')
        os.chown(store.path(), 65534, 65534)
        refused(store, 'something else than a file of ours')
        assert content(store.path()) == b'planted'


def options(t, stage):
    """What is no pattern lets nobody in."""
    for text, why in (
            ('KCM:%u', 'is not FILE: and an absolute path'),
            ('DIR:/var/cache/%u', 'is not FILE: and an absolute path'),
            ('/var/cache/krb5cc', 'there is no %u in it'),
            ('/var/cache/%u/krb5cc', 'not of a directory')):
        with t.case(f'gs2_ccache_store: {text}'):
            login = stage.login(options={'gs2_ccache_store': text})
            login.equal(login.server.first('mechs')['offered'], 'PLAIN',
                        'offered')
            login.server_logged('option gs2_ccache_store: ', why)
            login.must('gs2_ccache_store' not in login.client.text,
                       'the client knows')


def main(t):
    """All of them in one realm."""
    with scenario.Stage() as stage:
        assert realm.DEFAULT_REALM == 'EXAMPLE.TEST'
        for part in (second_hop, kept, composed, names, in_the_way, folders,
                     ways, owners, options):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
