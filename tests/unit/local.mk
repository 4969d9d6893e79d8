# tests/unit/ - common/, file by file, and what of login/ no login shows.

if HAVE_CHECK
C_TESTS += \
	tests/unit/t_attrmap \
	tests/unit/t_attrs \
	tests/unit/t_attrs_bounds \
	tests/unit/t_base64 \
	tests/unit/t_bindings \
	tests/unit/t_cache \
	tests/unit/t_ccname \
	tests/unit/t_config_file \
	tests/unit/t_framing \
	tests/unit/t_gss_fault \
	tests/unit/t_header \
	tests/unit/t_header_all \
	tests/unit/t_mark \
	tests/unit/t_principal \
	tests/unit/t_roles \
	tests/unit/t_rules \
	tests/unit/t_rules_all \
	tests/unit/t_rules_syntax \
	tests/unit/t_status \
	tests/unit/t_tag \
	tests/unit/t_targets \
	tests/unit/t_utf8
C_REALM_TESTS += \
	tests/unit/t_attrs_krb5.realm
C_FULL_TESTS += \
	tests/unit/t_linear.full
if HAVE_NSS
C_TESTS += \
	tests/unit/t_nss
endif
if HAVE_PAC
C_TESTS += \
	tests/unit/t_pac
endif
endif

tests_unit_t_cache_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=calloc
tests_unit_t_config_file_LDADD = libgs2login.la $(LDADD)
tests_unit_t_attrs_krb5_realm_SOURCES = tests/unit/t_attrs_krb5.c
tests_unit_t_gss_fault_CFLAGS = $(AM_CFLAGS) $(KRB5_CFLAGS)
tests_unit_t_pac_SOURCES = pac/decoder.c $(pac_sample) tests/unit/t_pac.c
tests_unit_t_pac_CFLAGS = $(AM_CFLAGS) $(PAC_CFLAGS)
tests_unit_t_pac_LDADD = $(LDADD) $(PAC_LIBS)
tests_unit_t_linear_full_SOURCES = tests/unit/t_linear.c
