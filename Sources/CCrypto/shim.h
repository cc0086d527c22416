// The digests of libcrypto for Swift; everything used imports as it is.
#ifndef DD_CCRYPTO_SHIM_H
#define DD_CCRYPTO_SHIM_H

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#endif
