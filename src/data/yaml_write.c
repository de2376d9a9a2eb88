#include "data/yaml_write.h"

#include "data/yaml_edit_int.h"

/* Lists stand below their key without further indentation. */
static const struct edit_form form = {
    .newline = STR_INIT("\n"),
    .map_step = 2,
    .list_step = 0,
    .dash_step = 2,
    .quote = '"',
    .literals = true,
};

int yaml_write(struct buf *out, struct value v, struct error *err)
{
  size_t before = out->len;
  struct edit_writer w = {.out = out, .form = &form};
  if (edit_is_nonempty(v)) {
    edit_write_block(&w, v, 0, false, 0);
  } else {
    edit_write_scalar(&w, v, 0, false);
    buf_add_byte(out, '\n');
  }
  if (!w.failed)
    return 0;
  out->len = before;
  return error_set(err, SW_EUNSUPPORTED, "a value cannot be written as YAML: %s", w.failed);
}
