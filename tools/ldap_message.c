/*
 * ldap_message.c - messages of LDAP in BER (see ldap_message.h).  OpenSSL reads
 * the headers of elements.
 */
#include "ldap_message.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>

#include "print.h"

/* --- reading -------------------------------------------------------------- */

bool
ldap_take(struct ldap_elements *elements, int tag,
          struct ldap_elements *content_out)
{
    const unsigned char *at = elements->at;
    int number, class;
    long len;

    if (elements->left == 0 || at[0] != tag ||
        (ASN1_get_object(&at, &len, &number, &class, (long)elements->left) &
         0x81) != 0) /* an error; a length that is not told (section 5.1) */
        return false;
    elements->left -= (size_t)(at - elements->at) + (size_t)len;
    elements->at = at + len;
    content_out->at = at;
    content_out->left = (size_t)len;
    return true;
}

bool
ldap_take_number(struct ldap_elements *elements, int tag,
                 unsigned long *number_out)
{
    struct ldap_elements content;
    unsigned long number = 0;

    if (!ldap_take(elements, tag, &content) || content.left == 0 ||
        content.left > 4 || (content.at[0] & 0x80) != 0)
        return false;
    for (size_t i = 0; i < content.left; i++)
        number = number << 8 | content.at[i];
    *number_out = number;
    return true;
}

/* How many octets follow a message's tag and the first octet of its length. */
static bool
read_size(struct channel *channel, const unsigned char header[2],
          const char *host, size_t *size_out, struct gs2_error *err)
{
    unsigned char more[4];
    const size_t count = header[1] & 0x7f;

    *size_out = header[1];
    if (header[0] != LDAP_SEQUENCE || header[1] == 0x80 ||
        (header[1] > 0x80 && count > sizeof(more))) {
        gs2_error_set(err, "%s does not speak LDAP", host);
        return false;
    }
    if (header[1] < 0x80)
        return true;
    if (!channel_read(channel, more, count, err))
        return false;
    *size_out = 0;
    for (size_t i = 0; i < count; i++)
        *size_out = *size_out << 8 | more[i];
    if (*size_out <= LDAP_MESSAGE_MAX)
        return true;
    gs2_error_set(err, "%s sends a message of more than %d octets", host,
                  LDAP_MESSAGE_MAX);
    return false;
}

static bool
parse(struct ldap_message *message, size_t size)
{
    struct ldap_elements all = { message->octets, size };

    if (!ldap_take_number(&all, LDAP_INTEGER, &message->number) ||
        all.left == 0)
        return false;
    message->operation = all.at[0];
    return ldap_take(&all, message->operation, &message->content);
}

bool
ldap_read(struct channel *channel, const char *host,
          struct ldap_message *message_out, struct gs2_error *err)
{
    unsigned char header[2];
    size_t size;

    memset(message_out, 0, sizeof(*message_out));
    if (!channel_read(channel, header, sizeof(header), err) ||
        !read_size(channel, header, host, &size, err))
        return false;
    message_out->octets = need(calloc(1, size + 1));
    if (channel_read(channel, message_out->octets, size, err)) {
        if (parse(message_out, size))
            return true;
        gs2_error_set(err, "%s sends a message that is not of LDAP", host);
    }
    free(message_out->octets);
    message_out->octets = NULL;
    return false;
}

/* --- writing -------------------------------------------------------------- */

void
ldap_begin(struct ldap_writer *writer_out, size_t size)
{
    writer_out->octets = need(malloc(size));
    writer_out->size = writer_out->at = size;
}

/* Sizes are the caller's own: a message that has no room is a mistake here. */
void
ldap_put(struct ldap_writer *writer, const void *octets, size_t len)
{
    if (len > writer->at)
        abort();
    writer->at -= len;
    if (len > 0)
        memcpy(writer->octets + writer->at, octets, len);
}

void
ldap_wrap(struct ldap_writer *writer, int tag, size_t end)
{
    size_t len = end - writer->at;
    unsigned char octets[1 + 1 + sizeof(len)];
    size_t at = sizeof(octets), count;

    if (len < 0x80) {
        octets[--at] = (unsigned char)len;
    } else {
        for (; len > 0; len >>= 8)
            octets[--at] = (unsigned char)len;
        count = sizeof(octets) - at;
        octets[--at] = (unsigned char)(0x80 | count);
    }
    octets[--at] = (unsigned char)tag;
    ldap_put(writer, octets + at, sizeof(octets) - at);
}

void
ldap_put_element(struct ldap_writer *writer, int tag, const void *octets,
                 size_t len)
{
    const size_t end = writer->at;

    ldap_put(writer, octets, len);
    ldap_wrap(writer, tag, end);
}
