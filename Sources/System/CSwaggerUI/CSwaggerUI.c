// The preprocessor takes 1.7 MB in within a moment; a Swift array of as many numbers would take minutes to compile.
#pragma clang diagnostic ignored "-Wc23-extensions"

#include "CSwaggerUI.h"

#if __has_embed("../../../.platform/swagger-ui/swagger-ui-bundle.js") == __STDC_EMBED_FOUND__
static const unsigned char script[] = {
#embed "../../../.platform/swagger-ui/swagger-ui-bundle.js"
};
#define SCRIPT_LENGTH sizeof script
#else
static const unsigned char script[] = {0};
#define SCRIPT_LENGTH 0
#endif

#if __has_embed("../../../.platform/swagger-ui/swagger-ui.css") == __STDC_EMBED_FOUND__
static const unsigned char style[] = {
#embed "../../../.platform/swagger-ui/swagger-ui.css"
};
#define STYLE_LENGTH sizeof style
#else
static const unsigned char style[] = {0};
#define STYLE_LENGTH 0
#endif

const unsigned char *swagger_ui_script(size_t *length) {
  *length = SCRIPT_LENGTH;
  return script;
}

const unsigned char *swagger_ui_style(size_t *length) {
  *length = STYLE_LENGTH;
  return style;
}
