#!/usr/bin/env python3
"""Each line of the product in the tables beside this file is made wrong, one
at a time, in a copy of the tree; a test that the row names must then fail. A
row whose mutant can be seen by nobody has the proof; then its tests must pass.

GS2_MUTANTS=WORD takes only those rows with that word in their file or meaning:

    make check TESTS=tests/mutants/t_mutants.py GS2_MUTANTS=framing
"""

import concurrent.futures
import os
import queue
import tempfile

import table
import tap
import tree
import workshop


class Places:
    """Workshops, as many as there are processors, each for one at a time."""

    def __init__(self, first):
        self.count = len(os.sched_getaffinity(0))
        self.free = queue.Queue()
        self.free.put(first)
        for number in range(1, self.count):
            self.free.put(first.copy_to(f'{first.home}{number}'))

    def each(self, work, items):
        """(item, what work(workshop, item) has returned) for each, in their
        order."""
        def in_a_place(item):
            place = self.free.get()
            try:
                return item, work(place, item)
            finally:
                self.free.put(place)

        with concurrent.futures.ThreadPoolExecutor(self.count) as pool:
            yield from pool.map(in_a_place, items)


def judge(place, mutant):
    """Puts one mutant to its tests: whether all is well, the words for it, and
    more about that."""
    try:
        test = place.first_failure(mutant)
    except AssertionError as why:
        return False, 'does not compile', why
    if mutant.proof:
        return not test, f'{test} sees it' if test else mutant.proof, None
    return test is not None, f'killed by {test}' if test else 'LIVES', None


def main(t):
    """The tables, the tests without a mutant, the mutants."""
    word = os.environ.get('GS2_MUTANTS', '')
    mutants = [m for m in table.read_all() if word in m.name]
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    if not t.equal(table.misplaced(mutants, tree.srcdir()), [],
                   f'the lines of {len(mutants)} rows are in their files'):
        return
    with tempfile.TemporaryDirectory(prefix='gs2-mutants.') as scratch:
        first = workshop.Workshop(f'{scratch}/tree')
        first.make(tests)
        places = Places(first)
        for test, (good, out) in places.each(workshop.Workshop.try_test,
                                             tests):
            t.ok(good, f'without a mutant {test} passes', out)
        if t.failed:
            return
        for mutant, (good, words, more) in places.each(judge, mutants):
            t.ok(good, f'{mutant.name}: {words}', more)


tap.run(main)
