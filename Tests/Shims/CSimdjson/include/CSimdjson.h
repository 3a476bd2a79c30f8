#ifndef C_SIMDJSON_H
#define C_SIMDJSON_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// simdjson's opinion of a text, which it copies: 1 valid JSON, 0 not, -1 a number it does not read or nesting it does not
/// follow, which says nothing about validity.
int csimdjson_is_valid(const void *text, size_t count);

#ifdef __cplusplus
}
#endif

#endif
