# tests/ - `make check': TAP from C programs, Python and shell scripts.
#
# t_*         a Check program
# t_*.realm   one that runs in a Kerberos realm of its own (realm.py)
# t_*.full    one that takes long
# t_*.py, .sh scripts
#
# tests/README.md says which folder shows what.  Each has a fragment that adds
# to these lists.

TEST_EXTENSIONS = .full .realm .py .sh

# Scripts; those with programs and plugins of others, with valgrind, or with no
# code of ours that runs: no place for sanitizers; what takes long: make
# check-full, which ./check --full calls.
SCRIPT_TESTS =
FOREIGN_TESTS =
FULL_TESTS =

# Check programs.
C_TESTS =
C_REALM_TESTS =
C_FULL_TESTS =
FUZZ_HARNESSES =

check_PROGRAMS = $(C_TESTS) $(C_REALM_TESTS) $(C_FULL_TESTS) $(FUZZ_HARNESSES)
check_LTLIBRARIES =

# What a Check program can take from.  A test whose source has its name is in a
# list and nowhere else.
LDADD = tests/lib/libtests.la libgs2common.la $(SASL_LIBS) $(GSS_LIBS)

include tests/lib/local.mk
include tests/peer/local.mk
include tests/modules/local.mk
include tests/mech/local.mk
include tests/unit/local.mk
include tests/dialogue/local.mk
include tests/faults/local.mk
include tests/attacks/local.mk
include tests/fuzz/local.mk
include tests/proofs/local.mk
include tests/gssapi/local.mk
include tests/realm/local.mk
include tests/servers/local.mk
include tests/inspect/local.mk
include tests/mutants/local.mk
include tests/repo/local.mk
include tests/bench/local.mk
include tests/demo/local.mk

TESTS = $(C_TESTS) $(C_REALM_TESTS) $(SCRIPT_TESTS) $(TOOL_TESTS)
if !SANITIZERS
TESTS += $(FOREIGN_TESTS) $(FOREIGN_TOOL_TESTS)
full_tests = $(C_FULL_TESTS) $(FULL_TESTS)
endif

# What takes minutes, and what it finds does not depend on where the tree is:
# ./check, which runs it in other builds, leaves it out of make distcheck.
ONCE_TESTS = tests/faults/t_allocs tests/faults/t_allocs_gssapi.realm \
	tests/faults/t_allocs_krb5.realm tests/faults/t_endurance.py \
	tests/repo/t_configure.sh

EXTRA_DIST += $(SCRIPT_TESTS) $(FOREIGN_TESTS) $(FULL_TESTS) tests/README.md

AM_TESTS_ENVIRONMENT = \
	GS2_SRCDIR='$(abs_srcdir)'; export GS2_SRCDIR; \
	GS2_BUILDDIR='$(abs_builddir)'; export GS2_BUILDDIR; \
	GS2_PLUGIN='$(abs_builddir)/plugin/.libs/libgs2.so'; \
	export GS2_PLUGIN; \
	GS2_SANITIZERS='$(enable_sanitizers)'; export GS2_SANITIZERS; \
	GS2_COVERAGE='$(enable_coverage)'; export GS2_COVERAGE; \
	GS2_CPPFLAGS='$(GS2_CPPFLAGS)'; export GS2_CPPFLAGS; \
	GS2_SANITIZER_PRELOAD='$(SANITIZER_PRELOAD)'; \
	export GS2_SANITIZER_PRELOAD; \
	PYTHON='$(PYTHON)'; export PYTHON; \
	PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE; \
	PYTHONPATH='$(abs_srcdir)/tests/lib/python'; export PYTHONPATH; \
	UBSAN_OPTIONS=print_stacktrace=1; export UBSAN_OPTIONS; \
	LC_ALL=C.UTF-8; export LC_ALL; \
	GSS_MECH_CONFIG=/dev/null; export GSS_MECH_CONFIG; \
	unset CK_RUN_CASE CK_RUN_SUITE CK_INCLUDE_TAGS CK_EXCLUDE_TAGS CK_FORK; \
	unset KRB5_CONFIG KRB5CCNAME KRB5_KTNAME SASL_PATH \
	  SASL_CONF_PATH SASL_PLUGINDIR SASL_CONFDIR;

tap_driver = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(tap_driver)
FULL_LOG_DRIVER = $(tap_driver)
REALM_LOG_DRIVER = $(tap_driver)
REALM_LOG_COMPILER = $(PYTHON) $(srcdir)/tests/lib/python/realm.py test --
PY_LOG_DRIVER = $(tap_driver)
PY_LOG_COMPILER = $(PYTHON)
SH_LOG_DRIVER = $(tap_driver)
SH_LOG_COMPILER = $(SHELL)

.PHONY: check-full check-folder
check-full:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(TESTS) $(full_tests)'

# make check-folder FOLDER=unit
check-folder:
	@tests=`printf '%s\n' $(TESTS) | grep '^tests/$(FOLDER)/'` || { \
	  echo 'no test is in tests/$(FOLDER)/' >&2; exit 1; }; \
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="`echo $$tests`"
