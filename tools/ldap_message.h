/*
 * ldap_message.h - messages of LDAP (RFC 4511 section 4) in BER, as far as a
 * SASL login needs them.
 */
#ifndef LDAP_MESSAGE_H
#define LDAP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "channel.h"

/* A message has at most so many octets. */
#define LDAP_MESSAGE_MAX (1 << 20)

/* Tags of RFC 4511, each of one octet. */
enum ldap_tag {
    LDAP_BOOLEAN = 0x01, LDAP_INTEGER = 0x02, LDAP_OCTETS = 0x04,
    LDAP_ENUMERATED = 0x0a, LDAP_SEQUENCE = 0x30, LDAP_SET = 0x31,
    LDAP_UNBIND = 0x42, LDAP_BIND = 0x60, LDAP_BIND_RESPONSE = 0x61,
    LDAP_SEARCH = 0x63, LDAP_ENTRY = 0x64, LDAP_SEARCH_DONE = 0x65,
    LDAP_REFERENCE = 0x73, LDAP_EXTENDED = 0x77, LDAP_EXTENDED_RESPONSE = 0x78,
    LDAP_EXTENDED_NAME = 0x80, LDAP_PRESENT = 0x87,
    LDAP_SERVER_CREDENTIALS = 0x87, LDAP_SASL = 0xa3
};

/* --- reading -------------------------------------------------------------- */

/* Elements, one behind the other.  Borrows the octets. */
struct ldap_elements {
    const unsigned char *at;
    size_t left;
};

struct ldap_message {
    unsigned char *octets; /* the caller's to free; a NUL is behind them */
    unsigned long number;  /* of the request; 0: of none */
    int operation;         /* its tag */
    struct ldap_elements content;
};

/* Takes the next element, which must have this tag.  False, and nothing is
 * taken, if it does not, or if it is cut short. */
bool ldap_take(struct ldap_elements *elements, int tag,
               struct ldap_elements *content_out);

/* The same of a number that is not below 0. */
bool ldap_take_number(struct ldap_elements *elements, int tag,
                      unsigned long *number_out);

/* Reads one from host.  False, with a reason, where it does not come or is no
 * message; message_out->octets is NULL then. */
bool ldap_read(struct channel *channel, const char *host,
               struct ldap_message *message_out, struct gs2_error *err);

/* --- writing -------------------------------------------------------------- */

/* A message, from its end to its beginning: what stands in an element is put
 * before the element is. */
struct ldap_writer {
    unsigned char *octets; /* size of them; those from at on are in use */
    size_t size, at;
};

/* Makes room for size octets.  Fills the caller's *writer_out, of which octets
 * is to be freed. */
void ldap_begin(struct ldap_writer *writer_out, size_t size);

/* Puts octets in front. */
void ldap_put(struct ldap_writer *writer, const void *octets, size_t len);

/* Makes an element of what stands in front of end: a former writer->at, or
 * writer->size for everything. */
void ldap_wrap(struct ldap_writer *writer, int tag, size_t end);

/* Puts an element with these octets in front. */
void ldap_put_element(struct ldap_writer *writer, int tag, const void *octets,
                      size_t len);

#endif
