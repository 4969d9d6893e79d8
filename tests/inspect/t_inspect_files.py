#!/usr/bin/env python3
"""gs2-inspect on files in libsasl's directory that are damaged, of another
machine, no files at all, or not to be read: libsasl itself is asked whether it
loads them.
"""

import os
import platform
import shutil
import socket
import struct
import subprocess
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


# What is done to the octets of a good file; whether it is cut short then: the
# server ends when it loads that, or libsasl goes past it, or it does not matter.
DAMAGES = (
    *((f'cut at {n}', lambda good, n=n: good[:n], n >= 700)
      for n in (0, 3, 16, 63, 64, 100, 700, 4096, 20000)),
    *((f'{size} octets at {at}', lambda good, at=at, size=size:
       good[:at] + b'\xff' * size + good[at + size:], False)
      # e_ident, e_type, e_phoff, e_phentsize, e_phnum.
      for at, size in ((0, 4), (16, 2), (32, 8), (54, 2), (56, 2))),
    *((f'program header {n}', lambda good, n=n: good[:64 + 56 * n + 8]
       + b'\xff' * 48 + good[64 + 56 * (n + 1):], True) for n in range(4)),
    ('nothing behind the last segment',
     lambda good: good[:segments_end(good)], False),
    ('one octet less than that',
     lambda good: good[:segments_end(good) - 1], True),
    ('no segment is loaded', lambda good: each_header(good, 1, 6), False),
    ('no segment has names', lambda good: each_header(good, 2, 6), False),
    ('segments at odd addresses', lambda good: shifted(good), False),
    ('a text', lambda good: b'!<arch>\n', False))


def headers(octets):
    """Where the program headers begin, and what they are."""
    start, = struct.unpack_from('<Q', octets, 32)
    number, = struct.unpack_from('<H', octets, 56)
    for at in range(start, start + 56 * number, 56):
        yield at, struct.unpack_from('<IIQQQQQQ', octets, at)


def segments_end(octets):
    """Where the last octet ends that is loaded."""
    return max(row[2] + row[5] for _, row in headers(octets) if row[0] == 1)


def each_header(octets, kind, other):
    """With another type of each program header of this type."""
    changed = bytearray(octets)
    for at, row in headers(octets):
        if row[0] == kind:
            struct.pack_into('<I', changed, at, other)
    return bytes(changed)


def shifted(octets):
    """With another address of each segment that is loaded, which does not fit
    its place in the file."""
    changed = bytearray(octets)
    for at, row in headers(octets):
        if row[0] == 1:
            struct.pack_into('<Q', changed, at + 16, row[3] + 1)
    return bytes(changed)


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
        octets = bytearray(file.read())
    first, size, count = (int.from_bytes(octets[at:at + length], 'little')
                          for at, length in ((32, 8), (54, 2), (56, 2)))
    for align in (0, 1, 0x10000):
        with t.case(f"conf: another's plugin, p_align {align:#x}"):
            for n in range(count):
                at = first + n * size
                if octets[at:at + 4] == b'\1\0\0\0':  # PT_LOAD
                    octets[at + 48:at + 56] = align.to_bytes(8, 'little')
            with open(place, 'wb') as file:
                file.write(octets)
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
        if platform.machine() == 'x86_64':  # the offsets are those of its ELF
            unaligned(t, stage)
        cut_short(t, stage)


tap.run(main)
