/*
 * fuzz_krb5.h - krb5 for the fuzz harnesses of GSSAPI, without a KDC: alice has
 * a ticket for the service test@host.script.test (forge.h).
 */
#ifndef GS2_TESTS_FUZZ_KRB5_H
#define GS2_TESTS_FUZZ_KRB5_H

#include <gssapi/gssapi.h>

#define FUZZ_SERVICE "test@host.script.test"
#define FUZZ_USER "alice"

/* Once, before the first GSS call: a keytab, and alice's ticket, which is the
 * default credential. */
void fuzz_krb5_begin(void);

/* A pair of contexts with all flags that a layer needs. */
void fuzz_krb5_contexts(gss_ctx_id_t *initiator_out,
                        gss_ctx_id_t *acceptor_out);

/* The service's name; lent. */
gss_name_t fuzz_krb5_target(void);

#endif
