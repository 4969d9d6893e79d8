# tests/bench/ - what a login costs, against bare GSS:
# make bench [BENCH_ARGS=...].
# `make bench BENCH_ARGS="--write $PWD/doc"' renews doc/bench.md and bench.svg.

if HAVE_CHECK
EXTRA_PROGRAMS = tests/bench/bench
bench_needs = tests/bench/bench$(EXEEXT) tests/mech/scriptmech.la \
	tests/modules/syslog.la tests/peer/sasl-peer$(EXEEXT)
endif

tests_bench_bench_SOURCES = tests/lib/hostname.c \
	tests/bench/bench.c tests/bench/bench.h \
	tests/bench/bench_calls.c \
	tests/bench/bench_floor.c \
	tests/bench/bench_gsasl.c \
	tests/bench/bench_layer.c \
	tests/bench/bench_login.c \
	tests/bench/bench_sasl.c \
	tests/bench/bench_script.c
# Flags of its own, so that its hostname.o is another than that of libtests.
tests_bench_bench_CFLAGS = $(AM_CFLAGS)
tests_bench_bench_LDFLAGS = $(AM_LDFLAGS) -export-dynamic

EXTRA_DIST += \
	doc/bench.md \
	doc/bench.svg \
	tests/bench/bench.py \
	tests/bench/bench_report.py \
	tests/bench/bench_servers.py

.PHONY: bench
bench: all $(bench_needs)
	@$(AM_TESTS_ENVIRONMENT) \
	  $(PYTHON) $(srcdir)/tests/bench/bench.py $(BENCH_ARGS)
