/*
 * model_error.c - reasons of failure, which nobody reads in the proofs of what
 * has them; p_escape.c proves gs2_escape() itself.
 */
#include "common/text/error.h"

#include "model.h"

void
gs2_error_set(struct gs2_error *err, const char *format, ...)
{
    (void)err;
    (void)format;
}

void
gs2_error_detail(struct gs2_error *err, const char *format, ...)
{
    (void)err;
    (void)format;
}

char *
gs2_escape(char *out, size_t size, const void *data, size_t len)
{
    prove(size >= 8 && __CPROVER_w_ok(out, size), "room for what is escaped");
    prove(len == 0 || __CPROVER_r_ok(data, len), "what is escaped is there");
    out[0] = '\0';
    return out;
}
