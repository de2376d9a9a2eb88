#include "policy/rego_document.h"

#include "data/json.h"
#include "data/yaml.h"

static int parse_yaml(struct arena *a, struct str text, const struct rego_document_options *options,
                      struct value *ret, struct error *err)
{
  const struct yaml_options yaml = {
      .positions = options->positions,
      .symbols = options->symbols,
  };
  _cleanup_(yaml_reader_freep) struct yaml_reader *reader = yaml_reader_new(text, &yaml);
  struct yaml_document first, another;
  int got = yaml_reader_next(reader, a, &first, err);
  if (got < 0)
    return got;
  if (got == 0) {
    *ret = value_null();
    return 0;
  }
  got = yaml_reader_next(reader, a, &another, err);
  if (got > 0)
    return error_set_at(err, SW_EINVAL, another.position.line, another.position.column,
                        "a second YAML document begins here; give one document");
  if (got == 0)
    *ret = first.root;
  return got;
}

static bool looks_like_json(struct str text)
{
  struct str trimmed = str_trim(text);
  return trimmed.len && (trimmed.data[0] == '{' || trimmed.data[0] == '[');
}

int rego_document_parse(struct arena *a, struct str text,
                        const struct rego_document_options *options, struct value *ret,
                        struct error *err)
{
  static const struct rego_document_options defaults;
  options = options ? options : &defaults;
  if (str_starts(text, STR("\xef\xbb\xbf")))
    text = str_sub(text, 3, SIZE_MAX);
  const struct json_options json = {
      .positions = options->positions,
      .symbols = options->symbols,
  };
  struct error as_json, as_yaml;
  int rc = json_parse(a, text, &json, ret, &as_json);
  const struct error *told = &as_json;
  if (rc < 0 && options->yaml && rc != SW_ELIMIT) {
    rc = parse_yaml(a, text, options, ret, &as_yaml);
    if (rc < 0 && !looks_like_json(text))
      told = &as_yaml;
  }
  if (rc < 0 && err)
    *err = *told;
  return rc < 0 ? told->code : 0;
}
