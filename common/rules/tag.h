/*
 * tag.h - the option gs2_tag: the character that stands between a user and a
 * role where the application knows names and nothing else.
 *
 *   tag = "+" / "/" / "%" / "~"
 */
#ifndef GS2_TAG_H
#define GS2_TAG_H

#include <stdbool.h>

#include "common/text/error.h"

/* GS2_OK with the character in *tag_out, or GS2_BADCONFIG with the reason. */
GS2_MUST_USE gs2_status gs2_tag_parse(const char *text, char *tag_out,
                                      struct gs2_error *err);

/* True where name, which is UTF-8, has the tag, or a character in which
 * software that compares names as Unicode's NFKC makes them sees it: slapd has
 * one DN for "alice/card" with a solidus and with a fullwidth one. */
bool gs2_tag_is_in(char tag, const char *name);

#endif
