#!/bin/sh
# t_tsan.sh - t_threads, t_cache, t_layer_live under ThreadSanitizer: plugin,
# scriptable mechanism and tests are compiled with it.  libsasl and GSS are
# not, so what they do among themselves is not looked at.  Takes long: with
# GS2_FULL alone.
# result calls the functions by their names:
# shellcheck disable=SC2317,SC2329
set -u
# shellcheck source=tests/lib/tap.sh
. "$GS2_SRCDIR/tests/lib/tap.sh"

name='16 threads, forks, inits and dones under ThreadSanitizer'
cache='16 threads share a cache under ThreadSanitizer'
layer='one thread encodes and another decodes under ThreadSanitizer'
if [ -z "${GS2_FULL:-}" ]; then
    skip "$name" 'GS2_FULL is not set'
    skip "$cache" 'GS2_FULL is not set'
    skip "$layer" 'GS2_FULL is not set'
    finish
fi

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cd "$GS2_SRCDIR" || exit 1
mkdir -p "$scratch/tests/mech/.libs" "$scratch/plugin/.libs" \
    "$scratch/gssapi/.libs"

compile() {
    # Words, all of them:
    # shellcheck disable=SC2046
    "$cc" -std=gnu11 -g -O1 -fsanitize=thread -fPIC -pthread \
        -D_GNU_SOURCE -I. "$@" \
        $(pkg-config --cflags --libs krb5-gssapi libsasl2 check)
}

works() {
    printf 'int main(void) { return 0; }\n' >"$scratch/empty.c" &&
        compile -o "$scratch/empty" "$scratch/empty.c" && "$scratch/empty"
}

build() {
    compile -fvisibility=hidden -shared -o "$scratch/plugin/.libs/libgs2.so" \
        plugin/*.c login/*.c common/*.c common/*/*.c &&
        compile -fvisibility=hidden -shared -Wl,-Bsymbolic \
            -o "$scratch/tests/mech/.libs/scriptmech.so" \
            tests/mech/scriptmech.c tests/mech/scriptmech_[abcimn]*.c \
            tests/mech/scriptmech_oids.c &&
        compile -o "$scratch/t_threads" tests/faults/t_threads.c \
            tests/lib/hostname.c tests/lib/suite.c tests/lib/scripted.c \
            tests/lib/dialogue*.c \
            tests/mech/scriptmech_open.c tests/mech/scriptmech_oids.c &&
        compile -Wl,--wrap=calloc -o "$scratch/t_cache" \
            tests/unit/t_cache.c tests/lib/suite.c tests/lib/clock.c \
            tests/lib/hostname.c \
            common/text/cache.c common/text/error.c common/text/utf8.c &&
        compile -fvisibility=hidden -shared \
            -o "$scratch/gssapi/.libs/libgssapiv2.so" \
            gssapi/*.c login/*.c common/*.c common/*/*.c &&
        compile -o "$scratch/t_layer_live" tests/gssapi/t_layer_live.c \
            tests/lib/hostname.c tests/lib/suite.c tests/lib/dialogue*.c
}

# What is not compiled with it is not to be reported.
run() {
    cat >"$scratch/suppressions" <<'END'
called_from_lib:libsasl2.so
called_from_lib:libgssapi_krb5.so
called_from_lib:libkrb5.so
called_from_lib:libk5crypto.so
called_from_lib:libkrb5support.so
END
    GS2_BUILDDIR=$scratch GS2_PLUGIN=$scratch/plugin/.libs/libgs2.so \
        TSAN_OPTIONS="suppressions=$scratch/suppressions exitcode=66" \
        "$@" >"$scratch/out" 2>&1
    status=$?
    sed 's/^/# /' "$scratch/out"
    [ "$status" -eq 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$scratch/out"
}

cc=
for candidate in clang gcc; do
    cc=$candidate
    works >/dev/null 2>&1 && break
    cc=
done
if [ -z "$cc" ]; then
    skip "$name" 'no compiler has ThreadSanitizer'
    skip "$cache" 'no compiler has ThreadSanitizer'
    skip "$layer" 'no compiler has ThreadSanitizer'
    finish
fi
result "plugin and tests build with -fsanitize=thread ($cc)" build
result "$name" run "${PYTHON:-python3}" tests/lib/python/realm.py run -- \
    "$scratch/t_threads"
result "$cache" run "$scratch/t_cache"
result "$layer" run "${PYTHON:-python3}" tests/lib/python/realm.py run -- \
    "$scratch/t_layer_live"
finish
