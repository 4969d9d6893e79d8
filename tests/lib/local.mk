# tests/lib/ - what the tests take from each other.  Of libtests, a program has
# only what it uses.

if HAVE_CHECK
check_LTLIBRARIES += tests/lib/libtests.la
endif

tests_lib_libtests_la_SOURCES = \
	tests/lib/attrs_login.h \
	tests/lib/clock.c tests/lib/clock.h \
	tests/lib/dialogue.c tests/lib/dialogue.h \
	tests/lib/dialogue_app.c tests/lib/dialogue_app.h \
	tests/lib/dialogue_plugins.c \
	tests/lib/ends.c tests/lib/ends.h \
	tests/lib/header_input.h \
	tests/lib/hostname.c tests/lib/hostname.h \
	tests/lib/import.h \
	tests/lib/must.h \
	tests/lib/octets.h \
	tests/lib/publish_login.h \
	tests/lib/rawinit.c tests/lib/rawinit.h \
	tests/lib/rules_login.h \
	tests/lib/scripted.c tests/lib/scripted.h \
	tests/lib/suite.c tests/lib/suite.h \
	tests/mech/scriptmech_open.c tests/mech/scriptmech.h \
	tests/mech/scriptmech_oids.c tests/mech/scriptmech_oids.h
tests_lib_libtests_la_LIBADD = $(CHECK_LIBS)
every = tests/lib/every.c tests/lib/every.h
forge = tests/lib/forge.c tests/lib/forge.h
pac_sample = tests/lib/pac_sample.c tests/lib/pac_sample.h

EXTRA_DIST += \
	tests/lib/tap.sh \
	tests/lib/python/ad.py \
	tests/lib/python/ad_pac.py \
	tests/lib/python/ad_populate.py \
	tests/lib/python/attempts.py \
	tests/lib/python/certs.py \
	tests/lib/python/cluster.py \
	tests/lib/python/conf_maker.py \
	tests/lib/python/crowd.py \
	tests/lib/python/cyrus.py \
	tests/lib/python/cyrus_roles.py \
	tests/lib/python/debian.py \
	tests/lib/python/ds389.py \
	tests/lib/python/eap.py \
	tests/lib/python/fake_ldap.py \
	tests/lib/python/frontend.py \
	tests/lib/python/gss_end.py \
	tests/lib/python/gssapi_ends.py \
	tests/lib/python/heimdal.py \
	tests/lib/python/hostile.py \
	tests/lib/python/imap_session.py \
	tests/lib/python/inspected.py \
	tests/lib/python/large.py \
	tests/lib/python/layered.py \
	tests/lib/python/libvirtd.py \
	tests/lib/python/lockout.py \
	tests/lib/python/logged.py \
	tests/lib/python/memcheck.py \
	tests/lib/python/memcached.py \
	tests/lib/python/mounts.py \
	tests/lib/python/one_imapd.py \
	tests/lib/python/postfix.py \
	tests/lib/python/postfix_relay.py \
	tests/lib/python/radius.py \
	tests/lib/python/radius_relay.py \
	tests/lib/python/rawgss.py \
	tests/lib/python/realm.py \
	tests/lib/python/relay.py \
	tests/lib/python/saslclient.py \
	tests/lib/python/sasl_end.py \
	tests/lib/python/schema.py \
	tests/lib/python/sasldb.py \
	tests/lib/python/scenario.py \
	tests/lib/python/servers.py \
	tests/lib/python/setups.py \
	tests/lib/python/slapd.py \
	tests/lib/python/slapd_races.py \
	tests/lib/python/slapd_roles.py \
	tests/lib/python/small_servers.py \
	tests/lib/python/sources.py \
	tests/lib/python/sssd.py \
	tests/lib/python/submission.py \
	tests/lib/python/tap.py \
	tests/lib/python/tickets.py \
	tests/lib/python/tls_example.py \
	tests/lib/python/tls_proxy.py \
	tests/lib/python/tree.py \
	tests/lib/python/wire.py
