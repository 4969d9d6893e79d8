#!/bin/sh
# t_fuzz.sh - plays the fuzzers' corpora (corpus/) back to the harnesses
# fuzz_*.c: every input that once showed something new, under whatever
# compiler and sanitizers this build has.  With GS2_FULL set, and a clang with
# libFuzzer, it also fuzzes: ten million headers and streams of a layer, a
# million dialogues and logins by GSSAPI.
# result calls the functions by their names:
# shellcheck disable=SC2317,SC2329
set -u
# shellcheck source=tests/lib/tap.sh
. "$GS2_SRCDIR/tests/lib/tap.sh"

harnesses='attrmap dialogue framing gssapi header layer rules'
fuzz=$GS2_SRCDIR/tests/fuzz
lib=$GS2_SRCDIR/tests/lib
mech=$GS2_SRCDIR/tests/mech
common=$GS2_SRCDIR/common

# Samples of PACs are files, which other tests also read.
corpus() {
    case $1 in
    pac) echo "$fuzz/corpus/pac" ;;
    *) echo "$fuzz/corpus/$1.txt" ;;
    esac
}

inputs_of() {
    case $1 in
    pac) find "$fuzz/corpus/pac" -type f | wc -l ;;
    *) wc -l <"$fuzz/corpus/$1.txt" ;;
    esac
}

# What libFuzzer reads, a file for each input; from there it is packed again
# as it was.
unpack() {
    mkdir -p "$scratch/corpus/$1" &&
        "$GS2_BUILDDIR/tests/fuzz/fuzz_$1" --unpack "$scratch/corpus/$1" \
            "$(corpus "$1")" &&
        "$GS2_BUILDDIR/tests/fuzz/fuzz_$1" --pack "$scratch/corpus/$1" \
            >"$scratch/packed" || return 1
    [ "$1" = pac ] || cmp "$scratch/packed" "$(corpus "$1")"
}

# A corpus says nothing if it is not there, or if it is not kept small.
corpus_is_small() {
    size=$(cat "$scratch/corpus/$1"/* | wc -c)
    echo "$size octets"
    [ "$size" -gt 0 ] && [ "$size" -le 61440 ]
}

replay() {
    inputs=$(inputs_of "$1")
    printed=$("$GS2_BUILDDIR/tests/fuzz/fuzz_$1" "$(corpus "$1")") || {
        echo "$printed"
        return 1
    }
    echo "$printed"
    [ "$printed" = "$inputs inputs" ]
}

# The harness must see a fault where there is one.
no_input_is_no_success() {
    mkdir "$scratch/empty" &&
        ! "$GS2_BUILDDIR/tests/fuzz/fuzz_header" "$scratch/empty" &&
        ! "$GS2_BUILDDIR/tests/fuzz/fuzz_header" "$scratch/none"
}

# refuses LINE: in a corpus.
refuses() {
    printf 'n,,x\n%s\n' "$1" >"$scratch/wrong.txt"
    if said=$("$GS2_BUILDDIR/tests/fuzz/fuzz_header" "$scratch/wrong.txt" 2>&1)
    then
        echo "taken: $1"
        return 1
    fi
    echo "$said"
    [ "$said" = "$scratch/wrong.txt:2: not a line of a corpus" ]
}

# What is written in two ways, or cut short, is a mistake.
wrong_lines_are_refused() {
    refuses "$(printf 'a\tb')" || return 1
    while IFS= read -r line; do
        refuses "$line" || return 1
    done <<'END'
\
a\
\q
\x
\x0
\x0g
\xFF
\x41
\x0a
ü
END
}

# --- fuzzing -----------------------------------------------------------------

# compile OUTPUT ARGUMENTS...: with clang, beside the build.
compile() {
    output=$1
    shift
    # shellcheck disable=SC2046
    clang -std=gnu11 -D_GNU_SOURCE -O1 -g -fno-sanitize-recover=undefined \
        -I"$GS2_SRCDIR" \
        $(pkg-config --cflags krb5-gssapi libsasl2) \
        "$@" -o "$scratch/$output" $(pkg-config --libs libsasl2 krb5-gssapi)
}

libfuzzer_works() {
    command -v clang >/dev/null && command -v pkg-config >/dev/null &&
        compile probe -fsanitize=fuzzer,address,undefined \
            "$fuzz/fuzz_framing.c" "$common/wire/framing.c" \
            "$common/text/error.c" "$common/text/utf8.c" \
            >/dev/null 2>&1
}

# The decoder of PACs, with Samba's libraries as they are.
build_pac() {
    # shellcheck disable=SC2046
    compile fuzz_pac -fsanitize=fuzzer,address,undefined \
        $(pkg-config --cflags ndr_krb5pac) "$fuzz/fuzz_pac.c" \
        "$GS2_SRCDIR/pac/decoder.c" $(pkg-config --libs ndr_krb5pac talloc)
}

build_parser() {
    compile "fuzz_$1" -fsanitize=fuzzer,address,undefined \
        "$fuzz/fuzz_$1.c" "$common"/*.c "$common"/*/*.c
}

# Here, too, the plugin is a module: libsasl loads it, and libFuzzer sees it.
build_dialogue() {
    compile libgs2.so -shared -fPIC \
        -fsanitize=fuzzer-no-link,address,undefined \
        "$GS2_SRCDIR"/plugin/*.c "$GS2_SRCDIR"/login/*.c \
        "$common"/*.c "$common"/*/*.c &&
        compile scriptmech.so -shared -fPIC -fvisibility=hidden \
            -Wl,-Bsymbolic -fsanitize=address,undefined \
            "$mech"/scriptmech.c "$mech"/scriptmech_[abcimn]*.c \
            "$mech"/scriptmech_oids.c &&
        compile fuzz_dialogue -fsanitize=fuzzer,address,undefined \
            "$fuzz/fuzz_dialogue.c" "$fuzz/fuzz_refusal.c" \
            "$fuzz/fuzz_script.c" \
            "$lib/dialogue.c" \
            "$lib/dialogue_app.c" "$lib/dialogue_plugins.c" \
            "$mech/scriptmech_open.c" "$mech/scriptmech_oids.c" \
            "$lib/hostname.c"
}

# With krb5 as it is.
build_gssapi() {
    # shellcheck disable=SC2046
    compile libgssapiv2.so -shared -fPIC \
        -fsanitize=fuzzer-no-link,address,undefined \
        "$GS2_SRCDIR"/gssapi/*.c "$GS2_SRCDIR"/login/*.c \
        "$common"/*.c "$common"/*/*.c &&
        compile fuzz_gssapi -fsanitize=fuzzer,address,undefined \
            "$fuzz/fuzz_gssapi.c" "$fuzz/fuzz_asks.c" "$fuzz/fuzz_krb5.c" \
            "$fuzz/fuzz_peer.c" "$fuzz/fuzz_refusal.c" "$lib/forge.c" \
            "$lib/dialogue.c" "$lib/dialogue_app.c" \
            "$lib/dialogue_plugins.c" "$lib/hostname.c" \
            "$common/text/utf8.c" $(pkg-config --libs krb5)
}

build_layer() {
    # shellcheck disable=SC2046
    compile fuzz_layer -fsanitize=fuzzer,address,undefined \
        "$fuzz/fuzz_layer.c" "$fuzz/fuzz_krb5.c" "$lib/forge.c" \
        "$GS2_SRCDIR/gssapi/layer.c" "$GS2_SRCDIR/gssapi/context.c" \
        "$GS2_SRCDIR/gssapi/ssf.c" "$GS2_SRCDIR"/login/*.c \
        "$common"/*.c "$common"/*/*.c \
        $(pkg-config --libs krb5)
}

# fuzz HARNESS RUNS OPTIONS...: shows how many runs there were.  Leaks are
# looked for where the corpus is played back.
fuzz() {
    harness=$1
    runs=$2
    shift 2
    mkdir -p "$scratch/found/$harness" || return 1
    GS2_PLUGIN=$scratch/libgs2.so GS2_SCRIPTMECH=$scratch/scriptmech.so \
        GS2_GSSAPI=$scratch/libgssapiv2.so \
        ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=16 \
        "$scratch/fuzz_$harness" -runs="$runs" -print_final_stats=1 \
        -artifact_prefix="$scratch/" -detect_leaks=0 "$@" \
        "$scratch/found/$harness" "$scratch/corpus/$harness" \
        >"$scratch/fuzz.log" 2>&1
    fuzz_status=$?
    done_runs=$(awk '/number_of_executed_units/ { print $2 }' \
        "$scratch/fuzz.log")
    echo "# $harness: ${done_runs:-no} inputs" >&3
    if [ "$fuzz_status" -ne 0 ] || [ "${done_runs:-0}" -lt "$runs" ]; then
        tail -n 40 "$scratch/fuzz.log"
        return 1
    fi
}

full() {
    for harness in attrmap framing header rules; do
        result "$harness: builds with libFuzzer" build_parser "$harness"
    done
    result 'dialogue: builds with libFuzzer' build_dialogue
    result 'gssapi: builds with libFuzzer' build_gssapi
    result 'layer: builds with libFuzzer' build_layer
    [ -z "$has_pac" ] || result 'pac: builds with libFuzzer' build_pac
    result 'header: ten million inputs' fuzz header 10000000 -max_len=200
    result 'framing: a million inputs' fuzz framing 1000000 -max_len=400
    result 'rules: a million inputs' fuzz rules 1000000 -max_len=600
    result 'attrmap: a million inputs' fuzz attrmap 1000000 -max_len=600
    result 'layer: ten million streams' fuzz layer 10000000 -max_len=120
    result 'dialogue: a million dialogues' fuzz dialogue 1000000 -max_len=160
    result 'gssapi: a million logins' fuzz gssapi 1000000 -max_len=80
    [ -z "$has_pac" ] ||
        result 'pac: a million buffers' fuzz pac 1000000 -max_len=1200
}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/gs2-fuzz.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
exec 3>&1
has_pac=
if [ -x "$GS2_BUILDDIR/tests/fuzz/fuzz_pac" ]; then
    has_pac=yes
    harnesses="$harnesses pac"
fi

result 'a replay of nothing is a failure' no_input_is_no_success
result 'a line that is no input is a failure' wrong_lines_are_refused
for harness in $harnesses; do
    result "$harness: the corpus, unpacked and packed" unpack "$harness"
    result "$harness: the corpus is at most 60 KiB" corpus_is_small "$harness"
    result "$harness: every input of the corpus" replay "$harness"
done
[ -n "$has_pac" ] || skip 'pac: every input of the corpus' \
    'built without samba-dev'
# Once is enough: what fuzzes is compiled here, with sanitizers of its own.
if [ -n "${GS2_FULL:-}" ] && [ "$GS2_SANITIZERS" != yes ]; then
    if libfuzzer_works; then
        full
    else
        skip 'millions of inputs' 'no clang with libFuzzer'
    fi
fi
finish
