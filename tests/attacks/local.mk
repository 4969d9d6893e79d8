# tests/attacks/ - what a hostile peer says.

SCRIPT_TESTS += \
	tests/attacks/t_hostile.py

FOREIGN_TESTS += \
	tests/attacks/t_peer_plugin.py

if HAVE_CHECK
C_REALM_TESTS += \
	tests/attacks/t_attacks.realm
endif

tests_attacks_t_attacks_realm_SOURCES = \
	tests/attacks/attack.c tests/attacks/attack.h \
	tests/attacks/attack_play.c \
	tests/attacks/t_attacks.c \
	tests/attacks/t_attacks_client.c \
	tests/attacks/t_attacks_identity.c \
	tests/attacks/t_attacks_loop.c \
	tests/attacks/t_attacks_state.c \
	tests/attacks/t_attacks_syntax.c
