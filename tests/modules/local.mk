# tests/modules/ - modules that libkrb5, the KDC or a server loads, and
# programs, that do what an honest realm would not.  Without sanitizers: what
# loads them has none.

check_PROGRAMS += tests/modules/forge tests/modules/getgroups
if HAVE_CHECK
check_LTLIBRARIES += \
	tests/modules/asserted.la \
	tests/modules/endless.la \
	tests/modules/kdc-inject.la \
	tests/modules/keep-locale.la \
	tests/modules/nss-old.la \
	tests/modules/pac-old.la \
	tests/modules/pause.la \
	tests/modules/requested.la \
	tests/modules/syslog.la
endif
test_module_cflags = $(GS2_CFLAGS) -fvisibility=default
# A module that is not installed is shared only where it has an rpath.
test_module_ldflags = -module -avoid-version -shared -rpath /nowhere

tests_modules_nss_old_la_SOURCES = tests/modules/nss-old.c
tests_modules_nss_old_la_CFLAGS = $(test_module_cflags)
tests_modules_nss_old_la_LDFLAGS = $(GS2_LDFLAGS) $(test_module_ldflags)
tests_modules_pac_old_la_SOURCES = tests/modules/pac-old.c
tests_modules_pac_old_la_CFLAGS = $(test_module_cflags)
tests_modules_pac_old_la_LDFLAGS = $(GS2_LDFLAGS) $(test_module_ldflags)
tests_modules_asserted_la_SOURCES = \
	tests/modules/asserted.c tests/modules/asserted.h
tests_modules_asserted_la_CFLAGS = $(test_module_cflags) $(KRB5_CFLAGS)
tests_modules_asserted_la_LDFLAGS = $(GS2_LDFLAGS) $(test_module_ldflags)
tests_modules_asserted_la_LIBADD = $(KRB5_LIBS)
tests_modules_endless_la_SOURCES = tests/modules/endless.c
tests_modules_endless_la_CFLAGS = $(test_module_cflags)
tests_modules_endless_la_LDFLAGS = $(GS2_LDFLAGS) $(test_module_ldflags)
tests_modules_kdc_inject_la_SOURCES = \
	tests/modules/kdc-inject.c tests/modules/asserted.h
tests_modules_kdc_inject_la_CFLAGS = $(test_module_cflags) $(KRB5_CFLAGS)
tests_modules_kdc_inject_la_LDFLAGS = $(GS2_LDFLAGS) $(test_module_ldflags)
tests_modules_kdc_inject_la_LIBADD = $(KRB5_LIBS)
tests_modules_forge_CFLAGS = $(GS2_CFLAGS) $(KRB5_CFLAGS)
tests_modules_forge_LDFLAGS = $(GS2_LDFLAGS)
tests_modules_forge_LDADD = $(KRB5_LIBS)
tests_modules_getgroups_CFLAGS = $(GS2_CFLAGS)
tests_modules_getgroups_LDFLAGS = $(GS2_LDFLAGS)
tests_modules_getgroups_LDADD =
tests_modules_syslog_la_SOURCES = tests/modules/syslog.c
tests_modules_syslog_la_CFLAGS = $(test_module_cflags)
tests_modules_syslog_la_LDFLAGS = $(GS2_LDFLAGS) $(test_module_ldflags)
tests_modules_keep_locale_la_SOURCES = tests/modules/keep-locale.c
tests_modules_keep_locale_la_CFLAGS = $(test_module_cflags)
tests_modules_keep_locale_la_LDFLAGS = $(GS2_LDFLAGS) $(test_module_ldflags)
tests_modules_pause_la_SOURCES = tests/modules/pause.c
tests_modules_pause_la_CFLAGS = $(test_module_cflags)
tests_modules_pause_la_LDFLAGS = $(GS2_LDFLAGS) $(test_module_ldflags)
tests_modules_requested_la_SOURCES = tests/modules/requested.c
tests_modules_requested_la_CFLAGS = $(test_module_cflags) $(SASL_CFLAGS)
tests_modules_requested_la_LDFLAGS = $(GS2_LDFLAGS) $(test_module_ldflags)
tests_modules_requested_la_LIBADD = $(SASL_LIBS)
