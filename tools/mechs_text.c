/*
 * mechs_text.c - what the command mechs says to people (see mechs_text.h).
 */
#include "mechs_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "document.h"
#include "keytab.h"
#include "print.h"

static void
print_yes(const json_t *answer, int width)
{
    const bool yes = json_is_true(answer);

    print_styled(stdout, yes ? PRINT_GOOD : PRINT_BAD, "%-*s", width,
                 yes ? "yes" : "no");
}

static void
print_mech(const json_t *mech)
{
    const char *why = document_get(mech, "why");

    print("  %-14s ", document_get(mech, "name"));
    print_yes(json_object_get(mech, "server"), 7);
    print(" ");
    print_yes(json_object_get(mech, "client"), why != NULL ? 7 : 0);
    print_folded(stdout, "%s\n", why != NULL ? why : "");
}

/* What the server's user makes of the keytab. */
static void
print_reader(const json_t *reader)
{
    const json_t *readable = json_object_get(reader, "readable");
    const char *root = document_get(reader, "chroot");
    const char *why = document_get(reader, "why");

    if (json_is_null(reader))
        return;
    print("  %-9s ", "");
    print_folded(stdout, "%s %s%s%s%s\n", document_get(reader, "user"),
                 !json_is_true(readable)
                 ? json_is_false(readable)
                   ? "cannot read it: " : "may read it or not, cannot tell: "
                 : why != NULL ? "reads it, but " : "reads it",
                 why != NULL ? why : "", root != NULL ? ", in " : "", root != NULL ? root : "");
}

static void
print_keytab(const json_t *keytab)
{
    const json_t *reader = json_object_get(keytab, "reader"), *key;
    const char *owner = document_get(reader, "owner");
    const char *error = document_get(keytab, "error");
    const char *name = document_get(keytab, "name");
    size_t i;

    if (owner != NULL)
        print_folded(stdout, "  %-9s %s, %s:%s %s\n", "keytab", name, owner,
                     document_get(reader, "group"),
                     document_get(reader, "mode"));
    else
        print_folded(stdout, "  %-9s %s\n", "keytab", name);
    print_reader(reader);
    if (error != NULL && keytab_is_readable(keytab))
        print_folded(stdout, "  %-9s %s\n", "", error);
    json_array_foreach(json_object_get(keytab, "keys"), i, key) {
        print("  %-9s %s, kvno %u\n", "", document_get(key, "principal"),
              (unsigned)json_integer_value(json_object_get(key, "kvno")));
    }
}

void
mechs_text_print(const struct tickets *tickets, const json_t *document)
{
    const char *plugin = document_get(document, "plugin");
    const char *next = document_get(document, "next");
    const char *log = document_get(document, "log");
    char *ticket = tickets_describe(tickets);
    const json_t *mech;
    size_t i;

    print("  %-14s %-7s %s\n", "mechanism", "server", "client");
    json_array_foreach(json_object_get(document, "mechanisms"), i, mech) {
        print_mech(mech);
    }
    print("\n  %-9s %s@%s\n", "service", document_get(document, "service"),
          document_get(document, "host"));
    print_folded(stdout, "  %-9s %s%s\n", "plugin",
                 plugin != NULL ? plugin : "none",
                 plugin == NULL || json_is_true(json_object_get(document,
                                                                "ours"))
                 ? "" : ", which is not of cyrus-sasl-gs2: it knows no rules");
    print_keytab(json_object_get(document, "keytab"));
    if (log != NULL)
        print_folded(stdout, "  %-9s %s, for logins that are refused\n", "log",
                     log);
    print_folded(stdout, "  %-9s %s\n", "ticket", ticket);
    free(ticket);
    if (next != NULL)
        print_folded(stdout, "\nnext: %s\n", next);
    if (tickets->principal == NULL)
        print("\nno ticket: a client cannot log in\nnext: kinit\n");
    else if (tickets->expired)
        print("\nthe ticket has expired\nnext: kinit\n");
}
