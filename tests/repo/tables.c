/*
 * tables.c - prints a table of the product, for tests of what documents say:
 * a line for each row, its name, and behind a tab what it stands for, where
 * the table says that.
 */
#include <stdio.h>
#include <string.h>

#include "common/options.h"
#include "common/rules/names.h"

static void
print_options(void)
{
    for (size_t i = 0; i < GS2_OPTION_NAMES; i++)
        (void)puts(gs2_options_name((enum gs2_option)i));
}

static void
print_name(const struct gs2_name *row)
{
    (void)printf("%s\t%s\n", row->name, row->meaning);
}

static void
print_facts(void)
{
    for (size_t i = 0; i < GS2_FACTS; i++)
        print_name(gs2_names_fact((enum gs2_fact)i));
}

static void
print_attributes(void)
{
    const struct gs2_own_attr *attr;

    for (size_t i = 0; (attr = gs2_names_nth_attr(i)) != NULL; i++)
        (void)puts(attr->name);
}

static void
print_properties(void)
{
    const struct gs2_property *property;

    for (size_t i = 0; (property = gs2_names_nth_property(i)) != NULL; i++)
        print_name(&property->row);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } tables[] = {
        { "options", print_options },
        { "facts", print_facts },
        { "attributes", print_attributes },
        { "properties", print_properties },
    };

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (argc == 2 && strcmp(argv[1], tables[i].name) == 0) {
            tables[i].print();
            return fflush(stdout) == 0 ? 0 : 1;
        }
    }
    (void)fputs("usage: tables options|facts|attributes|properties\n", stderr);
    return 2;
}
