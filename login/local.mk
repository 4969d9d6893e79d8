# login/ - a login through libsasl, whatever its mechanism: a convenience library,
# linked into each plugin.

noinst_LTLIBRARIES += libgs2login.la

libgs2login_la_SOURCES = \
	login/client_attempt.c \
	login/client_attempt.h \
	login/client_first.c \
	login/client_first.h \
	login/client_log.c \
	login/client_log.h \
	login/client_prompts.c \
	login/client_prompts.h \
	login/client_step.c \
	login/client_step.h \
	login/config_cache.c \
	login/config_cache.h \
	login/config_file.c \
	login/config_file.h \
	login/group_lookup.c \
	login/group_lookup.h \
	login/libsasl.c \
	login/libsasl.h \
	login/marked.c \
	login/modules.c \
	login/modules.h \
	login/oparams.c \
	login/oparams.h \
	login/plug_init.c \
	login/plug_init.h \
	login/prop_sources.c \
	login/prop_sources.h \
	login/sasl_error.c \
	login/sasl_error.h \
	login/sasl_options.c \
	login/sasl_options.h \
	login/server_attempt.c \
	login/server_attempt.h \
	login/server_canon.c \
	login/server_canon.h \
	login/server_cred.c \
	login/server_cred.h \
	login/server_facts.c \
	login/server_facts.h \
	login/server_groups.c \
	login/server_groups.h \
	login/server_log.c \
	login/server_log.h \
	login/server_login.c \
	login/server_props.c \
	login/server_props.h \
	login/server_rules.c \
	login/server_rules.h \
	login/server_step.c \
	login/server_step.h
