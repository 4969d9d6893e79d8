#!/bin/sh
# t_layers.sh - the built plugin exports and links what it should and nothing
# else, and make knows every source.
# result calls the functions by their names:
# shellcheck disable=SC2317,SC2329
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

# needed LIBRARY COMMAND: those that it names, without those of the sanitizers.
needed() {
    same "$(objdump -p "$1" | awk '$1 == "NEEDED" {print $2}' |
        sed -E '/^lib(asan|ubsan|gcc_s|m|dl|rt|pthread|resolv)\./'"$2" |
        sort)" 'libc.so.6
libgssapi_krb5.so.2'
}

# Of libc or of the sanitizers, and of nothing else.
links_libc() {
    same "$(objdump -p "$1" | awk '$1 == "NEEDED" {print $2}' |
        sed -E '/^lib(asan|ubsan|gcc_s|m|dl|rt|pthread|resolv)\./d' |
        sort)" 'libc.so.6'
}

# What LIBRARY has neither itself nor, as its versions show, of a library that
# it links: slapd's functions, by which it is built against no slapd in
# particular.
taken_from_slapd() {
    same "$(nm -D --undefined-only "$1" | awk '$1 == "U" { print $2 }' |
        grep -vE '@|^__(asan|ubsan|sanitizer|gcov)_' | sort)" 'prop_getnames
sasl_auxprop_getctx
sasl_getprop
sasl_server_plugin_info
slapi_ch_free_string
slapi_dn_normalize_case
slapi_entry_get_dn
slapi_get_object_extension
slapi_pblock_get
slapi_pblock_set
slapi_register_object_extension'
}

# The rest, which it can do without.
may_lack() {
    same "$(nm -D --undefined-only "$1" | awk '$1 == "w" { print $2 }' |
        grep -vE '@|^(_ITM_|__gmon_start__|__(asan|ubsan|sanitizer|gcov)_)')" \
        sasl_config_getstring
}

# slapd keeps pointers to functions of a module that it has closed.
is_never_unmapped() {
    readelf -d "$1" | grep -qE 'FLAGS_1.*NODELETE'
}

# No lock, no file, no other look-up of names: nothing that a process in the
# middle of something else must not do.
taken_from_libc() {
    same "$(nm -D --undefined-only "$1" | awk '$1 == "U" { print $2 }' |
        sed 's/@.*//' |
        grep -vE '^(__stack_chk_fail|__(asan|ubsan|sanitizer|gcov)_.*|mem.*|strlen)$' |
        sort)" 'getpid
gettid
madvise
mmap
munmap
realloc'
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
    for file in common/*.[ch] common/*/*.[ch] gssapi/*.[ch] login/*.[ch] \
        nss/*.[ch] pac/*.[ch] plugin/*.[ch] slapd/*.[ch] \
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

# As somebody sees it who looks for it (SECURITY.md).
has_mark() {
    readelf -n "$1" | grep -q '^ *cyrus-sasl-gs2 '
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
gssapi=$GS2_BUILDDIR/gssapi/.libs/libgssapiv2.so
result 'libgssapiv2.so exports its two entry points and nothing else' \
    exports "$gssapi" 'sasl_client_plug_init
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
slapd=$GS2_BUILDDIR/slapd/.libs/libgs2-slapd.so
if [ -f "$slapd" ]; then
    result "slapd's module exports its entry point" \
        exports "$slapd" gs2_slapd_init
    result "slapd's module links libc alone" links_libc "$slapd"
    result "slapd's module takes of slapd what it has to" \
        taken_from_slapd "$slapd"
    result "slapd's module can do without one function" may_lack "$slapd"
    result "slapd's module is never unmapped" is_never_unmapped "$slapd"
else
    skip "what slapd's module exports and links" 'built without slapi-dev'
fi
nss=$GS2_BUILDDIR/nss/.libs/libnss_gs2.so.2
if [ -f "$nss" ]; then
    result "libc's module exports what libc and the plugin look for" \
        exports "$nss" '_nss_gs2_initgroups_dyn
gs2_nss_module'
    result "libc's module links libc alone" links_libc "$nss"
    # gcov takes more of libc, so this is left to a build without it.
    [ "$GS2_COVERAGE" = yes ] ||
        result "libc's module takes little of libc" taken_from_libc "$nss"
    result "libc's module is never unmapped" is_never_unmapped "$nss"
else
    skip "what libc's module exports and links" 'built without glibc'
fi
for library in "$GS2_PLUGIN" "$gssapi"; do
    name=${library##*/}
    if [ "$GS2_SANITIZERS" = yes ]; then
        result "$name links the GSS library, libc, and the sanitizers" \
            needed "$library" d
    else
        result "$name links the GSS library and libc, nothing else" \
            needed "$library" '!b'
    fi
    result "$name has the mark of these plugins" has_mark "$library"
done
result 'libgssapiv2.so is never unmapped' is_never_unmapped "$gssapi"
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
