/*
 * Trivy's expected reports about Dockerfiles, beside what seawall finds in the same files: the numbers of Trivy's rules that
 * fail, each with its line where Trivy names one.
 *
 * Prints counts; fails on a difference that is not among those below; exits with 77 where the data is absent.
 */
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "data/json.h"
#include "scan/check/dockerfile.h"

#include <stdlib.h>
#include <unistd.h>

enum { SKIPPED = 77, FILE_MAX = 16 << 20 };

static const struct {
  const char *golden, *fixture;
} reports[] = {
    {"dockerfile.json.golden", "dockerfile"},
    {"dockerfile_file_pattern.json.golden", "dockerfile_file_pattern"},
};

/* HEALTHCHECK NONE is an instruction, and no health check: seawall tells of it (info), Trivy does not. */
static const char *const known[] = {"only seawall: DS-0026"};

struct counts {
  unsigned expected, same, known, wrong;
};

static void differ(struct counts *counts, const char *file, const char *what, struct str id)
{
  char text[64];
  snprintf(text, sizeof text, "%s: %.*s", what, STR_FMT(id));
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(text, known[i]) == 0) {
      counts->known++;
      return;
    }
  counts->wrong++;
  printf("%s: %s\n", file, text);
}

/* Whether a finding stands for Trivy's rule, and where Trivy says. */
static bool stands_for(const struct finding *f, struct str id, uint64_t line)
{
  for (size_t c = 0; c < f->rule->control_count; c++)
    if (str_eq(f->rule->controls[c].framework, STR("trivy")) &&
        str_eq(f->rule->controls[c].id, id) && (!line || line == f->location.line))
      return true;
  return false;
}

static void compare(struct counts *counts, const char *file, struct value expected,
                    const struct finding_list *findings)
{
  for (uint32_t e = 0; e < expected.len; e++) {
    struct value item = expected.items[e];
    struct str id = value_str_or_empty(value_get_str(item, STR("ID")));
    int64_t line = 0;
    value_to_int(value_get_str(value_get_str(item, STR("CauseMetadata")), STR("StartLine")), &line);
    bool found = false;
    for (size_t i = 0; i < findings->count; i++)
      found |= stands_for(&findings->items[i], id, (uint64_t)line);
    counts->expected++;
    counts->same += found;
    if (!found)
      differ(counts, file, "only Trivy", id);
  }
  for (size_t i = 0; i < findings->count; i++)
    for (size_t c = 0; c < findings->items[i].rule->control_count; c++) {
      const struct control *control = &findings->items[i].rule->controls[c];
      bool found = !str_eq(control->framework, STR("trivy"));
      for (uint32_t e = 0; e < expected.len && !found; e++)
        found =
            str_eq(control->id, value_str_or_empty(value_get_str(expected.items[e], STR("ID"))));
      if (!found)
        differ(counts, file, "only seawall", control->id);
    }
}

static void judge(struct counts *counts, struct arena *arena, const char *folder,
                  struct value result)
{
  struct str target = value_str_or_empty(value_get_str(result, STR("Target")));
  struct buf text = {0};
  struct finding_list findings;
  struct error err;
  const char *path = arena_printf(arena, "%s/%.*s", folder, STR_FMT(target)).data;
  finding_list_init(&findings, arena);
  const struct dockerfile_options options = {.file = target};
  if (file_read(path, FILE_MAX, &text, &err) < 0 ||
      dockerfile_scan(buf_str(&text), &options, arena, &findings, &err) < 0) {
    printf("%s: %s\n", path, err.message);
    counts->wrong++;
  }
  compare(counts, path, value_get_str(result, STR("Misconfigurations")), &findings);
  buf_free(&text);
}

static void take_report(struct counts *counts, const char *base, size_t number)
{
  struct arena arena;
  struct buf text = {0};
  struct value root;
  struct error err;
  arena_init(&arena, 0);
  const char *path = arena_printf(&arena, "%s/golden/%s", base, reports[number].golden).data;
  const char *folder =
      arena_printf(&arena, "%s/fixtures/repo/%s", base, reports[number].fixture).data;
  if (file_read(path, FILE_MAX, &text, &err) < 0 ||
      json_parse(&arena, buf_str(&text), NULL, &root, &err) < 0) {
    printf("%s: %s\n", path, err.message);
    counts->wrong++;
  } else {
    struct value results = value_get_str(root, STR("Results"));
    for (uint32_t i = 0; i < results.len; i++)
      judge(counts, &arena, folder, results.items[i]);
  }
  buf_free(&text);
  arena_free(&arena);
}

int main(void)
{
  struct counts counts = {0};
  struct buf path = {0};
  const char *shared = getenv("SEAWALL_SHARED");
  buf_printf(&path, "%s/conformance/images/trivy", shared ? shared : "../shared");
  if (access(buf_text(&path), R_OK) < 0) {
    printf("skipped: there is no %s\n", buf_text(&path));
    buf_free(&path);
    return SKIPPED;
  }
  for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
    take_report(&counts, buf_text(&path), i);
  buf_free(&path);
  printf("Trivy's Dockerfiles: %u expected, %u the same, %u known differences, %u wrong\n",
         counts.expected, counts.same, counts.known, counts.wrong);
  return counts.wrong ? 1 : counts.expected ? 0 : SKIPPED;
}
