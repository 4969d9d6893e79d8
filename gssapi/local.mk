# gssapi/ - libgssapiv2.so: GSSAPI (RFC 4752) and GSS-SPNEGO, by the name of
# Cyrus SASL's own file.  It is not installed in that one's place: whoever wants it
# there puts it there (README.md).

pkglib_LTLIBRARIES += gssapi/libgssapiv2.la

gssapi_libgssapiv2_la_SOURCES = \
	gssapi/client_layer.c \
	gssapi/context.c \
	gssapi/context.h \
	gssapi/end_point.c \
	gssapi/end_point.h \
	gssapi/gssapi_steps.h \
	gssapi/gssapi_client.c \
	gssapi/gssapi_client.h \
	gssapi/gssapi_plugin.c \
	gssapi/gssapi_server.c \
	gssapi/gssapi_server.h \
	gssapi/layer.c \
	gssapi/layer.h \
	gssapi/layer_message.c \
	gssapi/layer_message.h \
	gssapi/marked_gssapi.c \
	gssapi/server_layer.c \
	gssapi/ssf.c \
	gssapi/ssf.h
gssapi_libgssapiv2_la_LDFLAGS = $(plugin_libgs2_la_LDFLAGS)
gssapi_libgssapiv2_la_LIBADD = $(plugin_libgs2_la_LIBADD)
