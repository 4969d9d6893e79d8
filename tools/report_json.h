/*
 * report_json.h - a report as one JSON document; its members are in
 * gs2-inspect(1).
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <jansson.h>

#include "report.h"

void report_json_print(const struct report *report);

/* The rules and what came of them, for a document.  Gives. */
json_t *report_json_rules(const struct verdicts *verdicts);

/* A document that says why a command failed, with "login":false if it is to
 * log in.  Gives. */
json_t *report_json_begin_failure(bool login, const struct outcome *outcome);

#endif
