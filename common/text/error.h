/*
 * error.h - what a function of common/ returns, and the text that says why.
 *
 * Every function that can fail returns a gs2_status and writes the reason into
 * a struct gs2_error of its caller.  A reason has two parts: the text may be
 * shown to the peer (slapd sends it to the client), the detail goes to the log
 * alone (paths, the rule that failed).
 */
#ifndef GS2_ERROR_H
#define GS2_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#define GS2_MUST_USE __attribute__((warn_unused_result))
#define GS2_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

typedef enum gs2_status {
    GS2_OK = 0,
    GS2_BADPROT,    /* malformed message, wrong state, unexpected input */
    GS2_BADBINDING, /* the token is bound to another channel, or to none */
    GS2_NOBINDING,  /* the peer uses no channel binding that we can check */
    GS2_BADAUTH,    /* the peer sent what no honest one sends */
    GS2_REFUSED,    /* the peer may be honest, and did not prove who it is */
    GS2_NOAUTHZ,    /* it did, and may not log in: a rule, no local name */
    GS2_TOOWEAK,    /* no security layer is as strong as is wanted */
    GS2_NOCRED,     /* no credential of our own */
    GS2_BADCONFIG,  /* an option that does not parse */
    GS2_NOMEM,
    GS2_FAIL        /* anything else */
} gs2_status;

/* True for what only a peer that is broken or hostile brings about: a filter
 * of the log may count it against the peer's address. */
bool gs2_status_blames_peer(gs2_status status);

/* Octets of a reason, NUL included; what is longer is cut. */
#define GS2_TEXT_MAX 1024

struct gs2_error {
    char text[GS2_TEXT_MAX];   /* for the peer and the log */
    char detail[GS2_TEXT_MAX]; /* for the log alone; "" for none */
};

/* Sets err's text and empties its detail.  err may be NULL.  The text is one
 * line of UTF-8: a control character in it (U+0001 to U+001F, U+007F to U+009F)
 * becomes spaces, an octet that is no UTF-8 a question mark. */
void gs2_error_set(struct gs2_error *err, const char *format, ...)
    GS2_PRINTF(2, 3);

/* gs2_error_set(err, format, ...), and status comes back.  A macro, so that a
 * static analyser sees at each use that a failure is returned. */
#define gs2_fail(err, status, ...) \
    (gs2_error_set((err), __VA_ARGS__), (status))

/* gs2_fail() with the text "out of memory". */
#define gs2_fail_nomem(err) gs2_fail((err), GS2_NOMEM, "out of memory")

/* Sets the detail of a reason already given. */
void gs2_error_detail(struct gs2_error *err, const char *format, ...)
    GS2_PRINTF(2, 3);

/*
 * Writes len octets at data to out, a buffer of size octets, as printable
 * ASCII: any other octet, a quote and a backslash become \xNN.  Where that is
 * more than size - 4 octets, "..." takes the place of the rest.  size is at
 * least 8.  Returns out, always terminated.
 */
char *gs2_escape(char *out, size_t size, const void *data, size_t len);

#endif
