/*
 * Manifests of polaris and kube-linter, judged by the rules of the library that stand for their checks.
 *
 *   manifest_rules polaris       every file is named for its verdict: failure..., success..., mutated...
 *                                (what polaris mends it to: sound)
 *   manifest_rules kube-linter   the objects of a file that a check must report, and no others
 *
 * tests/conformance/<suite>.map says which rules stand for a check:
 *
 *   polaris       CHECK RULE[,RULE...] [PARAMETER=VALUE...]
 *   kube-linter   CHECK FILE RULE[,RULE...] [PARAMETER=VALUE...] : [OBJECT...]
 *                 CHECK FILE - REASON...       out of scope
 *
 * OBJECT is Kind/name, or Kind/name/container. Values are JSON.
 */
#include "base/file.h"
#include "base/map.h"
#include "base/vec.h"
#include "base/walk.h"
#include "data/json.h"
#include "policy/manifest_scan.h"

#include <stdlib.h>
#include <unistd.h>

enum { SKIPPED = 77, WORDS_MAX = 64 };

struct check {
  struct str name, file;
  VEC(struct str) rules;
  VEC(struct value_member) parameters;
  VEC(struct str) objects;
  bool out_of_scope;
};

struct suite {
  struct arena arena;
  const char *folder; /* of the manifests */
  unsigned all, right;
};

/* What a scan says: one text an object, and one an object and container. */
struct told {
  struct arena *arena;
  VEC(struct str) objects;    /* Kind/name */
  VEC(struct str) containers; /* Kind/name/container */
  VEC(struct str) messages;
  uint64_t errors;
};

static void take_file(void *ctx, const struct report_file *file)
{
  struct told *told = ctx;
  for (size_t i = 0; i < file->findings->count; i++) {
    const struct finding *f = &file->findings->items[i];
    struct str object =
        arena_printf(told->arena, "%.*s/%.*s", STR_FMT(f->subject.kind), STR_FMT(f->subject.name));
    vec_push(&told->objects, object);
    vec_push(&told->containers, arena_printf(told->arena, "%.*s/%.*s", STR_FMT(object),
                                             STR_FMT(f->subject.container)));
    vec_push(&told->messages,
             arena_printf(told->arena, "%.*s: %.*s", STR_FMT(f->rule->id), STR_FMT(f->message)));
  }
  for (size_t i = 0; i < file->error_count; i++)
    vec_push(&told->messages, arena_copy(told->arena, file->errors[i].message));
  told->errors += file->error_count;
}

/* Holds one file against the rules of a check. */
static int scan(struct suite *s, const struct check *check, const char *path, struct told *told,
                struct error *err)
{
  struct rule_library_options options = {
      .only = check->rules.items,
      .only_count = check->rules.count,
      .target = {PODSECURITY_PRIVILEGED, PODSECURITY_LATEST},
  };
  value_object_make(&s->arena, check->parameters.items, NULL, (uint32_t)check->parameters.count,
                    VALUE_LAST_WINS, NULL, &options.parameters);
  struct rule_library *library;
  int rc = rule_library_new(&options, &library, err);
  if (rc < 0)
    return rc;
  *told = (struct told){.arena = &s->arena};
  struct manifest_scan request = {
      .paths = &path,
      .path_count = 1,
      .target = options.target,
      .rules = library,
      .jobs = 1,
      .file = take_file,
      .ctx = told,
  };
  struct report_summary summary;
  rc = manifest_scan_run(&request, &summary, err);
  rule_library_free(library);
  return rc;
}

static void free_told(struct told *told)
{
  vec_free(&told->objects);
  vec_free(&told->containers);
  vec_free(&told->messages);
}

static void explain(const struct told *told)
{
  for (size_t i = 0; i < told->messages.count; i++)
    printf("    %.*s%s%.*s\n",
           STR_FMT(i < told->containers.count ? told->containers.items[i] : STR_EMPTY),
           i < told->containers.count ? ": " : "", STR_FMT(told->messages.items[i]));
}

/* ---- maps */

static int read_parameter(struct suite *s, struct check *check, struct str word, struct error *err)
{
  struct str text, name = str_cut(word, '=', &text);
  struct value value;
  struct json_options options = {0};
  int rc = json_parse(&s->arena, text, &options, &value, err);
  if (rc < 0)
    return error_wrap(err, "parameter %.*s", STR_FMT(name));
  vec_push(&check->parameters, (struct value_member){value_string(name), value});
  return 0;
}

static void split_rules(struct check *check, struct str words)
{
  while (words.data)
    vec_push(&check->rules, str_cut(words, ',', &words));
}

static struct str next_word(struct str *line)
{
  *line = str_trim(*line);
  struct str rest, word = str_cut(*line, ' ', &rest);
  *line = rest.data ? rest : STR_EMPTY;
  return word;
}

/* A line of a map; with_file: kube-linter's. */
static int read_check(struct suite *s, struct str line, bool with_file, struct check *ret,
                      struct error *err)
{
  *ret = (struct check){.name = next_word(&line)};
  if (with_file)
    ret->file = next_word(&line);
  struct str rules = next_word(&line);
  if (str_eq(rules, STR("-"))) {
    ret->out_of_scope = true;
    return 0;
  }
  split_rules(ret, rules);
  bool objects = false;
  for (struct str word; (word = next_word(&line)).len;) {
    if (str_eq(word, STR(":")))
      objects = true;
    else if (objects)
      vec_push(&ret->objects, word);
    else if (read_parameter(s, ret, word, err) < 0)
      return err->code;
  }
  return 0;
}

static void free_check(struct check *check)
{
  vec_free(&check->rules);
  vec_free(&check->parameters);
  vec_free(&check->objects);
}

/* ---- polaris */

static bool ends_manifest(struct str path)
{
  return str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml"));
}

static void judge_polaris(struct suite *s, const struct check *check, struct str path)
{
  struct told told;
  struct error err;
  ptrdiff_t slash = str_find_last_byte(path, '/');
  struct str name = str_sub(path, (size_t)slash + 1, path.len);
  bool bad = str_starts(name, STR("failure"));
  s->all++;
  char *text = mem_copy_text(path.data, path.len);
  if (scan(s, check, text, &told, &err) < 0) {
    printf("%s: %s\n", text, err.message);
  } else {
    bool right = told.errors == 0 && (told.objects.count > 0) == bad;
    s->right += right;
    if (!right) {
      printf("%.*s: %s\n", STR_FMT(str_sub(path, strlen(s->folder) + 1, path.len)),
             bad ? "nothing was found" : "something was found");
      explain(&told);
    }
    free_told(&told);
  }
  mem_free(text);
}

static int run_polaris_check(struct suite *s, const struct check *check)
{
  char folder[4096];
  snprintf(folder, sizeof folder, "%s/%.*s", s->folder, STR_FMT(check->name));
  const char *root = folder;
  struct walk *w = walk_new(&root, 1, NULL);
  struct walk_entry entry;
  unsigned count = 0;
  while (walk_next(w, &entry))
    if (entry.kind == WALK_FILE && ends_manifest(entry.path)) {
      judge_polaris(s, check, entry.path);
      count++;
    }
  walk_free(w);
  if (count == 0)
    printf("%s: no manifests\n", folder);
  return count ? 0 : -1;
}

/* Files of the suite, so that a check without a line in the map is noticed. */
static unsigned count_files(const struct suite *s)
{
  struct walk *w = walk_new(&s->folder, 1, NULL);
  struct walk_entry entry;
  unsigned count = 0;
  while (walk_next(w, &entry))
    count += entry.kind == WALK_FILE && ends_manifest(entry.path);
  walk_free(w);
  return count;
}

/* ---- kube-linter */

static bool is_listed(struct str text, const struct str *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq(list[i], text))
      return true;
  return false;
}

static bool told_as_expected(const struct check *check, const struct told *told)
{
  bool right = told->errors == 0;
  for (size_t i = 0; i < check->objects.count; i++) {
    struct str object = check->objects.items[i];
    if (is_listed(object, told->objects.items, told->objects.count) ||
        is_listed(object, told->containers.items, told->containers.count))
      continue;
    printf("%.*s: %.*s was not found\n", STR_FMT(check->name), STR_FMT(object));
    right = false;
  }
  for (size_t i = 0; i < told->objects.count; i++)
    if (!is_listed(told->objects.items[i], check->objects.items, check->objects.count) &&
        !is_listed(told->containers.items[i], check->objects.items, check->objects.count)) {
      printf("%.*s: %.*s was found: %.*s\n", STR_FMT(check->name),
             STR_FMT(told->containers.items[i]), STR_FMT(told->messages.items[i]));
      right = false;
    }
  return right;
}

static void run_kube_linter_check(struct suite *s, const struct check *check)
{
  char path[4096];
  struct told told;
  struct error err;
  snprintf(path, sizeof path, "%s/%.*s", s->folder, STR_FMT(check->file));
  s->all++;
  if (scan(s, check, path, &told, &err) < 0) {
    printf("%.*s: %s\n", STR_FMT(check->name), err.message);
    return;
  }
  s->right += told_as_expected(check, &told);
  free_told(&told);
}

/* ---- */

static int run_lines(struct suite *s, struct str text, bool kube_linter, unsigned *ret_scoped_out,
                     struct error *err)
{
  for (struct str rest = text; rest.data;) {
    struct str line = str_trim(str_cut(rest, '\n', &rest));
    struct check check;
    if (!line.len || line.data[0] == '#')
      continue;
    int rc = read_check(s, line, kube_linter, &check, err);
    if (rc < 0)
      return rc;
    if (check.out_of_scope)
      ++*ret_scoped_out;
    else if (kube_linter)
      run_kube_linter_check(s, &check);
    else
      run_polaris_check(s, &check);
    free_check(&check);
  }
  return 0;
}

static int run(struct suite *s, const char *name, bool kube_linter, struct error *err)
{
  char path[4096];
  _cleanup_(buf_free) struct buf map = {0};
  unsigned scoped_out = 0;
  snprintf(path, sizeof path, "%s/tests/conformance/%s.map", getenv("SEAWALL_SOURCE_ROOT"), name);
  int rc = file_read(path, 1 << 20, &map, err);
  if (rc == 0)
    rc = run_lines(s, buf_str(&map), kube_linter, &scoped_out, err);
  if (rc < 0)
    return rc;
  unsigned files = count_files(s);
  if (kube_linter)
    printf("kube-linter checks %u of %u, %u out of scope\n", s->right, files, scoped_out);
  else
    printf("polaris files %u of %u\n", s->right, files);
  return s->right == s->all && s->all + scoped_out == files ? 0 : 1;
}

int main(int argc, char **argv)
{
  const char *shared = getenv("SEAWALL_SHARED");
  bool kube_linter = argc == 2 && strcmp(argv[1], "kube-linter") == 0;
  char folder[4096];
  if (argc != 2 || (!kube_linter && strcmp(argv[1], "polaris") != 0)) {
    fprintf(stderr, "usage: manifest_rules polaris|kube-linter\n");
    return 2;
  }
  snprintf(folder, sizeof folder, "%s/conformance/manifests/%s", shared ? shared : "", argv[1]);
  if (!shared || !getenv("SEAWALL_SOURCE_ROOT") || access(folder, R_OK) != 0) {
    printf("skipped: $SEAWALL_SHARED/conformance/manifests is not there\n");
    return SKIPPED;
  }
  struct suite s = {.folder = folder};
  struct error err;
  arena_init(&s.arena, 0);
  int rc = run(&s, argv[1], kube_linter, &err);
  arena_free(&s.arena);
  if (rc < 0)
    printf("%s\n", err.message);
  return rc < 0 ? 2 : rc;
}
