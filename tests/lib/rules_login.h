/*
 * rules_login.h - what the tests of rules share: parsing, and a login for
 * rules to be about.
 */
#ifndef GS2_TESTS_RULES_LOGIN_H
#define GS2_TESTS_RULES_LOGIN_H

#include <check.h>

#include "must.h"
#include "octets.h"
#include "common/rules/roles.h"
#include "common/rules/rules.h"

static struct gs2_error err;

/* What gs2_roles names; rules are parsed without theirs. */
static const struct gs2_roles roles = {
    .count = 2, .list = { { "card", NULL }, { "mailers", NULL } },
};

/* Parses a copy of text in an allocation of its exact size. */
static inline gs2_status
parse(const char *text, struct gs2_rule **rule_out)
{
    char *copy = exact_copy(text, strlen(text) + 1);
    gs2_status status;

    memset(&err, 0, sizeof(err));
    *rule_out = (struct gs2_rule *)&err;
    status = gs2_rule_parse(copy, &roles, rule_out, &err);
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
    { "gs2:role", OCTETS("card") },
};

/* What was asked, and what it is to answer. */
struct asked {
    char names[1024]; /* of all lookups, each with a space behind it */
    gs2_status fail_with;
};

/* A gs2_rule_lookup on that login; context is a struct asked. */
static inline gs2_status
look_up(void *context, const struct gs2_comparison *c,
        enum gs2_rule_answer *answer_out, struct gs2_error *error)
{
    struct asked *asked = context;

    if (strlen(c->name) != c->name_len)
        ck_abort_msg("\"%s\" has not %zu octets", c->name, c->name_len);
    if (c->fact != GS2_FACT_NONE &&
        strcmp(gs2_names_fact(c->fact)->name, c->name) != 0)
        ck_abort_msg("\"%s\" is not fact %d", c->name, (int)c->fact);
    if (strlen(asked->names) + c->name_len + 2 < sizeof(asked->names)) {
        strcat(asked->names, c->name);
        strcat(asked->names, " ");
    }
    if (asked->fail_with != GS2_OK)
        return gs2_fail(error, asked->fail_with, "the lookup failed");
    for (size_t i = 0; i < COUNT(login); i++) {
        if (strcmp(c->name, login[i].name) != 0 ||
            *answer_out == GS2_RULE_YES)
            continue;
        *answer_out = c->value == NULL ||
                      (c->value_len == login[i].len &&
                       memcmp(c->value, login[i].value, login[i].len) == 0)
                      ? GS2_RULE_YES : GS2_RULE_NO;
    }
    return GS2_OK;
}

#endif
