# common/ - protocol and policy: a convenience library, linked into the plugin,
# the program and the tests.

noinst_LTLIBRARIES = libgs2common.la

libgs2common_la_SOURCES = \
	common/admit.c \
	common/admit.h \
	common/gss/bindings.c \
	common/gss/bindings.h \
	common/gss/cred_pool.c \
	common/gss/cred_pool.h \
	common/gss/creds.c \
	common/gss/creds.h \
	common/gss/default_realm.c \
	common/gss/default_realm.h \
	common/gss/gss_error.c \
	common/gss/gss_error.h \
	common/gss/gss_fault.c \
	common/gss/gss_fault.h \
	common/gss/gss_name.c \
	common/gss/gss_name.h \
	common/gss/mechs.c \
	common/gss/mechs.h \
	common/gss/nego.c \
	common/gss/nego.h \
	common/gss/target_cache.c \
	common/gss/target_cache.h \
	common/mark.c \
	common/mark.h \
	common/nss.h \
	common/options.c \
	common/options.h \
	common/pac.h \
	common/peer/attr_json.c \
	common/peer/attr_json.h \
	common/peer/attr_pac.c \
	common/peer/attr_pac.h \
	common/peer/attr_read.c \
	common/peer/attr_read.h \
	common/peer/attr_values.c \
	common/peer/attr_values.h \
	common/peer/attrs.c \
	common/peer/attrs.h \
	common/peer/ccache_store.c \
	common/peer/ccache_store.h \
	common/peer/identity.c \
	common/peer/identity.h \
	common/rules/attrmap.c \
	common/rules/attrmap.h \
	common/rules/ccache_name.c \
	common/rules/ccache_name.h \
	common/rules/names.c \
	common/rules/names.h \
	common/rules/roles.c \
	common/rules/roles.h \
	common/rules/rule_admit.c \
	common/rules/rule_eval.c \
	common/rules/rule_parse.c \
	common/rules/rule_parser.h \
	common/rules/rule_tree.h \
	common/rules/rules.h \
	common/rules/tag.c \
	common/rules/tag.h \
	common/text/base64.c \
	common/text/base64.h \
	common/text/cache.c \
	common/text/cache.h \
	common/text/error.c \
	common/text/error.h \
	common/text/lexer.c \
	common/text/lexer.h \
	common/text/module.c \
	common/text/module.h \
	common/text/safe_path.c \
	common/text/safe_path.h \
	common/text/utf8.c \
	common/text/utf8.h \
	common/wire/framing.c \
	common/wire/framing.h \
	common/wire/header.c \
	common/wire/header.h
libgs2common_la_LIBADD = $(GSS_LIBS)
