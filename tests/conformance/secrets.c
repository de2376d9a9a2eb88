/*
 * Secrets as gitleaks finds them, beside what scan/secret finds in the same trees.
 *
 *     conformance_secrets                    compares, and prints counts; skipped where gitleaks is not installed
 *     conformance_secrets --list PATH...     what seawall's own rules find, a line each; needs no gitleaks
 *     conformance_secrets --list --rules FILE PATH...      the same with a rule file of gitleaks
 *
 * SEAWALL_GITLEAKS is the program (default: gitleaks), SEAWALL_SECRETS_TREE what is looked through besides what the
 * test makes itself (default: /usr/include), SEAWALL_GITLEAKS_CONFIG a rule file for both (default: one that is here).
 *
 * What has to agree: with one rule file, both find the same in files that both read. With rules of their own
 * they differ; how, is printed.
 */
#include "base/file.h"
#include "base/map.h"
#include "base/vec.h"
#include "base/walk.h"
#include "data/json.h"
#include "scan/secret/rule_source.h"
#include "scan/secret/scanner.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SKIPPED = 77, FILE_MAX = 512 << 20, TOLD_MAX = 25 };

struct place {
  struct str file, rule;
  uint32_t line;
  bool seen; /* by the other as well */
};

struct places VEC_BODY(struct place);

struct run {
  struct arena arena;
  struct places own, other;
  uint64_t bytes, files;
  double own_seconds, other_seconds;
};

/* A rule file that uses what gitleaks' format has. */
static const char rule_file[] =
    "title = \"what the format has\"\n"
    "[[rules]]\nid = \"hex-word\"\ndescription = \"a long number\"\n"
    "regex = '''(?i)\\b0x([0-9a-f]{14,16})\\b'''\nentropy = 2.0\nkeywords = [\"0x\"]\n"
    "[[rules.allowlists]]\nregexTarget = \"line\"\nregexes = ['''MASK''', '''mask''']\n"
    "[[rules]]\nid = \"mail\"\nregex = '''[a-z0-9._%+-]+@([a-z0-9-]+)\\.(org|com)\\b'''\n"
    "secretGroup = 2\nkeywords = [\"@\"]\n"
    "[rules.allowlist]\nstopwords = [\"example\"]\n"
    "[[rules]]\nid = \"copyright-line\"\nregex = '''Copyright \\(C\\) (\\d{4})'''\n"
    "path = '''\\.h$'''\n"
    "[[rules.allowlists]]\ncondition = \"AND\"\npaths = ['''linux/''']\nregexes = ['''^20''']\n"
    "[[rules]]\nid = \"uuid\"\n"
    "regex = '''\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b'''\n"
    "entropy = 3\n"
    "[[rules]]\nid = \"generic-secret\"\n"
    "regex = '''(?i)(?:secret|token|password)[\\w.-]{0,20}\\s*[=:]\\s*[\"']([^\\s\"']{8,80})[\"']'''\n"
    "keywords = [\"secret\", \"TOKEN\", \"password\"]\nentropy = 3.0\n"
    "[[rules]]\nid = \"makefile\"\npath = '''(?i)(^|/)makefile$'''\n"
    "[allowlist]\npaths = ['''/asm/''']\nregexes = ['''^(?i:changeme)''']\n";

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* As in a tar archive, which is what the scanner knows. */
static struct str without_root(struct str path)
{
  return str_starts(path, STR("/")) ? str_sub(path, 1, path.len) : path;
}

/* ---- seawall */

static void keep_found(struct run *run, const struct secret_list *found)
{
  for (size_t i = 0; i < found->count; i++) {
    const struct secret_match *m = &found->items[i];
    vec_push(&run->own, (struct place){.file = arena_copy(&run->arena, m->place),
                                       .rule = m->rule->rule.id,
                                       .line = m->line});
  }
}

static void scan_file(struct run *run, struct secret_scanner *scanner, struct str path,
                      struct str text, bool list)
{
  struct arena arena;
  struct secret_list found;
  arena_init(&arena, 0);
  secret_list_init(&found, &arena);
  if (secret_scanner_begin(scanner, without_root(path), text.len))
    for (struct str rest = text; rest.len && secret_scanner_feed(scanner, str_sub(rest, 0, 65536));)
      rest = str_sub(rest, 65536, rest.len);
  secret_scanner_end(scanner, &found);
  keep_found(run, &found);
  for (size_t i = 0; list && i < found.count; i++)
    printf("%.*s:%u:%u: %.*s: %.*s\n", STR_FMT(path), found.items[i].line, found.items[i].column,
           STR_FMT(found.items[i].rule->rule.id), STR_FMT(found.items[i].redacted));
  arena_free(&arena);
}

static void scan_trees(struct run *run, const struct secret_rules *rules, const char *const *paths,
                       size_t count, bool list)
{
  struct secret_scanner *scanner;
  struct walk_options options = {0};
  struct walk_entry entry;
  struct error err;
  _cleanup_(buf_free) struct buf text = {0};
  if (secret_scanner_new(rules, NULL, &scanner, &err) < 0) {
    printf("%s\n", err.message);
    exit(1);
  }
  struct walk *w = walk_new(paths, count, &options);
  while (walk_next(w, &entry)) {
    buf_clear(&text);
    if (entry.kind != WALK_FILE || walk_read(w, FILE_MAX, &text, NULL) < 0)
      continue;
    double start = now();
    scan_file(run, scanner, entry.path, buf_str(&text), list);
    run->own_seconds += now() - start;
    run->bytes += text.len;
    run->files++;
  }
  walk_free(w);
  secret_scanner_free(scanner);
}

/* ---- gitleaks */

static const char *gitleaks(void)
{
  const char *name = getenv("SEAWALL_GITLEAKS");
  return name ? name : "gitleaks";
}

static bool is_installed(void)
{
  char command[4096];
  snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", gitleaks());
  int status = system(command);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool read_report(struct run *run, const char *path)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct value root;
  struct error err;
  if (file_read(path, FILE_MAX, &text, &err) < 0 ||
      json_parse(&run->arena, arena_copy(&run->arena, buf_str(&text)), NULL, &root, &err) < 0) {
    printf("%s\n", err.message);
    return false;
  }
  for (uint32_t i = 0; i < root.len; i++) {
    struct value f = root.items[i];
    int64_t line = 0;
    value_to_int(value_get(f, value_from("StartLine")), &line);
    vec_push(
        &run->other,
        (struct place){.file = without_root(value_str_or_empty(value_get(f, value_from("File")))),
                       .rule = value_str_or_empty(value_get(f, value_from("RuleID"))),
                       .line = (uint32_t)line});
  }
  return true;
}

static bool run_gitleaks(struct run *run, const char *tree, const char *config, const char *work)
{
  char command[4096], report[512];
  snprintf(report, sizeof report, "%s/report.json", work);
  snprintf(
      command, sizeof command,
      "%s dir '%s' --no-banner --log-level error --exit-code 0 --redact -f json -r '%s' %s%s%s "
      "2>&1",
      gitleaks(), tree, report, config ? "-c '" : "", config ? config : "", config ? "'" : "");
  double start = now();
  int status = system(command);
  run->other_seconds += now() - start;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 && read_report(run, report);
}

/* ---- beside each other */

static bool near(const struct place *a, const struct place *b, bool same_rule)
{
  uint32_t apart = a->line > b->line ? a->line - b->line : b->line - a->line;
  apart = a->line && b->line ? apart : 0;
  /* gitleaks tells where a match begins, seawall where the secret does. */
  return apart <= (same_rule ? 20u : 2u) && str_eq(a->file, b->file) &&
         (!same_rule || str_eq(a->rule, b->rule));
}

static int by_file(const void *a, const void *b)
{
  const struct place *x = a, *y = b;
  int order = str_compare(x->file, y->file);
  return order ? order : x->line < y->line ? -1 : x->line > y->line;
}

static void sort(struct places *p)
{
  if (p->count)
    qsort(p->items, p->count, sizeof *p->items, by_file);
}

/* Each place of one is matched by at most one of the other if the rule has to be the same. */
static size_t match(struct places *a, struct places *b, bool same_rule)
{
  size_t both = 0;
  sort(a);
  sort(b);
  for (size_t i = 0, from = 0; i < a->count; i++) {
    while (from < b->count && str_compare(b->items[from].file, a->items[i].file) < 0)
      from++;
    for (size_t k = from; k < b->count && str_eq(b->items[k].file, a->items[i].file); k++)
      /* gitleaks tells of a path again for each 100 KB of the file. */
      if (!a->items[i].line && str_eq(a->items[i].rule, b->items[k].rule) && a->items[i].seen)
        b->items[k].seen = true;
      else if ((!same_rule || !b->items[k].seen) && near(&a->items[i], &b->items[k], same_rule)) {
        b->items[k].seen = a->items[i].seen = true;
        both++;
        if (a->items[i].line)
          break;
      }
  }
  return both;
}

static size_t tell_unseen(const char *who, const struct places *p, size_t told_max)
{
  size_t unseen = 0;
  for (size_t i = 0; i < p->count; i++)
    if (!p->items[i].seen && unseen++ < told_max)
      printf("  only %s: %.*s:%u: %.*s\n", who, STR_FMT(p->items[i].file), p->items[i].line,
             STR_FMT(p->items[i].rule));
  return unseen;
}

static struct str extension(struct str path)
{
  ptrdiff_t slash = str_find_last_byte(path, '/'), dot = str_find_last_byte(path, '.');
  return dot > slash ? str_sub(path, (size_t)dot, path.len)
                     : str_sub(path, (size_t)(slash + 1), path.len);
}

static void tell_counts(const char *what, const struct map *counts)
{
  size_t at = 0;
  printf("  %s", what);
  for (struct map_entry *e; (e = map_next(counts, &at));)
    printf(" %.*s %llu", STR_FMT(e->key), (unsigned long long)e->value.number);
  printf("\n");
}

static void tell_rules(const char *who, const struct places *p)
{
  struct map counts;
  char what[64];
  map_init(&counts, NULL);
  for (size_t i = 0; i < p->count; i++)
    if (!p->items[i].seen)
      map_put(&counts, p->items[i].rule, NULL)->number++;
  snprintf(what, sizeof what, "only %s, by rule:", who);
  tell_counts(what, &counts);
  map_free(&counts);
}

static void end_run(struct run *run)
{
  vec_free(&run->own);
  vec_free(&run->other);
  arena_free(&run->arena);
}

/* Of what gitleaks alone found: files that seawall does not read (docs/secrets-scanning.md). */
static size_t set_aside_unread(struct run *run, const struct secret_rules *rules, struct map *names)
{
  struct secret_scanner *scanner;
  size_t kept = 0, aside = 0;
  if (secret_scanner_new(rules, NULL, &scanner, NULL) < 0)
    return 0;
  for (size_t i = 0; i < run->other.count; i++) {
    struct place *p = &run->other.items[i];
    if (!p->seen && !secret_scanner_begin(scanner, p->file, SECRET_SIZE_UNKNOWN)) {
      aside++;
      map_put(names, extension(p->file), NULL)->number++;
    } else {
      run->other.items[kept++] = *p;
    }
  }
  run->other.count = kept;
  secret_scanner_free(scanner);
  return aside;
}

/* Of what gitleaks alone found: what seawall told as something else. Its weak rules give way wherever two secrets
 * overlap, gitleaks' only if the matches begin on one line. */
static size_t set_aside_better(struct run *run)
{
  size_t kept = 0, aside = 0;
  for (size_t i = 0; i < run->other.count; i++) {
    struct place *p = &run->other.items[i];
    bool better = false;
    for (size_t k = 0; k < run->own.count && !p->seen && !better; k++)
      better = run->own.items[k].line == p->line && str_eq(run->own.items[k].file, p->file);
    if (better)
      aside++;
    else
      run->other.items[kept++] = *p;
  }
  run->other.count = kept;
  return aside;
}

/* ---- the parts */

static bool same_rules(const char *tree, const char *config, const char *work)
{
  struct run run = {0};
  struct secret_rules *rules;
  struct error err;
  _cleanup_(buf_free) struct buf text = {0};
  arena_init(&run.arena, 0);
  if (file_read(config, SECRET_RULES_TEXT_MAX, &text, &err) < 0 ||
      secret_rules_load_gitleaks(buf_str(&text), config, NULL, &rules, &err) < 0) {
    printf("%s\n", err.message);
    return false;
  }
  scan_trees(&run, rules, &tree, 1, false);
  bool ran = run_gitleaks(&run, tree, config, work);
  size_t both = match(&run.own, &run.other, true);
  struct map names = {0};
  size_t aside = set_aside_unread(&run, rules, &names);
  printf(
      "one rule file (%zu rules), %s: %llu files, %.1f MB: gitleaks finds %zu in %.1f s, seawall %zu in "
      "%.2f s; the same %zu, in files that seawall does not read %zu\n",
      secret_rules_count(rules), tree, (unsigned long long)run.files, (double)run.bytes / 1e6,
      run.other.count + aside, run.other_seconds, run.own.count, run.own_seconds, both, aside);
  tell_counts("not read by seawall:", &names);
  size_t better = set_aside_better(&run);
  map_free(&names);
  size_t missed = tell_unseen("gitleaks", &run.other, TOLD_MAX);
  size_t more = tell_unseen("seawall", &run.own, TOLD_MAX);
  printf("  told by seawall under another rule %zu, missed by seawall %zu, by gitleaks %zu\n",
         better, missed, more);
  secret_rules_free(rules);
  end_run(&run);
  return ran && missed == 0 && more == 0;
}

static bool own_rules(const char *what, const char *tree, const char *work)
{
  struct run run = {0};
  struct secret_rules *rules;
  struct error err;
  arena_init(&run.arena, 0);
  if (secret_rules_builtin(&rules, &err) < 0) {
    printf("%s\n", err.message);
    return false;
  }
  scan_trees(&run, rules, &tree, 1, false);
  bool ran = run_gitleaks(&run, tree, NULL, work);
  size_t both = match(&run.own, &run.other, false);
  printf(
      "%s, each its own rules: %llu files, %.1f MB: gitleaks finds %zu in %.1f s, seawall %zu in %.2f "
      "s; of seawall's, gitleaks has %zu\n",
      what, (unsigned long long)run.files, (double)run.bytes / 1e6, run.other.count,
      run.other_seconds, run.own.count, run.own_seconds, both);
  tell_rules("gitleaks", &run.other);
  tell_rules("seawall", &run.own);
  secret_rules_free(rules);
  end_run(&run);
  return ran;
}

static void write_text(const char *path, struct str text)
{
  FILE *f = fopen(path, "w");
  if (!f || fwrite(text.data, 1, text.len, f) != text.len || fclose(f) != 0) {
    printf("%s cannot be written\n", path);
    exit(1);
  }
}

/* The examples of the own rules, a file each. */
static bool plant(const char *directory)
{
  const char *root = getenv("SEAWALL_SOURCE_ROOT");
  char path[4096];
  struct secret_sources sources;
  struct error err;
  secret_sources_init(&sources);
  snprintf(path, sizeof path, "%s/rules/secrets", root ? root : ".");
  if (secret_sources_add(&sources, path, &err) < 0) {
    printf("%s\n", err.message);
    return false;
  }
  mkdir(directory, 0700);
  for (size_t i = 0; i < sources.count; i++) {
    const struct secret_source *s = &sources.items[i];
    snprintf(path, sizeof path, "%s/%.*s.env", directory, STR_FMT(s->rule.rule.id));
    if (!s->rule.path.len)
      write_text(path, s->examples[0].text);
  }
  secret_sources_free(&sources);
  return true;
}

static int compare(void)
{
  char work[] = "/tmp/conformance-secrets.XXXXXX", config[256], planted[256], command[512];
  const char *tree = getenv("SEAWALL_SECRETS_TREE");
  const char *given = getenv("SEAWALL_GITLEAKS_CONFIG");
  if (!is_installed()) {
    printf(
        "skipped: gitleaks is not installed; Debian sid has it (apt install gitleaks), and that package "
        "runs on bookworm: unpack it with dpkg -x and set SEAWALL_GITLEAKS\n");
    return SKIPPED;
  }
  if (!mkdtemp(work))
    return 1;
  snprintf(config, sizeof config, "%s/rules.toml", work);
  snprintf(planted, sizeof planted, "%s/planted", work);
  write_text(config, str_from(rule_file));
  if (!tree)
    tree = "/usr/include";
  bool good = plant(planted) && same_rules(tree, given ? given : config, work) &&
              own_rules("examples of seawall's rules", planted, work) &&
              own_rules(tree, tree, work);
  snprintf(command, sizeof command, "rm -r '%s'", work);
  return system(command) == 0 && good ? 0 : 1;
}

static int list(int count, char **paths)
{
  struct run run = {0};
  struct secret_rules *rules;
  struct error err;
  _cleanup_(buf_free) struct buf text = {0};
  arena_init(&run.arena, 0);
  bool loaded = count > 2 && strcmp(paths[0], "--rules") == 0;
  int rc = !loaded ? secret_rules_builtin(&rules, &err)
                   : file_read(paths[1], FILE_MAX, &text, &err);
  if (rc == 0 && loaded)
    rc = secret_rules_load_gitleaks(buf_str(&text), paths[1], NULL, &rules, &err);
  if (rc < 0) {
    printf("%s\n", err.message);
    return 1;
  }
  paths += loaded ? 2 : 0;
  scan_trees(&run, rules, (const char *const *)paths, (size_t)(count - (loaded ? 2 : 0)), true);
  printf("%llu files, %.1f MB, %.2f s: %zu secrets\n", (unsigned long long)run.files,
         (double)run.bytes / 1e6, run.own_seconds, run.own.count);
  secret_rules_free(rules);
  end_run(&run);
  return 0;
}

int main(int argc, char **argv)
{
  if (argc > 2 && strcmp(argv[1], "--list") == 0)
    return list(argc - 2, argv + 2);
  return compare();
}
