#include "base/file.h"
#include "base/walk.h"
#include "data/json.h"
#include "data/yaml.h"
#include "policy/gatekeeper_suite_int.h"

/* ' stands for " in these. */
static const char suite_schema_text[] =
    "{'type':'object','properties':{"
    "'skip':{'type':'boolean'},'tests':{'type':'array','items':{'type':'object','properties':{"
    "'name':{'type':'string'},'template':{'type':'string'},'constraint':{'type':'string'},"
    "'expansion':{'type':'string'},'invalid':{'type':'boolean'},'skip':{'type':'boolean'},"
    "'cases':{'type':'array','items':{'type':'object','properties':{"
    "'name':{'type':'string'},'object':{'type':'string'},'skip':{'type':'boolean'},"
    "'inventory':{'type':'array','items':{'type':'string'}},"
    "'assertions':{'type':'array','items':{'type':'object','properties':{"
    "'violations':{'x-kubernetes-preserve-unknown-fields':true},"
    "'message':{'type':'string'}}}}}}}}}}}}";

#define KIND_OF(last)                                                                              \
  "{'type':'object','properties':{'group':{'type':'string'},'version':{'type':'string'},"          \
  "'" last "':{'type':'string'}}}"
#define ANYTHING "{'x-kubernetes-preserve-unknown-fields':true,'nullable':true}"

static const char review_schema_text[] =
    "{'type':'object','properties':{'apiVersion':{'type':'string'},'kind':{'type':'string'},"
    "'response':" ANYTHING ",'request':{'type':'object','properties':{"
    "'uid':{'type':'string'},'kind':" KIND_OF("kind") ",'resource':" KIND_OF(
        "resource") ","
                    "'subResource':{'type':'string'},'requestKind':" KIND_OF(
                        "kind") ","
                                "'requestResource':" KIND_OF(
                                    "resource") ",'requestSubResource':{'type':'string'},"
                                                "'name':{'type':'string'},'namespace':{'type':'string'},'operation':{'type':'string'},"
                                                "'userInfo':{'type':'object','properties':{'username':{'type':'string'},"
                                                "'uid':{'type':'string'},'groups':{'type':'array','items':{'type':'string'}},"
                                                "'extra':{'type':'object','additionalProperties':{'type':'array','items':"
                                                "{'type':'string'}}}}},"
                                                "'object':" ANYTHING ",'oldObject':" ANYTHING
                                                ",'options':" ANYTHING ","
                                                "'dryRun':{'type':'boolean'}}}}}";

static int read_schema(const char *text, bool loose, struct openapi_schema **ret, struct error *err)
{
  struct arena arena;
  struct value document;
  arena_init(&arena, 0);
  struct str copy = arena_copy(&arena, str_from(text));
  for (char *c = (char *)(uintptr_t)copy.data; *c; c++)
    *c = *c == '\'' ? '"' : *c;
  int rc = json_parse(&arena, copy, NULL, &document, err);
  if (rc == 0)
    rc = openapi_schema_new(document, loose, ret, err);
  arena_free(&arena);
  return rc;
}

/* ---- the filter */

static int filter_compile(struct str pattern, struct regex **ret, struct error *err)
{
  int rc = regex_compile(pattern, 0, ret, err);
  if (rc < 0) {
    error_wrap(err, "--run");
    err->code = SW_EUSAGE;
    return SW_EUSAGE;
  }
  return rc;
}

static int filter_read(struct filter *f, const char *text, struct error *err)
{
  struct str all = str_from(text);
  ptrdiff_t bar = str_find(all, 0, STR("//"));
  if (all.len == 0)
    return 0;
  if (bar < 0)
    return filter_compile(all, &f->one, err);
  struct str second = str_sub(all, (size_t)bar + 2, all.len);
  f->both = true;
  if (str_find(second, 0, STR("//")) >= 0)
    return error_set(err, SW_EUSAGE, "--run \"%s\" has more than one \"//\"", text);
  int rc = filter_compile(str_sub(all, 0, (size_t)bar), &f->test, err);
  return rc < 0 ? rc : filter_compile(second, &f->one, err);
}

static struct str name_of(struct value v)
{
  return value_str_or_empty(value_get_str(v, STR("name")));
}

bool filter_takes_case(const struct filter *f, struct value test, struct value one)
{
  if (!f->one)
    return true;
  if (f->both)
    return regex_match(f->test, name_of(test)) && regex_match(f->one, name_of(one));
  return regex_match(f->one, name_of(test)) || regex_match(f->one, name_of(one));
}

bool filter_takes_test(const struct filter *f, struct value test)
{
  if (!f->one)
    return true;
  if (f->both)
    return regex_match(f->test, name_of(test));
  if (regex_match(f->one, name_of(test)))
    return true;
  struct value cases = value_get_str(test, STR("cases"));
  for (uint32_t i = 0; value_is(cases, VALUE_ARRAY) && i < cases.len; i++)
    if (regex_match(f->one, name_of(cases.items[i])))
      return true;
  return false;
}

/* ---- files */

static bool is_suite(struct value document)
{
  struct kube_object object;
  return kube_object_read(document, (struct value_position){0}, &object) &&
         kube_object_is(&object, STR("test.gatekeeper.sh"), STR("Suite"));
}

__attribute__((format(printf, 3, 4))) static void tell_broken(struct verifying *v, struct str path,
                                                              const char *format, ...)
{
  char text[ERROR_MESSAGE_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  struct gatekeeper_suite_result result = {
      .path = path, .outcome = GATEKEEPER_FAILED, .message = str_from(text)};
  v->summary->suites++;
  v->summary->broken_suites++;
  v->asked->suite(v->asked->ctx, &result);
}

static void run_document(struct verifying *v, struct str path, struct value suite)
{
  struct openapi_faults faults;
  struct gatekeeper_suite_result result = {.path = path};
  if (openapi_schema_check(v->suite_schema, &v->arena, suite, STR_EMPTY, &faults) > 0) {
    tell_broken(v, path, "%.*s %.*s", STR_FMT(faults.items[0].path),
                STR_FMT(faults.items[0].message));
    return;
  }
  gatekeeper_suite_run(v, path, suite, &result);
  v->summary->suites++;
  v->asked->suite(v->asked->ctx, &result);
}

/* Files that do not name the group cannot be suites, whatever else they are. */
static void run_text(struct verifying *v, struct str path, struct str text)
{
  struct yaml_document document;
  struct error err;
  int rc;
  if (str_find(text, 0, STR("test.gatekeeper.sh")) < 0)
    return;
  struct yaml_reader *reader = yaml_reader_new(text, &(struct yaml_options){0});
  while ((rc = yaml_reader_next(reader, &v->arena, &document, &err)) != 0) {
    if (rc < 0)
      tell_broken(v, path, "line %u: %s", err.line, err.message);
    else if (is_suite(document.root) && document.duplicate_count)
      tell_broken(v, path, "line %u: key \"%.*s\" is given twice in one mapping",
                  document.duplicates[0].position.line, STR_FMT(document.duplicates[0].key));
    else if (is_suite(document.root))
      run_document(v, path, document.root);
    arena_reset(&v->arena);
  }
  yaml_reader_free(reader);
}

static bool is_yaml_name(struct str path)
{
  return str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml"));
}

/* The first failure of a path is the error of the whole; the walk goes on. */
static void run_entry(struct verifying *v, struct walk *walk, struct walk_entry *entry, int *io_rc,
                      struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct error failure = {.code = 0};
  int rc = 0;
  if (entry->kind == WALK_ERROR) {
    failure = entry->error;
    rc = failure.code;
  } else if (entry->kind == WALK_FILE && (walk_at_root(walk) || is_yaml_name(entry->path))) {
    rc = walk_read(walk, GATEKEEPER_SUITE_FILE_MAX, &text, &failure);
    if (rc == 0)
      run_text(v, entry->path, buf_str(&text));
  }
  if (rc < 0 && *io_rc == 0) {
    *io_rc = rc;
    if (err)
      *err = failure;
  }
}

static int run_paths(struct verifying *v, struct error *err)
{
  struct walk_options options = {.skip_dirs = walk_usual_dirs};
  struct walk_entry entry;
  int rc = 0;
  _cleanup_(walk_freep) struct walk *walk =
      walk_new(v->asked->paths, v->asked->path_count, &options);
  while (walk_next(walk, &entry))
    run_entry(v, walk, &entry, &rc, err);
  if (rc == 0 && v->summary->suites == 0)
    rc = error_set(err, SW_ENOTFOUND,
                   "there is no suite (kind Suite, apiVersion "
                   "test.gatekeeper.sh/v1alpha1) in what was named");
  return rc;
}

int gatekeeper_verify_run(const struct gatekeeper_verify *verify,
                          struct gatekeeper_verify_summary *ret_summary, struct error *err)
{
  struct verifying v = {.asked = verify, .summary = ret_summary};
  *ret_summary = (struct gatekeeper_verify_summary){0};
  arena_init(&v.arena, 0);
  int rc = filter_read(&v.filter, verify->run, err);
  if (rc == 0)
    rc = read_schema(suite_schema_text, true, &v.suite_schema, err);
  if (rc == 0)
    rc = read_schema(review_schema_text, false, &v.review_schema, err);
  if (rc == 0)
    rc = run_paths(&v, err);
  regex_free(v.filter.test);
  regex_free(v.filter.one);
  openapi_schema_free(v.suite_schema);
  openapi_schema_free(v.review_schema);
  arena_free(&v.arena);
  return rc;
}
