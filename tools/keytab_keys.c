/*
 * keytab_keys.c - the keys of a keytab, by libkrb5 (see keytab_keys.h).
 */
#include "keytab_keys.h"

#include <krb5.h>

#include "document.h"
#include "print.h"

/* krb5's own words for a failure; context may be NULL.  Gives. */
static json_t *
explain(krb5_context context, krb5_error_code code)
{
    const char *text = krb5_get_error_message(context, code);
    json_t *made = document_text(text);

    krb5_free_error_message(context, text);
    return made;
}

static void
add_key(json_t *keys, krb5_context context, const krb5_keytab_entry *entry)
{
    char *text = NULL;
    json_t *key;

    if (krb5_unparse_name(context, entry->principal, &text) != 0)
        text = NULL;
    key = need(json_pack("{s:o, s:I}", "principal",
                         document_text(text != NULL ? text : "?"), "kvno",
                         (json_int_t)entry->vno));
    krb5_free_unparsed_name(context, text);
    for (size_t i = 0; i < json_array_size(keys); i++) {
        if (json_equal(json_array_get(keys, i), key)) {
            json_decref(key); /* of another encryption type */
            return;
        }
    }
    document_add(keys, key);
}

static krb5_error_code
read_keys(krb5_context context, krb5_keytab handle, json_t *keys)
{
    krb5_kt_cursor cursor;
    krb5_keytab_entry entry;
    krb5_error_code code;

    code = krb5_kt_start_seq_get(context, handle, &cursor);
    if (code != 0)
        return code;
    while (krb5_kt_next_entry(context, handle, &entry, &cursor) == 0) {
        add_key(keys, context, &entry);
        krb5_free_keytab_entry_contents(context, &entry);
    }
    krb5_kt_end_seq_get(context, handle, &cursor);
    return 0;
}

/* Its name in full, where it has one. */
static krb5_error_code
find(krb5_context context, const char *name, krb5_keytab *handle_out,
     json_t *document)
{
    krb5_error_code code;
    char full[1024];

    code = name != NULL ? krb5_kt_resolve(context, name, handle_out)
                        : krb5_kt_default(context, handle_out);
    if (code == 0 &&
        krb5_kt_get_name(context, *handle_out, full, sizeof(full)) == 0)
        document_set(document, "name", document_text(full));
    return code;
}

void
keytab_keys_read(const char *name, json_t *document)
{
    json_t *keys = need(json_array());
    krb5_context context = NULL;
    krb5_keytab handle = NULL;
    krb5_error_code code;

    document_set(document, "name",
                 document_text(name != NULL ? name : KEYTAB_KEYS_UNKNOWN));
    code = krb5_init_context(&context);
    if (code == 0)
        code = find(context, name, &handle, document);
    if (code == 0)
        code = read_keys(context, handle, keys);
    document_set(document, "error",
                 code != 0 ? explain(context, code) : json_null());
    document_set(document, "keys", keys);
    if (handle != NULL)
        krb5_kt_close(context, handle);
    krb5_free_context(context);
}

json_t *
keytab_keys_realm(void)
{
    krb5_context context = NULL;
    char *realm = NULL;
    json_t *made;

    if (krb5_init_context(&context) != 0 ||
        krb5_get_default_realm(context, &realm) != 0)
        realm = NULL;
    made = document_text(realm);
    krb5_free_default_realm(context, realm);
    krb5_free_context(context);
    return made;
}
