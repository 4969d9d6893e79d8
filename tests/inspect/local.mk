# tests/inspect/ - gs2-inspect, and an IMAP server for it.

if TOOLS
check_PROGRAMS += tests/inspect/imap-server
TOOL_TESTS = \
	tests/inspect/t_inspect.py \
	tests/inspect/t_inspect_completion.py \
	tests/inspect/t_inspect_conf.py \
	tests/inspect/t_inspect_hostile.py \
	tests/inspect/t_inspect_imap.py \
	tests/inspect/t_inspect_login.py \
	tests/inspect/t_inspect_mechs.py \
	tests/inspect/t_inspect_schema.py \
	tests/inspect/t_inspect_what_if.py
FOREIGN_TOOL_TESTS = \
	tests/inspect/t_inspect_breakages.py \
	tests/inspect/t_inspect_cyrus.py \
	tests/inspect/t_inspect_environment.py \
	tests/inspect/t_inspect_files.py \
	tests/inspect/t_inspect_gssapi.py \
	tests/inspect/t_inspect_keytab.py \
	tests/inspect/t_inspect_postfix.py \
	tests/inspect/t_inspect_reader.py \
	tests/inspect/t_inspect_servers.py \
	tests/inspect/t_inspect_slapd.py \
	tests/inspect/t_inspect_users.py
endif

tests_inspect_imap_server_SOURCES = tests/lib/hostname.c \
	tests/inspect/imap-server.c
tests_inspect_imap_server_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS)
tests_inspect_imap_server_LDADD = $(SASL_LIBS) $(OPENSSL_LIBS)

EXTRA_DIST += \
	tests/inspect/t_inspect.py \
	tests/inspect/t_inspect_breakages.py \
	tests/inspect/t_inspect_completion.py \
	tests/inspect/t_inspect_conf.py \
	tests/inspect/t_inspect_cyrus.py \
	tests/inspect/t_inspect_environment.py \
	tests/inspect/t_inspect_files.py \
	tests/inspect/t_inspect_gssapi.py \
	tests/inspect/t_inspect_hostile.py \
	tests/inspect/t_inspect_imap.py \
	tests/inspect/t_inspect_keytab.py \
	tests/inspect/t_inspect_login.py \
	tests/inspect/t_inspect_mechs.py \
	tests/inspect/t_inspect_postfix.py \
	tests/inspect/t_inspect_reader.py \
	tests/inspect/t_inspect_schema.py \
	tests/inspect/t_inspect_servers.py \
	tests/inspect/t_inspect_slapd.py \
	tests/inspect/t_inspect_users.py \
	tests/inspect/t_inspect_what_if.py
