# tests/mutants/ - lines of the product made wrong, and the tests that see it.

SCRIPT_TESTS += \
	tests/mutants/t_table.py

if HAVE_CHECK
if HAVE_PAC
if HAVE_SLAPI
FULL_TESTS += \
	tests/mutants/t_mutants.py
endif
endif
endif

EXTRA_DIST += \
	tests/mutants/table.py \
	tests/mutants/workshop.py \
	tests/mutants/gss.txt \
	tests/mutants/gssapi.txt \
	tests/mutants/inspect.txt \
	tests/mutants/known.txt \
	tests/mutants/nss.txt \
	tests/mutants/pac.txt \
	tests/mutants/peer.txt \
	tests/mutants/plugin.txt \
	tests/mutants/remote.txt \
	tests/mutants/rules.txt \
	tests/mutants/slapd.txt \
	tests/mutants/text.txt \
	tests/mutants/wire.txt
