/*
 * rego_document.h - documents as OPA reads them from files: base documents and inputs.
 *
 *     struct value input;
 *     struct rego_document_options options = {.yaml = true, .symbols = symbols};
 *     if (rego_document_parse(&arena, text, &options, &input, &err) < 0)
 *         return error_wrap(&err, "%s", path);
 *
 * A text is JSON (a byte order mark in front is left out) or, if it is not and options.yaml says so,
 * YAML as kubectl reads it (data/yaml.h). A key may be repeated: the last one wins, as in Go. A YAML
 * text holds one document: OPA reads the first and drops the others without a word, here a second one
 * is an error. An empty YAML text is null.
 *
 * Errors: SW_EINVAL, SW_ELIMIT, with line and column. If a text that may be YAML looks like JSON (it
 * begins with a brace or bracket), the error is the one that JSON's reader gave. Limits: those of
 * data/json.h and data/yaml.h.
 *
 * Ownership: values lie in the arena and view the text. Thread safety: any number of threads, each
 * with its own arena.
 */
#ifndef SEAWALL_POLICY_REGO_DOCUMENT_H
#define SEAWALL_POLICY_REGO_DOCUMENT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/symbols.h"
#include "data/value.h"

struct rego_document_options {
  bool yaml;                     /* YAML will do as well */
  bool positions;                /* keep line and column of every key and value */
  const struct symbols *symbols; /* keys get their numbers from here; NULL: none */
};

/* options NULL: JSON alone. */
int rego_document_parse(struct arena *a, struct str text,
                        const struct rego_document_options *options, struct value *ret,
                        struct error *err);

#endif
