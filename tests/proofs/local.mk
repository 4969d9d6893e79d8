# tests/proofs/ - every input up to a bound, by cbmc, which compiles the sources
# itself.

FULL_TESTS += \
	tests/proofs/t_proofs.py

EXTRA_DIST += \
	tests/proofs/model.c \
	tests/proofs/model.h \
	tests/proofs/model_error.c \
	tests/proofs/p_base64.c \
	tests/proofs/p_base64_back.c \
	tests/proofs/p_bindings.c \
	tests/proofs/p_ccache_name.c \
	tests/proofs/p_escape.c \
	tests/proofs/p_framing.c \
	tests/proofs/p_header.c \
	tests/proofs/p_header_back.c \
	tests/proofs/p_lexer.c \
	tests/proofs/p_rules.c \
	tests/proofs/p_utf8.c
