# tests/gssapi/ - GSSAPI and GSS-SPNEGO of libgssapiv2.so: its layer by itself,
# logins in a realm.

if HAVE_CHECK
C_TESTS += \
	tests/gssapi/t_every_gssapi \
	tests/gssapi/t_layer
C_REALM_TESTS += \
	tests/gssapi/t_layer_live.realm \
	tests/gssapi/t_leftovers.realm
endif
FOREIGN_TESTS += \
	tests/gssapi/t_gssapi.py \
	tests/gssapi/t_gssapi_peers.py \
	tests/gssapi/t_gssapi_roles.py \
	tests/gssapi/t_gssapi_servers.py \
	tests/gssapi/t_gssapi_tickets.py \
	tests/gssapi/t_gssapi_tokens.py \
	tests/gssapi/t_gssapi_traps.py

FULL_TESTS += \
	tests/gssapi/t_gssapi_ad.py \
	tests/gssapi/t_gssapi_daemons.py \
	tests/gssapi/t_gssapi_httpd.py \
	tests/gssapi/t_gssapi_java.py

EXTRA_DIST += tests/gssapi/SaslEnd.java

tests_gssapi_t_every_gssapi_SOURCES = $(every) tests/gssapi/t_every_gssapi.c
tests_gssapi_t_every_gssapi_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
tests_gssapi_t_layer_SOURCES = gssapi/context.c gssapi/layer.c gssapi/ssf.c \
	tests/gssapi/t_layer.c
# Flags of its own, so that its objects are others than the plugin's.
tests_gssapi_t_layer_CFLAGS = $(AM_CFLAGS)
tests_gssapi_t_layer_LDADD = libgs2login.la $(LDADD)
tests_gssapi_t_layer_live_realm_SOURCES = tests/gssapi/t_layer_live.c
tests_gssapi_t_leftovers_realm_SOURCES = tests/gssapi/t_leftovers.c
