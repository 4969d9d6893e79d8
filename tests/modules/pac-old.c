/*
 * pac-old.c - a module that has the symbol of a decoder of PACs, with another
 * version of the interface (common/pac.h): it must not be called.
 */
#include "common/pac.h"

extern const unsigned gs2_pac_decoder[];
const unsigned gs2_pac_decoder[8] = { GS2_PAC_ABI + 41 };
