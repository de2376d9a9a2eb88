/*
 * json_simdjson.h - simdjson's DOM parser for benchmarks/json.c.
 */
#ifndef SEAWALL_BENCHMARKS_JSON_SIMDJSON_H
#define SEAWALL_BENCHMARKS_JSON_SIMDJSON_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct simdjson_reader;

/* Bytes that must be readable behind a text. */
size_t simdjson_padding(void);

struct simdjson_reader *simdjson_reader_new(void);
void simdjson_reader_free(struct simdjson_reader *reader);

/* Whether the text is a JSON object. */
bool simdjson_reader_parse(struct simdjson_reader *reader, const char *text, size_t len);

/* The instruction set that it has chosen. */
const char *simdjson_reader_kind(void);

#ifdef __cplusplus
}
#endif

#endif
