#include "CSimdjson.h"

#include <simdjson.h>

extern "C" int csimdjson_is_valid(const void *text, size_t count) {
  static thread_local simdjson::dom::parser parser;
  auto result = parser.parse(static_cast<const char *>(text), count);
  switch (result.error()) {
  case simdjson::SUCCESS:
    return 1;
  case simdjson::NUMBER_ERROR:
  case simdjson::NUMBER_OUT_OF_RANGE:
  case simdjson::DEPTH_ERROR:
    return -1;
  default:
    return 0;
  }
}
