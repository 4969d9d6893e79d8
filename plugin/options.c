/*
 * options.c - options of sasl.conf (see options.h).
 */
#include "options.h"

#include <string.h>
#include <strings.h>

const char *
gs2_option_text(const sasl_utils_t *utils, const char *name)
{
    const char *text = NULL;

    if (utils->getopt(utils->getopt_context, "gs2", name, &text, NULL) !=
        SASL_OK)
        return NULL;
    return text;
}

gs2_status
gs2_option_bool(const sasl_utils_t *utils, const char *name, bool unset,
                bool *value_out, struct gs2_error *err)
{
    static const char *const yes[] = { "yes", "true", "on", "1" };
    static const char *const no[] = { "no", "false", "off", "0" };
    const char *text = gs2_option_text(utils, name);
    char quoted[64];

    *value_out = unset;
    if (text == NULL)
        return GS2_OK;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        *value_out = strcasecmp(text, yes[i]) == 0;
        if (*value_out || strcasecmp(text, no[i]) == 0)
            return GS2_OK;
    }
    return gs2_fail(err, GS2_BADCONFIG, "option %s: \"%s\" is not yes or no",
                    name,
                    gs2_escape(quoted, sizeof(quoted), text, strlen(text)));
}

bool
gs2_option_offers(const sasl_utils_t *utils, const struct gs2_mech *mech)
{
    const char *list = gs2_option_text(utils, "gs2_mechs");

    return list != NULL ? gs2_mechs_named(list, mech->name)
                        : !mech->on_request;
}

static gs2_status
read_authid(const sasl_utils_t *utils, struct gs2_options *options,
            struct gs2_error *err)
{
    static const char attribute[] = "attribute";
    const char *text = gs2_option_text(utils, "gs2_authid");
    char quoted[64];

    options->authid = GS2_AUTHID_AUTO;
    if (text == NULL || strcmp(text, "auto") == 0)
        return GS2_OK;
    if (strcmp(text, "full") == 0) {
        options->authid = GS2_AUTHID_FULL;
        return GS2_OK;
    }
    if (strcmp(text, "local") == 0) {
        options->authid = GS2_AUTHID_LOCAL;
        return GS2_OK;
    }
    if (strncmp(text, attribute, sizeof(attribute) - 1) == 0 &&
        strspn(text + sizeof(attribute) - 1, " \t") > 0) {
        text += sizeof(attribute) - 1;
        text += strspn(text, " \t");
        options->authid = GS2_AUTHID_ATTRIBUTE;
        options->authid_attribute = text;
        if (*text != '\0')
            return GS2_OK;
    }
    return gs2_fail(err, GS2_BADCONFIG,
                    "option gs2_authid: \"%s\" is not auto, full, local or "
                    "attribute NAME",
                    gs2_escape(quoted, sizeof(quoted), text, strlen(text)));
}

/* krb5 and IAKERB say themselves whether a token was bound; nobody may say it
 * for them, since they accept tokens that were not. */
static gs2_status
read_binding_verified_by(const sasl_utils_t *utils,
                         struct gs2_options *options, struct gs2_error *err)
{
    const char *list = gs2_option_text(utils, "gs2_binding_verified_by");

    options->binding_verified_by = list;
    if (list != NULL && (gs2_mechs_named(list, "GS2-KRB5") ||
                         gs2_mechs_named(list, "GS2-IAKERB")))
        return gs2_fail(err, GS2_BADCONFIG,
                        "option gs2_binding_verified_by: GS2-KRB5 and "
                        "GS2-IAKERB accept tokens without bindings and may "
                        "not be named");
    return GS2_OK;
}

gs2_status
gs2_options_refuse(struct gs2_error *err)
{
    struct gs2_error why = *err;
    const gs2_status status = gs2_fail(err, GS2_BADCONFIG,
                                       "the server's configuration of GS2 has "
                                       "an error");

    gs2_error_detail(err, "%s", why.text);
    return status;
}

gs2_status
gs2_options_read(const sasl_utils_t *utils, struct gs2_options *options_out,
                 struct gs2_error *err)
{
    gs2_status status;

    memset(options_out, 0, sizeof(*options_out));
    options_out->keytab = gs2_option_text(utils, "gs2_keytab");
    if (options_out->keytab == NULL)
        options_out->keytab = gs2_option_text(utils, "keytab");
    options_out->acceptor = gs2_option_text(utils, "gs2_acceptor");
    status = read_authid(utils, options_out, err);
    if (status == GS2_OK)
        status = read_binding_verified_by(utils, options_out, err);
    if (status == GS2_OK)
        status = gs2_option_bool(utils, "gs2_error_tokens", true,
                                 &options_out->error_tokens, err);
    if (status == GS2_OK)
        status = gs2_option_bool(utils, "gs2_accept_anonymous", false,
                                 &options_out->accept_anonymous, err);
    return status == GS2_BADCONFIG ? gs2_options_refuse(err) : status;
}
