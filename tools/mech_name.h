/*
 * mech_name.h - which names of SASL mechanisms are GS2's.
 */
#ifndef MECH_NAME_H
#define MECH_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the len octets at name, with or without -PLUS, are a mechanism of the
 * plugin's: "GS2-..." or another of the GSS library's, such as EAP-AES128. */
bool mech_name_is_gs2(const char *name, size_t len);

/* Whether gs2_mechs, NULL where it is not set, makes this name one of the
 * plugin's, though this machine may lack it: none that another plugin of
 * libsasl's has. */
bool mech_name_is_in(const char *ours, const char *name);

#endif
