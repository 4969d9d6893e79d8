#!/usr/bin/env python3
"""The tables of mutants are those of this tree: the lines that a row changes
are in its file, just once, and its tests are there."""

import os

import table
import tap
import tree

MANY = 150


def source_of(test):
    """The file that a test program is made of."""
    stem, suffix = os.path.splitext(test)
    return test if suffix in ('.py', '.sh') else f'{stem}.c'


def main(t):
    """All rows."""
    mutants = table.read_all()
    t.ok(len(mutants) > MANY, f'{len(mutants)} rows')
    t.equal(table.misplaced(mutants, tree.srcdir()), [],
            'the lines of each row are in its file, once')
    names = [mutant.name for mutant in mutants]
    t.equal(sorted({name for name in names if names.count(name) > 1}), [],
            'no two rows have one name')
    t.equal(sorted({test for mutant in mutants for test in mutant.tests
                    if not os.path.exists(tree.srcdir(source_of(test)))}), [],
            'the tests of each row are there')


tap.run(main)
