# tools/ - gs2-inspect, which links libsasl2, libkrb5, OpenSSL and
# jansson.

if TOOLS
bin_PROGRAMS = gs2-inspect
dist_man_MANS += gs2-inspect.1
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = tools/bash-completion/gs2-inspect
else
EXTRA_DIST += gs2-inspect.1 tools/bash-completion/gs2-inspect
endif

gs2_inspect_SOURCES = \
	tools/advice.c \
	tools/advice.h \
	tools/as_user.c \
	tools/as_user.h \
	tools/attempt.c \
	tools/attempt.h \
	tools/canon.c \
	tools/canon.h \
	tools/channel.c \
	tools/channel.h \
	tools/channel_binding.c \
	tools/channel_binding.h \
	tools/cmd.h \
	tools/cmd_conf.c \
	tools/cmd_login.c \
	tools/cmd_mechs.c \
	tools/cmd_remote.c \
	tools/commands.c \
	tools/commands.h \
	tools/conf_check.c \
	tools/conf_check.h \
	tools/conf_file.c \
	tools/conf_file.h \
	tools/conf_line.c \
	tools/conf_line.h \
	tools/conf_names.c \
	tools/conf_names.h \
	tools/conf_mechs.c \
	tools/conf_options.c \
	tools/conf_past.c \
	tools/conf_reader.c \
	tools/conf_reader.h \
	tools/conf_report.c \
	tools/conf_report.h \
	tools/conf_unread.c \
	tools/cyrus_conf.c \
	tools/cyrus_conf.h \
	tools/document.c \
	tools/document.h \
	tools/findings.c \
	tools/findings.h \
	tools/guess.h \
	tools/guess_mech.c \
	tools/guess_rules.c \
	tools/guess_user.c \
	tools/keytab.c \
	tools/keytab.h \
	tools/keytab_keys.c \
	tools/keytab_keys.h \
	tools/ldap_message.c \
	tools/ldap_message.h \
	tools/lines.c \
	tools/lines.h \
	tools/loopback.c \
	tools/loopback.h \
	tools/main.c \
	tools/mech_list.c \
	tools/mech_list.h \
	tools/mech_name.c \
	tools/mech_name.h \
	tools/mechs_text.c \
	tools/mechs_text.h \
	tools/near.c \
	tools/near.h \
	tools/outcome.c \
	tools/outcome.h \
	tools/postfix_conf.c \
	tools/postfix_conf.h \
	tools/print.c \
	tools/print.h \
	tools/probe.c \
	tools/probe.h \
	tools/protocol.h \
	tools/protocol_imap.c \
	tools/protocol_ldap.c \
	tools/protocol_smtp.c \
	tools/remote.c \
	tools/remote.h \
	tools/report.h \
	tools/report_json.c \
	tools/report_json.h \
	tools/report_text.c \
	tools/rule_verdict.c \
	tools/rule_verdict.h \
	tools/sasl_lock.c \
	tools/sasl_lock.h \
	tools/served.c \
	tools/served.h \
	tools/server_environment.c \
	tools/server_environment.h \
	tools/server_place.c \
	tools/server_place.h \
	tools/server_table.c \
	tools/server_table.h \
	tools/server_view.c \
	tools/server_view.h \
	tools/shell_code.c \
	tools/shell_code.h \
	tools/shell_file.c \
	tools/shell_file.h \
	tools/text_file.c \
	tools/text_file.h \
	tools/tickets.c \
	tools/tickets.h \
	tools/user_realm.c \
	tools/user_realm.h \
	tools/view_properties.c \
	tools/watch.c \
	tools/watch.h \
	tools/what_if.c \
	tools/what_if.h
gs2_inspect_CFLAGS = $(AM_CFLAGS) $(KRB5_CFLAGS) $(OPENSSL_CFLAGS) \
	$(JANSSON_CFLAGS)
gs2_inspect_LDADD = libgs2common.la $(SASL_LIBS) $(GSS_LIBS) $(KRB5_LIBS) \
	$(OPENSSL_LIBS) $(JANSSON_LIBS)
