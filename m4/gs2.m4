dnl m4/gs2.m4 - checks of configure.ac that are too long to stand there.

dnl GS2_ADD_CFLAGS(FLAGS): each of FLAGS that the compiler takes goes into
dnl GS2_CFLAGS.  -Werror, since clang merely warns of what it does not know.
AC_DEFUN([GS2_ADD_CFLAGS], [
for gs2_flag in $1; do
  AC_MSG_CHECKING([whether $CC takes $gs2_flag])
  gs2_save=$CFLAGS
  CFLAGS="$CFLAGS -Werror $gs2_flag"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes])
     GS2_CFLAGS="$GS2_CFLAGS $gs2_flag"],
    [AC_MSG_RESULT([no])])
  CFLAGS=$gs2_save
done
])

dnl GS2_ADD_LDFLAGS(VARIABLE, FLAG): FLAG goes into VARIABLE where the linker
dnl takes it.
AC_DEFUN([GS2_ADD_LDFLAGS], [
AC_MSG_CHECKING([whether the linker takes $2])
gs2_save=$LDFLAGS
LDFLAGS="$LDFLAGS $2"
AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
  [AC_MSG_RESULT([yes])
   $1="$$1 $2"],
  [AC_MSG_RESULT([no])])
LDFLAGS=$gs2_save
])

dnl GS2_FORTIFY: _FORTIFY_SOURCE where the compiler optimizes (glibc warns
dnl without) and has not set it itself.
AC_DEFUN([GS2_FORTIFY], [
AC_MSG_CHECKING([whether to set _FORTIFY_SOURCE])
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#if !defined(__OPTIMIZE__) || defined(_FORTIFY_SOURCE)
#error "no"
#endif
]], [])],
  [AC_MSG_RESULT([yes])
   GS2_CPPFLAGS="$GS2_CPPFLAGS -D_FORTIFY_SOURCE=2"],
  [AC_MSG_RESULT([no])])
])

dnl GS2_SANITIZER_PRELOAD: SANITIZER_PRELOAD is the path of the shared runtime
dnl of AddressSanitizer, empty where the compiler has none.
AC_DEFUN([GS2_SANITIZER_PRELOAD], [
SANITIZER_PRELOAD=
dnl clang finds gcc's runtime, too; gcc does not find clang's.
for gs2_name in "libclang_rt.asan-$host_cpu.so" libclang_rt.asan.so \
    libasan.so; do
  gs2_path=$($CC -print-file-name="$gs2_name" 2>/dev/null)
  AS_CASE([$gs2_path], [/*],
    [AS_IF([test -f "$gs2_path"], [SANITIZER_PRELOAD=$gs2_path; break])])
done
AC_SUBST([SANITIZER_PRELOAD])
])

dnl GS2_CHECK_GSS: GSS_CFLAGS and GSS_LIBS, or the reason why not.  MIT krb5
dnl 1.19 is the first GSS-API that tells an acceptor whether the initiator
dnl bound its token to the channel; without that, a token made without
dnl channel bindings is accepted behind any gs2-header.
AC_DEFUN([GS2_CHECK_GSS], [
PKG_CHECK_MODULES([GSS], [krb5-gssapi], [],
  [AC_MSG_ERROR([pkg-config finds no krb5-gssapi: install the development
  files of MIT krb5, 1.19 or later (Heimdal does not do).
  $GSS_PKG_ERRORS])])
gs2_gss_version=$($PKG_CONFIG --modversion krb5-gssapi)
gs2_save_cppflags=$CPPFLAGS
CPPFLAGS="$CPPFLAGS $GSS_CFLAGS"

AC_MSG_CHECKING([whether the GSS-API is MIT krb5])
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#include <gssapi/gssapi.h>
/* The first is the guard of Heimdal's header, the second MIT's alone has. */
#if defined(GSSAPI_GSSAPI_H_) || !defined(KRB5_CALLCONV)
#error "not MIT"
#endif
]], [])], [AC_MSG_RESULT([yes])],
  [AC_MSG_RESULT([no])
   AC_MSG_ERROR([the GSS-API found ($gs2_gss_version) is not MIT krb5.
  Heimdal does not tell a server whether a client's token was bound to the
  channel (GSS_C_CHANNEL_BOUND_FLAG), and without that a GS2 login is not safe.
  MIT krb5 1.19 or later is needed.])])

AC_MSG_CHECKING([for GSS_C_CHANNEL_BOUND_FLAG])
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
]], [[OM_uint32 flag = GSS_C_CHANNEL_BOUND_FLAG; return flag == 0;]])],
  [AC_MSG_RESULT([yes])],
  [AC_MSG_RESULT([no])
   AC_MSG_ERROR([this MIT krb5 ($gs2_gss_version) is older than 1.19: it has no
  GSS_C_CHANNEL_BOUND_FLAG, does not tell a server whether a client's token was
  bound to the channel, and without that a GS2 login is not safe.
  MIT krb5 1.19 or later is needed.])])
CPPFLAGS=$gs2_save_cppflags

dnl A version does not tell: distributions mend it and keep theirs.
AS_CASE([$gs2_gss_version],
  [1.21*|1.22|1.22.0|1.22.1|1.22.2|1.23-prerelease],
  [AC_MSG_WARN([MIT krb5 1.21 to 1.22.2, and 1.23 before its release, takes a PAC
  whose signature is wrong for authentic (CVE-2026-111423); rules on
  gs2:ad-groups and urn:mspac: rest on it.  This is $gs2_gss_version: see that
  it is mended, as Debian 13 is from 1.21.3-5+deb13u2 on.])])

# The GSS library alone: what it needs itself is none of the plugin's business.
gs2_libs=
for gs2_flag in $GSS_LIBS; do
  AS_CASE([$gs2_flag],
    [-L*|-lgssapi_krb5|-Wl,*], [gs2_libs="$gs2_libs $gs2_flag"])
done
GSS_LIBS=$gs2_libs

AC_MSG_CHECKING([whether the GSS library links])
gs2_save_cflags=$CFLAGS
gs2_save_libs=$LIBS
CFLAGS="$CFLAGS $GSS_CFLAGS"
LIBS="$LIBS $GSS_LIBS"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
]], [[return gss_inquire_name == 0 || gss_inquire_saslname_for_mech == 0;]])],
  [AC_MSG_RESULT([yes])],
  [AC_MSG_RESULT([no])
   AC_MSG_ERROR([cannot link with $GSS_LIBS, see config.log])])
CFLAGS=$gs2_save_cflags
LIBS=$gs2_save_libs
])

dnl GS2_CHECK_PAC: what libgs2-pac.so is built of, Samba's decoder of PACs; or
dnl PAC is not built.  Samba's headers are not held to our warnings.
AC_DEFUN([GS2_CHECK_PAC], [
PKG_CHECK_MODULES([PAC], [ndr_krb5pac talloc],
  [gs2_pac=yes
   PAC_CFLAGS=$(AS_ECHO(["$PAC_CFLAGS"]) | sed 's/-I/-isystem /g')],
  [gs2_pac="no (it needs samba-dev, pkg-config ndr_krb5pac)"])
AM_CONDITIONAL([HAVE_PAC], [test "$gs2_pac" = yes])
])

dnl GS2_CHECK_SLAPI: whether libgs2-slapd.so can be built, a plugin of
dnl OpenLDAP's slapd; or SLAPI is not.  The header alone is needed: the
dnl functions are in slapd when it loads us.
AC_DEFUN([GS2_CHECK_SLAPI], [
AC_CHECK_HEADER([slapi-plugin.h], [gs2_slapi=yes],
  [gs2_slapi="no (it needs slapi-plugin.h and ldap.h, slapi-dev and libldap-dev)"])
AM_CONDITIONAL([HAVE_SLAPI], [test "$gs2_slapi" = yes])
])

dnl GS2_CHECK_NSS: whether libnss_gs2.so.2 can be built, a module of glibc's
dnl Name Service Switch.
AC_DEFUN([GS2_CHECK_NSS], [
AC_CACHE_CHECK([for a Name Service Switch with modules], [gs2_cv_nss],
  [AC_LINK_IFELSE([AC_LANG_PROGRAM([[
#include <nss.h>
#include <sys/mman.h>
#include <unistd.h>
    ]], [[
enum nss_status status = NSS_STATUS_NOTFOUND;
return (int)status + MADV_WIPEONFORK + gettid();
    ]])], [gs2_cv_nss=yes], [gs2_cv_nss=no])])
AS_IF([test "$gs2_cv_nss" = yes], [gs2_nss=yes],
  [gs2_nss="no (it needs glibc 2.30 or later)"])
AM_CONDITIONAL([HAVE_NSS], [test "$gs2_cv_nss" = yes])
])
