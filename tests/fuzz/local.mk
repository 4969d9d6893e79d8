# tests/fuzz/ - harnesses, as programs that play inputs back, and corpora.

SCRIPT_TESTS += \
	tests/fuzz/t_fuzz.sh

if HAVE_CHECK
FUZZ_HARNESSES += \
	tests/fuzz/fuzz_attrmap \
	tests/fuzz/fuzz_dialogue \
	tests/fuzz/fuzz_framing \
	tests/fuzz/fuzz_header \
	tests/fuzz/fuzz_rules
if HAVE_PAC
FUZZ_HARNESSES += tests/fuzz/fuzz_pac
endif
endif

tests_fuzz_fuzz_attrmap_SOURCES = $(fuzz_sources) tests/fuzz/fuzz_attrmap.c
tests_fuzz_fuzz_dialogue_SOURCES = $(fuzz_sources) \
	tests/fuzz/fuzz_dialogue.c \
	tests/fuzz/fuzz_script.c tests/fuzz/fuzz_script.h
tests_fuzz_fuzz_framing_SOURCES = $(fuzz_sources) tests/fuzz/fuzz_framing.c
tests_fuzz_fuzz_header_SOURCES = $(fuzz_sources) tests/fuzz/fuzz_header.c
tests_fuzz_fuzz_pac_SOURCES = $(fuzz_sources) pac/decoder.c \
	tests/fuzz/fuzz_pac.c
tests_fuzz_fuzz_pac_CFLAGS = $(AM_CFLAGS) $(PAC_CFLAGS)
tests_fuzz_fuzz_pac_LDADD = $(LDADD) $(PAC_LIBS)
tests_fuzz_fuzz_rules_SOURCES = $(fuzz_sources) tests/fuzz/fuzz_rules.c

fuzz_sources = \
	tests/fuzz/corpus.c tests/fuzz/corpus.h \
	tests/fuzz/fuzz.h tests/fuzz/fuzz_replay.c

EXTRA_DIST += tests/fuzz/README.md tests/fuzz/corpus
