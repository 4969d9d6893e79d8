# tests/gssapi/ - GSSAPI and GSS-SPNEGO of libgssapiv2.so, in a realm.

FOREIGN_TESTS += \
	tests/gssapi/t_gssapi.py \
	tests/gssapi/t_gssapi_servers.py \
	tests/gssapi/t_gssapi_traps.py
