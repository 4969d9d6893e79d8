/*
 * publish_login.h - what the tests of properties share: a login through
 * libsasl of a peer whose attributes the scriptable mechanism plays.
 */
#ifndef GS2_TESTS_PUBLISH_LOGIN_H
#define GS2_TESTS_PUBLISH_LOGIN_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include <sasl/prop.h>

#include "dialogue.h"
#include "scripted.h"

#define NO_DISPLAY { NULL, 0 }
#define GOOD       true, true, 0, 0 /* authenticated, complete, no error */
/* A value that is good, without a display value. */
#define V(literal) { GS2_OCTETS(literal), NO_DISPLAY, GOOD }
/* One attribute, of an array of values. */
#define ATTR(name, values)                                                    \
    { GS2_OCTETS(name), (values), COUNT(values),       \
      false, false, 0 }

static struct gs2_dialogue d;
static struct gs2_script script;
static struct gs2_script_name source;

static inline void
set_up(void)
{
    gs2_script_honest(&script, 2);
    source = (struct gs2_script_name){
        .text = GS2_OCTETS("scripted@SCRIPT.TEST") };
    script.source = &source;
    sm->reset();
    sm->install(GS2_OID_A, &script);
    gs2_dialogue_init(&d);
}

static inline void
tear_down(void)
{
    gs2_dialogue_close(&d);
}

static inline void
have(const struct gs2_script_attr *attrs, size_t count)
{
    source.attrs = attrs;
    source.attr_count = count;
}

static inline void
ask(const char *property)
{
    size_t i = 0;

    while (d.properties[i] != NULL)
        i++;
    ck_assert_uint_lt(i, GS2_PROPERTIES);
    d.properties[i] = property;
}

/* One attempt on a new connection; the server's code. */
static inline int
attempt(void)
{
    gs2_dialogue_run(&d);
    return d.server_code;
}

static inline void
log_in(void)
{
    gs2_dialogue_open(&d);
    sm->forget();
    ck_assert_msg(attempt() == SASL_OK, "%s: %s\n%s", d.exchange,
                  d.server_error, d.server_log);
}

/* libsasl's client forgets its context at a second start; the server not. */
static inline void
renew_client(void)
{
    sasl_dispose(&d.client);
    ck_assert_int_eq(sasl_client_new(d.service, d.host, NULL, NULL,
                                     d.client_callbacks, 0, &d.client),
                     SASL_OK);
}

static inline const struct propval *
property(const char *name)
{
    const struct propval *p = prop_get(sasl_auxprop_getctx(d.server));

    for (; p != NULL && p->name != NULL; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    ck_abort_msg("%s was not asked for", name);
}

/* The values of a property, each with a "|" behind it; "" for none. */
static inline const char *
values(const char *name)
{
    static char all[8192];
    const struct propval *p = property(name);
    size_t at = 0;

    all[0] = '\0';
    for (unsigned i = 0; p->values != NULL && i < p->nvalues; i++)
        at += (size_t)snprintf(all + at, sizeof(all) - at, "%s|",
                               p->values[i]);
    ck_assert_uint_lt(at, sizeof(all));
    return all;
}

#endif
