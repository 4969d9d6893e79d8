#!/usr/bin/env python3
"""Bounded proofs of what reads a peer's octets, of what is made of them, and
of the evaluation of rules: cbmc tries every input up to the bounds that each
p_*.c names.

Each proof is shown to fail on a copy of the source with a fault planted in it.
Takes long: with GS2_FULL alone. Debian 12 has no cbmc.
"""

import collections
import os
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile

import tap

SOURCES = pathlib.Path(os.environ['GS2_SRCDIR'])
FOLDER = 'tests/proofs'
SECONDS = 3600
MEMORY_OCTETS = 8 << 30

# Names of libc for which model.c has another body. memcpy() of rules copies
# text that nothing reads.
MODELLED = ('malloc', 'free', 'memcpy', 'mempcpy', 'memcmp', 'memchr',
            'strlen', 'strchr', 'strstr', 'stpcpy', 'strndup', 'sprintf',
            'vsnprintf')
UNREAD = 'memcpy_unread'

CHECKS = ('--bounds-check', '--pointer-check', '--pointer-overflow-check',
          '--pointer-primitive-check', '--signed-overflow-check',
          '--undefined-shift-check', '--div-by-zero-check',
          '--memory-leak-check', '--malloc-may-fail', '--malloc-fail-null',
          '--unwinding-assertions')

ERROR = f'{FOLDER}/model_error.c'
UTF8 = 'common/text/utf8.c'
BASE64 = 'common/text/base64.c'
HEADER = 'common/wire/header.c'

# The fault is planted in the first of the sources. loops: how often cbmc
# goes round; one that goes round more often fails the proof.
Proof = collections.namedtuple('Proof', 'sources loops old new')
PROOFS = {
    'utf8': Proof(
        [UTF8], ['--unwind', '10'],
        '{ 0xed, 0xed, 0x80, 0x9f, 3 }', '{ 0xed, 0xed, 0x80, 0xbf, 3 }'),
    'escape': Proof(
        ['common/text/error.c', UTF8], ['--unwind', '18'],
        'room = size - sizeof("...")', 'room = size - 1'),
    'lexer': Proof(
        ['common/text/lexer.c', ERROR], ['--unwind', '7'],
        'free(*word_out);\n    *word_out = NULL;', 'free(*word_out);'),
    'framing': Proof(
        ['common/wire/framing.c', ERROR], ['--unwind', '17'],
        'rest - 2 < oid_len || ', ''),
    'header': Proof(
        [HEADER, UTF8, ERROR],
        ['--unwind', '9', '--unwindset',
         'gs2_utf8_char.0:3,gs2_utf8_char.1:10,take_cb_name.0:7,'
         'take_saslname.0:5,put_saslname.0:4,saslname_size.0:4,measure.0:6,'
         'model_strlen.0:5,model_stpcpy.0:6,model_memchr.0:5,'
         'model_strndup.0:7'],
        'c->end - e < 3', 'c->end - e < 2'),
    'header_back': Proof(
        [HEADER, UTF8, ERROR],
        ['--unwind', '3', '--unwindset',
         'gs2_utf8_char.1:10,take_saslname.0:7,model_stpcpy.0:4,'
         'model_memchr.0:8,model_memcpy.0:4,model_memcmp.0:4'],
        "authzid[i] == '=' ? 3", "authzid[i] == '=' ? 2"),
    'base64': Proof(
        [BASE64],
        ['--unwind', '9', '--unwindset',
         'model_memchr.0:65,decode.0:3,decode.1:4,decode_group.0:5,'
         'decode_group.1:4,gs2_base64_encode.0:3'],
        'pad == 2 ? 0xffff', 'pad == 2 ? 0xff'),
    'base64_back': Proof(
        [BASE64],
        ['--unwind', '9', '--unwindset',
         'model_memchr.0:65,decode.0:3,decode.1:4,decode_group.0:5,'
         'decode_group.1:4,gs2_base64_encode.0:3'],
        'i + 1 < len', 'i + 1 <= len'),
    'bindings': Proof(
        ['common/gss/bindings.c', ERROR], ['--unwind', '10'],
        'hdr->cb_flag != GS2_CB_USED', 'hdr->cb_flag == GS2_CB_NONE'),
    'ccache_name': Proof(
        ['common/rules/ccache_name.c', ERROR],
        ['--unwind', '7', '--unwindset',
         'model_strchr.0:67,gs2_ccache_name_path.0:2,model_sprintf.0:2,'
         'model_strstr.0:3,model_strstr.1:5,directory_of.0:8,'
         'model_memcpy.0:5'],
        'p > user ||', 'p >= user ||'),
    'rules': Proof(
        ['common/rules/rule_eval.c', ERROR],
        ['--unwind', '16', '--unwindset', 'evaluate:5,evaluate.0:3'],
        '*met_out != all', '*met_out == all'),
}


def limit_memory():
    """For the child: it ends where the machine would swap."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_OCTETS, MEMORY_OCTETS))


def prove(cbmc, tree, name):
    """Runs a proof on the sources in tree; what cbmc says."""
    proof = PROOFS[name]
    bodies = {f: f'model_{f}' for f in MODELLED}
    if name == 'rules':
        bodies['memcpy'] = f'model_{UNREAD}'
    command = [cbmc, '--function', 'proof', '-I.', f'-I{FOLDER}',
               '-D_GNU_SOURCE', *(f'-D{f}={body}' for f, body
                                  in bodies.items()),
               *CHECKS, *proof.loops, f'{FOLDER}/p_{name}.c',
               f'{FOLDER}/model.c', *proof.sources]
    try:
        return subprocess.run(
            command, cwd=tree, check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=SECONDS, preexec_fn=limit_memory).stdout
    except subprocess.TimeoutExpired:
        return f'cbmc did not end within {SECONDS} seconds'


def failures(said):
    """The lines of what does not hold."""
    return [line for line in said.splitlines() if line.endswith(': FAILURE')]


def plant(tree, proof):
    """Makes the fault in a copy of the sources."""
    path = tree / proof.sources[0]
    text = path.read_text()
    assert text.count(proof.old) == 1, f'{path} has not once {proof.old}'
    path.write_text(text.replace(proof.old, proof.new))


def look_at(t, cbmc, name):
    """One proof: it holds, all that it claims was looked at, and it fails
    where the source is wrong."""
    harness = (SOURCES / FOLDER / f'p_{name}.c').read_text()
    bounds = ', '.join(f'{n} {value}' for n, value in
                       re.findall(r'^#define (\w+) (\d+)$', harness, re.M))
    said = prove(cbmc, SOURCES, name)
    t.ok(not failures(said) and re.search(r'^VERIFICATION SUCCESSFUL$', said,
                                          re.M),
         f'{name}: proved ({bounds})',
         '\n'.join(failures(said)) or said[-2000:])
    claims = re.findall(r'"([^"]+)"\);', harness)
    t.ok(claims and all(f'{claim}: SUCCESS' in said for claim in claims),
         f'{name}: each of its claims was looked at', said[-2000:])
    with tempfile.TemporaryDirectory() as scratch:
        tree = pathlib.Path(scratch, 'tree')
        for folder in ('common', FOLDER):
            shutil.copytree(SOURCES / folder, tree / folder)
        plant(tree, PROOFS[name])
        said = prove(cbmc, tree, name)
        found = [line for line in failures(said) if '.unwind.' not in line]
        t.ok(found, f'{name}: the planted fault is found', said[-2000:])
        t.note('\n'.join(found[:3]))


def main(t):
    """All of them."""
    if not os.environ.get('GS2_FULL'):
        raise tap.Skip('GS2_FULL is not set')
    cbmc = tap.find('cbmc', 'cbmc')
    for name in PROOFS:
        look_at(t, cbmc, name)


if __name__ == '__main__':
    tap.run(main)
