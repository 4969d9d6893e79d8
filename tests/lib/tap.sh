# tap.sh - TAP for the shell tests, which source it:
#
#   . "$GS2_SRCDIR/tests/lib/tap.sh"
#   result "name" command args...   ok where the command succeeds; its output
#                                   is shown where it does not
#   skip "name" "reason"
#   finish                          the plan, and the exit status
#
# shellcheck shell=sh

tap_count=0
tap_failed=0

result() {
    tap_name=$1
    shift
    tap_count=$((tap_count + 1))
    if tap_output=$("$@" 2>&1); then
        echo "ok $tap_count - $tap_name"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_count - $tap_name"
        printf '%s\n' "$tap_output" | sed 's/^/# /'
    fi
}

skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

finish() {
    echo "1..$tap_count"
    [ "$tap_failed" -eq 0 ] && [ "$tap_count" -gt 0 ]
    exit
}
