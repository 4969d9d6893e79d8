/*
 * nss-old.c - a module that has the symbol of that for Unix groups, with
 * another version of the interface (common/nss.h): it must not be called.
 */
#include "common/nss.h"

extern const unsigned gs2_nss_module[];
const unsigned gs2_nss_module[8] = { GS2_NSS_ABI + 41 };
