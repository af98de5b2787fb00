// MIT Kerberos' GSSAPI. Its constants are macros with casts, and variables, neither of which Swift can read: they are
// functions here.
#ifndef XYLEM_GSSAPI_H
#define XYLEM_GSSAPI_H

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>

static inline gss_OID xylem_gss_host_based_name(void) { return GSS_C_NT_HOSTBASED_SERVICE; }
static inline gss_OID xylem_gss_user_name(void) { return GSS_C_NT_USER_NAME; }
static inline gss_OID xylem_gss_kerberos_name(void) { return (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME; }

// What a client asks of a context: that both ends prove who they are, that nothing comes twice or out of order, and that
// messages can be sealed.
static inline OM_uint32 xylem_gss_flags(void) {
    return GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG |
           GSS_C_INTEG_FLAG;
}

static inline int xylem_gss_is_complete(OM_uint32 status) { return status == GSS_S_COMPLETE; }
static inline int xylem_gss_goes_on(OM_uint32 status) { return status == GSS_S_CONTINUE_NEEDED; }
static inline int xylem_gss_can_seal(OM_uint32 flags) { return (flags & GSS_C_CONF_FLAG) != 0; }

// One line of what a status means; `is_mechanism` says whose status it is.
static inline OM_uint32 xylem_gss_text(
    OM_uint32 status, int is_mechanism, OM_uint32 *context, gss_buffer_t text) {
    OM_uint32 minor = 0;
    return gss_display_status(
        &minor, status, is_mechanism ? GSS_C_MECH_CODE : GSS_C_GSS_CODE, GSS_C_NO_OID, context,
        text);
}

static inline gss_cred_usage_t xylem_gss_usage(int is_server) {
    return is_server ? GSS_C_ACCEPT : GSS_C_INITIATE;
}

#endif
