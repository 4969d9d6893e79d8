/*
 * pac_sample.h - buffers of PACs for the tests: those that a Samba domain
 * controller gave, and others, made by Samba's encoder.
 */
#ifndef GS2_TESTS_PAC_SAMPLE_H
#define GS2_TESTS_PAC_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

/* SID of the domain that the samples are of. */
#define SAMPLE_DOMAIN "S-1-5-21-3061861592-2839517203-2083967054"

/* Octets from malloc(), of their exact size. */
struct pac_octets {
    uint8_t *data;
    size_t len;
};

/* The buffer in tests/fuzz/corpus/pac/NAME. */
struct pac_octets pac_sample_read(const char *name);

struct pac_group {
    uint32_t rid, attributes;
};

/* A logon-info; zero and NULL are left out. */
struct pac_logon {
    const char *domain; /* SIDs as text */
    uint32_t rid, primary;
    const struct pac_group *groups;
    size_t group_count;
    const char *extra[4]; /* with the attributes of extra_attributes */
    uint32_t extra_attributes[4];
    size_t extra_count;
    const char *resource_domain;
    const struct pac_group *resources;
    size_t resource_count;
};

struct pac_octets pac_sample_logon(const struct pac_logon *logon);

/* An upn-dns-info with that name (UTF-8; NULL for none) and these flags. */
struct pac_octets pac_sample_upn(const char *upn, uint32_t flags);

#endif
