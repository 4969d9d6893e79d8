# pac/ - libgs2-pac.so, which libgs2.so loads where it is told to: links Samba's
# libraries, and is built where those are.  It is installed outside of the
# directory that libsasl2 loads everything from.


if HAVE_PAC
pkglib_LTLIBRARIES += pac/libgs2-pac.la
pac_libgs2_pac_la_SOURCES = pac/decoder.c
pac_libgs2_pac_la_CFLAGS = $(AM_CFLAGS) $(PAC_CFLAGS)
pac_libgs2_pac_la_LDFLAGS = $(AM_LDFLAGS) $(GS2_MODULE_LDFLAGS) \
	-module -avoid-version -shared -no-undefined \
	-export-symbols-regex '^gs2_pac_decoder$$'
pac_libgs2_pac_la_LIBADD = $(PAC_LIBS)
endif
