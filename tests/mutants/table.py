"""The tables of mutants, *.txt beside this file. Rows stand between blank
lines; a line that begins with "#" is a comment:

    @ common/wire/framing.c  tests/unit/t_framing

    a length that is cut short is read on behind its end
    -    if (octets == 0 || octets > 4 || len - 1 < octets || s[1] == 0)
    +    if (octets == 0 || octets > 4 || s[1] == 0)

A line "@" names the file of the rows below, and the tests of which one at
least must fail. A row says what the mutant means, and which line of the file
becomes which, or is taken out, or comes in; lines that begin with a blank stand
around it where the line alone is not the only one of its kind. How far a line
is indented does not count. "!" names the tests of a row where they are others;
"=" says instead why no test can see the mutant: it does what the line does.
"""

import dataclasses
import pathlib

__all__ = ['Mutant', 'misplaced', 'read_all']

HERE = pathlib.Path(__file__).parent


@dataclasses.dataclass
class Mutant:
    """One row."""
    file: str
    tests: list
    meaning: str = ''
    proof: str = ''
    before: list = dataclasses.field(default_factory=list)
    after: list = dataclasses.field(default_factory=list)
    removed: int = 0
    added: int = 0

    @property
    def name(self):
        """What it is called."""
        return f'{self.file}: {self.meaning}'

    def place(self, lines):
        """The number of the line in the file at which before stands."""
        wanted = [line.strip() for line in self.before]
        found = [at for at in range(len(lines))
                 if [line.strip() for line in lines[at:at + len(wanted)]]
                 == wanted]
        if len(found) != 1:
            raise ValueError(f'{self.name}: its lines are in the file '
                             f'{len(found)} times')
        return found[0]

    def apply(self, text):
        """text, the file's, with the mutant in it."""
        lines = text.splitlines()
        at = self.place(lines)
        lines[at:at + len(self.before)] = self.after
        return '\n'.join(lines) + '\n'

    def take(self, line):
        """Reads one line of the row."""
        mark, rest = line[0], line[1:]
        if mark in ' -':
            self.before.append(rest)
        if mark in ' +':
            self.after.append(rest)
        self.removed += mark == '-'
        self.added += mark == '+'
        if mark == '!':
            self.tests = rest.split()
        elif mark == '=':
            self.proof = f'{self.proof} {rest.strip()}'.strip()
        elif mark not in ' -+':
            self.meaning = f'{self.meaning} {line}'.strip()

    def check(self):
        """Raises where the row is not one mutant of one line."""
        if not (self.meaning and self.tests):
            raise ValueError(f'{self.name}: no meaning or no test')
        if not 1 <= self.removed + self.added <= 2 or self.removed > 1:
            raise ValueError(f'{self.name}: more than one line is changed')
        if self.before == self.after:
            raise ValueError(f'{self.name}: nothing is changed')


def read(path):
    """The rows of one table."""
    file, tests, row = None, [], None
    for line in [*path.read_text(encoding='utf-8').splitlines(), '']:
        if line.startswith('@'):
            file, *tests = line[1:].split()
        elif line and not line.startswith('#'):
            row = row or Mutant(file, tests)
            row.take(line)
        elif row and not line:
            row.check()
            yield row
            row = None


def read_all():
    """The rows of all tables, those of faults that once were there first."""
    paths = sorted(HERE.glob('*.txt'), key=lambda p: (p.stem != 'known', p))
    return [row for path in paths for row in read(path)]


def misplaced(mutants, top):
    """What is wrong with rows whose lines are not in their file just once;
    top is the folder of the sources."""
    wrong = []
    for mutant in mutants:
        try:
            mutant.apply((pathlib.Path(top) / mutant.file).read_text('utf-8'))
        except (OSError, ValueError) as why:
            wrong.append(str(why))
    return wrong
