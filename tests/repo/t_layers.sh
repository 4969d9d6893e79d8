#!/bin/sh
# t_layers.sh - the built plugin exports and links what it should and nothing
# else, and make knows every source.
# result calls the functions by their names:
# shellcheck disable=SC2317
set -u
# shellcheck source=tests/lib/tap.sh
. "$GS2_SRCDIR/tests/lib/tap.sh"
cd "$GS2_SRCDIR" || exit 1

# Fails, and shows both, where the lines of $1 are not those of $2.
same() {
    [ "$1" = "$2" ] || {
        printf 'found:\n%s\nwanted:\n%s\n' "$1" "$2"
        return 1
    }
}

# exports LIBRARY SYMBOLS: sorted, one a line.
exports() {
    same "$(nm -D --defined-only "$1" | awk '{print $3}' | sort)" "$2"
}

# The libraries that the plugin names, without those of the sanitizers.
needed() {
    same "$(objdump -p "$GS2_PLUGIN" | awk '$1 == "NEEDED" {print $2}' |
        sed -E '/^lib(asan|ubsan|gcc_s|m|dl|rt|pthread|resolv)\./'"$1" |
        sort)" 'libc.so.6
libgssapi_krb5.so.2'
}

pac_links_no_sasl() {
    ! objdump -p "$pac" | grep -E 'NEEDED.*(sasl|gss|krb5\.)'
}

no_text_relocations() {
    ! readelf -d "$GS2_PLUGIN" | grep -E 'TEXTREL'
}

# common/ keeps no state of the process: no variable that can be written.
# Tables of pointers are in .data.rel.ro, which is read-only once loaded.
no_state() {
    ! objdump -t "$GS2_BUILDDIR/.libs/libgs2common.a" | awk '
        $3 == "O" && $4 ~ /^(\.t?(data|bss)|\*COM\*)/ &&
            $4 !~ /^\.data\.rel\.ro/ { print; found = 1 }
        $2 == "O" && $3 ~ /^(\.t?(data|bss)|\*COM\*)/ &&
            $3 !~ /^\.data\.rel\.ro/ { print; found = 1 }
        END { exit !found }'
}

# A source that make does not know of is in no distribution.
all_listed() {
    status=0
    for file in common/*.[ch] common/*/*.[ch] pac/*.[ch] plugin/*.[ch] \
        tools/*.[ch] tests/*/*.[ch] tests/*/*.py tests/*/*.sh \
        tests/lib/python/*.py; do
        # A test program's name stands for its source.
        for name in "$file" "${file%.c}"; do
            ! grep -qE "(^|[[:space:]])$name([[:space:]]|\$)" \
                Makefile.am ./*/local.mk tests/*/local.mk ||
                continue 2
        done
        echo "$file is in no makefile"
        status=1
    done
    return "$status"
}

relro() {
    readelf -lW "$GS2_PLUGIN" | grep -q GNU_RELRO &&
        readelf -d "$GS2_PLUGIN" | grep -qE 'BIND_NOW|FLAGS.*NOW'
}

# Neither stack nor heap can be run, and what can be run cannot be written.
no_code_in_data() {
    readelf -lW "$GS2_PLUGIN" | awk '
        $1 == "GNU_STACK" { stack = 1 }
        $1 == "GNU_STACK" || $1 == "LOAD" {
            shown = ""
            for (i = 7; i < NF; i++)
                shown = shown $i
            if (shown ~ /W/ && shown ~ /E/) { print; wrong = 1 }
        }
        END { exit wrong || !stack }'
}

# The program decides where libraries come from.
no_rpath() {
    ! readelf -d "$GS2_PLUGIN" | grep -E 'RPATH|RUNPATH'
}

# The plugin takes FUNCTION of libc, which the compiler has put in.
imports() {
    nm -D --undefined-only "$GS2_PLUGIN" |
        awk -v pattern="^$1(@|\$)" '$2 ~ pattern { found = 1 }
            END { exit !found }'
}

result 'every source is in a makefile' all_listed

[ -f "$GS2_PLUGIN" ] || {
    echo "Bail out! $GS2_PLUGIN is not built"
    exit 1
}
result 'the plugin exports its two entry points and nothing else' \
    exports "$GS2_PLUGIN" 'sasl_client_plug_init
sasl_server_plug_init'
pac=$GS2_BUILDDIR/pac/.libs/libgs2-pac.so
if [ -f "$pac" ]; then
    result 'the PAC decoder exports its one symbol' \
        exports "$pac" gs2_pac_decoder
    result 'the PAC decoder links neither libsasl nor a GSS library' \
        pac_links_no_sasl
else
    skip 'what the PAC decoder exports and links' 'built without samba-dev'
fi
if [ "$GS2_SANITIZERS" = yes ]; then
    result 'the plugin links the GSS library, libc, and the sanitizers' \
        needed d
else
    result 'the plugin links the GSS library and libc, nothing else' \
        needed '!b'
fi
# Sanitizers and gcov add data of their own, so this look at common/'s is left
# to a build without them.
[ "$GS2_SANITIZERS" = yes ] || [ "$GS2_COVERAGE" = yes ] ||
    result 'common/ has no state of the process' no_state
# Not in a build that does not optimize, or that has sanitizers.
case $GS2_CPPFLAGS in
*_FORTIFY_SOURCE*)
    result 'the compiler checks bounds (_FORTIFY_SOURCE)' \
        imports '__v?snprintf_chk'
    ;;
esac
result 'the plugin has no text relocations' no_text_relocations
result 'the plugin is read-only after relocation' relro
result 'what can be run cannot be written, nor the other way' no_code_in_data
result 'the plugin has no search path of its own' no_rpath
result "the compiler guards the stack's return addresses" \
    imports __stack_chk_fail
finish
