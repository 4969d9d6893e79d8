/*
 * pac.h - the interface between the plugin and a decoder of PACs (MS-PAC), a
 * module of its own that is loaded where gs2_pac_decoder names one.  The
 * decoder that comes with the plugin (pac/decoder.c) brings in Samba's
 * libraries, which must not be in every process that loads SASL plugins.
 *
 * Octets go in, texts come out; a decoder knows nothing of SASL or GSS, nor
 * whether what it decodes was authenticated.  That is for the caller to know
 * before it calls.
 */
#ifndef GS2_PAC_H
#define GS2_PAC_H

#include <stddef.h>

/* Raised with every change of what follows. */
#define GS2_PAC_ABI 1

/* The one symbol of a decoder: a struct gs2_pac_decoder, which does not
 * change. */
#define GS2_PAC_SYMBOL "gs2_pac_decoder"

enum gs2_pac_kind {
    GS2_PAC_USER_SID,  /* "S-1-5-21-...": at most one of a buffer */
    GS2_PAC_GROUP_SID,
    GS2_PAC_UPN        /* UTF-8, as the domain has it: at most one */
};

enum gs2_pac_result {
    GS2_PAC_OK = 0,
    GS2_PAC_REFUSED, /* this is no such buffer, or one that is not usable */
    GS2_PAC_NOMEM,
    GS2_PAC_STOPPED  /* the caller's function wanted no more */
};

/*
 * Takes one text of len octets, with a NUL behind it, and copies what it wants
 * to keep: the text is gone after the call.  0: go on; else the decoding ends.
 */
typedef int gs2_pac_take(void *context, enum gs2_pac_kind kind,
                         const char *text, size_t len);

/*
 * Decodes the len octets at data, which it borrows.  take is called for each
 * text that is found, after the whole buffer has been decoded: none where it is
 * refused.  May be called by several threads at once.
 */
typedef enum gs2_pac_result gs2_pac_decode(const void *data, size_t len,
                                           gs2_pac_take *take, void *context);

struct gs2_pac_decoder {
    unsigned abi;                 /* GS2_PAC_ABI; first, in every version */
    gs2_pac_decode *logon_info;   /* KERB_VALIDATION_INFO: SIDs */
    gs2_pac_decode *upn_dns_info; /* UPN_DNS_INFO: the UPN */
};

#endif
