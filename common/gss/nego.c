/*
 * nego.c - one turn of the negotiation loop (RFC 7546 sections 2 and 3).
 *
 * A status is read by fields: error bits win over CONTINUE_NEEDED, that over
 * COMPLETE; supplementary bits never decide.  The mechglue drops the context
 * where a first call returns anything but exactly COMPLETE or CONTINUE_NEEDED,
 * so a handle that is gone is a failure whatever the status says; and it gives
 * no name and no flags with a COMPLETE that carries other bits, so then the
 * context is asked for them.
 */
#include "nego.h"

#include <krb5.h>
#include <string.h>

#include "gss_error.h"
#include "gss_fault.h"

#ifndef GSS_C_CHANNEL_BOUND_FLAG
#error "MIT Kerberos 1.19 or newer is needed: GSS_C_CHANNEL_BOUND_FLAG"
#endif

static void
drop_context(struct gs2_nego *nego)
{
    OM_uint32 minor;

    /* The context goes last: as long as there is one, libkrb5 keeps krb5.conf
     * parsed; without it each of the others reads that file again. */
    if (nego->initiator != GSS_C_NO_NAME)
        (void)gss_release_name(&minor, &nego->initiator);
    if (nego->delegated != GSS_C_NO_CREDENTIAL)
        (void)gss_release_cred(&minor, &nego->delegated);
    if (nego->context != GSS_C_NO_CONTEXT)
        (void)gss_delete_sec_context(&minor, &nego->context, NULL);
    nego->context = GSS_C_NO_CONTEXT;
}

void
gs2_nego_clear(struct gs2_nego *nego)
{
    drop_context(nego);
    gs2_bindings_free(&nego->bindings);
    memset(nego, 0, sizeof(*nego));
}

gs2_status
gs2_nego_in_time(const struct gs2_nego *nego, struct gs2_error *err)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return gs2_fail(err, GS2_FAIL, "the monotonic clock cannot be read");
    if (now.tv_sec - nego->first.tv_sec > GS2_SECONDS_MAX)
        return gs2_fail(err, GS2_REFUSED,
                        "the negotiation took more than %d seconds",
                        GS2_SECONDS_MAX);
    return GS2_OK;
}

/* One leg more: a bound against mechanisms and peers without an end. */
static gs2_status
count_leg(struct gs2_nego *nego, struct gs2_error *err)
{
    if (nego->legs == 0 && clock_gettime(CLOCK_MONOTONIC, &nego->first) != 0)
        return gs2_fail(err, GS2_FAIL, "the monotonic clock cannot be read");
    if (++nego->legs > GS2_LEGS_MAX)
        return gs2_fail(err, GS2_BADAUTH,
                        "the negotiation took more than %d legs",
                        GS2_LEGS_MAX);
    return gs2_nego_in_time(nego, err);
}

/* Calls the mechanism.  The major status as it came; minor copied at once. */
static OM_uint32
call(struct gs2_nego *nego, gss_buffer_t in, gss_buffer_t out, gss_OID *mech,
     OM_uint32 *minor)
{
    struct gss_channel_bindings_struct *bindings = nego->no_bindings
                                                   ? GSS_C_NO_CHANNEL_BINDINGS
                                                   : &nego->bindings;
    OM_uint32 flags = 0, seconds = GSS_C_INDEFINITE, major;

    if (nego->side == GS2_INITIATOR)
        major = gss_init_sec_context(minor, nego->cred, &nego->context,
                                     nego->target, &nego->mech->oid,
                                     nego->req_flags, 0, bindings, in,
                                     mech, out, &flags, &seconds);
    else
        major = gss_accept_sec_context(minor, &nego->context, nego->cred, in,
                                       bindings, &nego->initiator, mech, out,
                                       &flags, NULL, &nego->delegated);
    nego->ret_flags = flags;
    nego->expired = seconds == 0;
    return major;
}

/* Name, flags and mechanism of a context whose last call did not give them. */
static gs2_status
inquire(struct gs2_nego *nego, gss_OID *mech, int *open, struct gs2_error *err)
{
    gss_name_t *name = nego->side == GS2_ACCEPTOR &&
                       nego->initiator == GSS_C_NO_NAME
                       ? &nego->initiator : NULL;
    OM_uint32 major, minor;

    major = gss_inquire_context(&minor, nego->context, name, NULL, NULL, mech,
                                &nego->ret_flags, NULL, open);
    if (GSS_ERROR(major))
        return gs2_fail_gss(err, GS2_REFUSED,
                            "the security context is not usable", major, minor,
                            &nego->mech->oid);
    return GS2_OK;
}

/* An anonymous initiator lets no token out before this holds (RFC 7546 2.1). */
static gs2_status
check_anonymity(const struct gs2_nego *nego, struct gs2_error *err)
{
    if (nego->side == GS2_INITIATOR && (nego->req_flags & GSS_C_ANON_FLAG) &&
        !(nego->ret_flags & GSS_C_ANON_FLAG))
        return gs2_fail(err, nego->legs > 1 ? GS2_BADAUTH : GS2_FAIL,
                        "the mechanism does not keep the user anonymous");
    return GS2_OK;
}

/* The flags that the context must have when it is complete (section 3). */
static gs2_status
check_flags(const struct gs2_nego *nego, struct gs2_error *err)
{
    if (!nego->one_sided && !(nego->ret_flags & GSS_C_MUTUAL_FLAG))
        return gs2_fail(err, GS2_BADAUTH,
                        "the security context has no mutual authentication");
    if (nego->side == GS2_ACCEPTOR && !nego->binds_silently &&
        !(nego->ret_flags & GSS_C_CHANNEL_BOUND_FLAG))
        return gs2_fail(err, GS2_BADBINDING,
                        "the client's token is not bound to the GS2 header "
                        "(it was made without channel bindings)");
    return check_anonymity(nego, err);
}

static gs2_status
check_complete(struct gs2_nego *nego, OM_uint32 major, gss_OID mech,
               struct gs2_error *err)
{
    gs2_status status;
    char oid[GS2_OID_TEXT_MAX];

    /* krb5 still completes a context in the last second of the ticket, has no
     * name for it, and the GSS library loses the name that it was given. */
    if (nego->expired)
        return gs2_fail(err, GS2_FAIL,
                        "the security context has expired with the user's "
                        "credential");
    if (major != GSS_S_COMPLETE) {
        status = inquire(nego, &mech, NULL, err);
        if (status != GS2_OK)
            return status;
    }
    if (!gs2_oid_equal(mech, gs2_mechs_result(nego->mech)))
        return gs2_fail(err, GS2_BADAUTH,
                        "the context is of mechanism %s, not of %s as "
                        "negotiated", gs2_oid_text(oid, mech),
                        nego->mech->name);
    return check_flags(nego, err);
}

/* What kind of failure an error status is.  Before the acceptor has said
 * anything, an initiator's failure says nothing about the acceptor. */
static gs2_status
classify(const struct gs2_nego *nego, OM_uint32 major, OM_uint32 minor)
{
    const OM_uint32 error = GSS_ROUTINE_ERROR(major);

    if (nego->side == GS2_ACCEPTOR)
        return gs2_gss_fault(nego->mech, major, minor);
    if (error == GSS_S_BAD_BINDINGS)
        return GS2_BADBINDING;
    if (nego->legs > 1)
        return GS2_BADAUTH;
    if (error == GSS_S_NO_CRED || error == GSS_S_DEFECTIVE_CREDENTIAL ||
        error == GSS_S_CREDENTIALS_EXPIRED)
        return GS2_NOCRED;
    /* krb5 has no major status for a ticket that was valid once. */
    if (nego->mech->is_krb5 &&
        minor == (OM_uint32)KRB5KRB_AP_ERR_TKT_EXPIRED)
        return GS2_NOCRED;
    /* EAP looks for its password in the first turn, and says only this if it
     * finds none.  From krb5 it means anything but that. */
    if (error == GSS_S_FAILURE && !nego->mech->is_krb5)
        return GS2_NOCRED;
    return GS2_FAIL;
}

static const char *
what_failed(const struct gs2_nego *nego, OM_uint32 major)
{
    if (nego->side == GS2_INITIATOR)
        return "GSS initiator";
    if (GSS_ROUTINE_ERROR(major) == GSS_S_BAD_BINDINGS &&
        nego->mech->standalone)
        return "GSS acceptor (the token is bound to another channel, or was "
               "made for another mechanism)";
    if (GSS_ROUTINE_ERROR(major) == GSS_S_BAD_BINDINGS)
        return "GSS acceptor (the token is bound to another GS2 header or "
               "channel, or with an address type other than 0, as Java does)";
    return "GSS acceptor";
}

/* What the mechanism says of its failure.  Where an acceptor's own files fail
 * it, that may name them, and is not for the client. */
static gs2_status
fail_call(const struct gs2_nego *nego, OM_uint32 major, OM_uint32 minor,
          struct gs2_error *err)
{
    const gs2_status status = classify(nego, major, minor);

    if (nego->side == GS2_ACCEPTOR && status == GS2_FAIL)
        gs2_gss_error_in_log(err, "the server cannot accept a GSS token",
                             major, minor, &nego->mech->oid);
    else
        gs2_gss_error_set(err, what_failed(nego, major), major, minor,
                          &nego->mech->oid);
    return status;
}

enum gs2_progress
gs2_nego_turn(struct gs2_nego *nego, gss_buffer_t in, gss_buffer_t out,
              gs2_status *err_status_out, struct gs2_error *err)
{
    gss_OID mech = GSS_C_NO_OID;
    OM_uint32 major, minor = 0;
    gs2_status status;

    *out = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    *err_status_out = GS2_OK;
    status = count_leg(nego, err);
    if (status != GS2_OK)
        goto failed;
    major = call(nego, in, out, &mech, &minor);
    if (GSS_ERROR(major)) {
        /* The output token, if any, is the error token: it stays. */
        *err_status_out = fail_call(nego, major, minor, err);
        drop_context(nego);
        return GS2_FAILED;
    }
    if (nego->context == GSS_C_NO_CONTEXT)
        status = gs2_fail(err, GS2_BADAUTH,
                          "the mechanism gave up the security context "
                          "(major status 0x%08x)", major);
    else if (major & GSS_S_CONTINUE_NEEDED)
        status = check_anonymity(nego, err);
    else
        status = check_complete(nego, major, mech, err);
    if (status != GS2_OK)
        goto failed;
    return major & GSS_S_CONTINUE_NEEDED ? GS2_CONTINUE : GS2_COMPLETE;

failed:
    *err_status_out = status;
    (void)gss_release_buffer(&minor, out);
    drop_context(nego);
    return GS2_FAILED;
}

gs2_status
gs2_nego_extra(struct gs2_nego *nego, gss_buffer_t in, struct gs2_error *err)
{
    OM_uint32 major, minor;
    gs2_status status;
    int open = 0;

    status = count_leg(nego, err);
    if (status != GS2_OK)
        goto done;
    major = gss_process_context_token(&minor, nego->context, in);
    if (GSS_ERROR(major)) {
        status = gs2_fail_gss(err, GS2_BADAUTH,
                              "a token after the end of the negotiation",
                              major, minor, &nego->mech->oid);
        goto done;
    }
    status = inquire(nego, NULL, &open, err);
    if (status == GS2_OK && !open)
        status = gs2_fail(err, GS2_BADAUTH,
                          "the peer deleted the security context");
    if (status == GS2_OK)
        status = check_flags(nego, err);

done:
    if (status != GS2_OK)
        drop_context(nego);
    return status;
}
