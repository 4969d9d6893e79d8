"""valgrind's memcheck around a server, and what it reports of some libraries.

    check = memcheck.Memcheck(home.path('slapd.xml'))
    server = slapd.start(home, wrapper=check.command)
    ...
    check.finish(server.program)
    check.errors('libgs2-slapd.so')
"""

import subprocess
import xml.etree.ElementTree

import servers
import tap

__all__ = ['Memcheck']

# A server looks for what it has lost when it ends.
SECONDS = 300
LOST = 'definite,indirect'


class Memcheck:
    """One run; the report is in a file."""

    def __init__(self, path):
        self.path = path
        self.command = [
            tap.find('valgrind', 'valgrind'), '-q', '--xml=yes',
            f'--xml-file={path}', '--leak-check=full',
            f'--show-leak-kinds={LOST}', f'--errors-for-leak-kinds={LOST}',
            '--keep-debuginfo=yes', '--num-callers=40', '--fair-sched=try']

    @staticmethod
    def finish(program):
        """Asks the server to end, and waits for the report."""
        program.process.terminate()
        try:
            program.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise servers.ServerError(
                f'{program.name} does not end:\n{program.log()}') from None

    def errors(self, *names):
        """The errors of the report, as text, with a frame in one of the
        libraries of these names, or all."""
        found = []
        for error in xml.etree.ElementTree.parse(self.path).iter('error'):
            places = [frame.findtext('obj', '') for frame in
                      error.iter('frame')]
            if not names or any(place.rpartition('/')[2] in names
                                for place in places):
                found.append(self._text(error))
        return found

    @staticmethod
    def _text(error):
        what = error.findtext('what') or error.findtext('xwhat/text')
        frames = [f'  {frame.findtext("fn", "?")} '
                  f'({frame.findtext("obj", "?")} '
                  f'{frame.findtext("file", "")}:{frame.findtext("line", "")})'
                  for frame in error.iter('frame')]
        return '\n'.join([error.findtext('kind') + ': ' + what, *frames])
