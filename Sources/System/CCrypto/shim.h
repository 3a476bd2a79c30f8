#pragma once
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* Variadic, and behind a macro. Returns NULL without memory or entropy. */
static inline EVP_PKEY *kt_generate_p256(void) { return EVP_EC_gen("P-256"); }
