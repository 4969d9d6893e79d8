/*
 * findings.c - what is found in a configuration (see findings.h).
 */
#include "findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"

const char *
conf_word_text(enum conf_word word)
{
    static const char *const texts[] = {
        [CONF_IN_FORCE] = "in force",
        [CONF_NOT_IN_FORCE] = "not in force",
        [CONF_CLOSED] = "closed",
    };

    return texts[word];
}

struct finding *
findings_add(struct findings *findings, enum conf_word word,
             const struct conf_line *line, unsigned column,
             const char *format, ...)
{
    struct finding one = { .word = word, .line = line, .column = column };
    va_list args;

    va_start(args, format);
    (void)vsnprintf(one.text, sizeof(one.text), format, args);
    va_end(args);
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->list[i].line == line &&
            strcmp(findings->list[i].text, one.text) == 0)
            return &findings->list[i];
    }
    findings->list = need(reallocarray(findings->list, findings->count + 1,
                                       sizeof(one)));
    findings->list[findings->count] = one;
    return &findings->list[findings->count++];
}

static int
compare(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;

    if (a->line == NULL || b->line == NULL)
        return (a->line == NULL) - (b->line == NULL);
    if (a->line->path != b->line->path)
        return strcmp(a->line->path, b->line->path);
    if (a->line->number != b->line->number)
        return a->line->number < b->line->number ? -1 : 1;
    return a->column < b->column ? -1 : a->column > b->column;
}

void
findings_sort(struct findings *findings)
{
    if (findings->count > 1)
        qsort(findings->list, findings->count, sizeof(findings->list[0]),
              compare);
}

bool
findings_have(const struct findings *findings, enum conf_word word)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->list[i].word == word)
            return true;
    }
    return false;
}

void
findings_free(struct findings *findings)
{
    free(findings->list);
    memset(findings, 0, sizeof(*findings));
}
