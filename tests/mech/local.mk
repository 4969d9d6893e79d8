# tests/mech/ - the scriptable mechanism, a module that the GSS library loads,
# and the tests of it.

if HAVE_CHECK
check_LTLIBRARIES += tests/mech/scriptmech.la
C_TESTS += \
	tests/mech/t_scriptmech \
	tests/mech/t_scriptmech_context \
	tests/mech/t_scriptmech_creds \
	tests/mech/t_scriptmech_messages \
	tests/mech/t_scriptmech_names
endif

tests_mech_scriptmech_la_SOURCES = \
	tests/mech/scriptmech.c tests/mech/scriptmech.h tests/mech/scriptmech_int.h \
	tests/mech/scriptmech_attrs.c \
	tests/mech/scriptmech_bindings.c \
	tests/mech/scriptmech_context.c \
	tests/mech/scriptmech_creds.c \
	tests/mech/scriptmech_inquire.c \
	tests/mech/scriptmech_mech.c \
	tests/mech/scriptmech_message.c \
	tests/mech/scriptmech_names.c \
	tests/mech/scriptmech_oids.c tests/mech/scriptmech_oids.h
tests_mech_scriptmech_la_LDFLAGS = $(AM_LDFLAGS) $(test_module_ldflags) \
	-Wl,-Bsymbolic
tests_mech_scriptmech_la_LIBADD = $(GSS_LIBS)
