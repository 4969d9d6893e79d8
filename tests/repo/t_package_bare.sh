#!/bin/sh
# t_package_bare.sh - the Debian packages where there is nothing else: on Debian
# 12 and 13 they build with what debian/control names, without a network, and a
# second build gives the same files; lintian has no complaint; and they are
# installed, used, installed again and removed.
#
# Each suite is made by debootstrap and gone afterwards (on-suite).
# result calls the function by its name:
# shellcheck disable=SC2317,SC2329
set -u

# --- outside ------------------------------------------------------------------

on_suite() {
    "$GS2_SRCDIR/tests/repo/on-suite" "$1" tests/repo/t_package_bare.sh inside
}

outside() {
    # shellcheck source=tests/lib/tap.sh
    . "$GS2_SRCDIR/tests/lib/tap.sh"
    for suite in bookworm trixie; do
        what="$suite: packages are built, installed, used and removed"
        if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
            skip "$what" 'only root can make a bare Debian, with debootstrap'
        else
            result "$what" on_suite "$suite"
        fi
    done
    finish
}

# --- inside -------------------------------------------------------------------

# What the tests of the package need (debian/tests/control), but for itself.
login_needs() {
    sed -n '/^Depends:/,/^[A-Z].*:.*[^,]$/{ /^ /{ s/[ ,]//g; p } }' \
        debian/tests/control
}

ours() {
    for deb in ../*gs2*.deb; do
        dpkg-deb -f "$deb" Package
    done
}

# build DIRECTORY OPTIONS: the packages of the sources in DIRECTORY.
build() {
    (cd "$1" && DEB_BUILD_OPTIONS=$2 unshare --net sh -c \
        'ip link set lo up && dpkg-buildpackage -us -uc -b') >../log 2>&1 || {
        tail -n 60 ../log
        return 1
    }
}

inside() {
    set -eux
    export DEBIAN_FRONTEND=noninteractive
    # No server starts by being installed.
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    apt-get -qq update
    apt-get -qq install build-essential iproute2 >/dev/null
    apt-get -qq build-dep ./ >/dev/null
    mkdir -p ../another
    cp -a . ../another/place
    build . ''
    build ../another/place 'nocheck parallel=1'
    for deb in ../*gs2*.deb; do
        cmp "$deb" "../another/${deb##*/}"
    done
    apt-get -qq install lintian >/dev/null
    lintian --allow-root --no-cfg --info --pedantic \
        --fail-on error,warning,info,pedantic ../*.changes
    # shellcheck disable=SC2046
    apt-get -qq install $(login_needs) >/dev/null
    dpkg-query -W | sort >../before
    dpkg --install ../*gs2*.deb
    debian/tests/login
    dpkg --install ../*gs2*.deb
    debian/tests/login
    # shellcheck disable=SC2046
    dpkg --purge $(ours)
    dpkg-query -W | sort | diff ../before -
    dpkg --verify libsasl2-modules-gssapi-mit
    [ ! -e /usr/bin/gs2-inspect ]
    [ -z "$(dpkg-divert --list '*gs2*')" ]
}

case ${1-} in
inside) inside ;;
*) outside ;;
esac
