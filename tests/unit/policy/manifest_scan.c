#include "../test.h"

#include "base/buf.h"
#include "policy/manifest_scan.h"

#include "../base/scratch.h"

static struct scratch scratch;

static int open_scratch(void **state)
{
  (void)state;
  scratch_open(&scratch);
  return 0;
}

static int close_scratch(void **state)
{
  (void)state;
  scratch_close(&scratch);
  return 0;
}

static const char sound[] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n";

static const char flawed[] = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n"
                             "  hostNetwork: true\n  containers:\n  - {name: app, image: app}\n";

/* What was handed over: a line for each finding, error and skip, in the order of arrival. */
static void note_file(void *ctx, const struct report_file *file)
{
  struct buf *out = ctx;
  for (size_t i = 0; i < file->findings->count; i++) {
    const struct finding *f = &file->findings->items[i];
    buf_printf(out, "%.*s:%u:%u %.*s%s\n", STR_FMT(f->location.file), f->location.line,
               f->location.column, STR_FMT(f->rule->id),
               f->state == FINDING_EXCEPTED ? " (excepted)" : "");
  }
  for (size_t i = 0; i < file->error_count; i++)
    buf_printf(out, "%.*s:%u !%.*s\n", STR_FMT(file->path), file->errors[i].line,
               STR_FMT(str_sub(file->errors[i].message, 0, 30)));
  for (size_t i = 0; i < file->skip_count; i++)
    buf_printf(out, "%.*s:%u (%.*s)\n", STR_FMT(file->path), file->skips[i].line,
               STR_FMT(str_sub(file->skips[i].reason, 0, 30)));
}

static struct report_summary scan(struct manifest_scan *request, struct buf *out,
                                  const char *const *paths, size_t count)
{
  struct report_summary summary;
  struct error err;
  request->paths = paths;
  request->path_count = count;
  request->target.minor = PODSECURITY_LATEST;
  if (request->target.level == PODSECURITY_PRIVILEGED)
    request->target.level = PODSECURITY_BASELINE;
  request->file = note_file;
  request->ctx = out;
  assert_int_equal(manifest_scan_run(request, &summary, &err), 0);
  return summary;
}

static void everything_in_a_tree_is_accounted_for(void **state)
{
  (void)state;
  scratch_dir("t");
  scratch_dir("t/sub");
  scratch_file("t/README.md", "# hello");
  scratch_file("t/a.yaml", sound);
  scratch_file("t/b.yaml", "kind: [");
  scratch_file("t/c.yml", flawed);
  scratch_file("t/package.json", "{\"name\": 1,, /* 2 */ }");
  scratch_file("t/sub/d.JSON", "{\"apiVersion\": \"v1\", \"kind\": ");
  scratch_file("t/values.yaml", "replicas: 2\n");
  struct manifest_scan request = {.jobs = 1};
  _cleanup_(buf_free) struct buf out = {0};
  const char *paths[] = {"t"};
  struct report_summary summary = scan(&request, &out, paths, 1);
  assert_string_equal(buf_text(&out), "t/README.md:0 (not YAML or JSON, by its name)\n"
                                      "t/b.yaml:2 !a value is expected here (did \n"
                                      "t/c.yml:5:16 pss-host-namespaces\n"
                                      "t/package.json:0 (not a manifest (no \"apiVersion)\n"
                                      "t/sub/d.JSON:2 !a value is expected here (did \n"
                                      "t/values.yaml:1 (not a Kubernetes object: apiVe)\n");
  assert_int_equal(summary.files, 6);
  assert_int_equal(summary.objects, 2);
  assert_int_equal(summary.judged, 1);
  assert_int_equal(summary.errors, 2);
  assert_int_equal(summary.skipped, 3);
  assert_int_equal(summary.counts.open[SEVERITY_HIGH], 1);
}

static void broken_documents_do_not_hide_their_neighbours(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0}, out = {0};
  buf_printf(&text, "%s---\nkind: [broken\n---\n%s", flawed, flawed);
  scratch_file("many.yaml", buf_text(&text));
  struct manifest_scan request = {.jobs = 1};
  const char *paths[] = {"many.yaml"};
  struct report_summary summary = scan(&request, &out, paths, 1);
  assert_string_equal(buf_text(&out), "many.yaml:5:16 pss-host-namespaces\n"
                                      "many.yaml:15:16 pss-host-namespaces\n"
                                      "many.yaml:10 !a \",\" or \"]\" is expected here,\n");
  assert_int_equal(summary.documents, 2);
}

static void repeated_keys_are_errors_and_the_last_is_judged(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0}, out = {0};
  buf_printf(&text, "%s  hostNetwork: false\n", flawed);
  scratch_file("twice.yaml", buf_text(&text));
  scratch_file("twice.json", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"kind\": \"Node\"}");
  struct manifest_scan request = {.jobs = 1};
  const char *paths[] = {"twice.yaml", "twice.json"};
  struct report_summary summary = scan(&request, &out, paths, 2);
  assert_string_equal(buf_text(&out), "twice.yaml:8 !key \"hostNetwork\" is given twi\n"
                                      "twice.json:1 !key \"kind\" is given twice in o\n");
  assert_int_equal(summary.judged, 1);
}

static void templates_of_charts_are_excused_unless_named(void **state)
{
  (void)state;
  scratch_dir("chart");
  scratch_dir("chart/templates");
  scratch_dir("other");
  scratch_dir("other/templates");
  scratch_file("chart/Chart.yaml", "apiVersion: v2\nname: web\n");
  scratch_file("chart/templates/web.yaml", "kind: {{ .Values.kind }}\n{{ end }}\n");
  scratch_file("other/templates/web.yaml", "kind: {{ .Values.kind }}\n{{ end }}\n");
  struct manifest_scan request = {.jobs = 1};
  _cleanup_(buf_free) struct buf out = {0};
  const char *paths[] = {"chart", "other", "chart/templates/web.yaml"};
  struct report_summary summary = scan(&request, &out, paths, 3);
  assert_non_null(strstr(buf_text(&out), "chart/templates/web.yaml:0 (a Helm template;"));
  assert_non_null(strstr(buf_text(&out), "other/templates/web.yaml:1 !"));
  assert_non_null(strstr(buf_text(&out), "chart/templates/web.yaml:1 !"));
  assert_int_equal(summary.errors, 2);
}

static void excluded_paths_are_named(void **state)
{
  (void)state;
  struct arena arena;
  struct error err;
  struct glob_exclude *exclude[2];
  arena_init(&arena, 0);
  assert_int_equal(glob_exclude_compile(&arena, STR("vendor/"), &exclude[0], &err), 0);
  assert_int_equal(glob_exclude_compile(&arena, STR("/x.yaml"), &exclude[1], &err), 0);
  scratch_dir("e");
  scratch_dir("e/vendor");
  scratch_dir("e/deep");
  scratch_file("e/x.yaml", flawed);
  scratch_file("e/deep/x.yaml", flawed);
  scratch_file("e/vendor/y.yaml", flawed);
  struct manifest_scan request = {.jobs = 1,
                                  .exclude = (const struct glob_exclude *const *)exclude,
                                  .exclude_count = 2,
                                  .config_file = "e/deep/.seawall.yaml"};
  scratch_file("e/deep/.seawall.yaml", "scan: {}\n");
  _cleanup_(buf_free) struct buf out = {0};
  const char *paths[] = {"./e"};
  scan(&request, &out, paths, 1);
  assert_string_equal(buf_text(&out), "e/deep/.seawall.yaml:0 (seawall's own configuration)\n"
                                      "e/deep/x.yaml:5:16 pss-host-namespaces\n"
                                      "e/vendor:0 (excluded)\n"
                                      "e/x.yaml:0 (excluded)\n");
  arena_free(&arena);
}

static void any_number_of_workers_tells_the_same(void **state)
{
  (void)state;
  scratch_dir("w");
  for (int i = 0; i < 300; i++) {
    char name[32];
    snprintf(name, sizeof name, "w/%03d.yaml", i);
    scratch_file(name, i % 3 ? flawed : i % 2 ? sound : "kind: [");
  }
  _cleanup_(buf_free) struct buf first = {0};
  const char *paths[] = {"w"};
  struct manifest_scan one = {.jobs = 1};
  struct report_summary expected = scan(&one, &first, paths, 1);
  assert_int_equal(expected.files, 300);
  assert_int_equal(expected.errors, 50);
  for (unsigned jobs = 2; jobs < 9; jobs += 3) {
    _cleanup_(buf_free) struct buf out = {0};
    struct manifest_scan many = {.jobs = jobs};
    struct report_summary summary = scan(&many, &out, paths, 1);
    assert_string_equal(buf_text(&out), buf_text(&first));
    assert_memory_equal(&summary, &expected, sizeof summary);
  }
}

static void exceptions_are_applied(void **state)
{
  (void)state;
  struct arena arena;
  struct error err;
  arena_init(&arena, 0);
  struct value rule[] = {value_from("rule"), value_from("pss-*"), value_from("reason"),
                         value_from("agreed")};
  struct value item, list;
  value_object_make(&arena, (const struct value_member *)rule, NULL, 2, VALUE_REFUSE, NULL, &item);
  list = value_array_make(&arena, &item, NULL, 1);
  struct exception_set *set;
  assert_int_equal(exceptions_load(&arena, list, (struct value_position){0}, STR("config"),
                                   STR("2026-11-21"), &set, &err),
                   0);
  scratch_file("excepted.yaml", flawed);
  struct manifest_scan request = {.jobs = 2, .exceptions = set};
  _cleanup_(buf_free) struct buf out = {0};
  const char *paths[] = {"excepted.yaml"};
  struct report_summary summary = scan(&request, &out, paths, 1);
  assert_string_equal(buf_text(&out), "excepted.yaml:5:16 pss-host-namespaces (excepted)\n");
  assert_int_equal(summary.counts.open[SEVERITY_HIGH], 0);
  assert_int_equal(summary.counts.excepted[SEVERITY_HIGH], 1);
  assert_int_equal(exceptions_unused(set), 0);
  arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_in_a_tree_is_accounted_for),
      cmocka_unit_test(broken_documents_do_not_hide_their_neighbours),
      cmocka_unit_test(repeated_keys_are_errors_and_the_last_is_judged),
      cmocka_unit_test(templates_of_charts_are_excused_unless_named),
      cmocka_unit_test(excluded_paths_are_named),
      cmocka_unit_test(any_number_of_workers_tells_the_same),
      cmocka_unit_test(exceptions_are_applied),
  };
  return cmocka_run_group_tests(tests, open_scratch, close_scratch);
}
