#ifndef KARTOTEKA_CSWAGGERUI_H
#define KARTOTEKA_CSWAGGERUI_H

#include <stddef.h>

/// Swagger UI's script, which is part of the program; of length 0 where `make setup` had not fetched it before the build.
const unsigned char *swagger_ui_script(size_t *length);
/// Its style sheet.
const unsigned char *swagger_ui_style(size_t *length);

#endif
