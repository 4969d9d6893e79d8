#!/usr/bin/env python3
"""Can the attack tests fail? The same program is run on the plugin that Debian
ships, which has the faults that the tests are about: each row must fail there,
and for the reason that is known. Prints a table: row, what that plugin does,
what ours does.
"""

import os
import re
import subprocess
import sys

import scenario
import tap
import tree

PROGRAM = os.environ.get('GS2_ATTACKS') or tree.builddir(
    'tests', 'attacks', 't_attacks.realm')
REALM = tree.helper('realm.py')

SECOND = r'GS2-KRB5 with any data: SASL_OK, as {0}.*PLAIN with a wrong ' \
         r'password: SASL_OK, as {0}'
PASSES = r'SASL_OK, not SASL_BADPROT; called: gss_accept_sec_context.*' + \
         SECOND
# AddressSanitizer ends the test where it would have crashed.
CRASH = r'(Received signal 11|Early exit)'

# What the Debian plugin does wrong in each row.
FAULTS = {
    'unbound_token_with_authzid':
        r'SASL_OK, not SASL_BADBINDING; .*' + SECOND.format('bob'),
    'unbound_token_as_plus': r'SASL_OK, not SASL_BADBINDING',
    'unbound_negotiation':
        r'SASL_OK, not SASL_BADBINDING; the proxy policy was called',
    'token_of_another_header': r'no "channel bindings" in the text',
    'token_of_another_channel': r'no "channel bindings" in the text',
    'java_address_type': r'no "address type" in the text',
    'downgrade_then_start':
        r'called: .*canon_user 2, proxy policy 1.*' + SECOND.format('bob'),
    'critical_then_start':
        r'called: .*canon_user 2, proxy policy 1.*' + SECOND.format('bob'),
    'binding_that_the_server_lacks': r'called: gss_accept_sec_context 1',
    'binding_of_another_type':
        r'called: .*canon_user 2, proxy policy 1.*' + SECOND.format('bob'),
    'no_data_against_one_octet': r'no "channel bindings" in the text',
    'mutual_without_sequence': r'SASL_BADAUTH, not SASL_OK',
    'sequence_without_mutual': r'SASL_OK, not SASL_BADAUTH',
    'spnego_behind_nonstd': r'SASL_OK, not SASL_BADPROT',
    'no_auxprop_plugin': r'SASL_NOMECH, not SASL_OK',
    'unknown_property': r'SASL_NOUSER, not SASL_OK',
    'need_proxy': r'GS2-KRB5 is not offered',
    'auth_to_local': r'the user is alice, not wonderland',
    'unknown_flag': PASSES.format('alice'),
    'flag_of_an_elytron_test': PASSES.format('alice'),
    'nul_as_flag': PASSES.format('alice'),
    'binding_name_with_space':
        r'SASL_BADBINDING, not SASL_BADPROT.*' + SECOND.format('alice'),
    'binding_name_with_escape':
        r'SASL_BADBINDING, not SASL_BADPROT.*' + SECOND.format('alice'),
    'binding_name_with_nul': PASSES.format('alice'),
    'authzid_with_nul': PASSES.format('bob'),
    'authzid_of_no_encoding': PASSES.format(r'\?\?'),
    'authzid_overlong': PASSES.format(r'\?\?'),
    'authzid_surrogate': PASSES.format(r'\?\?\?'),
    'authzid_empty': r'no "empty authzid" in the text ".*cancel: "',
    'nonstd_with_framed_token': PASSES.format('alice'),
    'nonstd_with_good_message':
        r'SASL_BADAUTH, not SASL_BADPROT; called: gss_accept_sec_context 1',
    'header_and_nothing_after_it': r'no "no token after the GS2 header"',
    'authzid_with_line_end':
        r'SASL_OK, not SASL_BADPROT; the policy saw bo\?\?b',
    'authzid_with_line_end_in_log': r'in the text ".*cancel: "',
    'empty_challenge_to_waiting_client':
        r'SASL_CONTINUE, not SASL_BADSERV; \d{3,} octets to send',
    'success_without_proof':
        r'SASL_CONTINUE, not SASL_BADSERV; \d{3,} octets to send',
    'challenge_that_is_no_token': r'an empty reason: .*\(Success\)',
    'token_after_completion_at_server': r'SASL_OK, not SASL_BADAUTH',
    'token_after_completion_at_client': r'the client is logged in as alice',
    'step_after_failure_at_server': CRASH,
    'step_after_failure_at_client': r'SASL_FAIL, not SASL_BADSERV',
    'error_token_tells_the_client':
        r'SASL_BADAUTH, not SASL_CONTINUE; no error token',
    'failure_follows_the_error_token':
        r'SASL_BADAUTH, not SASL_CONTINUE; no error token.*' + CRASH,
    'failure_is_logged_though_the_client_hangs_up':
        r'SASL_BADAUTH, not SASL_CONTINUE; no error token',
    'no_error_token_on_request': r'no "Clock skew too great" in the text',
    'second_start_after_a_login': SECOND.format('alice'),
    'second_start_before_the_last_word':
        r'the user is alice, not nobody.*' + SECOND.format('alice'),
    'second_start_after_success_data':
        r'GS2-KRB5 with any data: SASL_FAIL, as alice',
    'plain_after_a_refused_binding': r'octets are left to send.*not nobody',
    'plain_after_an_abandoned_binding':
        r'PLAIN under a critical binding: SASL_OK',
    'getprop_after_a_denied_login':
        r'left behind: SASL_GSS_PEER_NAME .*SASL_DELEGATEDCREDS',
    'getprop_after_a_refused_name': r'octets are left to send',
    'getprop_after_a_failed_client': r'left behind: SASL_USERNAME',
    'custom_allocator': r'Received signal (6|11)|another allocator',
    'memory_of_an_init': r'\d{3,} octets an init',
    'no_authname_callback': r'SASL_FAIL, not SASL_OK',
    'callback_of_libsasl_itself': r'SASL_FAIL, not SASL_OK',
    'credential_of_the_application': r'SASL_FAIL, not SASL_OK',
    'authname_of_another': r"the client's AUTHUSER: bob",
    'authzid_by_prompt': r'another header than n,a=bob,',
    'reason_of_no_ticket': r'no "kinit" in the text',
    'reason_of_no_ticket_for_the_authname': r'no ""bob"" in the text',
    'authzid_of_no_encoding_sent': r'SASL_CONTINUE, not SASL_BADPROT',
    'authzid_overlong_sent': r'SASL_CONTINUE, not SASL_BADPROT',
    'authzid_surrogate_sent': r'SASL_CONTINUE, not SASL_BADPROT',
}

# What it does right: these rows show that it can log in here at all.
RIGHT = {'no_data_on_both_sides', 'authzids_both_ways', 'client_done_before_server',
         'server_done_before_client', 'layer_of_a_refused_login',
         'layer_of_another_mechanism'}

# Sanitizers see these otherwise, or make them unseen.
UNLIKE_SANITIZED = {'custom_allocator', 'memory_of_an_init'}


class Row:
    """What the program printed of one row."""

    def __init__(self, words=''):
        self.words = words
        self.saw = []
        self.faults = []
        self.passed = None
        self.message = ''

    def outcome(self):
        """All that is wrong in one line, else all that was seen."""
        if self.passed:
            return '; '.join(self.saw)
        crash = not self.faults or re.match(r'Received signal|Early exit',
                                            self.message)
        return '; '.join(self.faults + ([self.message] if crash else []))


def attack(plugin, case='', wrapper=()):
    """Runs the program on a plugin; its rows by name, and its output."""
    env = dict(os.environ, GS2_PLUGIN=plugin)
    if case:
        env['CK_RUN_CASE'] = case
    if plugin != scenario.PLUGIN or wrapper:
        env['ASAN_OPTIONS'] = 'detect_leaks=0'
    done = subprocess.run(
        [sys.executable, REALM, 'run', '--', *wrapper, PROGRAM], env=env,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode('utf-8', 'replace')
    rows = {}
    for kind, name, words in re.findall(r'^# (row|saw|fault) (\w+): (.*)$',
                                        text, re.M):
        row = rows.setdefault(name, Row())
        if kind == 'row':
            row.words = words
        else:
            (row.saw if kind == 'saw' else row.faults).append(words)
    for word, name, message in re.findall(
            r'^(ok|not ok) \d+ - [^:]*:[^:]*:(\w+): (.*)$', text, re.M):
        row = rows.setdefault(name, Row())
        row.passed = word == 'ok'
        row.message = message
    return rows, text


def table(t, theirs, ours):
    """Both plugins side by side."""
    t.note('row | the Debian plugin | ours')
    for name, row in theirs.items():
        other = ours[name].outcome() if name in ours else 'not run'
        t.note(f'{row.words} | {row.outcome()} | {other}')


def compare(t, theirs, ours):
    """Each row fails on the one as it should, and passes on the other."""
    t.equal(sorted(theirs), sorted([*FAULTS, *RIGHT]),
            'every row of the program is in the table here')
    for name, row in theirs.items():
        if name in RIGHT:
            t.ok(row.passed, f'{name}: right there, too', row.outcome())
        elif scenario.SANITIZED and name in UNLIKE_SANITIZED:
            t.skip(f'{name}: fails there', 'sanitizers change the allocator')
        else:
            fails = not row.passed and re.search(FAULTS.get(name, '$^'),
                                                 row.outcome())
            t.ok(fails, f'{name}: fails there',
                 f'wanted: {FAULTS.get(name)}\ngot: {row.outcome()}')
    for name, row in ours.items():
        t.ok(row.passed, f'{name}: passes here', row.outcome())


def under_valgrind(t, plugin):
    """What needs valgrind to be seen: reads of freed memory."""
    if scenario.SANITIZED:
        t.skip('the same under valgrind', 'sanitizers do its work here')
        return
    wrapper = [tap.find('valgrind', 'valgrind'), '-q',
               '--error-exitcode=99', '--leak-check=full',
               '--errors-for-leak-kinds=definite',
               '--show-leak-kinds=definite']
    rows, text = attack(scenario.PLUGIN, '', wrapper)
    # mallinfo2() of valgrind 3.27 grows with each malloc() and free().
    rows.pop('memory_of_an_init', None)
    wrong = [f'{name}: {row.outcome()}' for name, row in rows.items()
             if not row.passed]
    reports = re.findall(r'^==\d+==.*', text, re.M)
    t.ok(rows and not wrong and not reports,
         f'under valgrind: {len(rows)} rows pass here, with no report',
         '\n'.join([*wrong, *reports[:60]]) or text)
    rows, text = attack(plugin, 'state', wrapper)
    row = rows.get('plain_after_a_refused_binding', Row())
    t.contains(row.outcome(), 'PLAIN under a critical binding: SASL_OK',
               'under valgrind: PLAIN passes there by a stale binding')
    t.contains(text, 'Invalid read', 'which is a read of freed memory')
    t.note(f'{row.words} | {row.outcome()}, by a read of freed memory | '
           'SASL_BADBINDING')


def main(t):
    """Both plugins."""
    plugin = scenario.system_plugin('libgs2.so')
    theirs, text = attack(plugin)
    t.ok(theirs, 'the program runs on the Debian plugin', text)
    ours, text = attack(scenario.PLUGIN)
    t.ok(ours, 'the program runs on ours', text)
    table(t, theirs, ours)
    compare(t, theirs, ours)
    under_valgrind(t, plugin)


if __name__ == '__main__':
    tap.run(main)
