#include "json_simdjson.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#include <simdjson.h>
#pragma GCC diagnostic pop

#include <string>

struct simdjson_reader {
  simdjson::dom::parser parser;
};

size_t simdjson_padding(void)
{
  return simdjson::SIMDJSON_PADDING;
}

struct simdjson_reader *simdjson_reader_new(void)
{
  return new simdjson_reader;
}

void simdjson_reader_free(struct simdjson_reader *reader)
{
  delete reader;
}

bool simdjson_reader_parse(struct simdjson_reader *reader, const char *text, size_t len)
{
  simdjson::dom::element root;
  return reader->parser.parse(text, len, false).get(root) == simdjson::SUCCESS && root.is_object();
}

const char *simdjson_reader_kind(void)
{
  static const std::string name = simdjson::get_active_implementation()->name();
  return name.c_str();
}
