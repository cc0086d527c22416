// xxHash for Swift; everything used imports as it is.
#ifndef DD_CXXHASH_SHIM_H
#define DD_CXXHASH_SHIM_H

#include <xxhash.h>

#endif
