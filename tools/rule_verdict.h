/*
 * rule_verdict.h - would this login get in: each comparison of a server's
 * rules, put as a rule of its own to the plugin itself, so that the answer is
 * the server's.
 */
#ifndef RULE_VERDICT_H
#define RULE_VERDICT_H

#include "loopback.h"

enum verdict { VERDICT_TRUE, VERDICT_FALSE, VERDICT_UNKNOWN };

struct verdict_comparison {
    char *text;         /* as the rule has it, "not " in front where it is */
    enum verdict met;   /* of the text */
    const char *hint;   /* why not, where there is more to say; else NULL */
};

struct verdict_rule {
    char *option;       /* gs2_role_NAME, gs2_require or gs2_proxy_require */
    const char *text;   /* NULL where the option is not set */
    bool applies;       /* false: the login acts as nobody else */
    enum verdict met;   /* of the whole */
    struct verdict_comparison *comparisons;
    size_t count;
};

/* The roles, in their order, and then the two rules. */
struct verdicts {
    struct verdict_rule *rules;
    size_t count;
};

/* Who judges a rule. */
struct verdict_judge {
    enum verdict (*put)(const void *context, const char *rule);
    const void *context;
};

/* The plugin judges, by one more login like loop's, which succeeded without
 * rules.  Borrows. */
struct verdict_judge verdict_by_login(const struct loopback *loop);

/* Asks about all rules that conf has.  Fills the caller's *verdicts_out, freed
 * with verdicts_free(). */
void verdicts_ask(const struct conf_file *conf, struct verdict_judge judge,
                  bool is_proxy, struct verdicts *verdicts_out);

void verdicts_free(struct verdicts *verdicts);

#endif
