"""Where things are: the tree of the sources, and the one of the build."""

import os

__all__ = ['TOP', 'builddir', 'helper', 'srcdir']

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.environ.get('GS2_SRCDIR') or os.path.normpath(
    os.path.join(HERE, '..', '..', '..'))


def srcdir(*parts):
    """A path in the tree of the sources."""
    return os.path.join(os.path.abspath(TOP), *parts)


def builddir(*parts):
    """A path in the build tree."""
    top = os.environ.get('GS2_BUILDDIR') or TOP
    return os.path.join(os.path.abspath(top), *parts)


def helper(name):
    """The path of a program of this folder, to be run by itself."""
    return os.path.join(HERE, name)
