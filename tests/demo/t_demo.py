#!/usr/bin/env python3
"""What ./demo runs once it has built the tree: it shows what happens, and
README.md has an excerpt of it.
"""

import os
import re
import subprocess
import sys

import tap
import tree


def excerpt():
    """The lines that README.md shows, as patterns: sizes may differ."""
    with open(tree.srcdir('README.md'), encoding='utf-8') as page:
        shown = re.search(r'^## What `./demo` shows\n.*?^```\n(.*?)^```$',
                          page.read(), re.M | re.S)[1]
    return [re.sub(r'\d+\\? octets', r'\\d+ octets', re.escape(line.strip())
                   .replace(r'\ ', ' ')).replace('-\\>', '-*>')
            for line in shown.splitlines() if line]


def main(t):
    """One run."""
    done = subprocess.run(
        [sys.executable, tree.srcdir('tests', 'demo', 'demo.py')],
        env=dict(os.environ, COLUMNS='80'), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors='replace', check=False)
    t.equal(done.returncode, 0, 'the demo succeeds')
    lines = iter(done.stdout.splitlines())
    for wanted in excerpt():
        t.ok(any(re.fullmatch(wanted, line.strip()) for line in lines),
             f'README.md: {wanted}', done.stdout)


if __name__ == '__main__':
    tap.run(main)
