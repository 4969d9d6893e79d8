/*
 * lines.h - messages of SASL in lines of base64, as IMAP and SMTP have them.
 */
#ifndef LINES_H
#define LINES_H

#include "remote.h"

/* No more lines are read of one answer. */
#define LINES_MAX 1000

/* Sends text and a line's end. */
bool lines_put(struct remote *remote, const char *text,
               struct gs2_error *err);

/* Sends before, and a message in base64, "" where there is none. */
bool lines_put_token(struct remote *remote, const char *before,
                     const void *token, size_t len, struct gs2_error *err);

/* The octets of a line as lines_put_token() makes it, but for before. */
size_t lines_size(size_t len);

/* Takes a challenge's base64 into *answer. */
bool lines_take_token(const char *base64, struct answer *answer,
                      struct gs2_error *err);

/* A protocol's respond(). */
bool lines_respond(struct remote *remote, const void *token, size_t len,
                   struct gs2_error *err);

/* The server does not end an answer.  Returns false. */
bool lines_too_many(const struct remote *remote, struct gs2_error *err);

#endif
