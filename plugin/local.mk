# plugin/ - libgs2.so, which libsasl2 loads.  libsasl2 itself is not linked: its
# functions come as pointers (sasl_utils_t).

plugin_LTLIBRARIES = plugin/libgs2.la

plugin_libgs2_la_SOURCES = \
	plugin/client.c \
	plugin/client_inputs.c \
	plugin/client_inputs.h \
	plugin/plugin.c \
	plugin/plugin.h \
	plugin/server.c \
	plugin/server_first.c \
	plugin/server_first.h
plugin_libgs2_la_LDFLAGS = $(AM_LDFLAGS) $(GS2_MODULE_LDFLAGS) \
	-module -avoid-version -shared -no-undefined -Wl,-z,nodelete \
	-export-symbols-regex '^sasl_(client|server)_plug_init$$'
plugin_libgs2_la_LIBADD = libgs2login.la libgs2common.la $(GSS_LIBS)
