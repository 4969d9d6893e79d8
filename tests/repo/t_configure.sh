#!/bin/sh
# t_configure.sh - configure refuses a GSS-API on which GS2 is not safe, and
# says why.  The stand-ins are a pkg-config file and headers that differ in
# what configure looks at.
# result calls the functions by their names:
# shellcheck disable=SC2317,SC2329
set -u
# shellcheck source=tests/lib/tap.sh
. "$GS2_SRCDIR/tests/lib/tap.sh"

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# The sources without the file by which a tree that was configured in place
# refuses to be configured from elsewhere.
mkdir "$scratch/sources"
for file in "$GS2_SRCDIR"/*; do
    [ "${file##*/}" = config.status ] || ln -s "$file" "$scratch/sources"
done

# fake DIR VERSION CFLAGS: a krb5-gssapi for pkg-config alone.
fake() {
    mkdir -p "$scratch/$1/gssapi" "$scratch/$1/build"
    cat >"$scratch/$1/krb5-gssapi.pc" <<END
Name: krb5-gssapi
Description: a stand-in
Version: $2
Libs: -lgssapi_krb5
Cflags: -I$scratch/$1 $3
END
}

# Runs configure against a stand-in; it must fail, with TEXT in its output,
# and leave no Makefile.
refuses() {
    cd "$scratch/$1/build" || return 1
    if PKG_CONFIG_PATH="$scratch/$1" ../../sources/configure >out 2>&1; then
        echo 'configure went through'
        return 1
    fi
    [ ! -e Makefile ] || return 1
    tr -s '\n ' ' ' <out >words
    grep -qF "$2" words || {
        tail -n 20 out
        return 1
    }
}

fake heimdal 7.8.0 ''
cat >"$scratch/heimdal/gssapi/gssapi.h" <<'END'
#ifndef GSSAPI_GSSAPI_H_
#define GSSAPI_GSSAPI_H_
#endif
END
result 'configure refuses Heimdal, and says why' refuses heimdal \
    'is not MIT krb5. Heimdal does not tell a server whether a client'\''s token was bound to the channel (GSS_C_CHANNEL_BOUND_FLAG)'

real=$(${PKG_CONFIG:-pkg-config} --cflags krb5-gssapi)
fake old 1.18.3 "$real"
cat >"$scratch/old/gssapi/gssapi_ext.h" <<'END'
#include_next <gssapi/gssapi_ext.h>
#undef GSS_C_CHANNEL_BOUND_FLAG
END
result 'configure refuses MIT krb5 before 1.19, and says why' refuses old \
    'this MIT krb5 (1.18.3) is older than 1.19: it has no GSS_C_CHANNEL_BOUND_FLAG'

# It goes on, so that it is to say so and no more.
warns() {
    cd "$scratch/$1/build" || return 1
    PKG_CONFIG_PATH="$scratch/$1" ../../sources/configure >out 2>&1 || {
        tail -n 20 out
        return 1
    }
    tr -s '\n ' ' ' <out >words
    grep -qF "$2" words
}

fake mended 1.22.3 "$real"
fake fault 1.22.1 "$real"
pac='takes a PAC whose signature is wrong for authentic (CVE-2026-111423)'
result 'configure warns of a krb5 whose PACs prove nothing' warns fault "$pac"
not_of_the_mended() {
    warns mended 'GSS-API MIT krb5 1.22.3' && ! grep -qF "$pac" words
}
result 'and not of one that is mended' not_of_the_mended

mkdir -p "$scratch/none/build"
# An unreadable version makes pkg-config find nothing there or elsewhere.
cat >"$scratch/none/krb5-gssapi.pc" <<'END'
Name: krb5-gssapi
Description: a stand-in that needs what is nowhere
Version: 1
Requires: gs2-there-is-no-such-package
END
result 'configure says what is missing where there is no GSS-API' \
    refuses none 'install the development files of MIT krb5, 1.19 or later'
finish
