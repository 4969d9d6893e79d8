# plugin/ - libgs2.so, which libsasl2 loads.  libsasl2 itself is not linked: its
# functions come as pointers (sasl_utils_t).

plugin_LTLIBRARIES = plugin/libgs2.la

plugin_libgs2_la_SOURCES = \
	plugin/client.c \
	plugin/client.h \
	plugin/client_first.c \
	plugin/client_first.h \
	plugin/client_inputs.c \
	plugin/client_inputs.h \
	plugin/client_log.c \
	plugin/client_log.h \
	plugin/client_login.c \
	plugin/client_prompts.c \
	plugin/client_prompts.h \
	plugin/config_cache.c \
	plugin/config_cache.h \
	plugin/config_file.c \
	plugin/config_file.h \
	plugin/group_lookup.c \
	plugin/group_lookup.h \
	plugin/init.c \
	plugin/init.h \
	plugin/modules.c \
	plugin/modules.h \
	plugin/oparams.c \
	plugin/oparams.h \
	plugin/plugin.c \
	plugin/plugin.h \
	plugin/sasl_error.c \
	plugin/sasl_error.h \
	plugin/sasl_options.c \
	plugin/sasl_options.h \
	plugin/server.c \
	plugin/server.h \
	plugin/server_attempt.c \
	plugin/server_canon.c \
	plugin/server_canon.h \
	plugin/server_cred.c \
	plugin/server_cred.h \
	plugin/server_facts.c \
	plugin/server_facts.h \
	plugin/server_first.c \
	plugin/server_first.h \
	plugin/server_groups.c \
	plugin/server_groups.h \
	plugin/server_log.c \
	plugin/server_log.h \
	plugin/server_login.c \
	plugin/server_props.c \
	plugin/server_props.h \
	plugin/server_rules.c \
	plugin/server_rules.h
plugin_libgs2_la_LDFLAGS = $(AM_LDFLAGS) $(GS2_MODULE_LDFLAGS) \
	-module -avoid-version -shared -no-undefined -Wl,-z,nodelete \
	-export-symbols-regex '^sasl_(client|server)_plug_init$$'
plugin_libgs2_la_LIBADD = libgs2common.la $(GSS_LIBS)
