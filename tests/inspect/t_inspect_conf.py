#!/usr/bin/env python3
"""gs2-inspect conf: what is in force, what is not and what is closed, ways past
the rule, and where a configuration is found by its name.
"""

import os
import re
import subprocess

import inspected
import sources
import tap
import tree

LOGIN = inspected.LOGIN
MECHS = inspected.MECHS

BAD_CONF = '''\
# a comment
gs2_requre: gs2:realm=EXAMPLE.TEST
sasl_gs2_require: a=1
gs2_require: a=1 and or
gs2_attributes: x=y x=z
gs2_authid: alias
gs2_authid: local
gs2_error_tokens: perhaps
gs2_nothing_like_it: 1
mech_list: GS2-KRB5
foo
'''

BAD_CONF_SAYS = '''\
DIR/bad.conf:2:1: not in force: there is no option gs2_requre; did you mean \
gs2_require?
  gs2_requre: gs2:realm=EXAMPLE.TEST
  ^
DIR/bad.conf:3:1: not in force: sasl_gs2_require is not read: but for \
imapd.conf it is gs2_require
  sasl_gs2_require: a=1
  ^
DIR/bad.conf:4:22: closed: gs2_require: a comparison expected, found 'or'
  gs2_require: a=1 and or
                       ^
DIR/bad.conf:5:21: closed: gs2_attributes: property x is named twice
  gs2_attributes: x=y x=z
                      ^
DIR/bad.conf:6:13: closed: gs2_authid: "alias" is not auto, full, local or \
attribute NAME
  gs2_authid: alias
              ^
DIR/bad.conf:7:1: not in force: gs2_authid is set in line 6 already, and that \
one counts
  gs2_authid: local
  ^
DIR/bad.conf:8:19: closed: gs2_error_tokens: "perhaps" is not yes or no
  gs2_error_tokens: perhaps
                    ^
DIR/bad.conf:9:1: not in force: there is no option gs2_nothing_like_it
  gs2_nothing_like_it: 1
  ^
DIR/bad.conf:11:1: closed: a name and a colon expected; no server starts with \
this file
  foo
  ^
DIR/bad.conf: closed: no server starts with this file
'''

BAD_ROLES = '''\
gs2_roles: card Mailers
gs2_role_card: auth-indicators=smartcard
mech_list: GS2-KRB5
'''

BAD_ROLES_SAYS = '''\
DIR/roles.conf:1:17: closed: gs2_roles: "Mailers" is no name of a role: it has \
1 to 28 of a-z 0-9 _ -, and begins with a letter
  gs2_roles: card Mailers
                  ^
DIR/roles.conf: closed: nobody gets in by GS2
'''

BAD_RULES = '''\
gs2_roles: card mailers late
gs2_role_card: auth-indicators=smartcard or
gs2_role_mailers: a=1 or not gs2:realm=X
gs2_role_cards: a=1
gs2_require: gs2:role=cards
mech_list: GS2-KRB5
'''

BAD_RULES_SAYS = '''\
DIR/rules.conf:1:1: closed: gs2_roles names the role late, and gs2_role_late \
is not set
  gs2_roles: card mailers late
  ^
DIR/rules.conf:2:44: closed: gs2_role_card: a comparison expected, where the \
text ends
  gs2_role_card: auth-indicators=smartcard or
                                             ^
DIR/rules.conf:3:19: closed: gs2_role_mailers: one side of an "or", or of an \
"and" behind "not", has "not" alone: all others would have the role; \
put a comparison without "not" on each side
  gs2_role_mailers: a=1 or not gs2:realm=X
                    ^
DIR/rules.conf:4:1: not in force: gs2_role_cards has no effect: gs2_roles does \
not name the role
  gs2_role_cards: a=1
  ^
DIR/rules.conf:5:14: closed: gs2_require: gs2_roles names no role "cards"
  gs2_require: gs2:role=cards
               ^
DIR/rules.conf: closed: nobody gets in by GS2
'''

BAD_TAG = '''\
gs2_roles: card
gs2_role_card: auth-indicators=smartcard
gs2_tag: -
mech_list: GS2-KRB5 PLAIN
'''

BAD_TAG_SAYS = '''\
DIR/tag.conf:3:10: closed: gs2_tag: "-" is not one of + / % ~
  gs2_tag: -
           ^
DIR/tag.conf: closed: nobody gets in by GS2
'''

GOOD_TAG = BAD_TAG.split('gs2_tag')[0] + 'gs2_tag: +\n'
TAG_WARNS = {
    'tag-list': [(4, 21, 'gs2_tag refuses names with the character at GS2 '
                         'logins alone: PLAIN lets in whoever has such a '
                         'name')],
    'tag-no-list': [(3, 1, 'gs2_tag refuses names with the character at GS2 '
                           'logins alone, and whatever else is offered '
                           '(GSSAPI, PLAIN) lets in whoever has such a name: '
                           'mech_list is not set')],
}

TAG_ALONE = '''\
gs2_tag: +
'''

TAG_ALONE_SAYS = '''\
DIR/alone.conf:1:10: closed: gs2_tag: names are tagged with roles, and \
gs2_roles is not set
  gs2_tag: +
           ^
DIR/alone.conf: closed: nobody gets in by GS2
'''

# An option of which there is nothing else to say, the column, and why nobody
# gets in with it.
CLOSED = (
    ('mech_list: PLAIN', 1, 'mech_list names no mechanism of GS2'),
    ('mech_list: GS2-KRB5,PLAIN', 1, 'mech_list names no mechanism of GS2'),
    ('gs2_mechs: GS2-OTHER', 1, 'gs2_mechs names no mechanism that there is'),
    ('gs2_pac_decoder: /none.so', 18,
     'gs2_pac_decoder: /none.so: No such file or directory'))

GOOD_ROLES = '''\
gs2_roles: card mailers
gs2_role_card: auth-indicators=smartcard
gs2_role_mailers: a=1
gs2_require: gs2:role=card
mech_list: GS2-KRB5 EXTERNAL
'''

NO_FILE = 'gs2-inspect: there is no {}.conf in {}; name the file itself{}\n'
OR_FOLDER = (', or its directory in SASL_CONF_PATH (in SASL_CONFDIR after '
             'libsasl 2.1.28)')
ALONE = 'warning: gs2_require is asked at GS2 logins alone'
NOT_SET = (f'{ALONE}, and whatever else is offered (GSSAPI, PLAIN) lets '
           'people in without it: mech_list is not set\n')
APOP = ('the command APOP of POP3 accepts a password of sasldb, or of another '
        'auxprop plugin, whatever sasl_pwcheck_method is')
CURE = '  cure: {}mech_list: GS2-KRB5 EXTERNAL\n'
# Root without the right to read whatever there is; others do not have it.
UNPRIVILEGED = ['setpriv', '--bounding-set=-dac_override,-dac_read_search',
                '--inh-caps=-all'] if os.geteuid() == 0 else []
NO_RULE = '  gs2_require is not set: whoever has a ticket gets in\n'


def by_name(t, stage):
    """The name of an application stands for its file."""
    os.makedirs(stage.path('conf'), exist_ok=True)
    os.chmod(stage.dir, 0o755)  # for the users of the servers
    inspected.write(stage, 'conf/mail.conf', 'gs2_require: gs2:service=imap\n')
    env = {'SASL_CONF_PATH': '/nonexistent:' + stage.path('conf')}
    with t.case('an application by its name'):
        answer = inspected.inspect(stage, *LOGIN, '-c', 'mail', env=env)
        answer.is_(0, answer.out)
        assert 'gs2_require is true\n  gs2:service=imap\n' in answer.out
    with t.case('an application that has no file'):
        inspected.inspect(stage, *LOGIN, '-c', 'nosuch', env={
            'SASL_CONF_PATH': '/nonexistent'}).is_(
                2, '', NO_FILE.format('nosuch', '/nonexistent', OR_FOLDER))
    with t.case('an application by its name: the first directory wins'):
        second = stage.path('second')
        os.makedirs(second)
        inspected.write(stage, 'second/mail.conf', 'gs2_authid: local\n')
        inspected.write(stage, 'second/other.conf', 'gs2_authid: full\n')
        for name, value in (('mail', 'gs2_require: gs2:service=imap'),
                            ('other', 'gs2_authid: full')):
            answer = inspected.inspect(stage, 'conf', name, env={
                'SASL_CONF_PATH': env['SASL_CONF_PATH'] + ':' + second})
            assert f': in force\n  {value}\n' in answer.out, answer
    with t.case('an application that has no file, anywhere'):
        answer = inspected.inspect(stage, 'conf', 'nosuch', env={
            'SASL_CONF_PATH': None})
        answer.is_(2, '', NO_FILE.format('nosuch', built_in_path(),
                                           OR_FOLDER))
    for name, *paths in (
            ('imapd', '/etc/imapd.conf'), ('pop3d', '/etc/imapd.conf'),
            ('slapd', '/etc/ldap/sasl2/slapd.conf',
             '/usr/lib/sasl2/slapd.conf')):
        with t.case(f'a server that has its own place: {name}'):
            answer = inspected.inspect(stage, 'conf', name, env={
                'SASL_CONF_PATH': '/nonexistent'})
            there = [path for path in paths if os.path.exists(path)]
            file = os.path.basename(paths[0]).removesuffix('.conf')
            if there:
                assert there[0] in answer.out + answer.err, answer
            else:
                answer.is_(2, '', NO_FILE.format(
                    file, ':'.join(map(os.path.dirname, paths)), ''))
    for name, app in (('ns-slapd', 'iDS'), ('nnrpd', 'INN'),
                      ('libvirtd', 'libvirt'), ('svnserve', 'svn')):
        with t.case(f'a server that calls itself otherwise: {name}'):
            inspected.inspect(stage, 'conf', name, env={
                'SASL_CONF_PATH': '/nonexistent'}).is_(2, '', NO_FILE.format(
                    app, '/nonexistent', OR_FOLDER))
            inspected.write(stage, f'conf/{app}.conf', 'gs2_authid: full\n')
            answer = inspected.inspect(stage, 'conf', '-j', name, env=env)
            got = answer.json(0)
            assert (got['file'], got['server']) == (
                stage.path('conf', f'{app}.conf'), name), got


def built_in_path():
    """The directories of configurations that libsasl was built with, out of
    the library itself."""
    done = subprocess.run(['ldd', inspected.PROGRAM], check=True,
                          stdout=subprocess.PIPE, text=True)
    library = re.search(r'libsasl2\.so\S* => (\S+)', done.stdout)[1]
    with open(library, 'rb') as octets:
        return re.search(rb'\0(/[^\0]*/sasl2?(?::/[^\0:]+)+)\0',
                         octets.read())[1].decode()


def configurations(t, stage):
    """Configurations, without any login."""
    with t.case('conf: everything that can be wrong'):
        bad = inspected.write(stage, 'bad.conf', BAD_CONF)
        inspected.inspect(stage, 'conf', bad).is_(1, BAD_CONF_SAYS)
        got = inspected.inspect(stage, 'conf', '-j', bad).json(1)
        assert got['file'] == bad, got
        assert got['errors'][2] == {
            'line': 4, 'column': 22,
            'text': "gs2_require: a comparison expected, found 'or'",
            'file': bad, 'state': 'closed'}, got
        assert got['state'] == 'closed', got
        assert got['services'] == [
            {'service': None, 'state': 'closed', 'options': {}}], got
        assert [e['line'] for e in got['errors']] == [
            2, 3, 4, 5, 6, 7, 8, 9, 11], got
    for name, text, said in (('roles', BAD_ROLES, BAD_ROLES_SAYS),
                             ('rules', BAD_RULES, BAD_RULES_SAYS),
                             ('tag', BAD_TAG, BAD_TAG_SAYS),
                             ('alone', TAG_ALONE, TAG_ALONE_SAYS)):
        with t.case(f'conf: what can be wrong with {name}'):
            inspected.inspect(stage, 'conf', inspected.write(
                stage, f'{name}.conf', text)).is_(1, said)
    for line, column, why in CLOSED:
        with t.case(f'conf: nobody gets in: {line}'):
            inspected.inspect(stage, 'conf', inspected.write(
                stage, 'one.conf', f'{line}\n')).is_(1, (
                    f'DIR/one.conf:1:{column}: closed: {why}\n  {line}\n'
                    f'{" " * (column + 1)}^\n'
                    'DIR/one.conf: closed: nobody gets in by GS2\n'))
    for name, mech_list in (('tag-list', 'mech_list: GS2-KRB5 PLAIN '
                             'EXTERNAL\n'),
                            ('tag-no-list', '')):
        with t.case(f'conf: who else has a name with the character, {name}'):
            got = inspected.inspect(stage, 'conf', '-j', inspected.write(
                stage, f'{name}.conf', GOOD_TAG + mech_list)).json(0)
            assert [(found['line'], found['column'], found['text'])
                    for found in got['warnings']] == TAG_WARNS[name], got
    with t.case('conf: too many comparisons in the rules of all roles'):
        rule = ' and '.join(['a=1'] * 256)
        inspected.inspect(stage, 'conf', '-j', inspected.write(
            stage, 'many.conf', 'gs2_roles: a b c d e\n' + ''.join(
                f'gs2_role_{name}: {rule}\n' for name in 'abcde'))).json(1)
    with t.case('conf: roles, nothing wrong'):
        inspected.inspect(stage, 'conf', inspected.write(
            stage, 'roles.conf', GOOD_ROLES)).is_(0, (
                'DIR/roles.conf: in force\n  gs2_roles: card mailers\n'
                '  gs2_require: gs2:role=card\n'
                '  gs2_role_card: auth-indicators=smartcard\n'
                '  gs2_role_mailers: a=1\n'))
    with t.case('conf: nothing wrong'):
        good = inspected.write(stage, 'fine.conf', (
            '# mech_list: x\n  GS2_Authid :x\n'.replace(' :x', ': full  ') +
            'mech_list: GS2-KRB5 EXTERNAL\n\n'))
        inspected.inspect(stage, 'conf', good).is_(0, (
            f'DIR/fine.conf: in force\n  gs2_authid: full\n{NO_RULE}'))
    with t.case('conf: a directory is no configuration'):
        inspected.inspect(stage, 'conf', stage.dir).is_(
            2, '', 'gs2-inspect: cannot read DIR: Is a directory\n')
        for args in (['conf', '-j', stage.dir],
                     [*MECHS, '-j', '-c', stage.dir]):
            got = inspected.inspect(stage, *args).json(2)
            assert got['failure']['text'] == (
                f'cannot read {stage.dir}: Is a directory'), got
    with t.case('conf: imapd.conf has its options with a prefix'):
        imapd = inspected.write(stage, 'imapd.conf', (
            'configdirectory: /var/lib/imap\nsasl_gs2_require: a=\n'
            'gs2_authid: local\nimaps_sasl_gs2_require: gs2:binding=* or\n'
            'pop3_sasl_gs2_authid: full\n'))
        inspected.inspect(stage, 'conf', imapd).is_(1, (
            'DIR/imapd.conf:2:21: closed: gs2_require: a value expected, '
            'where the text ends\n  sasl_gs2_require: a=\n'
            '                      ^\n'
            'DIR/imapd.conf:3:1: not in force: gs2_authid is not read: in '
            'imapd.conf it is sasl_gs2_authid\n  gs2_authid: local\n  ^\n'
            'DIR/imapd.conf:4:41: closed: gs2_require: a comparison '
            'expected, where the text ends\n'
            '  imaps_sasl_gs2_require: gs2:binding=* or\n'
            + ' ' * 42 + '^\n'
            'DIR/imapd.conf: closed: nobody gets in by GS2\n'
            'DIR/imapd.conf, service imaps: closed: nobody gets in by GS2\n'
            'DIR/imapd.conf, service pop3: closed: nobody gets in by GS2\n'
            ))
    with t.case('conf: a line that libsasl breaks, an option without value'):
        cut = inspected.write(stage, 'cut.conf', (
            'gs2_require: ' + 'a=1 or ' * 600 + 'a=1\ngs2_keytab:  \n'))
        got = inspected.inspect(stage, 'conf', '-j', cut).json(1)
        assert [(e['line'], e['text']) for e in got['errors']
                if 'is longer than 4000' not in e['text']] == [
            (1, 'the line is longer than the 4,094 octets that libsasl takes '
                'for one; no server starts with this file'),
            (2, 'the option has no value; no server starts with this file'),
        ], got
    with t.case('conf: the setups of the example have no error'):
        example = tree.srcdir('sasl.conf.example')
        inspected.inspect(stage, 'conf', example).is_(0, (
            f'{example}: in force\n{NO_RULE}'))
        for name in ('two factors only', 'channel binding for all',
                     'a help desk that may act as others',
                     'attributes to the application'):
            setup = inspected.write(stage, 'setup.conf', ''.join(
                f'{k}: {v}\n' for k, v in sources.setup_of(name).items()))
            answer = inspected.inspect(stage, 'conf', setup)
            answer.is_(0, answer.out)


def ways_past(t, stage):
    """Configurations without an error that let people in past the rule."""
    rule = 'gs2_require: gs2:realm=A\n'
    in_force = 'DIR/past.conf: in force\n  gs2_require: gs2:realm=A\n'
    cure = CURE.format('')
    plain = f'DIR/past.conf:2:21: {ALONE}: PLAIN lets people in without it\n'
    login = f'DIR/past.conf:2:36: {ALONE}: LOGIN lets people in without it\n'
    listed = 'mech_list: GS2-KRB5 PLAIN EXTERNAL LOGIN'
    for name, text, says in (
            ('mech_list is not set', rule,
             f'DIR/past.conf:1:1: {NOT_SET}  {rule}  ^\n{cure}'),
            ('mech_list names others', f'{rule}{listed}\n',
             f'{plain}  {listed}\n{" " * 22}^\n{cure}'
             f'{login}  {listed}\n{" " * 37}^\n{cure}'),
            ('mech_list names GS2 mechanisms alone', rule +
             'mech_list:  external gs2-iakerb\tGS2-KRB5-PLUS\n', ''),
            ('the first mech_list counts', rule +
             'mech_list: GS2-KRB5 EXTERNAL\nmech_list: PLAIN\n', '')):
        with t.case(f'conf: a way past the rule: {name}'):
            conf = inspected.write(stage, 'past.conf', text)
            inspected.inspect(stage, 'conf', conf).is_(0, in_force + says)
    with t.case('conf: a way past the rule: gs2_mechs cannot name another\'s'):
        conf = inspected.write(stage, 'past.conf', (
            rule + 'mech_list: GS2-KRB5 PLAIN SCRAM-SHA-256 EXTERNAL\n'
            'gs2_mechs: GS2-KRB5 PLAIN SCRAM-SHA-256\n'))
        got = inspected.inspect(stage, 'conf', '-j', conf).json(0)
        assert [w['text'].split(': ')[1].split()[0]
                for w in got['warnings']] == ['PLAIN', 'SCRAM-SHA-256'], got
    with t.case('conf: -PLUS counts in the last word alone'):
        conf = inspected.write(stage, 'plus.conf',
                               'mech_list: GS2-KRB5-PLUS EXTERNAL\n')
        got = inspected.inspect(stage, 'conf', '-j', conf).json(1)
        assert (got['state'], got['errors'][0]['text']) == (
            'closed', 'mech_list names no mechanism of GS2: libsasl 2.1.28 '
            'knows a name with -PLUS as the last word alone'), got
    with t.case('conf: a way past the rule: gs2_mechs says what is of GS2'):
        conf = inspected.write(stage, 'past.conf', (
            rule + 'mech_list: SCRIPTED EAP-OTHER GS2-KRB5 EXTERNAL\n'
            'gs2_mechs: EAP-OTHER GS2-KRB5\n'))
        got = inspected.inspect(stage, 'conf', '-j', conf).json(0)
        assert got == {
            'v': 1, 'file': conf, 'server': None, 'state': 'in force',
            'unsure': None, 'services': [{
                'service': None, 'state': 'in force', 'options': {
                    'gs2_mechs': 'EAP-OTHER GS2-KRB5',
                    'gs2_require': 'gs2:realm=A'}}],
            'errors': [], 'warnings': [{
                'file': conf, 'line': 2, 'column': 12,
                'text': ALONE.removeprefix('warning: ')
                + ': SCRIPTED lets people in without it',
                'cure': 'mech_list: GS2-KRB5 EXTERNAL'}]}, got
    with t.case('conf: a way past the rule: a simple bind of slapd'):
        inspected.inspect(stage, 'conf', inspected.write(
            stage, 'slapd.conf',
            f'{rule}mech_list: GS2-KRB5 EXTERNAL\n')).is_(0, (
                'DIR/slapd.conf: in force\n  gs2_require: gs2:realm=A\n'
                f'DIR/slapd.conf:1:1: {ALONE}: a simple bind of slapd lets '
                f'people in without it\n  {rule}  ^\n'
                '  cure: "disallow bind_simple" in slapd\'s own '
                'configuration\n'))
    proxied = ('gs2_proxy_require is asked at logins alone: after one, proxied '
               'authorization (RFC 4370) lets people act as others without it, '
               'where {} allow it')
    for file, allows in (
            ('slapd', 'authz-policy and authzTo or authzFrom'),
            ('iDS', 'ACIs with the right proxy'), ('exim', None)):
        with t.case(f'conf: a way past gs2_proxy_require: {file}'):
            conf = inspected.write(stage, f'{file}.conf', (
                'gs2_proxy_require: a=1\nmech_list: GS2-KRB5 EXTERNAL\n'))
            got = inspected.inspect(stage, 'conf', '-j', conf).json(0)
            assert [(w['line'], w['text']) for w in got['warnings']] == (
                [(1, proxied.format(allows))] if allows else []), got
    with t.case('conf: a way past the rule: no rule, no way'):
        conf = inspected.write(stage, 'past.conf', (
            'mech_list: PLAIN GS2-KRB5 EXTERNAL\n'))
        inspected.inspect(stage, 'conf', conf).is_(0, (
            f'DIR/past.conf: in force\n{NO_RULE}'))
    with t.case('conf: a way past the rule: of imapd.conf, with a prefix'):
        conf = inspected.write(stage, 'imapd.conf', (
            'configdirectory: /var/lib/imap\nmech_list: GS2-KRB5\n'
            'sasl_gs2_require: gs2:realm=A\n'
            'sasl_mech_list: GSSAPI GS2-KRB5 EXTERNAL\n'
            'sasl_pwcheck_method: saslauthd none\n'))
        got = inspected.inspect(stage, 'conf', '-j', conf).json(0)
        assert [(w['line'], w['column'], w['cure'])
                for w in got['warnings']] == [
            (4, 17, 'sasl_mech_list: GS2-KRB5 EXTERNAL'),
            (5, 22, 'sasl_pwcheck_method: none'), (3, 1, 'allowapop: no')], got
    with t.case('conf: a way past the rule: past that of one service'):
        conf = inspected.write(stage, 'imapd.conf', (
            'configdirectory: /var/lib/imap\nimaps_sasl_gs2_require: a=1\n'))
        got = inspected.inspect(stage, 'conf', '-j', conf).json(0)
        assert [(w['line'], w['text'].split(': ', 1)[-1])
                for w in got['warnings']] == [
            (2, 'sasl_mech_list is not set'),
            (2, 'a password of sasldb does in the commands LOGIN of IMAP and '
                'USER of POP3, since sasl_pwcheck_method is not set'),
            (2, f'{APOP}, since allowapop is not set'),
            (0, 'whoever has a ticket gets in there')], got
        assert got['warnings'][-1]['text'].startswith(
            'gs2_require is not set for services that have no options of '
            'their own: '), got


POP3 = '''\
SERVICES {
  imap cmd="imapd" listen="imap"
  pop3 cmd="/usr/lib/cyrus/bin/pop3d -U 30" listen="pop3" # pop3d
  Pop3s cmd="strace -f pop3d -s"  listen="pop3s"
  sieve cmd="timsieved" listen="sieve" # not pop3d
}
EVENTS {
  pop4 cmd="pop3d"
}
'''


def apop(t, stage):
    """APOP is a way past the rule of POP3, which pwcheck_method does not close:
    what pop3d does is in t_inspect_servers.py."""
    good = ('configdirectory: /x\nsasl_gs2_require: a=b\n'
            'sasl_pwcheck_method: none\nsasl_mech_list: GS2-KRB5 EXTERNAL\n')
    inspected.write(stage, 'cyrus.conf', POP3)
    with t.case('conf: a way past the rule: APOP'):
        inspected.inspect(stage, 'conf', inspected.write(
            stage, 'imapd.conf', good)).is_(0, (
                'DIR/imapd.conf: in force\n  gs2_require: a=b\n'
                f'DIR/imapd.conf:2:1: {ALONE}: {APOP}, since allowapop is not '
                'set\n  sasl_gs2_require: a=b\n  ^\n  cure: allowapop: no\n'))
    of_2, of_5 = [(2, 1, 'allowapop: no')], [(5, 12, 'allowapop: no')]
    both = 'pop3_allowapop: off\npop3s_allowapop: 0\n'
    own = 'pop3_sasl_gs2_require: c=d\n'
    for lines, args, warned in (
            ('allowapop: no\n', (), []), ('ALLOWAPOP: f\n', (), []),
            ('allowapop: yes\n', (), of_5), ('allowapop: on\n', (), of_5),
            ('allowapop: t\n', ('-p', 'imap'), []),
            ('sasl_allowapop: no\n', (), of_2),
            ('pop3_allowapop: no\n', (), of_2), (both, (), []),
            ('pop3_allowapop: no\n', ('-p', 'pop3'), []),
            ('pop3_allowapop: no\n', ('-p', 'pop3s'), of_2),
            ('', ('-p', 'imap'), []), ('', ('-p', 'sieve'), []),
            ('', ('-p', 'pop4'), []),
            ('allowapop: 0\npop3s_allowapop: 1\n', (),
             [(6, 18, 'pop3s_allowapop: no')]),
            (own, (), [*of_2, (5, 1, 'allowapop: no')]),
            (own + 'pop3s_allowapop: no\n', (), [(5, 1, 'allowapop: no')]),
            (own + 'pop3_allowapop: no\n', (), of_2)):
        said = lines.rstrip('\n').replace('\n', ', ')
        with t.case(f'conf: APOP: {" ".join(args)} {said or "as it is"}'):
            conf = inspected.write(stage, 'imapd.conf', good + lines)
            got = inspected.inspect(stage, 'conf', '-j', *args, conf).json(0)
            assert [(w['line'], w['column'], w['cure'])
                    for w in got['warnings']] == warned, got
    with t.case('conf: APOP: a line that is ignored is no option of the service'):
        got = inspected.inspect(stage, 'conf', '-j', inspected.write(
            stage, 'imapd.conf', good + 'pop3s_allowapop: no\n# \\\n'
            'pop3_sasl_gs2_require: c=d\n')).json(1)
        assert [w['cure'] for w in got['warnings']] == ['allowapop: no'], got
    for name, services, warned in (
            ('no service of POP3', 'SERVICES {\n  imap cmd="imapd"\n}\n', []),
            ('no cyrus.conf', None, of_2)):
        with t.case(f'conf: APOP: {name}'):
            os.unlink(stage.path('cyrus.conf'))
            if services:
                inspected.write(stage, 'cyrus.conf', services)
            got = inspected.inspect(stage, 'conf', '-j', inspected.write(
                stage, 'imapd.conf', good)).json(0)
            assert [(w['line'], w['column'], w['cure'])
                    for w in got['warnings']] == warned, got


OVERRUN = """\
DIR/any.conf:1:12: warning: libsasl 2.1.28 writes past the end of its memory \
when it lists these mechanisms under TLS with a channel binding, and the \
server may abort: each of them has a -PLUS, or no plugin, and EXTERNAL has no \
-PLUS
  mech_list: GS2-KRB5
             ^
  cure: mech_list: EXTERNAL GS2-KRB5
"""


def overruns(t, stage):
    """Lists with which libsasl has a fault: what imapd does with them is in
    t_inspect_servers.py."""
    with t.case('conf: each mechanism of the list has a -PLUS'):
        inspected.inspect(stage, 'conf', inspected.write(
            stage, 'any.conf', 'mech_list: GS2-KRB5\n')).is_(
                0, f'DIR/any.conf: in force\n{NO_RULE}{OVERRUN}')
    for file, prefix, words, has, *plugins in (
            ('any', '', 'scram-sha-256 GSSAPI\tgs2-krb5', True),
            ('any', '', 'GS2-KRB5 GSS-SPNEGO', True),
            ('any', '', 'GS2-KRB5 plain', False, 'ours'),
            ('any', '', 'GS2-KRB5 PLAIN', True),
            ('any', '', 'GS2-KRB5 OTHER', True, 'ours'),
            ('any', '', 'GS2-KRB5-PLUS', True),
            ('any', 'gs2_mechs: GS2-KRB5 PLAIN\n', 'GS2-KRB5 PLAIN', False,
             'ours'),
            ('any', 'gs2_mechs: GS2-KRB5 OTHER\n', 'GS2-KRB5 OTHER', True),
            ('slapd', '', 'GS2-KRB5', True),
            ('imapd', 'configdirectory: /x\nimap_sasl_', 'GS2-KRB5', True),
            ('smtpd', '', 'GS2-KRB5', False),
            ('memcached', '', 'GS2-KRB5', False)):
        with t.case(f'conf: {file}.conf: {prefix}mech_list: {words}'.replace(
                '\n', ', ')):
            conf = inspected.write(stage, f'{file}.conf',
                                   f'{prefix}mech_list: {words}\n')
            got = inspected.inspect(
                stage, 'conf', '-j', conf,
                plugins=(plugins or ['ours-alone'])[0]).json(0)
            key = prefix.rpartition('\n')[2] + 'mech_list'
            assert [w['cure'] for w in got['warnings']] == (
                [f'{key}: EXTERNAL {words}'] if has else []), got


UNSURE = """\
DIR/imapd.conf: cannot tell: which file "@include: {}" names depends on the \
directory that Cyrus is started in; write its whole path
"""
# An imapd.conf, what is said of it, and whether it can be told.
IMAPD = (
    ('a comment swallows the rule', """# \\
sasl_gs2_require: a=b
""", 1, """\
DIR/imapd.conf:3:1: not in force: the comment of line 2 ends in a backslash, \
so this is a part of it
  sasl_gs2_require: a=b
  ^
DIR/imapd.conf: not in force: the server goes on with the rest
"""),
    ('a comment swallows a file', """# \\
@INCLUDE: /x
""", 1, """\
DIR/imapd.conf:3:1: not in force: the comment of line 2 ends in a backslash, \
so this is a part of it
  @INCLUDE: /x
  ^
DIR/imapd.conf: not in force: the server goes on with the rest
"""),
    ('an option swallows the next', """admins: alice \\
sasl_mech_list: GS2-KRB5
""", 1, """\
DIR/imapd.conf:3:1: not in force: line 2 ends in a backslash, so this is a \
part of its value
  sasl_mech_list: GS2-KRB5
  ^
DIR/imapd.conf: not in force: the server goes on with the rest
"""),
    ('the file ends within a line', """sasl_gs2_require: a=b \\
""", 1, """\
DIR/imapd.conf:2:1: not in force: the file ends within line 2 and its \
backslash: Cyrus drops it
  sasl_gs2_require: a=b
  ^
DIR/imapd.conf: not in force: the server goes on with the rest
"""),
    ('the same, with another sign for the colon', """sasl_gs2_require= a=b\\
""", 1, """\
DIR/imapd.conf:2:1: not in force: the file ends within line 2 and its \
backslash: Cyrus drops it
  sasl_gs2_require= a=b
  ^
DIR/imapd.conf: not in force: the server goes on with the rest
"""),
    ('a service that is not there', """nntp_sasl_gs2_require: a=b
""", 1, """\
DIR/imapd.conf:2:1: not in force: cyrus.conf has no service nntp
  nntp_sasl_gs2_require: a=b
  ^
DIR/imapd.conf: not in force: the server goes on with the rest
"""),
    ('an option twice', """foo: a
foo: b
""", 1, """\
DIR/imapd.conf:3:1: closed: foo is set in line 2 already; no server starts \
with this file
  foo: b
  ^
DIR/imapd.conf: closed: no server starts with this file
"""),
    ('no such directive', """@includes: /x
""", 1, """\
DIR/imapd.conf:2:1: closed: there is no directive @includes; no server starts \
with this file
  @includes: /x
  ^
DIR/imapd.conf: closed: no server starts with this file
"""),
    ('a path that depends on where Cyrus is started', """@include: more.conf
sasl_gs2_require: or
""", 2, UNSURE.format('more.conf')),
    ('of two such paths one is told', """@include: a
@include: b
""", 2, UNSURE.format('a')),
    ('such a path twice', """@include: more.conf
@include: more.conf
""", 1, """\
DIR/imapd.conf:3:1: closed: more.conf is included twice; no server starts \
with this file
  @include: more.conf
  ^
DIR/imapd.conf: closed: no server starts with this file
"""),
    ('a directory, in which Cyrus finds no line', """@include: /
""", 0, """\
DIR/imapd.conf: in force
"""))
CYRUS_CONF = """\
START {
  nntp cmd="ctl_cyrusdb -r"
}
SERVICES {
  # nntp is off
  imap cmd="imapd" listen="imap"
  Sieve cmd="timsieved" listen="sieve"
}
"""


def cyrus(t, stage):
    """Lines as Cyrus takes them, and services of cyrus.conf."""
    inspected.write(stage, 'cyrus.conf', CYRUS_CONF)
    for name, text, status, said in IMAPD:
        with t.case(f'imapd.conf: {name}'):
            conf = inspected.write(stage, 'imapd.conf',
                                   f'configdirectory: /x\n{text}')
            if status < 2 and ': closed: no' not in said:
                said += NO_RULE
            inspected.inspect(stage, 'conf', conf).is_(status, said)
            got = inspected.inspect(stage, 'conf', '-j', conf).json(status)
            assert (got['unsure'] is not None) == (status == 2), got
    with t.case('imapd.conf: without configdirectory'):
        conf = inspected.write(stage, 'imapd.conf', 'sasl_gs2_authid: full\n')
        inspected.inspect(stage, 'conf', conf).is_(1, (
            'DIR/imapd.conf: closed: configdirectory is not set; no server '
            'starts with this file\n'
            'DIR/imapd.conf: closed: no server starts with this file\n'))
    with t.case('imapd.conf: a file that includes itself'):
        line = f'@include: {conf}\n'
        inspected.write(stage, 'imapd.conf', f'configdirectory: /x\n{line}')
        inspected.inspect(stage, 'conf', conf).is_(1, (
            'DIR/imapd.conf:2:1: closed: DIR/imapd.conf is included twice; no '
            'server starts with this file\n'
            '  @include: DIR/imapd.conf\n  ^\n'
            'DIR/imapd.conf: closed: no server starts with this file\n'))
    with t.case('imapd.conf: a file that includes itself by another name'):
        # What the real one does depends on where it is started, and by which
        # name: t_inspect_servers.py.
        inspected.write(stage, 'imapd.conf',
                        'configdirectory: /x\n@include: imapd.conf\n')
        said = UNSURE.format('imapd.conf')
        for name, wanted in ((conf, said),
                             ('imapd.conf', said.removeprefix('DIR/'))):
            inspected.inspect(
                stage, 'conf', name,
                wrapper=['env', '-C', stage.dir]).is_(2, wanted)
    with t.case('imapd.conf: what cannot be told is no login'):
        got = inspected.inspect(stage, *LOGIN, '-j', '-c', conf).json(2)
        assert got['failure']['text'].startswith(
            'cannot tell what the server reads: which file'), got
        assert (got['state'], got['services']) == (None, []), got
    # Of whose file it is says the part that cannot be told.
    for name, status in (('mail.conf', 2), ('slapd.conf', 1)):
        with t.case(f'imapd.conf: the name {name}, and a relative @include'):
            other = inspected.write(stage, name, (
                '@include: more.conf\nsasl_gs2_require: a=b\n'))
            answer = inspected.inspect(stage, 'conf', other)
            assert answer.status == status, answer
            assert ('cannot tell: which file "@include: more.conf"' in
                    answer.out) == (status == 2), answer
            assert ('a name and a colon expected; no server starts' in
                    answer.out) == (status == 1), answer
    with t.case('imapd.conf: without configdirectory, as far as can be told'):
        inspected.write(stage, 'imapd.conf', '@include: more.conf\n')
        inspected.inspect(stage, 'conf', conf).is_(
            2, UNSURE.format('more.conf'))
    with t.case('imapd.conf: a file that the caller cannot read'):
        more = inspected.write(stage, 'more.conf', '')
        os.chmod(more, 0)
        inspected.write(stage, 'imapd.conf',
                        f'configdirectory: /x\n@include: {more}\n')
        inspected.inspect(stage, 'conf', conf, wrapper=UNPRIVILEGED).is_(2, (
            'DIR/imapd.conf: cannot tell: cannot read DIR/more.conf: '
            'Permission denied\n'))
    with t.case('imapd.conf: the file that libsasl itself reads'):
        inspected.write(stage, 'imapd.conf', 'configdirectory: /x\n')
        inspected.write(stage, 'Cyrus.conf', (
            'sasl_gs2_require: a=b\ngs2_authid: full\ngs2_requires: a=b\n'))
        inspected.inspect(stage, 'conf', conf, env={
            'SASL_CONF_PATH': stage.dir}).is_(1, (
                'DIR/Cyrus.conf:1:1: not in force: sasl_gs2_require is not '
                'read: but for imapd.conf it is gs2_require\n'
                '  sasl_gs2_require: a=b\n  ^\n'
                'DIR/Cyrus.conf:3:1: not in force: there is no option '
                'gs2_requires; did you mean gs2_require?\n'
                '  gs2_requires: a=b\n  ^\n'
                'DIR/imapd.conf: not in force: the server goes on with the '
                f'rest\n  gs2_authid: full\n{NO_RULE}'))
        os.unlink(stage.path('Cyrus.conf'))
    with t.case('imapd.conf: --require-rule, for each service'):
        conf = inspected.write(stage, 'imapd.conf', (
            'configdirectory: /x\nsieve_sasl_gs2_require: a=b\n'))
        for args, status in (((), 0), (('-r',), 1), (('-r', '-p', 'imap'), 1),
                             (('-r', '-p', 'SIEVE'), 0)):
            answer = inspected.inspect(stage, 'conf', *args, conf)
            assert answer.status == status, answer
            assert answer.out.endswith(
                'imapd.conf: no, since --require-rule wants gs2_require for '
                'each service, and asked at each login by GS2\n'
                ) == bool(status), answer
        conf = inspected.write(stage, 'imapd.conf', (
            'configdirectory: /x\nsieve_sasl_gs2_require: a=b\n'
            'imap_sasl_gs2_require: c=d\n'))
        inspected.inspect(stage, 'conf', '-jr', conf).json(0)
    os.unlink(stage.path('cyrus.conf'))


def quick(t, stage):
    """Files alone are looked at, and that takes no time."""
    with t.case('conf: no socket is opened'):
        trace = stage.path('trace')
        conf = inspected.write(stage, 'quick.conf', 'gs2_keytab: /nowhere\n')
        answer = inspected.inspect(stage, 'conf', conf, wrapper=[
            tap.find('strace', 'strace'), '-f', '-o', trace, '-e',
            'trace=%network,openat'], env={ # of which two cannot be one
                'ASAN_OPTIONS': 'verify_asan_link_order=0:detect_leaks=0'})
        assert answer.status == 0, answer
        with open(trace, encoding='utf-8') as calls:
            called = calls.read()
        assert 'quick.conf' in called and '/nowhere' not in called, called
        assert not re.search(r'(socket|connect)\(', called), called


def main(t):
    """All of them in one realm."""
    with sources.Sources() as stage:
        for part in (by_name, configurations, ways_past, apop, overruns,
                     cyrus, quick):
            part(t, stage)


if __name__ == '__main__':
    tap.run(main)
