# slapd/ - libgs2-slapd.so, a SLAPI plugin of OpenLDAP's slapd: built where
# slapi-plugin.h is.  It is installed outside of the directory that libsasl2
# loads everything from.
#
# It links libc alone: SLAPI and libsasl are slapd's own.  slapd keeps pointers
# to its functions when it has closed it, hence nodelete.

if HAVE_SLAPI
dist_man_MANS += slapd/libgs2-slapd.5
pkglib_LTLIBRARIES += slapd/libgs2-slapd.la
slapd_libgs2_slapd_la_SOURCES = \
	common/mark.c \
	common/mark.h \
	slapd/arguments.c \
	slapd/arguments.h \
	slapd/bind.c \
	slapd/bind.h \
	slapd/groups.c \
	slapd/groups.h \
	slapd/init.c \
	slapd/login.c \
	slapd/login.h \
	slapd/mechanism.c \
	slapd/mechanism.h \
	slapd/member.c \
	slapd/member.h \
	slapd/message.c \
	slapd/message.h \
	slapd/record.c \
	slapd/record.h
slapd_libgs2_slapd_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete \
	-module -avoid-version -shared \
	-export-symbols-regex '^gs2_slapd_init$$'
else
EXTRA_DIST += slapd/libgs2-slapd.5
endif
