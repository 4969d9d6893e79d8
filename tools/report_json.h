/*
 * report_json.h - a report as one JSON document; its members are in
 * gs2-inspect(1).
 */
#ifndef REPORTJSON_H
#define REPORTJSON_H

#include "report.h"

void reportjson_print(const struct report *report);

#endif
