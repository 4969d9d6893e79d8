# tests/peer/ - a libsasl server or client over TCP.

check_PROGRAMS += tests/peer/sasl-end tests/peer/sasl-peer

tests_peer_sasl_end_LDADD = $(SASL_LIBS) $(GSS_LIBS)

tests_peer_sasl_peer_SOURCES = tests/lib/hostname.c \
	tests/peer/sasl-peer.c tests/peer/sasl-peer.h \
	tests/peer/sasl-peer-client.c \
	tests/peer/sasl-peer-frame.c \
	tests/peer/sasl-peer-groups.c \
	tests/peer/sasl-peer-server.c \
	tests/peer/sasl-peer-trace.c
# Flags of its own, so that its hostname.o is another than that of libtests.
tests_peer_sasl_peer_CFLAGS = $(AM_CFLAGS)
tests_peer_sasl_peer_LDADD = $(SASL_LIBS) $(GSS_LIBS)
