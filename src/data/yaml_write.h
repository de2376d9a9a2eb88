/*
 * yaml_write.h - a value as YAML text, in block form, as people write manifests.
 *
 *     _cleanup_(buf_free) struct buf out = {0};
 *     buf_add(&out, STR("---\n"));
 *     if (yaml_write(&out, deployment, &err) < 0) ...
 *
 * Whoever reads the text gets the same value, by YAML 1.1 (kubectl, libyaml) or 1.2: strings that some
 * reader could take for something else ("yes", "1e3", "0o7", "2001-01-01", "~") are quoted, characters
 * that YAML does not let stand as themselves are escaped, and texts of several lines are literal blocks
 * where their first line allows it. Members keep their order. Lists in mappings are not indented, as
 * kubectl writes them. Numbers are written as they were read.
 *
 * Errors: SW_EUNSUPPORTED for what YAML text cannot hold: sets, nothing, keys that are no strings, keys
 * that take more than 1,000 bytes, numbers beyond the range of a double (readers make strings of them),
 * more than 200 containers inside each other. On failure out is as before.
 *
 * Thread safety: may be called from any thread.
 */
#ifndef SEAWALL_DATA_YAML_WRITE_H
#define SEAWALL_DATA_YAML_WRITE_H

#include "base/buf.h"
#include "base/error.h"
#include "data/value.h"

/* Appends the content of one document, which ends with a line break. */
int yaml_write(struct buf *out, struct value v, struct error *err);

#endif
