#!/bin/sh
# t_docs.sh - the documents say what there is: each option, fact and property
# is in the manual page, each option and fact in the example, each test program
# in tests/README.md; the pages are well formed, and servers are run as
# doc/servers.md says.
# result calls the functions by their names:
# shellcheck disable=SC2317,SC2329
set -u
# shellcheck source=tests/lib/tap.sh
. "$GS2_SRCDIR/tests/lib/tap.sh"
cd "$GS2_SRCDIR" || exit 1

# The names in a table of the product.
names() {
    "$GS2_BUILDDIR/tests/repo/tables" "$1" | cut -f 1
}

# The options that are ours: keytab is the GSSAPI plugin's.
options() {
    names options | grep '^gs2_'
}

# Each word of the standard input is in FILE, in the form PREFIX word SUFFIX.
each_in() {
    wrong=0
    found=0
    while read -r word; do
        found=$((found + 1))
        grep -qE "$2$word$3" "$1" || {
            echo "$word is not in $1"
            wrong=1
        }
    done
    [ "$found" -gt 0 ] && return "$wrong"
}

options_in_page() {
    options | each_in libgs2.5 '^\.It Cm ' '$'
}

examples_in_page() {
    options | each_in libgs2.5 '^\.Dl ' ': '
}

options_in_example() {
    options | each_in sasl.conf.example '^#' ': '
}

# What the documents name as an option is one.
no_other_options() {
    grep -ohE 'gs2_[a-z_]+' libgs2.5 sasl.conf.example README.md SECURITY.md \
        doc/a*.md doc/cluster.md doc/moonshot.md doc/s*.md \
        doc/troubleshooting.md | sort -u | {
            wrong=0
            while read -r word; do
                case $word in
                gs2_role_* | gs2_slapd_init) continue ;;
                esac
                options | grep -qx "$word" || {
                    echo "$word is no option"
                    wrong=1
                }
            done
            return "$wrong"
        }
}

properties_in_page() {
    names properties | each_in libgs2.5 '^\.It Li (.* )?\*' '( |\\|$)'
}

facts_in_page() {
    names facts | each_in libgs2.5 '^\.It Li (.* )?' '( |$)'
}

attributes_in_page() {
    names attributes | each_in libgs2.5 '^\.It Li ' '$'
}

facts_in_example() {
    { names facts && names attributes; } |
        each_in sasl.conf.example '^#.* ' '[,.]'
}

# A test reads each block of configuration and each table of these pages.
servers_are_run() {
    sed -nE 's/^<!-- (setup|table): (.*) -->$/\2/p' doc/*.md | {
        found=0
        while read -r name; do
            grep -qF "'$name'" tests/*/*.py tests/lib/python/*.py || {
                echo "no test has '$name'"
                return 1
            }
            found=$((found + 1))
        done
        [ "$found" -gt 2 ]
    }
}

# Each long option that the program's help has.
inspect_options_in_page() {
    "$inspect" --help | sed -nE 's/^  -., --([a-z-]+)(=.*|  .*|)$/\1/p' |
        each_in gs2-inspect.1 '^\.It Fl . , -' '( |$)'
}

# The page's examples as one configuration, but for modules, which must be there.
examples_in_force() {
    sed -n 's/^\.Dl \(gs2_.*\)/\1/p' libgs2.5 | grep -v '\.so' \
        >"$scratch/examples.conf"
    SASL_PATH=$(dirname "$GS2_PLUGIN") "$inspect" conf \
        "$scratch/examples.conf" | grep ': in force$'
}

# Programs are what has a first line #!, a main() or a list of tests.
programs() {
    {
        ls tests/modules/*.c
        for file in tests/*/*.c; do
            ! grep -qE '^(SUITE|main|LLVMFuzzerTestOneInput)\(' "$file" ||
                echo "$file"
        done
        for file in tests/*/*.py tests/lib/python/*.py tests/*/*.sh \
            tests/repo/*; do
            ! head -n 1 "$file" | grep -q '^#!' || echo "$file"
        done
    } | sort -u
}

# The rows of a table stand below the name of their folder.
named_programs() {
    awk -F'`' '/^## `/ { folder = $2 } /^\| `/ { print "tests/" folder $2 }' \
        tests/README.md | sort
}

programs_in_tables() {
    here=$(programs)
    [ -n "$here" ] && printf '%s\n' "$here" >"$scratch/here" &&
        named_programs | diff "$scratch/here" -
}

page_is_clean() {
    output=$(mandoc -Tlint -Wwarning libgs2.5 gs2-inspect.1 \
        slapd/libgs2-slapd.5 nss/libnss_gs2.8 2>&1)
    [ -z "$output" ] || {
        printf '%s\n' "$output"
        return 1
    }
}

there_are_options() {
    [ "$(options | wc -l)" -gt 10 ]
}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/gs2-docs.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

result 'the options are found in the plugin' there_are_options
result 'the manual page has every option' options_in_page
result 'the manual page has an example of every option' examples_in_page
result 'sasl.conf.example has every option' options_in_example
result 'the documents name no other option' no_other_options
result 'the manual page has every property' properties_in_page
result 'the manual page has every fact' facts_in_page
result 'the manual page has every attribute gs2:ad-...' attributes_in_page
result 'sasl.conf.example has every fact and attribute' facts_in_example
result 'what the pages about servers show is what tests run' servers_are_run
inspect=$GS2_BUILDDIR/gs2-inspect
if [ -x "$inspect" ]; then
    result "gs2-inspect's page has every option" inspect_options_in_page
    result 'the examples of the options are in force' examples_in_force
else
    skip "gs2-inspect's page has every option" 'gs2-inspect is not built'
fi
result 'tests/README.md has every program, and no other' programs_in_tables
if command -v mandoc >/dev/null; then
    result 'mandoc has no complaint' page_is_clean
else
    skip 'mandoc has no complaint' 'mandoc is not installed'
fi
finish
