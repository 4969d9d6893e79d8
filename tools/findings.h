/*
 * findings.h - what is found in a configuration, each with its place.
 */
#ifndef FINDINGS_H
#define FINDINGS_H

#include "conf_file.h"

/* The three words for a configuration, a line or a service. */
enum conf_word {
    CONF_IN_FORCE,     /* the server does what it says */
    CONF_NOT_IN_FORCE, /* the server goes on without it */
    CONF_CLOSED        /* nobody gets in */
};

struct finding {
    enum conf_word word;
    const struct conf_line *line; /* borrowed; NULL: of the whole file */
    unsigned column;              /* in the line, from 1 */
    char text[GS2_TEXT_MAX];
    char cure[GS2_TEXT_MAX];      /* "" where the text says it */
};

struct findings {
    struct finding *list;
    size_t count;
};

const char *conf_word_text(enum conf_word word);

/* Adds one, unless it is there.  Borrows it, until the next is added. */
struct finding *findings_add(struct findings *findings, enum conf_word word,
                             const struct conf_line *line, unsigned column,
                             const char *format, ...) GS2_PRINTF(5, 6);

/* Puts them into the order of their lines. */
void findings_sort(struct findings *findings);

bool findings_have(const struct findings *findings, enum conf_word word);

void findings_free(struct findings *findings);

#endif
