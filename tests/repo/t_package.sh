#!/bin/sh
# t_package.sh - the Debian packages: they build, twice the same; lintian has no
# complaint; once installed, the plugins have taken the place of the
# distribution's, and a user logs in to slapd by each; the distribution's package
# is upgraded and removed under them; when they go there is no trace of them; and
# with Heimdal's flavour it is the same.
#
# All of that happens in a copy of this system that is gone afterwards
# (system-copy).
# result calls the functions by their names:
# shellcheck disable=SC2317,SC2329
set -u
# shellcheck source=tests/lib/tap.sh
. "$GS2_SRCDIR/tests/lib/tap.sh"

package=libsasl2-modules-gs2
theirs=libsasl2-modules-gssapi-mit
heimdals=libsasl2-modules-gssapi-heimdal

# --- outside ------------------------------------------------------------------

outside() {
    what='the packages are built, installed and removed'
    if ! command -v dpkg-query >/dev/null; then
        skip "$what" 'this is no Debian system'
        finish
    fi
    if [ "$(id -u)" -ne 0 ]; then
        skip "$what" 'only root can have a copy of the system to alter'
        finish
    fi
    exec "$GS2_SRCDIR/tests/repo/system-copy" /package/src \
        sh /package/src/tests/repo/t_package.sh inside
}

# --- inside -------------------------------------------------------------------

# What this test needs beyond the others.
tools() {
    "$GS2_SRCDIR/tests/repo/install-packages" debhelper dpkg-dev lintian
}

# build DIRECTORY OPTIONS: the packages, from a copy of the sources.
build() {
    mkdir -p "$1" && cp -a "$GS2_SRCDIR" "$1/src" && cd "$1/src" || return 1
    [ ! -f Makefile ] || make -s distclean || return 1
    DEB_BUILD_OPTIONS=$2 dpkg-buildpackage -us -uc -b
}

same_twice() {
    build /package/another/place 'nocheck parallel=1' >/package/log 2>&1 || {
        tail -n 30 /package/log
        return 1
    }
    set -- /package/first/*.deb
    [ $# -ge 2 ] || return 1
    for deb in "$@"; do
        cmp "$deb" "/package/another/place/${deb##*/}" || return 1
    done
}

lintian_is_content() {
    found=$(lintian --allow-root --no-cfg --info --pedantic \
        --fail-on error,warning,info,pedantic /package/first/*.changes 2>&1) ||
        {
            echo "$found"
            return 1
        }
    [ -z "$found" ] || {
        echo "$found"
        return 1
    }
}

# What make install puts into DESTDIR, make uninstall takes away again.
staged() {
    make -C /package/first/src -s install DESTDIR=/package/staged &&
        [ -f "/package/staged$plugin" ] &&
        make -C /package/first/src -s uninstall DESTDIR=/package/staged &&
        [ -z "$(find /package/staged ! -type d)" ]
}

# Every file that a package could leave, with its size and mode; what dpkg
# knows; and what libsasl loads, octet by octet.
snapshot() {
    find /usr /etc /var/lib -xdev ! -path '/var/lib/dpkg/*' \
        ! -path '/var/lib/apt/*' ! -type d -printf '%p %s %m %l\n' | sort
    find /usr /etc -xdev -type d | sort
    find /var/lib/dpkg/info | sort
    dpkg-divert --list | sort
    dpkg-query -W | sort
    find "$folder" -type f -exec sha256sum {} + | sort
}

installs() {
    dpkg -i /package/first/${package}_*.deb /package/first/$package-pac_*.deb \
        /package/first/$package-gssapi_*.deb \
        /package/first/slapd-gs2_*.deb /package/first/libnss-gs2_*.deb
}

# is_ours PACKAGE FILE: the file is ours, and the other one of the name has
# another name or is not there.
is_ours() {
    cmp "$folder/$2" "/package/first/src/debian/$1$folder/$2" &&
        [ "$(dpkg-divert --truename "$folder/$2")" = "$folder/$2.cyrus" ]
}

ours() {
    is_ours $package libgs2.so && is_ours $package-gssapi libgssapiv2.so
}

# aside PACKAGE FILE: and it is there.
aside() {
    is_ours "$1" "$2" && [ -L "$folder/$2.cyrus" ] &&
        [ "$(dpkg-divert --listpackage "$folder/$2")" = "$1" ] &&
        [ "$(dpkg-divert --list | grep -c "by $1\$")" -eq 1 ]
}

put_aside() {
    aside $package libgs2.so && aside $package-gssapi libgssapiv2.so
}

# libc asks its module; an upgrade does not add it again where the administrator
# has taken it away, and a package that comes back does.
in_nsswitch() {
    grep -q '^group:.* gs2$' /etc/nsswitch.conf &&
        LD_DEBUG=files id root 2>&1 |
        grep -q 'calling init: .*/libnss_gs2.so.2' &&
        [ -f "${folder%/sasl2}/libnss_gs2.so.2" ] &&
        sed -i 's/ gs2$//' /etc/nsswitch.conf &&
        dpkg -i /package/first/libnss-gs2_*.deb &&
        ! grep gs2 /etc/nsswitch.conf &&
        dpkg --remove libnss-gs2 && dpkg -i /package/first/libnss-gs2_*.deb &&
        [ "$(grep -c '^group:.* gs2$' /etc/nsswitch.conf)" -eq 1 ]
}

gssapi_is_the_same() {
    dpkg --verify $theirs
}

logs_in() {
    cd "$GS2_SRCDIR" && debian/tests/login
}

# And libsasl2-modules: the one depends on the other's version.
install_theirs() {
    apt-get install -y --no-install-recommends --allow-downgrades \
        "$theirs$1" "libsasl2-modules$1"
}

versions() {
    apt-cache madison $theirs | awk '{ print $3 }' | sort -uV
}

upgrades_theirs() {
    install_theirs "=$(versions | head -n 1)" && ours &&
        install_theirs "=$(versions | tail -n 1)" && put_aside
}

removes_theirs() {
    # 389-ds, which other tests need, depends on it.
    dpkg --remove --force-depends $theirs && ours && [ ! -e "$plugin.cyrus" ] &&
        [ ! -L "$plugin.cyrus" ] && [ ! -L "$folder/libgssapiv2.so.cyrus" ]
}

# listed_once MECHANISM...
listed_once() {
    for mech in "$@"; do
        [ "$(saslpluginviewer -c | grep -c "SASL mechanism: $mech,")" -eq 1 ] ||
            return 1
    done
}

upgrades_ours() {
    dpkg -i /package/first/${package}_*.deb \
        /package/first/$package-gssapi_*.deb && put_aside
}

removes_ours() {
    dpkg --purge libnss-gs2 slapd-gs2 $package-pac $package-gssapi $package
}

no_trace() {
    snapshot >/package/after
    diff /package/before /package/after
}

# With the other plugin the same login fails: it was ours that it needed.
theirs_again() {
    dpkg --verify $theirs && [ -L "$plugin" ] && [ ! -e "$plugin.cyrus" ] &&
        ! logs_in
}

# 389-ds, which other tests need, depends on the one that goes.
heimdals_comes() {
    dpkg -i /package/first/${package}_*.deb \
        /package/first/$package-gssapi_*.deb &&
        aside $package-gssapi libgssapiv2.so &&
        apt-get install -y --no-install-recommends $heimdals &&
        aside $package-gssapi libgssapiv2.so &&
        listed_once GS2-KRB5 GSSAPI GSS-SPNEGO
}

heimdals_again() {
    dpkg --purge $package-gssapi $package && dpkg --verify $heimdals &&
        [ -L "$folder/libgssapiv2.so" ] &&
        [ ! -e "$folder/libgssapiv2.so.cyrus" ]
}

inside() {
    export DEBIAN_FRONTEND=noninteractive
    folder=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)/sasl2
    plugin=$folder/libgs2.so
    result 'the tools are there' tools
    result 'the newest version of the other plugin is installed' \
        install_theirs ''
    snapshot >/package/before
    result 'the packages build, with their tests' \
        build /package/first "parallel=$(nproc)"
    result 'built elsewhere they are the same, octet by octet' same_twice
    result 'lintian has no complaint' lintian_is_content
    result 'make install and uninstall keep to DESTDIR' staged
    result 'they install' installs
    result 'our plugins are in place, the other ones put aside' put_aside
    result "nothing else of the other package is altered" gssapi_is_the_same
    result "libc's module is named in nsswitch.conf" in_nsswitch
    result 'a user logs in to slapd; each mechanism is listed once' logs_in
    result 'the other package is downgraded and upgraded' upgrades_theirs
    result 'a user logs in' logs_in
    result 'the other package is removed' removes_theirs
    result 'our mechanisms are still listed, once' \
        listed_once GS2-KRB5 GSSAPI GSS-SPNEGO
    result 'the other package comes back' install_theirs ''
    result 'ours is installed over itself' upgrades_ours
    result 'a user logs in again' logs_in
    result 'ours are removed' removes_ours
    result 'no trace is left of them' no_trace
    result 'the plugin is the other one again' theirs_again
    result "with Heimdal's flavour, which comes later, it is the same" \
        heimdals_comes
    result 'a user logs in beside it' logs_in
    result "and Heimdal's plugin comes back" heimdals_again
    finish
}

case ${1-} in
inside) inside ;;
*) outside ;;
esac
