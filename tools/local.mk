# tools/ - gs2-inspect, which links libsasl2, libkrb5 and OpenSSL.

if TOOLS
bin_PROGRAMS = gs2-inspect
dist_man_MANS += gs2-inspect.1
else
EXTRA_DIST += gs2-inspect.1
endif

gs2_inspect_SOURCES = \
	tools/advice.c \
	tools/advice.h \
	tools/channel.c \
	tools/channel.h \
	tools/cmd_imap.c \
	tools/cmd_login.c \
	tools/cmd_mechs.c \
	tools/conf_check.c \
	tools/conf_check.h \
	tools/conf_file.c \
	tools/conf_file.h \
	tools/json.c \
	tools/json.h \
	tools/loopback.c \
	tools/loopback.h \
	tools/main.c \
	tools/outcome.c \
	tools/outcome.h \
	tools/report.h \
	tools/report_json.c \
	tools/report_json.h \
	tools/report_text.c \
	tools/rule_verdict.c \
	tools/rule_verdict.h \
	tools/server_view.c \
	tools/server_view.h \
	tools/tickets.c \
	tools/tickets.h \
	tools/view_properties.c \
	tools/watch.c \
	tools/watch.h
gs2_inspect_CFLAGS = $(AM_CFLAGS) $(KRB5_CFLAGS) $(OPENSSL_CFLAGS)
gs2_inspect_LDADD = libgs2common.la $(SASL_LIBS) $(GSS_LIBS) $(KRB5_LIBS) \
	$(OPENSSL_LIBS)
