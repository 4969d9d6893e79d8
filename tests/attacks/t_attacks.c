/*
 * t_attacks.c - the known attacks on GS2 implementations, and their known
 * faults, each a named test on a real realm: the list of the rows in
 * t_attacks_*.c.  t_peer_plugin.py runs the same program on another plugin and
 * checks that it fails there, so that the tests are known to be able to.
 */
#include "attack.h"
#include "tests/lib/suite.h"

SUITE("attacks",
      PREPARE(attack_prepare),
      MORE(attack_identity_rows),
      MORE(attack_syntax_rows),
      MORE(attack_loop_rows),
      MORE(attack_state_rows),
      MORE(attack_client_rows))
