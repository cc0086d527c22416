// PCRE2 for Swift, with code units of 8 bits: the functions are called by their _8 names.
#ifndef DD_CPCRE2_SHIM_H
#define DD_CPCRE2_SHIM_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#endif
