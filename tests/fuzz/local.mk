# tests/fuzz/ - harnesses, as programs that play inputs back, and corpora.

SCRIPT_TESTS += \
	tests/fuzz/t_fuzz.sh

if HAVE_CHECK
FUZZ_HARNESSES += \
	tests/fuzz/fuzz_attrmap \
	tests/fuzz/fuzz_dialogue \
	tests/fuzz/fuzz_framing \
	tests/fuzz/fuzz_gssapi \
	tests/fuzz/fuzz_header \
	tests/fuzz/fuzz_layer \
	tests/fuzz/fuzz_rules
if HAVE_PAC
FUZZ_HARNESSES += tests/fuzz/fuzz_pac
endif
endif

tests_fuzz_fuzz_attrmap_SOURCES = $(fuzz_sources) tests/fuzz/fuzz_attrmap.c
tests_fuzz_fuzz_dialogue_SOURCES = $(fuzz_sources) \
	tests/fuzz/fuzz_dialogue.c \
	tests/fuzz/fuzz_refusal.c tests/fuzz/fuzz_refusal.h \
	tests/fuzz/fuzz_input.h \
	tests/fuzz/fuzz_script.c tests/fuzz/fuzz_script.h
tests_fuzz_fuzz_framing_SOURCES = $(fuzz_sources) tests/fuzz/fuzz_framing.c
tests_fuzz_fuzz_gssapi_SOURCES = $(fuzz_sources) $(fuzz_krb5) \
	tests/fuzz/fuzz_asks.c tests/fuzz/fuzz_asks.h \
	tests/fuzz/fuzz_input.h \
	tests/fuzz/fuzz_gssapi.c \
	tests/fuzz/fuzz_peer.c tests/fuzz/fuzz_peer.h \
	tests/fuzz/fuzz_refusal.c tests/fuzz/fuzz_refusal.h
tests_fuzz_fuzz_gssapi_CFLAGS = $(AM_CFLAGS) $(KRB5_CFLAGS)
tests_fuzz_fuzz_gssapi_LDADD = $(LDADD) $(KRB5_LIBS)
tests_fuzz_fuzz_header_SOURCES = $(fuzz_sources) tests/fuzz/fuzz_header.c
tests_fuzz_fuzz_layer_SOURCES = $(fuzz_sources) $(fuzz_krb5) \
	gssapi/context.c gssapi/layer.c gssapi/ssf.c tests/fuzz/fuzz_input.h \
	tests/fuzz/fuzz_layer.c
# Flags of its own, so that its objects are others than the plugin's.
tests_fuzz_fuzz_layer_CFLAGS = $(AM_CFLAGS) $(KRB5_CFLAGS)
tests_fuzz_fuzz_layer_LDADD = libgs2login.la $(LDADD) $(KRB5_LIBS)
tests_fuzz_fuzz_pac_SOURCES = $(fuzz_sources) pac/decoder.c \
	tests/fuzz/fuzz_pac.c
tests_fuzz_fuzz_pac_CFLAGS = $(AM_CFLAGS) $(PAC_CFLAGS)
tests_fuzz_fuzz_pac_LDADD = $(LDADD) $(PAC_LIBS)
tests_fuzz_fuzz_rules_SOURCES = $(fuzz_sources) tests/fuzz/fuzz_rules.c

fuzz_sources = \
	tests/fuzz/corpus.c tests/fuzz/corpus.h \
	tests/fuzz/fuzz.h tests/fuzz/fuzz_replay.c
fuzz_krb5 = $(forge) tests/fuzz/fuzz_krb5.c tests/fuzz/fuzz_krb5.h

EXTRA_DIST += tests/fuzz/README.md tests/fuzz/corpus
