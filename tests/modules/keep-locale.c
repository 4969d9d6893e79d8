/*
 * keep-locale.c - locales that are not freed.
 *
 * Preloaded behind AddressSanitizer's runtime into slapd and its tools, which
 * otherwise wait for ever at their end: libp11-kit's destructor frees a
 * locale, and glibc's lock of them is taken.
 */
#include <locale.h>

void
freelocale(locale_t locale)
{
    (void)locale;
}
