/*
 * advice.c - what to do next (see advice.h).  MIT krb5's texts are the only
 * thing that comes through libsasl from both sides; they are in English, since
 * this program sets no locale.
 */
#include "advice.h"

#include <string.h>

#define PRESENT_KEY \
    "put the service's present key into the keytab: on the KDC, kadmin.local " \
    "-q \"ktadd -norandkey -k KEYTAB SERVICE/HOST\"; without -norandkey ktadd " \
    "makes a new key, which other keytabs of the service then need as well"

static const struct {
    const char *text, *advice;
} cures[] = {
    { "Ticket expired", "get a new ticket: kinit" },
    { "Clock skew", "set the clocks of this machine, the server and the KDC: "
      "they may differ by five minutes (timedatectl, chronyc tracking)" },
    { "Ticket not yet valid", "set the clock of this machine (timedatectl)" },
    { "Cannot contact any KDC", "look at [realms] in krb5.conf, and whether "
      "the KDC runs" },
    { "Cannot find KDC", "name the realm's KDC in [realms] of krb5.conf, or in "
      "DNS" },
    { "not found in Kerberos database", "make the service's principal: kadmin "
      "-q \"addprinc -randkey SERVICE/HOST\"; or name another host (-n)" },
    { "keytab is likely out of date", PRESENT_KEY },
    { "Key version", PRESENT_KEY },
    { "there is a channel binding", "log in over TLS, with a server and a client "
      "that bind to it (here: -b)" },
    { "requirements of the server", "see which comparison is false, below" },
    { "offers no mechanism of GS2", "gs2-inspect mechs says why" },
    { "no GS2-KRB5 credential", "gs2-inspect mechs says which keys the keytab "
      "has" },
    { "local name", "map the principal with auth_to_local in krb5.conf, or use "
      "another gs2_authid" },
    { "is anonymous", "log in under a name, or set gs2_accept_anonymous" },
    { "has none", "the server has no channel binding, or the channel ends "
      "before it (a proxy): use -b none" },
    { "the client used channel binding", "use the type of binding that the "
      "server has (-b)" },
    { "hannel bindings", "the two ends are not on one channel: look for a "
      "proxy that ends TLS" },
};

const char *
advice_for(const struct report *report)
{
    const char *text = report->outcome->text;

    if (report->outcome->next[0] != '\0')
        return report->outcome->next;

    for (size_t i = 0; i < sizeof(cures) / sizeof(cures[0]); i++) {
        if (strstr(text, cures[i].text) != NULL ||
            (report->log != NULL && strstr(report->log, cures[i].text)))
            return cures[i].advice;
    }
    return NULL;
}
