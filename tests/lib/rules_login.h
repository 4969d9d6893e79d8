/*
 * rules_login.h - what the tests of rules share: parsing, and a login for
 * rules to be about.
 */
#ifndef GS2_TESTS_RULES_LOGIN_H
#define GS2_TESTS_RULES_LOGIN_H

#include <check.h>

#include "must.h"
#include "octets.h"
#include "common/rules/rules.h"

static struct gs2_error err;

/* Parses a copy of text in an allocation of its exact size. */
static inline gs2_status
parse(const char *text, struct gs2_rule **rule_out)
{
    char *copy = exact_copy(text, strlen(text) + 1);
    gs2_status status;

    memset(&err, 0, sizeof(err));
    *rule_out = (struct gs2_rule *)&err;
    status = gs2_rule_parse(copy, rule_out, &err);
    free(copy);
    return status;
}

/* What the login of these tests has. */
static const struct {
    const char *name, *value;
    size_t len;
} login[] = {
    { "gs2:mech", OCTETS("GS2-KRB5") },
    { "gs2:realm", OCTETS("EXAMPLE.TEST") },
    { "gs2:principal", OCTETS("alice@EXAMPLE.TEST") },
    { "gs2:authid", OCTETS("alice") },
    { "auth-indicators", OCTETS("otp") },
    { "auth-indicators", OCTETS("hard ware") },
    { "mail", OCTETS("alice@example.test") },
    { "urn:mspac:", OCTETS("\x01\x00\x02") },
    { "quote\"d\\", OCTETS("say \"hi\" \\ there") },
    { "empty", OCTETS("") },
    { "star", OCTETS("*") },
    { "not", OCTETS("1") },
    { "and", OCTETS("1") },
    { "or", OCTETS("1") },
    { "utf8", OCTETS("J\xc3\xbcrg") },
    { "t", OCTETS("1") },
};

/* What was asked, and what it is to answer. */
struct asked {
    char names[1024]; /* of all lookups, each with a space behind it */
    gs2_status fail_with;
};

/* A gs2_rule_lookup on that login; context is a struct asked. */
static inline gs2_status
look_up(void *context, const char *name, size_t len, const void *value,
        size_t value_len, bool *match_out, struct gs2_error *error)
{
    struct asked *asked = context;

    if (strlen(name) != len)
        ck_abort_msg("\"%s\" has not %zu octets", name, len);
    if (strlen(asked->names) + len + 2 < sizeof(asked->names)) {
        strcat(asked->names, name);
        strcat(asked->names, " ");
    }
    if (asked->fail_with != GS2_OK)
        return gs2_fail(error, asked->fail_with, "the lookup failed");
    for (size_t i = 0; i < COUNT(login); i++) {
        if (strcmp(name, login[i].name) == 0 &&
            (value == NULL ||
             (value_len == login[i].len &&
              memcmp(value, login[i].value, value_len) == 0)))
            *match_out = true;
    }
    return GS2_OK;
}

#endif
