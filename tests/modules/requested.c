/*
 * requested.c - preloaded into a server, this requests the properties of GS2
 * for each connection, as an application of one's own does: then any auxprop
 * plugin is asked for them, whatever the mechanism.
 */
#include <dlfcn.h>
#include <stddef.h>

#include <sasl/sasl.h>

typedef int new_function(const char *service, const char *fqdn,
                         const char *realm, const char *local,
                         const char *remote, const sasl_callback_t *callbacks,
                         unsigned flags, sasl_conn_t **conn_out);

/* Instead of libsasl's, which it calls. */
int
sasl_server_new(const char *service, const char *fqdn, const char *realm,
                const char *local, const char *remote,
                const sasl_callback_t *callbacks, unsigned flags,
                sasl_conn_t **conn_out)
{
    static const char *names[] = { "*gs2-roles", "*gs2-expires", "*gs2-mech",
                                   NULL };
    union {
        void *address;
        new_function *function;
    } real = { dlsym(RTLD_NEXT, "sasl_server_new") };
    const int code = real.function(service, fqdn, realm, local, remote,
                                   callbacks, flags, conn_out);

    return code == SASL_OK ? sasl_auxprop_request(*conn_out, names) : code;
}
