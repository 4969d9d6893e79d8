/*
 * model.c - memory and strings for the proofs (see model.h).  cbmc has models
 * of most of libc; here are those that it lacks, and malloc().  t_proofs.py
 * gives the code under proof these names.
 *
 * One has to believe this file: it is what the proofs stand on.
 */
#undef malloc
#undef free

#include "model.h"

#include <stdarg.h>
#include <stdlib.h>

/*
 * An object lies at the end of memory of one size: octets of which only cbmc
 * knows how many there are would cost gigabytes.  Inside of it malloc() is
 * cbmc's, which fails or not, and finds what is not freed, freed twice, used
 * thereafter.
 */
void *
model_malloc(size_t size)
{
    unsigned char *memory;

    prove(size <= MODEL_OBJECT_MAX, "an object is within the model's bound");
    assume(size <= MODEL_OBJECT_MAX);
    memory = malloc(MODEL_OBJECT_MAX);
    return memory != NULL ? memory + (MODEL_OBJECT_MAX - size) : NULL;
}

void
model_free(void *object)
{
    if (object != NULL)
        free((unsigned char *)object - __CPROVER_POINTER_OFFSET(object));
}

void *
model_memcpy(void *out, const void *in, size_t len)
{
    prove(len == 0 || __CPROVER_r_ok(in, len), "memcpy reads what is there");
    prove(len == 0 || __CPROVER_w_ok(out, len), "memcpy writes what is there");
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)out)[i] = ((const unsigned char *)in)[i];
    return out;
}

/* For text that no proof reads: where it is put is checked. */
void *
model_memcpy_unread(void *out, const void *in, size_t len)
{
    prove(len == 0 || __CPROVER_r_ok(in, len), "memcpy reads what is there");
    prove(len == 0 || __CPROVER_w_ok(out, len), "memcpy writes what is there");
    return out;
}

void *
model_mempcpy(void *out, const void *in, size_t len)
{
    return (unsigned char *)model_memcpy(out, in, len) + len;
}

int
model_memcmp(const void *one, const void *other, size_t len)
{
    const unsigned char *a = one, *b = other;

    prove(len == 0 || (__CPROVER_r_ok(one, len) && __CPROVER_r_ok(other, len)),
          "memcmp reads what is there");
    for (size_t i = 0; i < len; i++) {
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

void *
model_memchr(const void *in, int octet, size_t len)
{
    const unsigned char *p = in;

    for (size_t i = 0; i < len; i++) {
        if (p[i] == (unsigned char)octet)
            return (void *)(p + i);
    }
    return NULL;
}

size_t
model_strlen(const char *text)
{
    size_t len = 0;

    while (text[len] != '\0')
        len++;
    return len;
}

char *
model_strchr(const char *text, int octet)
{
    for (;; text++) {
        if (*text == (char)octet)
            return (char *)text;
        if (*text == '\0')
            return NULL;
    }
}

char *
model_strstr(const char *text, const char *part)
{
    const size_t len = model_strlen(part);

    for (;; text++) {
        for (size_t i = 0; i <= len; i++) {
            if (i == len)
                return (char *)text;
            if (text[i] != part[i])
                break;
        }
        if (*text == '\0')
            return NULL;
    }
}

char *
model_stpcpy(char *out, const char *text)
{
    while (*text != '\0')
        *out++ = *text++;
    *out = '\0';
    return out;
}

char *
model_strndup(const char *text, size_t max)
{
    size_t len = 0;
    char *copy;

    while (len < max && text[len] != '\0')
        len++;
    copy = model_malloc(len + 1);
    if (copy == NULL)
        return NULL;
    model_memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

/* Knows "%%", and "%02x" as the last of the format.  cbmc hands over an octet
 * as it is, where a compiler makes an int of it. */
int
model_sprintf(char *out, const char *format, ...)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char octet;
    va_list args;
    int len = 0;

    va_start(args, format);
    octet = va_arg(args, unsigned char);
    va_end(args);
    for (; format[0] != '%' || format[1] == '%'; format++) {
        format += format[0] == '%';
        out[len++] = *format;
    }
    prove(is_same(format, "%02x", 5), "a known format");
    out[len++] = digits[octet >> 4];
    out[len++] = digits[octet & 15];
    out[len] = '\0';
    return len;
}

/* Reasons of failure: nobody reads them. */
int
model_vsnprintf(char *out, size_t size, const char *format, va_list args)
{
    (void)format;
    (void)args;
    prove(size > 0 && __CPROVER_w_ok(out, size), "room for a text");
    out[0] = '\0';
    return 0;
}

size_t
any_up_to(size_t max)
{
    const size_t n = nondet_size();

    assume(n <= max);
    return n;
}

char *
any_octets(size_t len)
{
    char *memory = __CPROVER_allocate(MODEL_OBJECT_MAX, false);

    return memory + (MODEL_OBJECT_MAX - len);
}

char *
any_text(size_t len)
{
    char *text = any_octets(len + 1);

    for (size_t i = 0; i < len; i++)
        assume(text[i] != '\0');
    text[len] = '\0';
    return text;
}

bool
is_same(const void *one, const void *other, size_t len)
{
    return model_memcmp(one, other, len) == 0;
}

bool
is_same_text(const char *one, const char *other)
{
    const size_t len = one != NULL ? model_strlen(one) : 0;

    if (one == NULL || other == NULL)
        return one == other;
    return model_strlen(other) == len && is_same(one, other, len);
}
