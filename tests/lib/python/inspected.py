"""Runs gs2-inspect for its tests, and makes what it prints comparable: scratch
directories, times, ports and binding octets have fixed words in their place.
"""

import json
import os
import re
import subprocess

import realm
import scenario
import schema
import tree

__all__ = ['Answer', 'LOGIN', 'MECHS', 'PROGRAM', 'inspect', 'write']

LOGIN = ('login', '-n', 'localhost')
MECHS = ('mechs', '-n', 'localhost')
PROGRAM = os.environ.get('GS2_INSPECT') or tree.builddir('gs2-inspect')


class Answer:
    """What it printed and its exit status."""

    def __init__(self, done, places):
        self.status = done.returncode
        self.raw = done.stdout.decode()
        self.out = self.plain(self.raw, places)
        self.err = self.plain(done.stderr.decode(), places)

    @staticmethod
    def plain(text, places):
        """text without what is not the same each time."""
        for path, word in places:
            text = text.replace(path, word)
        text = re.sub(r'\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b', 'TIME', text)
        text = re.sub(r'\b\d\d:\d\d:\d\d\b', 'TIME', text)
        return re.sub(r'\b[0-9a-f]{64}\b', 'HEX', text)

    def is_(self, status, out, err=''):
        """All of it must be so."""
        if (self.status, self.out, self.err) != (status, out, err):
            raise scenario.ScenarioError(
                f'exit status {self.status}, wanted {status}\n'
                f'{self}\n--- wanted\n{out}--- and on stderr\n{err}')

    def json(self, status):
        """Its one document, with this exit status."""
        if self.status != status or self.err:
            raise scenario.ScenarioError(
                f'exit status {self.status}, wanted {status}\n{self}')
        return json.loads(self.raw)

    def __str__(self):
        return f'--- stdout\n{self.out}--- stderr\n{self.err}'


def write(stage, name, text):
    """A configuration file; its path."""
    path = stage.path(name)
    with open(path, 'w', encoding='utf-8') as out:
        out.write(text)
    return path


def inspect(stage, *args, env=None, plugins='ours-alone', timeout=60,
            wrapper=()):
    """Runs it in a stage, behind a command if there is one; an Answer."""
    folder = stage.path(plugins)
    # MIT krb5 1.20 loses the acceptor's name when there is no key for it; and
    # its gss_release_buffer() an empty value, such as a PAC of Samba 4.22 has.
    losses = stage.path('losses')
    with open(losses, 'w', encoding='utf-8') as out:
        out.write('leak:krb5_build_principal_alloc_va\n'
                  'leak:krb5_pac_get_buffer\n')
    env = stage.environment(plugins, {
        'TZ': 'UTC', 'LSAN_OPTIONS':
        f'suppressions={losses}:print_suppressions=0', **(env or {})})
    done = subprocess.run([*wrapper, PROGRAM, *args], env=env, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=timeout)
    if {'-j', '--json'} & set(args) and schema.jsonschema is not None:
        for line in done.stdout.splitlines():
            schema.validate(json.loads(line))
    return Answer(done, [(folder, 'PLUGINS'), (stage.dir, 'DIR'),
                         (stage.realm.dir, 'REALM'),
                         (f'/{stage.realm.host}@{realm.DEFAULT_REALM}',
                          f'/HOST@{realm.DEFAULT_REALM}')])
