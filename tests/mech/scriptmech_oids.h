/*
 * scriptmech_oids.h - the OIDs of the scriptable mechanism, for the module and
 * for the test programs alike.
 */
#ifndef GS2_SCRIPTMECH_OIDS_H
#define GS2_SCRIPTMECH_OIDS_H

#include "scriptmech.h"

/* The OID as GSS_MECH_CONFIG wants it, "1.3.6..."; a constant. */
const char *gs2_script_dotted(enum gs2_script_oid oid);

#endif
