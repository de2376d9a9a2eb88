/* What cargo-auditable writes into a program: one JSON object, {"packages": [{"name", "version", "kind", ...}]}. */
#include "data/json.h"
#include "scan/faults_int.h"
#include "scan/language/binary_int.h"
#include "scan/language/language_add_int.h"

enum { TREE_MAX = 128 << 20 };

static int add_crate(const struct analyser_file *file, struct value crate,
                     struct package_list *list, struct error *err)
{
  bool builds = value_eq_str(value_get_str(crate, STR("kind")), STR("build"));
  struct package p = {.type = PACKAGE_CARGO,
                      .name = value_str_or_empty(value_get_str(crate, STR("name"))),
                      .development = builds,
                      .path = file->path,
                      .layer = file->layer};
  struct purl purl = {.name = p.name};
  if (builds && !(list->flags & PACKAGE_LIST_DEVELOPMENT))
    return 0;
  return language_add(list, &p, value_str_or_empty(value_get_str(crate, STR("version"))), &purl,
                      err);
}

int binary_rust_add(const struct analyser_file *file, struct str json, struct package_list *list,
                    struct error *err)
{
  struct arena arena;
  struct value root = VALUE_NONE;
  struct faults faults = {0};
  arena_init(&arena, TREE_MAX);
  int rc = json_parse(&arena, json, NULL, &root, err);
  struct value crates = value_get_str(root, STR("packages"));
  if (rc == 0 && !value_is(crates, VALUE_ARRAY))
    rc = error_set(err, SW_EINVAL, "the list of crates is no list");
  for (uint32_t i = 0; rc == 0 && i < crates.len; i++) {
    struct error fault;
    if (add_crate(file, crates.items[i], list, &fault) < 0 && faults_add(&faults, &fault) < 0)
      break;
  }
  arena_free(&arena);
  return rc < 0 ? error_wrap(err, "the section .dep-v0") : faults_end(&faults, err);
}
