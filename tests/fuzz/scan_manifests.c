/*
 * The whole of `scan manifests` but the command line: a file with the input in it is
 * walked to, read, judged, and told in every format. The first byte chooses level
 * and version.
 *
 * The whole rule library is asked besides: no rule of it fails, whatever it is asked about.
 *
 * Beyond not crashing: the JSON formats stay JSON, no control character of the input
 * reaches the table, and what restricted has nothing to say about baseline has
 * nothing to say about either.
 */
#include "data/json.h"
#include "policy/manifest_scan.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FORMATS = 6, OUT_MAX = 64 << 20 };

struct told {
  struct report *reports[FORMATS];
  struct sink sinks[FORMATS];
};

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void take_file(void *ctx, const struct report_file *file)
{
  struct told *told = ctx;
  for (size_t i = 0; i < file->error_count; i++)
    must(!str_starts(file->errors[i].message, STR("rule ")));
  for (int i = 0; i < FORMATS; i++)
    report_file(told->reports[i], file);
}

static void ignore_file(void *ctx, const struct report_file *file)
{
  (void)ctx, (void)file;
}

static void check_json(struct str text)
{
  struct arena arena;
  struct value root;
  struct error err;
  arena_init(&arena, 0);
  struct json_options options = {.duplicates = VALUE_REFUSE, .depth_max = JSON_DEPTH_MAX};
  must(json_parse(&arena, text, &options, &root, &err) == 0);
  arena_free(&arena);
}

static void check_table(struct str text)
{
  for (size_t i = 0; i < text.len; i++)
    must((unsigned char)text.data[i] >= 0x20 || text.data[i] == '\n');
}

static void check_output(const struct report_format *format, struct sink *sink)
{
  struct str text = buf_str(&sink->buf);
  if (strcmp(format->name, "json") == 0 || strcmp(format->name, "sarif") == 0)
    check_json(text);
  if (strcmp(format->name, "table") == 0)
    check_table(text);
}

static uint64_t open_findings(struct manifest_scan *scan, enum podsecurity_level level)
{
  struct report_summary summary;
  struct error err;
  scan->target.level = level;
  scan->file = ignore_file;
  must(manifest_scan_run(scan, &summary, &err) == 0);
  return finding_open_from(&summary.counts, SEVERITY_UNKNOWN);
}

static void scan_and_tell(struct manifest_scan *scan)
{
  struct told told;
  struct report_options options = {.target = STR("input"),
                                   .tool_version = STR("0"),
                                   .policy = STR("fuzz"),
                                   .started = STR("2026-01-01T00:00:00Z"),
                                   .fail_on = SEVERITY_HIGH,
                                   .unicode = true,
                                   .width = 60};
  struct report_summary summary;
  struct error err;
  for (int i = 0; i < FORMATS; i++) {
    sink_to_memory(&told.sinks[i], OUT_MAX);
    told.reports[i] = report_new(report_formats[i], &options, &told.sinks[i]);
  }
  scan->file = take_file;
  scan->ctx = &told;
  must(manifest_scan_run(scan, &summary, &err) == 0);
  for (int i = 0; i < FORMATS; i++) {
    bool whole = report_end(told.reports[i], &summary, &err) == 0;
    whole = sink_finish(&told.sinks[i], &err) == 0 && whole;
    if (whole)
      check_output(report_formats[i], &told.sinks[i]);
    report_free(told.reports[i]);
    sink_free(&told.sinks[i]);
  }
}

/* Made once: it is the same for every input. */
static struct rule_library *library(void)
{
  static struct rule_library *made;
  struct rule_library_options options = {.target = {PODSECURITY_PRIVILEGED, PODSECURITY_LATEST}};
  struct error err;
  if (!made)
    must(rule_library_new(&options, &made, &err) == 0);
  return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2)
    return 0;
  int fd = memfd_create("input", MFD_CLOEXEC);
  must(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)size - 1);
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  const char *paths[] = {path};
  struct manifest_scan scan = {
      .paths = paths,
      .path_count = 1,
      .jobs = 1,
      .target = {.level = data[0] % 3,
                 .minor = data[0] & 0x80 ? PODSECURITY_LATEST : (uint64_t)(data[0] / 3) % 40},
  };
  scan.rules = library();
  scan_and_tell(&scan);
  scan.rules = NULL;
  scan.target.minor = PODSECURITY_LATEST;
  if (open_findings(&scan, PODSECURITY_RESTRICTED) == 0)
    must(open_findings(&scan, PODSECURITY_BASELINE) == 0);
  close(fd);
  return 0;
}
