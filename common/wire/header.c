/*
 * header.c - the gs2-header codec (RFC 5801 section 4):
 *
 *   gs2-header = [ "F," ] cb-flag "," [ "a=" saslname ] ","
 *   cb-flag    = "p=" cb-name / "n" / "y"
 *   cb-name    = 1*( ALPHA / DIGIT / "." / "-" )
 *   saslname   = 1*( UTF-8 character but NUL "," "=" / "=2C" / "=3D" )
 *
 * The decoder is a cursor that consumes one rule a function; a rule that does
 * not match sets the text and consumes nothing more.
 */
#include "header.h"

#include <stdlib.h>
#include <string.h>

#include "common/text/utf8.h"

struct cursor {
    const char *start, *at, *end;
    struct gs2_error *err;
};

/* Refuses the message at the cursor, with the octet found there. */
static gs2_status
refuse(const struct cursor *c, const char *what)
{
    char found[8];

    if (c->at == c->end)
        return gs2_fail(c->err, GS2_BADPROT,
                        "malformed GS2 header: %s at octet %zu, "
                        "where the message ends",
                        what, (size_t)(c->at - c->start));
    return gs2_fail(c->err, GS2_BADPROT,
                    "malformed GS2 header: %s at octet %zu, found '%s'", what,
                    (size_t)(c->at - c->start),
                    gs2_escape(found, sizeof(found), c->at, 1));
}

static bool
take(struct cursor *c, char octet)
{
    if (c->at == c->end || *c->at != octet)
        return false;
    c->at++;
    return true;
}

static bool
is_cb_name_octet(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '-';
}

/* cb-name; the cursor is behind "p=". */
static gs2_status
take_cb_name(struct cursor *c, char **name_out)
{
    const char *name = c->at;

    while (c->at < c->end && is_cb_name_octet(*c->at))
        c->at++;
    if (c->at == name || (c->at < c->end && *c->at != ','))
        return refuse(c, "empty or ill-formed channel binding name");
    *name_out = strndup(name, (size_t)(c->at - name));
    return *name_out != NULL ? GS2_OK : gs2_fail_nomem(c->err);
}

static gs2_status
take_cb_flag(struct cursor *c, struct gs2_header *hdr)
{
    if (take(c, 'n')) {
        hdr->cb_flag = GS2_CB_NONE;
        return GS2_OK;
    }
    if (take(c, 'y')) {
        hdr->cb_flag = GS2_CB_OFFERED;
        return GS2_OK;
    }
    if (take(c, 'p')) {
        hdr->cb_flag = GS2_CB_USED;
        if (!take(c, '='))
            return refuse(c, "no '=' after the channel binding flag p");
        return take_cb_name(c, &hdr->cb_name);
    }
    return refuse(c, "no channel binding flag (n, y or p)");
}

/* "=2C" or "=3D"; the cursor is at the "=". */
static gs2_status
take_escape(struct cursor *c, char *out)
{
    const char *e = c->at;

    if (c->end - e < 3)
        return refuse(c, "escape in the authzid cut short");
    if (memcmp(e, "=2C", 3) == 0)
        *out = ',';
    else if (memcmp(e, "=3D", 3) == 0)
        *out = '=';
    else if (memcmp(e, "=2c", 3) == 0 || memcmp(e, "=3d", 3) == 0)
        return refuse(c, "escape in the authzid must be upper case");
    else
        return refuse(c, "escape in the authzid is not =2C or =3D");
    c->at += 3;
    return GS2_OK;
}

/* One character of a saslname into out, which has room for 4 octets. */
static gs2_status
take_saslname_char(struct cursor *c, char *out, size_t *len_out)
{
    *len_out = 1;
    if (*c->at == '=')
        return take_escape(c, out);
    if (*c->at == '\0')
        return refuse(c, "NUL in the authzid");
    *len_out = gs2_utf8_char(c->at, (size_t)(c->end - c->at));
    if (*len_out == 0)
        return refuse(c, "ill-formed UTF-8 in the authzid");
    memcpy(out, c->at, *len_out);
    c->at += *len_out;
    return GS2_OK;
}

/* saslname; the cursor is behind "a=". */
static gs2_status
take_saslname(struct cursor *c, char **name_out)
{
    const char *comma = memchr(c->at, ',', (size_t)(c->end - c->at));
    const char *limit = comma != NULL ? comma : c->end;
    gs2_status status = GS2_OK;
    size_t at = 0, len;
    char *name;

    if (c->at == limit)
        return refuse(c, "empty authzid");
    name = malloc((size_t)(limit - c->at) + 1);
    if (name == NULL)
        return gs2_fail_nomem(c->err);
    while (status == GS2_OK && c->at < limit) {
        status = take_saslname_char(c, name + at, &len);
        at += len;
    }
    if (status != GS2_OK) {
        free(name);
        return status;
    }
    name[at] = '\0';
    *name_out = name;
    return GS2_OK;
}

static gs2_status
take_header(struct cursor *c, struct gs2_header *hdr)
{
    gs2_status status;

    if (take(c, 'F')) {
        hdr->nonstd = true;
        if (!take(c, ','))
            return refuse(c, "no comma after F");
        hdr->bound_at = (size_t)(c->at - c->start);
    }
    status = take_cb_flag(c, hdr);
    if (status != GS2_OK)
        return status;
    if (!take(c, ','))
        return refuse(c, "no comma after the channel binding flag");
    if (take(c, 'a')) {
        if (!take(c, '='))
            return refuse(c, "no '=' after a");
        status = take_saslname(c, &hdr->authzid);
        if (status != GS2_OK)
            return status;
        if (!take(c, ','))
            return refuse(c, "no comma after the authzid");
    } else if (!take(c, ',')) {
        return refuse(c, "no authzid and no comma");
    }
    hdr->length = (size_t)(c->at - c->start);
    hdr->bound_len = hdr->length - hdr->bound_at;
    return GS2_OK;
}

gs2_status
gs2_header_decode(const void *message, size_t len, struct gs2_header *hdr_out,
                  struct gs2_error *err)
{
    struct cursor c = { message, message, NULL, err };
    gs2_status status;

    memset(hdr_out, 0, sizeof(*hdr_out));
    if (len == 0)
        return gs2_fail(err, GS2_BADPROT,
                        "malformed GS2 header: empty message");
    c.end = c.start + len;
    status = take_header(&c, hdr_out);
    if (status != GS2_OK)
        gs2_header_free(hdr_out);
    return status;
}

void
gs2_header_free(struct gs2_header *hdr)
{
    free(hdr->cb_name);
    free(hdr->authzid);
    memset(hdr, 0, sizeof(*hdr));
}

/* Octets of authzid as a saslname; 0 where it cannot be one. */
static size_t
saslname_size(const char *authzid)
{
    const size_t len = strlen(authzid);
    size_t size = 0, step;

    for (size_t i = 0; i < len; i += step) {
        step = gs2_utf8_char(authzid + i, len - i);
        if (step == 0)
            return 0;
        size += authzid[i] == ',' || authzid[i] == '=' ? 3 : step;
    }
    return size;
}

static char *
put_saslname(char *out, const char *authzid)
{
    for (const char *p = authzid; *p != '\0'; p++) {
        if (*p == ',')
            out = stpcpy(out, "=2C");
        else if (*p == '=')
            out = stpcpy(out, "=3D");
        else
            *out++ = *p;
    }
    return out;
}

/* What the values need on the wire, into hdr->length. */
static gs2_status
measure(struct gs2_header *hdr, struct gs2_error *err)
{
    char quoted[64];
    size_t n;

    if (hdr->cb_flag != GS2_CB_NONE && hdr->cb_flag != GS2_CB_OFFERED &&
        hdr->cb_flag != GS2_CB_USED)
        return gs2_fail(err, GS2_BADPROT, "no channel binding flag");
    hdr->bound_at = hdr->nonstd ? sizeof("F,") - 1 : 0;
    hdr->bound_len = sizeof("n,,") - 1;
    if (hdr->cb_flag == GS2_CB_USED) {
        n = 0;
        while (hdr->cb_name != NULL && is_cb_name_octet(hdr->cb_name[n]))
            n++;
        if (n == 0 || hdr->cb_name[n] != '\0')
            return gs2_fail(err, GS2_BADPROT,
                            "empty or ill-formed channel binding name");
        hdr->bound_len += sizeof("=") - 1 + n;
    }
    if (hdr->authzid != NULL) {
        n = saslname_size(hdr->authzid);
        if (n == 0)
            return gs2_fail(err, GS2_BADPROT,
                            "authzid \"%s\" is empty or not UTF-8",
                            gs2_escape(quoted, sizeof(quoted), hdr->authzid,
                                       strlen(hdr->authzid)));
        hdr->bound_len += sizeof("a=") - 1 + n;
    }
    hdr->length = hdr->bound_at + hdr->bound_len;
    return GS2_OK;
}

gs2_status
gs2_header_encode(struct gs2_header *hdr, char **wire_out,
                  struct gs2_error *err)
{
    gs2_status status;
    char *p;

    *wire_out = NULL;
    status = measure(hdr, err);
    if (status != GS2_OK)
        return status;
    p = malloc(hdr->length + 1);
    if (p == NULL)
        return gs2_fail_nomem(err);
    *wire_out = p;
    if (hdr->nonstd)
        p = stpcpy(p, "F,");
    *p++ = (char)hdr->cb_flag;
    if (hdr->cb_flag == GS2_CB_USED) {
        *p++ = '=';
        p = stpcpy(p, hdr->cb_name);
    }
    *p++ = ',';
    if (hdr->authzid != NULL)
        p = put_saslname(stpcpy(p, "a="), hdr->authzid);
    *p++ = ',';
    *p = '\0';
    return GS2_OK;
}
