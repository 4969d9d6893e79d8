"""Configurations as an administrator, or an accident, might write them: made by
a random generator from the grammar of each file. It knows how lines are
written, not what a server makes of them, and nothing of gs2-inspect.

    maker = conf_maker.Maker(random.Random(seed))
    made = maker.imapd()        # or maker.sasl()
    made.text, made.others      # the file, and files beside it by their names
    made.meant                  # somebody meant it to have a rule
"""

import dataclasses

__all__ = ['Made', 'Maker', 'RULE', 'SERVICES', 'lets_in']

# alice, who had a second factor, meets it, and bob does not.
RULE = 'auth-indicators=spake'
RULES = (RULE, f'gs2:realm=EXAMPLE.TEST and {RULE}', f'{RULE} or a=b',
         f'({RULE})', '"auth-indicators"="spake"',
         f'gs2:mech=GS2-KRB5 and   {RULE}', f'gs2:realm=* and {RULE}', f'gs2:role=card')
# Others: both meet it, neither does.
EVERYBODY = ('gs2:realm=EXAMPLE.TEST', 'gs2:mech=GS2-KRB5 and gs2:realm=*')
NOBODY = ('a=b', f'{RULE} and a=b')
BROKEN = ('auth-indicators=', f'{RULE} and', 'not auth-indicators=spake',
          f'{RULE} nd a=b', 'gs2:nothing=1', '(a=b', f'{RULE} # second factor',
          "'auth-indicators'=spake", 'gs2:role=nobody')
MECHS = ('GS2-KRB5', 'GS2-KRB5 EXTERNAL', 'gs2-krb5', 'GS2-KRB5-PLUS',
         'PLAIN GS2-KRB5', 'GS2-KRB5\tPLAIN')
NO_MECHS = ('PLAIN', 'GSSAPI', 'GS2-KRB5,PLAIN', 'GS2 KRB5', 'GS2-KRB',
            '"GS2-KRB5"')
# Options, what they may say, and what they may not.
OTHERS = (
    ('gs2_authid', ('auto', 'full', 'local'), ('localy', 'attribute', 'AUTO')),
    ('gs2_mechs', ('GS2-KRB5', 'GS2-KRB5,GS2-EAP', 'gs2-krb5-plus'),
     ('krb5', 'GS2-EAP')),
    ('gs2_error_tokens', ('yes', 'no', '1', 'ON'), ('perhaps',)),
    ('gs2_attributes', ('a=b', '*'), ('a=b a=c', 'dn=x')),
    ('gs2_proxy_require', ('a=b',), ('a=',)),
    ('gs2_accept_anonymous', ('no',), ('nein',)),
    ('mech_list', MECHS, NO_MECHS),
    ('log_level', ('4',), ('no number',)),
)
SERVICES = ('imap', 'imaps')


@dataclasses.dataclass
class Made:
    """One configuration."""
    text: str
    others: dict
    meant: bool
    service: str = 'imap'


def lets_in(rule):
    """Whether a rule lets alice in, and whether bob, once it is in force."""
    words = ' '.join(rule.split())
    for rules, both in ((RULES, (True, False)), (EVERYBODY, (True, True)),
                        (NOBODY, (False, False))):
        if words in [' '.join(one.split()) for one in rules]:
            return both
    raise ValueError(f'not one of the rules: {rule!r}')


class Maker:
    """Makes them."""

    def __init__(self, rng):
        self.rng = rng
        self.lines = []
        self.meant = False

    def chance(self, percent):
        """True that often."""
        return self.rng.random() * 100 < percent

    def _misspell(self, word):
        at = self.rng.randrange(1, len(word) - 1)
        return self.rng.choice((word[:at] + word[at + 1:],
                                word[:at] + word[at] + word[at:],
                                word[:at] + word[at + 1] + word[at]
                                + word[at + 2:], word + 's', 'sasl_' + word))

    def _name(self, name, prefix):
        """A key, as it is written here."""
        if self.chance(6):
            name = self._misspell(name)
        if prefix is not None:
            before = 'sasl_' if self.chance(94) else ''
            if self.chance(4) and name.startswith('gs2_'):
                before += 'gs2_'
            if self.chance(25):
                before = self.rng.choice((*SERVICES, 'pop3')) + '_' + before
            name = before + name
        return name.upper() if self.chance(4) else name

    def _line(self, name, value, prefix):
        """One line, with what one may do to it."""
        colon = ':' if self.chance(99) else self.rng.choice(('=', ' :', ''))
        space = self.rng.choice(('', ' ', '  ', '\t'))
        after = self.rng.choice(('', '', '', ' ', '\t ', '\r'))
        before = ' ' * (self.rng.randrange(1, 4) if self.chance(8) else 0)
        if self.chance(.5):
            value = ''
        if self.chance(2):
            value += ' ' * 4200 + self.rng.choice(('', '# x', 'log_level: 1'))
        if self.chance(8) and ' ' in value:
            value = value.replace(' ', self.rng.choice(
                ('\\\n', ' \\\n', '\\\n  ')), 1)
        return (f'{before}{self._name(name, prefix)}{colon}{space}{value}'
                f'{after}')

    def _comment(self):
        return self.rng.choice((
            '#', '# a comment', '  # another: one', '#gs2_require: a=b',
            '# C:\\dir\\', '', '   ', '# sasl_gs2_require: a=b'))

    def _options(self, prefix):
        """The lines of some options, in an order of their own."""
        lines = []
        if self.chance(85):
            broken = self.chance(8)
            rules = self.rng.choice((RULES, RULES, RULES, EVERYBODY, NOBODY))
            rule = self.rng.choice(BROKEN if broken else rules)
            self.meant = True
            lines.append(self._line('gs2_require', rule, prefix))
            if 'gs2:role=card' in rule or self.chance(10):
                lines.append(self._line('gs2_roles', 'card', prefix))
                lines.append(self._line('gs2_role_card', RULE, prefix))
        if self.chance(4):
            lines.append(self._line('gs2_require', self.rng.choice(
                EVERYBODY + NOBODY), prefix))
        for name, right, wrong in OTHERS:
            if self.chance(30 if name == 'mech_list' else 12):
                values = wrong if self.chance(10) else right
                lines.append(self._line(name, self.rng.choice(values),
                                        prefix))
        self.rng.shuffle(lines)
        return lines

    def _spread(self, lines):
        """Lines among comments; the last one may have no end."""
        out = []
        for line in lines:
            while self.chance(35):
                out.append(self._comment())
            if self.chance(2):
                line += '\\'
            out.append(line)
        text = ''.join(line + '\n' for line in out)
        return text[:-1] if self.chance(10) else text

    def sasl(self):
        """A file that libsasl itself reads."""
        self.meant = False
        return Made(self._spread(self._options(None)), {}, self.meant)

    def imapd(self, base=''):
        """An imapd.conf behind the lines that Cyrus needs, perhaps with one
        that it includes, perhaps with libsasl's file beside it. {DIR} is where
        the files are."""
        self.meant = False
        lines, others = self._options(''), {}
        if self.chance(15):
            half = len(lines) // 2
            others['more.conf'] = self._spread(lines[half:])
            lines = lines[:half]
            lines.insert(self.rng.randrange(len(lines) + 1),
                         self.rng.choice(('@include: {DIR}/more.conf',
                                          '@INCLUDE:{DIR}/more.conf',
                                          '@include: {DIR}/none.conf')))
        if self.chance(10):
            others['Cyrus.conf'] = self._spread(self._options(None))
        return Made(base + self._spread(lines), others, self.meant,
                    self.rng.choice(SERVICES))
