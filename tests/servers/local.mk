# tests/servers/ - the servers and clients that people run.

SCRIPT_TESTS += \
	tests/servers/t_servers.py \
	tests/servers/t_slapd_module.py \
	tests/servers/t_slapd_races.py \
	tests/servers/t_slapd_roles.py \
	tests/servers/t_tag_slapd.py \
	tests/servers/t_troubles.py

FOREIGN_TESTS += \
	tests/servers/t_client_texts.py \
	tests/servers/t_cyrus.py \
	tests/servers/t_cyrus_roles.py \
	tests/servers/t_example_app.py \
	tests/servers/t_exim.py \
	tests/servers/t_fail2ban.py \
	tests/servers/t_gss_clients.py \
	tests/servers/t_gssproxy.py \
	tests/servers/t_ldap.py \
	tests/servers/t_ldap_clients.py \
	tests/servers/t_levels.py \
	tests/servers/t_mail.py \
	tests/servers/t_memcached.py \
	tests/servers/t_nss.py \
	tests/servers/t_postfix.py \
	tests/servers/t_samples.py \
	tests/servers/t_slapd.py \
	tests/servers/t_slapd_ad.py \
	tests/servers/t_small_servers.py \
	tests/servers/t_svnserve.py \
	tests/servers/t_tag_postfix.py \
	tests/servers/t_tag_servers.py \
	tests/servers/t_tls_example.py

FULL_TESTS += \
	tests/servers/t_389ds.py \
	tests/servers/t_cluster_murder.py \
	tests/servers/t_cluster_slapd.py \
	tests/servers/t_limits.py \
	tests/servers/t_limits_clients.py \
	tests/servers/t_load.py \
	tests/servers/t_slapd_long.py \
	tests/servers/t_sssd.py

tests_servers_example_server_SOURCES = tests/servers/example-server.c
tests_servers_example_server_LDADD = $(SASL_LIBS) $(GSS_LIBS)

# The applications that others are written after; installed as examples.  Those
# with TLS are built by t_tls_example.py.
check_PROGRAMS += tests/servers/example-server
exampledir = $(docdir)/examples
dist_example_DATA = \
	tests/servers/example-server.c \
	tests/servers/tls-client.c \
	tests/servers/tls-lines.h \
	tests/servers/tls-server.c
