/*
 * advice.h - what to do next about a login that failed.
 */
#ifndef ADVICE_H
#define ADVICE_H

#include "report.h"

/* NULL where there is nothing more to say than the reason itself.  Borrows. */
const char *advice_for(const struct report *report);

#endif
