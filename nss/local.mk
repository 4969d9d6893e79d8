# nss/ - libnss_gs2.so.2, a module of libc's Name Service Switch: built where
# libc is glibc.  libc looks for it in its own directories, by this name.
#
# It is loaded into every process of the machine, so it links libc alone; who
# has loaded it keeps pointers to it, hence nodelete.

if HAVE_NSS
dist_man_MANS += nss/libnss_gs2.8
lib_LTLIBRARIES = nss/libnss_gs2.la
nss_libnss_gs2_la_SOURCES = \
	nss/initgroups.c
nss_libnss_gs2_la_LDFLAGS = $(AM_LDFLAGS) $(GS2_MODULE_LDFLAGS) \
	-module -avoid-version -shared -shrext .so.2 -no-undefined \
	-Wl,-z,nodelete \
	-export-symbols-regex '^(_nss_gs2_initgroups_dyn|gs2_nss_module)$$'
else
EXTRA_DIST += nss/libnss_gs2.8
endif
