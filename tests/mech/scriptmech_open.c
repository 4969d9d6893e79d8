/*
 * scriptmech_open.c - makes the scriptable mechanism known to the GSS library
 * of a test program, and builds honest scripts (see scriptmech.h).  Linked
 * into test programs, not into the mechanism.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create() */
#endif
#include "scriptmech_oids.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MODULE     "tests/mech/.libs/scriptmech.so"
#define TOKENS_MAX (2 * GS2_SCRIPT_LEGS - 1)

/* The glue forgets, at exit, the handle of each module that it opened; that is
 * its own leak, and LeakSanitizer would report it in every test. */
#define FOR_LSAN __attribute__((visibility("default")))
FOR_LSAN const char *__lsan_default_suppressions(void);
FOR_LSAN const char *__lsan_default_options(void);

const char *
__lsan_default_suppressions(void)
{
    return "leak:krb5int_open_plugin\n";
}

const char *
__lsan_default_options(void)
{
    return "print_suppressions=0";
}

/* The glue wants an absolute path. */
static bool
find_module(const char *path, char *out)
{
    const char *dir = getenv("GS2_BUILDDIR");
    char joined[PATH_MAX];

    if (path == NULL)
        path = getenv("GS2_SCRIPTMECH");
    if (path == NULL) {
        snprintf(joined, sizeof(joined), "%s/%s", dir != NULL ? dir : ".",
                 MODULE);
        path = joined;
    }
    if (realpath(path, out) != NULL)
        return true;
    perror(path);
    return false;
}

/* The configuration is a file without a name: nothing is left behind, however
 * the test ends. */
static bool
configure(const char *module, unsigned mask)
{
    int fd = memfd_create("gss-mech", MFD_CLOEXEC);
    char path[64];
    bool done = fd >= 0;

    for (unsigned i = 0; i < GS2_OID_COUNT && done; i++) {
        if ((mask & GS2_OID_BIT(i)) != 0)
            done =
                dprintf(fd, "script%u %s %s\n", i,
                        gs2_script_dotted((enum gs2_script_oid)i), module) > 0;
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (done && setenv("GSS_MECH_CONFIG", path, 1) == 0)
        return true;
    perror("GSS_MECH_CONFIG");
    return false;
}

const struct gs2_scriptmech *
gs2_scriptmech_open(const char *path, unsigned mask)
{
    const struct gs2_scriptmech *(*functions)(void);
    char module[PATH_MAX];
    gss_OID_set mechs;
    OM_uint32 minor;
    void *handle;

    if (!find_module(path, module) || !configure(module, mask))
        return NULL;
    handle = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    if (handle != NULL) {
        *(void **)&functions = dlsym(handle, "gs2_scriptmech_functions");
        if (functions != NULL &&
            gss_indicate_mechs(&minor, &mechs) == GSS_S_COMPLETE) {
            gss_release_oid_set(&minor, &mechs);
            return functions();
        }
    }
    fprintf(stderr, "%s: %s\n", module, dlerror());
    return NULL;
}

struct gs2_octets
gs2_script_token(unsigned number)
{
    static char texts[TOKENS_MAX + 1][sizeof("token 4294967295")];
    char *text;

    if (number > TOKENS_MAX)
        number = 0;
    text = texts[number];
    snprintf(text, sizeof(texts[0]), "token %u", number);
    return (struct gs2_octets){text, strlen(text)};
}

/* Fills one side: its tokens are first, first + 2 and so on. */
static unsigned
fill_legs(struct gs2_script_leg *legs, unsigned tokens, unsigned first)
{
    unsigned count = 0;

    for (unsigned sent = first;; sent += 2) {
        struct gs2_script_leg *leg = &legs[count++];

        if (sent > 1)
            leg->expect = gs2_script_token(sent - 1);
        if (sent <= tokens)
            leg->token = gs2_script_token(sent);
        leg->major = GSS_S_CONTINUE_NEEDED;
        if (sent + 1 > tokens) {
            leg->major = GSS_S_COMPLETE;
            leg->flags = GSS_C_MUTUAL_FLAG;
            return count;
        }
    }
}

void
gs2_script_honest(struct gs2_script *script, unsigned tokens)
{
    static const struct gs2_script_name alice = {
        .text = GS2_OCTETS("scripted@SCRIPT.TEST"),
    };
    static const struct gs2_octets saslname = GS2_OCTETS("GS2-SCRIPT");

    if (tokens < 1)
        tokens = 1;
    if (tokens > TOKENS_MAX)
        tokens = TOKENS_MAX;
    memset(script, 0, sizeof(*script));
    script->ma = GS2_MA_HONEST;
    script->saslname = saslname;
    script->source = &alice;
    script->initiator_legs = fill_legs(script->initiator, tokens, 1);
    script->acceptor_legs = fill_legs(script->acceptor, tokens, 2);
    script->initiator[0].bind = GS2_BIND_SEND;
    script->acceptor[0].bind = GS2_BIND_CHECK;
}

void
gs2_script_honest_unframed(struct gs2_script *script, unsigned tokens)
{
    static const struct gs2_octets saslname = GS2_OCTETS("GS2-UNFRAMED");
    static const struct gs2_octets first = GS2_OCTETS("NTLMSSP\0token 1");

    gs2_script_honest(script, tokens);
    script->ma &= ~(unsigned)GS2_MA_ITOK_FRAMED;
    script->saslname = saslname;
    script->unframed = true;
    script->initiator[0].token = first;
    script->acceptor[0].expect = first;
}
