/*
 * The first byte chooses the form. What was loaded answers questions, and counts what was used.
 */
#include "scan/ignore_file.h"
#include "base/mem.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const struct str paths[] = {STR_INIT(".trivyignore"), STR_INIT(".trivyignore.yaml")};
  static const struct str ids[] = {STR_INIT("CVE-2020-1"), STR_INIT("MIT")};
  static const struct str where[] = {STR_INIT("/usr/lib/a"), STR_INIT("b")};
  struct arena arena;
  struct ignore_file *file;
  struct error err;
  if (size == 0)
    return 0;
  arena_init(&arena, 0);
  int rc = ignore_file_load(&arena, paths[data[0] % 2], str_make((const char *)data + 1, size - 1),
                            STR("2026-11-21"), &file, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  if (rc == 0) {
    struct finding_list findings;
    size_t unused = ignore_file_unused(file), asked = 0;
    for (int kind = 0; kind < IGNORE_KINDS; kind++) {
      struct ignore_answer answer;
      struct ignore_question q = {.kind = (enum ignore_kind)kind,
                                  .ids = ids,
                                  .id_count = 2,
                                  .paths = where,
                                  .path_count = 2,
                                  .purl = STR("pkg:npm/a@1")};
      if (!ignore_file_ask(file, &q, &answer))
        continue;
      asked++;
      assert(answer.reason.len && answer.id.len && answer.line);
    }
    assert(ignore_file_unused(file) <= unused && unused <= ignore_file_count(file));
    assert((asked > 0) == (ignore_file_unused(file) < unused));
    finding_list_init(&findings, &arena);
    ignore_file_report(file, &findings);
    assert(findings.count == ignore_file_count(file) - unused);
  }
  arena_free(&arena);
  return 0;
}
