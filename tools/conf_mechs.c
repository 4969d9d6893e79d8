/*
 * conf_mechs.c - which mechanisms a configuration lets the server offer (see
 * conf_check.h).
 */
#include "conf_check.h"

#include "common/gss/mechs.h"
#include "common/options.h"
#include "mech_list.h"
#include "served.h"

/* One whose file serves all of GS2. */
#define GS2_MECH "GS2-KRB5"

/* Whether mech_list, NULL where it is not set, lets libsasl have GSSAPI or
 * GSS-SPNEGO from a file of this kind, which *served_out is then. */
static bool
lists_gssapi(const char *names, enum served_by by, struct served *served_out)
{
    struct gs2_mech mechs[GS2_MECHS_GSSAPI];
    const size_t count = gs2_mechs_list_gssapi(mechs);

    for (size_t i = 0; i < count; i++) {
        served_find(mechs[i].name, served_out);
        if (served_out->by == by && mech_list_has(names, mechs[i].name))
            return true;
    }
    return false;
}

static bool
lists_our_gssapi(const char *names)
{
    struct served served;

    return lists_gssapi(names, SERVED_BY_US, &served);
}

/* Why a list without a mechanism of GS2 may look as if it had one. */
static const char *
why_not_listed(const char *names)
{
    const char *word;
    size_t len;

    while (names != NULL && (word = mech_list_next(&names, &len)) != NULL) {
        if (mech_list_ignores(word, len))
            return ": libsasl 2.1.28 knows a name with -PLUS as the last word "
                   "alone";
    }
    return "";
}

/* Whether mech_list names a mechanism of GS2. */
static bool
lists_gs2(const char *names)
{
    struct gs2_mech mechs[GS2_MECHS_MAX];
    struct gs2_error err;
    bool listed = false;
    size_t count;

    if (gs2_mechs_list(mechs, &count, &err) != GS2_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        listed |= mech_list_has(names, mechs[i].name);
    return listed;
}

void
conf_mechs_find_file(struct served *served_out)
{
    served_find(GS2_MECH, served_out);
}

bool
conf_mechs_have_others(const struct conf_file *view)
{
    struct served served;

    conf_mechs_find_file(&served);
    return served.by == SERVED_BY_OTHER &&
           lists_gs2(conf_file_option(view, "mech_list"));
}

bool
conf_mechs_find_unknown(const struct conf_file *view,
                        struct served *served_out)
{
    const char *names = conf_file_option(view, "mech_list");

    conf_mechs_find_file(served_out);
    return (served_out->by == SERVED_UNKNOWN && lists_gs2(names)) ||
           lists_gssapi(names, SERVED_UNKNOWN, served_out);
}

const char *
conf_mechs_ours(void)
{
    struct served served;

    conf_mechs_find_file(&served);
    return served.by == SERVED_BY_OTHER && served_by_us("GSSAPI") ? "GSSAPI"
                                                                 : GS2_MECH;
}

bool
conf_mechs_are_others(const struct conf_file *view)
{
    return conf_mechs_have_others(view) &&
           !lists_our_gssapi(conf_file_option(view, "mech_list"));
}

bool
conf_mechs_check(const struct conf_file *view,
                 const struct gs2_config *config, struct findings *errors)
{
    const struct conf_line *list = conf_file_find(view, "mech_list");
    const char *names = list != NULL ? list->value : NULL;
    struct gs2_mech mechs[GS2_MECHS_MAX];
    bool any = false, offered = false;
    struct gs2_error err;
    struct served served;
    size_t count;

    conf_mechs_find_file(&served);
    if (gs2_mechs_list(mechs, &count, &err) != GS2_OK || count == 0)
        return true; /* it is not the configuration's fault */
    for (size_t i = 0; i < count; i++) {
        any |= gs2_options_offers(config, &mechs[i]);
        offered |= gs2_options_offers(config, &mechs[i]) &&
                   mech_list_has(names, mechs[i].name);
    }
    offered = (offered && served.by != SERVED_BY_NONE) ||
              lists_our_gssapi(names);
    if (!offered && served.by == SERVED_BY_NONE)
        (void)findings_add(errors, CONF_CLOSED, NULL, 1,
                           "libsasl has no plugin for GS2: libgs2.so is "
                           "neither where libsasl looks nor in SASL_PATH "
                           "(SASL_PLUGINDIR after libsasl 2.1.28)");
    else if (!offered && !any)
        (void)findings_add(errors, CONF_CLOSED,
                           conf_file_find(view,
                                          gs2_options_name(GS2_OPT_MECHS)), 1,
                           "gs2_mechs names no mechanism that there is");
    else if (!offered)
        (void)findings_add(errors, CONF_CLOSED, list, 1,
                           "mech_list names no mechanism of GS2%s",
                           why_not_listed(names));
    return offered;
}
