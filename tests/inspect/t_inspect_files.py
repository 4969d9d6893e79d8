#!/usr/bin/env python3
"""gs2-inspect on files in libsasl's directory that are damaged, of another
machine, no files at all, or not to be read: libsasl itself is asked whether it
loads them.
"""

import os
import shutil
import socket
import struct
import subprocess
import sys
import time

import inspected
import scenario
import tap
import tree
from scenario import PLUGIN, system_plugin

GSSAPI = tree.builddir('gssapi', '.libs', 'libgssapiv2.so')
RULE = 'gs2_require: gs2:realm=OTHER.TEST\n'


def plugins(stage, name):
    """A directory of plugins with ours for GS2."""
    os.mkdir(stage.path(name))
    shutil.copy(PLUGIN, stage.path(name))
    return name


class Elf64:
    """Where things are in a file of 64 bits: (offset, octets) in its header,
    and a program header, by struct's word for it."""

    SIZE, PHOFF, PHENTSIZE, PHNUM = 64, (32, 8), (54, 2), (56, 2)
    HEADER = '=IIQQQQQQ'
    TYPE, FLAGS, OFFSET, VADDR, FILESZ, ALIGN = 0, 1, 2, 3, 5, 7


class Elf32:
    """The same in one of 32 bits."""

    SIZE, PHOFF, PHENTSIZE, PHNUM = 52, (28, 4), (42, 2), (44, 2)
    HEADER = '=IIIIIIII'
    TYPE, OFFSET, VADDR, FILESZ, FLAGS, ALIGN = 0, 1, 2, 4, 6, 7


ELF = Elf64 if struct.calcsize('P') == 8 else Elf32
TYPE = (16, 2)
PT_LOAD, PT_DYNAMIC, PT_PHDR = 1, 2, 6

# What is done to the octets of a good file; whether it is cut short then: the
# server ends when it loads that, or libsasl goes past it, or it does not matter.
DAMAGES = (
    *((f'cut at {n}', lambda good, n=n: good[:n], n >= 700)
      for n in (0, 3, 16, ELF.SIZE - 1, ELF.SIZE, 100, 700, 4096, 20000)),
    *((f'{size} octets at {at}', lambda good, at=at, size=size:
       good[:at] + b'\xff' * size + good[at + size:], False)
      for at, size in ((0, 4), TYPE, ELF.PHOFF, ELF.PHENTSIZE, ELF.PHNUM)),
    *((f'program header {n}', lambda good, n=n: huge(good, n), True)
      for n in range(4)),
    ('nothing behind the last segment',
     lambda good: good[:segments_end(good)], False),
    ('one octet less than that',
     lambda good: good[:segments_end(good) - 1], True),
    ('no segment is loaded',
     lambda good: changed(good, PT_LOAD, ELF.TYPE, lambda _: PT_PHDR), False),
    ('no segment has names',
     lambda good: changed(good, PT_DYNAMIC, ELF.TYPE, lambda _: PT_PHDR),
     False),
    ('segments at odd addresses',
     lambda good: changed(good, PT_LOAD, ELF.VADDR, lambda at: at + 1), False),
    ('a text', lambda good: b'!<arch>\n', False))


def number(octets, place):
    """A number of the file's header."""
    at, size = place
    return int.from_bytes(octets[at:at + size], sys.byteorder)


def headers(octets):
    """Where the program headers begin, and what they are."""
    start, size = number(octets, ELF.PHOFF), struct.calcsize(ELF.HEADER)
    for at in range(start, start + size * number(octets, ELF.PHNUM), size):
        yield at, list(struct.unpack_from(ELF.HEADER, octets, at))


def segments_end(octets):
    """Where the last octet ends that is loaded."""
    return max(row[ELF.OFFSET] + row[ELF.FILESZ]
               for _, row in headers(octets) if row[ELF.TYPE] == PT_LOAD)


def changed(octets, kind, field, change):
    """With a changed field in each program header of this type."""
    octets = bytearray(octets)
    for at, row in headers(octets):
        if row[ELF.TYPE] == kind:
            row[field] = change(row[field])
            struct.pack_into(ELF.HEADER, octets, at, *row)
    return bytes(octets)


def huge(octets, which):
    """With the largest numbers in one program header."""
    octets = bytearray(octets)
    at, row = list(headers(octets))[which]
    largest = (1 << 8 * struct.calcsize('P')) - 1
    row = [old if field in (ELF.TYPE, ELF.FLAGS) else largest
           for field, old in enumerate(row)]
    struct.pack_into(ELF.HEADER, octets, at, *row)
    return bytes(octets)


def offered(stage, folder):
    """The mechanisms of the real libsasl's server; None where it does not
    start."""
    try:
        server = stage.login(server_plugins=folder, options={
            'mech_list': 'GSSAPI GS2-KRB5'}).server
    except scenario.ScenarioError as why:
        assert 'does not start' in str(why), why
        return None
    return (server.first('mechs')['offered'] or '').split()


def damaged(t, stage):
    """A file that is cut, or says of itself what is not so: libsasl goes past
    what cannot be loaded, and so does conf. What ends the server, or may, it
    cannot tell."""
    with open(GSSAPI, 'rb') as file:
        good = file.read()
    path = inspected.write(stage, 'past.conf', (
        f'{RULE}mech_list: GSSAPI GS2-KRB5 EXTERNAL\n'))
    other = inspected.write(stage, 'other.conf',
                            f'{RULE}gs2_requires: x=y\nmech_list: PLAIN\n')
    folder = plugins(stage, 'gssapi-damaged')
    place = stage.path(folder, 'libgssapiv2.so')
    for name, damage, is_short in DAMAGES:
        with t.case(f'a damaged file: {name}'):
            with open(place, 'wb') as file:
                file.write(damage(good))
            answer = inspected.inspect(stage, 'conf', '-j', path,
                                       plugins=folder)
            got = answer.json(2 if is_short else 0)
            there = offered(stage, folder)
            print(f'# {name}: {got["state"]}, the server offers {there}')
            assert got['unsure'] == (is_short and (
                'libsasl may have GS2 or GSSAPI from '
                f'{place}, which is cut short') or None), got
            if is_short:
                continue
            assert 'GS2-KRB5' in there, there
            assert [row['text'].split(': ')[-1] for row in got['warnings']
                    ] == ([] if 'GSSAPI' in there else
                          ['GSSAPI lets people in without it']), (got, there)
    with t.case('a damaged file: it does not matter'):
        with open(place, 'wb') as file:
            file.write(good[:700])
        got = inspected.inspect(stage, 'conf', '-j', other,
                                plugins=folder).json(1)
        assert (got['state'], got['unsure']) == ('closed', None), got
    with t.case('a damaged file: what is so in any case'):
        other = inspected.write(stage, 'other.conf',
                                f'{RULE}gs2_requires: x=y\n')
        got = inspected.inspect(stage, 'conf', '-j', other,
                                plugins=folder).json(2)
        assert got['unsure'] and not got['services'], got
        assert [(row['line'], row['state']) for row in got['errors']] == [
            (2, 'not in force')], got
    os.remove(place)


def odd(t, stage):
    """What is no file, or one that nobody reads to its end."""
    path = inspected.write(stage, 'odd.conf', (
        f'{RULE}mech_list: GS2-KRB5 EXTERNAL\n'))
    folder = plugins(stage, 'gssapi-odd')
    place = stage.path(folder, 'libgssapiv2.so')

    def a_socket():
        with socket.socket(socket.AF_UNIX) as it:
            it.bind(place)

    def large(first=b'', size=(64 << 20) + 1):
        with open(place, 'wb') as file:
            file.write(first)
            file.truncate(size)

    with open(GSSAPI, 'rb') as file:
        good = file.read()
    for name, make, unsure in (
            ('a link to nowhere', lambda: os.symlink('nowhere', place), None),
            ('a link to itself', lambda: os.symlink(place, place), None),
            ('a link into a file', lambda: os.symlink(
                f'{GSSAPI}/x', place), None),
            ('a directory', lambda: os.mkdir(place), None),
            ('a pipe', lambda: os.mkfifo(place), None),
            ('a socket', a_socket, None),
            ('a large file', lambda: large(good), 'has more than 64 MiB'),
            ('a file that is not too large', lambda: large(good, 64 << 20),
             None)):
        with t.case(f'no plugin: {name}'):
            make()
            answer = inspected.inspect(stage, 'conf', '-j', path,
                                       plugins=folder)
            os.rmdir(place) if os.path.isdir(place) else os.remove(place)
            got = answer.json(2 if unsure else 0)
            assert got['unsure'] == (
                unsure and 'libsasl may have GS2 or GSSAPI from '
                f'{place}, which {unsure}'), got
    with t.case('no plugin: a file that is no plugin, however large'):
        large()
        inspected.inspect(stage, 'conf', '-j', path, plugins=folder).json(0)
        os.remove(place)


def kinds(t, stage):
    """A file of another machine's kind is not loaded, so it serves nothing."""
    os.mkdir(stage.path('kinds'))
    place = stage.path('kinds', 'libgs2.so')
    conf = inspected.write(stage, 'kinds.conf',
                           f'{RULE}mech_list: GS2-KRB5 EXTERNAL\n')
    for path, state in ((PLUGIN, 'in force'),
                        (system_plugin('libgs2.so'), 'not in force')):
        with open(path, 'rb') as file:
            good = file.read()
        # EI_CLASS, EI_DATA, e_machine.
        for at in (None, 4, 5, 18):
            with t.case(f'conf: {path}, another octet {at}'):
                octets = bytearray(good)
                if at is not None:
                    octets[at] ^= 3
                with open(place, 'wb') as file:
                    file.write(octets)
                wanted = state if at is None else 'closed'
                got = inspected.inspect(stage, 'conf', '-j', conf,
                                        plugins='kinds').json(
                                            int(wanted != 'in force'))
                assert got['state'] == wanted, got
                server = stage.login(server_plugins='kinds', options={
                    'gs2_require': 'gs2:realm=OTHER.TEST'}).server
                offers = server.first('mechs')['offered'] or ''
                assert ('GS2-KRB5' in offers.split()) == (at is None), (
                    server.text)


def unaligned(t, stage):
    """p_align of a segment is not what the loader goes by."""
    os.mkdir(stage.path('unaligned'))
    place = stage.path('unaligned', 'libgs2.so')
    conf = inspected.write(stage, 'unaligned.conf',
                           f'{RULE}mech_list: GS2-KRB5 EXTERNAL\n')
    with open(system_plugin('libgs2.so'), 'rb') as file:
        octets = file.read()
    for align in (0, 1, 0x10000):
        with t.case(f"conf: another's plugin, p_align {align:#x}"):
            with open(place, 'wb') as file:
                file.write(changed(octets, PT_LOAD, ELF.ALIGN,
                                   lambda _, align=align: align))
            server = stage.login(server_plugins='unaligned', options={
                'mech_list': 'GS2-KRB5'}).server
            listed = 'GS2-KRB5' in (server.first('mechs')['offered'] or '')
            got = inspected.inspect(stage, 'conf', '-j', conf,
                                    plugins='unaligned').json(1)
            assert listed or align, server.text
            assert got['state'] == 'not in force' if listed else \
                got['state'] != 'in force', (listed, got)


def cut_short(t, stage):
    """A file that is cut while it is read."""
    with t.case('conf: a plugin is cut while it is read'):
        place = stage.path(plugins(stage, 'cut'), 'libgs2.so')
        conf = inspected.write(stage, 'cut.conf', RULE)
        trace = stage.path('cut.trace')
        command = [
            tap.find('strace', 'strace'), '-f', '-o', trace, '-P', place, '-e',
            'trace=all', '-e', 'inject=read,pread64,mmap:delay_enter=1500000',
            inspected.PROGRAM, 'conf', conf]
        with subprocess.Popen(command, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT,
                              env=stage.environment('cut')) as running:
            while running.poll() is None:
                if os.path.exists(trace) and 'stat' in open(
                        trace, encoding='utf-8').read():
                    os.truncate(place, 0)
                    break
                time.sleep(0.05)
            out = running.communicate(timeout=60)[0].decode()
        assert os.path.getsize(place) == 0, 'it was too fast'
        assert running.returncode == 1 and 'no plugin for GS2' in out, (
            running.returncode, out)


def main(t):
    with scenario.Stage() as stage:
        damaged(t, stage)
        odd(t, stage)
        kinds(t, stage)
        unaligned(t, stage)
        cut_short(t, stage)


tap.run(main)
