# tests/faults/ - no memory, failing GSS calls, threads, endurance.  The
# libraries call malloc() and the GSS functions of programs with failing.c.

SCRIPT_TESTS += \
	tests/faults/t_endurance.py

FULL_TESTS += \
	tests/faults/t_soak.py \
	tests/faults/t_tsan.sh

if HAVE_CHECK
C_TESTS += \
	tests/faults/t_allocs
C_REALM_TESTS += \
	tests/faults/t_allocs_gssapi.realm \
	tests/faults/t_allocs_krb5.realm \
	tests/faults/t_threads.realm
if HAVE_PAC
C_TESTS += \
	tests/faults/t_allocs_pac
endif
endif

tests_faults_t_allocs_SOURCES = $(failing) tests/faults/t_allocs.c
if HAVE_PAC
tests_faults_t_allocs_CPPFLAGS = $(AM_CPPFLAGS) -DHAVE_PAC
endif
tests_faults_t_allocs_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
tests_faults_t_allocs_gssapi_realm_SOURCES = $(failing) \
	tests/faults/t_allocs_cache.c \
	tests/faults/t_allocs_gssapi.c
tests_faults_t_allocs_gssapi_realm_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
tests_faults_t_allocs_krb5_realm_SOURCES = $(failing) \
	tests/faults/t_allocs_cache.c \
	tests/faults/t_allocs_krb5.c
tests_faults_t_allocs_krb5_realm_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
tests_faults_t_allocs_pac_SOURCES = $(failing) $(pac_sample) \
	tests/faults/t_allocs_pac.c
tests_faults_t_allocs_pac_CFLAGS = $(AM_CFLAGS) $(PAC_CFLAGS)
tests_faults_t_allocs_pac_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
tests_faults_t_allocs_pac_LDADD = $(LDADD) $(PAC_LIBS)
tests_faults_t_threads_realm_SOURCES = tests/faults/t_threads.c

failing = \
	tests/faults/failing.c tests/faults/failing.h \
	tests/faults/failing_gss.c \
	tests/faults/t_allocs_run.c tests/faults/t_allocs.h
