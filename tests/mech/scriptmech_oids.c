/*
 * scriptmech_oids.c - the OIDs of the scriptable mechanism and the names of
 * its calls; linked into the module and into each test program.
 */
#include "scriptmech_oids.h"

static const struct {
    const char *dotted;
    gss_OID_desc desc;
} oids[GS2_OID_COUNT] = {
    [GS2_OID_A] = {"1.3.6.1.4.1.32473.1.1",
                   {10, "\x2b\x06\x01\x04\x01\x81\xfd\x59\x01\x01"}},
    [GS2_OID_B] = {"1.3.6.1.4.1.32473.1.2",
                   {10, "\x2b\x06\x01\x04\x01\x81\xfd\x59\x01\x02"}},
    [GS2_OID_NTLM] = {"1.3.6.1.4.1.311.2.2.10",
                      {10, "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"}},
    [GS2_OID_SPKM1] = {"1.3.6.1.5.5.1.1", {7, "\x2b\x06\x01\x05\x05\x01\x01"}},
    [GS2_OID_EAP128] = {"1.3.6.1.5.5.15.1.1.17",
                        {9, "\x2b\x06\x01\x05\x05\x0f\x01\x01\x11"}},
    [GS2_OID_EAP256] = {"1.3.6.1.5.5.15.1.1.18",
                        {9, "\x2b\x06\x01\x05\x05\x0f\x01\x01\x12"}},
};

static const char *const call_names[GS2_CALL_KINDS] = {
    [GS2_CALL_NONE] = "any call",
    [GS2_CALL_INIT] = "init_sec_context",
    [GS2_CALL_ACCEPT] = "accept_sec_context",
    [GS2_CALL_DELETE_CONTEXT] = "delete_sec_context",
    [GS2_CALL_INQUIRE_CONTEXT] = "inquire_context",
    [GS2_CALL_CONTEXT_TIME] = "context_time",
    [GS2_CALL_PROCESS_TOKEN] = "process_context_token",
    [GS2_CALL_WRAP] = "wrap",
    [GS2_CALL_UNWRAP] = "unwrap",
    [GS2_CALL_WRAP_SIZE_LIMIT] = "wrap_size_limit",
    [GS2_CALL_ACQUIRE_CRED] = "acquire_cred",
    [GS2_CALL_ACQUIRE_PASSWORD] = "acquire_cred_with_password",
    [GS2_CALL_INQUIRE_CRED] = "inquire_cred",
    [GS2_CALL_STORE_CRED] = "store_cred",
    [GS2_CALL_RELEASE_CRED] = "release_cred",
    [GS2_CALL_IMPORT_NAME] = "import_name",
    [GS2_CALL_DISPLAY_NAME] = "display_name",
    [GS2_CALL_COMPARE_NAME] = "compare_name",
    [GS2_CALL_DUPLICATE_NAME] = "duplicate_name",
    [GS2_CALL_EXPORT_NAME] = "export_name",
    [GS2_CALL_EXPORT_COMPOSITE] = "export_name_composite",
    [GS2_CALL_RELEASE_NAME] = "release_name",
    [GS2_CALL_LOCALNAME] = "localname",
    [GS2_CALL_AUTHORIZE_LOCALNAME] = "authorize_localname",
    [GS2_CALL_INQUIRE_NAME] = "inquire_name",
    [GS2_CALL_GET_ATTRIBUTE] = "get_name_attribute",
    [GS2_CALL_INQUIRE_ATTRS] = "inquire_attrs_for_mech",
    [GS2_CALL_INQUIRE_SASLNAME] = "inquire_saslname_for_mech",
    [GS2_CALL_MECH_FOR_SASLNAME] = "inquire_mech_for_saslname",
    [GS2_CALL_DISPLAY_STATUS] = "display_status",
};

/* The GSS-API takes OIDs without const and does not write to them. */
gss_OID
gs2_script_oid(enum gs2_script_oid oid)
{
    return oid < GS2_OID_COUNT ? (gss_OID)&oids[oid].desc : GSS_C_NO_OID;
}

const char *
gs2_script_dotted(enum gs2_script_oid oid)
{
    return oid < GS2_OID_COUNT ? oids[oid].dotted : "";
}

const char *
gs2_call_name(enum gs2_call_kind kind)
{
    return kind < GS2_CALL_KINDS ? call_names[kind] : "no call";
}
