/*
 * t_attacks.c - the known attacks on GS2 implementations, and their known
 * faults, each a named test on a real realm: the main() of the rows in
 * t_attacks_*.c.  t_peer_plugin.py runs the same program on another plugin and
 * checks that it fails there, so that the tests are known to be able to.
 */
#include <stdio.h>

#include "attack.h"
#include "tests/lib/suite.h"

int
main(void)
{
    Suite *suite = suite_create("attacks");

    /* What a test prints must not be in a buffer when the next one forks. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    attack_prepare();
    suite_add_tcase(suite, attack_identity_rows());
    suite_add_tcase(suite, attack_syntax_rows());
    suite_add_tcase(suite, attack_loop_rows());
    suite_add_tcase(suite, attack_state_rows());
    suite_add_tcase(suite, attack_client_rows());
    return gs2_suite_run(suite);
}
