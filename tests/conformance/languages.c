/*
 * Projects of many languages, as Trivy lists their packages, beside what scan/ finds in the same files: name and
 * version, package URL, whether the project asks for it itself, and the licence where Trivy's list has one. Where the
 * expected report holds vulnerabilities alone, their packages must be among those found.
 *
 *     conformance_languages              compares all fixtures, and prints counts
 *     conformance_languages FOLDER       prints what is found in a folder, lock files and development included
 *
 * Beside that, what is installed on this machine, as Python, RubyGems and npm list it themselves.
 *
 * What differs stands in languages.known, with the reason; a line there that is no longer so is a failure.
 */
#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "base/walk.h"
#include "data/json.h"
#include "scan/analyser.h"

enum { SKIPPED = 77, FILE_MAX = 256 << 20 };

enum how { PACKAGES, PURLS };

/* One row for each fixture: what it is called here, its folder in fixtures/repo, the expected report. */
static const struct fixture {
  const char *name, *folder, *golden;
  enum how how;
  unsigned flags;
} fixtures[] = {
    {"npm", "npm", "npm", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"npm SBOM", "npm", "npm-cyclonedx", PURLS, PACKAGE_LIST_LOCK_FILES},
    {"yarn", "yarn", "yarn", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"pnpm", "pnpm", "pnpm", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"pipenv", "pipenv", "pipenv", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"poetry", "poetry", "poetry", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"pylock", "pylock", "pylock", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"cargo", "cargo", "cargo.lock", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"cargo and pipenv", "trivy-ci-test", "test-repo", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"pubspec", "pubspec", "pubspec.lock", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"mix", "mixlock", "mix.lock", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"swift", "swift", "swift", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"cocoapods", "cocoapods", "cocoapods", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"conan", "conan", "conan", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"conda", "conda", "conda-cyclonedx", PURLS, 0},
    {"julia", "julia", "julia-spdx", PURLS, PACKAGE_LIST_LOCK_FILES},
    {"go.mod", "gomod", "gomod", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"pom", "pom", "pom", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"pom SBOM", "pom", "pom-cyclonedx", PURLS, PACKAGE_LIST_LOCK_FILES},
    {"gradle", "gradle", "gradle", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"sbt", "sbt", "sbt", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"nuget", "nuget", "nuget", PACKAGES, PACKAGE_LIST_LOCK_FILES},
    {"deps.json", "dotnet", "dotnet", PACKAGES, 0},
};

struct run {
  const char *shared;
  struct arena arena;
  struct map known; /* lines that may differ; 1: has differed */
  unsigned expected, same, differences, unknown;
  const struct fixture *fixture;
};

/* ---- what is found */

struct memory {
  struct str rest;
};

static int read_memory(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct memory *m = ctx;
  struct str part = str_sub(m->rest, 0, room);
  if (part.len)
    memcpy(to, part.data, part.len);
  m->rest = str_sub(m->rest, part.len, SIZE_MAX);
  *ret_got = part.len;
  return 0;
}

static void analyse_file(struct analysis *a, struct str path, struct str bytes)
{
  struct analyser_file file = {.path = path, .mode = 0644, .size = bytes.len};
  const struct analyser *analyser = analyser_find(path, a->packages.flags);
  struct memory memory = {bytes};
  struct oci_input input = {read_memory, &memory};
  struct buf scratch = {0};
  struct error err;
  if (!analyser)
    analyser = analyser_find_by_head(&file, str_sub(bytes, 0, ANALYSER_HEAD), a->packages.flags);
  if (analyser && analysis_read_stream(a, analyser, &file, &input, &scratch, &err) < 0)
    printf("%s\n", err.message);
  buf_free(&scratch);
}

static void analyse_folder(struct analysis *a, const char *folder)
{
  const char *paths[] = {folder};
  struct walk_options options = {0};
  struct walk *walk = walk_new(paths, 1, &options);
  struct walk_entry entry;
  struct buf bytes = {0};
  struct error err;
  while (walk_next(walk, &entry)) {
    buf_clear(&bytes);
    if (entry.kind == WALK_FILE && walk_read(walk, FILE_MAX, &bytes, &err) == 0)
      analyse_file(a, str_sub(entry.path, strlen(folder) + 1, SIZE_MAX), buf_str(&bytes));
  }
  analysis_finish(a);
  buf_free(&bytes);
  walk_free(walk);
}

/* ---- both beside each other */

static void differ(struct run *run, const char *what, struct str which)
{
  struct str line =
      arena_printf(&run->arena, "%s: %s %.*s", run->fixture->name, what, STR_FMT(which));
  union map_value *known = map_get(&run->known, line);
  run->differences++;
  if (known) {
    known->number = 1;
    return;
  }
  run->unknown++;
  printf("%.*s\n", STR_FMT(line));
}

static struct value get(struct value v, const char *name)
{
  return value_get(v, value_from(name));
}

static struct str text_of(struct value v, const char *name)
{
  return value_str_or_empty(get(v, name));
}

static struct str package_key(struct run *run, struct str path, struct str name, struct str version)
{
  return arena_printf(&run->arena, "%.*s %.*s@%.*s", STR_FMT(path), STR_FMT(name),
                      STR_FMT(version));
}

static bool has_licenses(const struct package *p, struct value licenses)
{
  for (uint32_t i = 0; i < licenses.len && value_is(licenses, VALUE_ARRAY); i++)
    if (str_find(p->license, 0, value_str_or_empty(licenses.items[i])) < 0)
      return false;
  return true;
}

static void compare_package(struct run *run, struct str key, const struct package *p,
                            struct value expected)
{
  struct str relationship = text_of(expected, "Relationship");
  struct str purl = text_of(get(expected, "Identifier"), "PURL");
  run->same++;
  if (relationship.len && p->indirect != str_eq(relationship, STR("indirect")))
    differ(run, p->indirect ? "indirect here:" : "direct here:", key);
  if (purl.len && !str_eq(p->purl, purl))
    differ(run, "another package URL:", key);
  if (!has_licenses(p, get(expected, "Licenses")))
    differ(run, "another licence:", key);
}

static void compare_result(struct run *run, struct map *found, struct value result)
{
  struct value packages = get(result, "Packages"), vulnerabilities = get(result, "Vulnerabilities");
  bool whole = value_is(packages, VALUE_ARRAY);
  struct value entries = whole ? packages : vulnerabilities;
  for (uint32_t i = 0; value_is(entries, VALUE_ARRAY) && i < entries.len; i++) {
    struct value entry = entries.items[i];
    struct str key = package_key(run, text_of(result, "Target"),
                                 text_of(entry, whole ? "Name" : "PkgName"),
                                 text_of(entry, whole ? "Version" : "InstalledVersion"));
    union map_value *at = map_get(found, key);
    run->expected++;
    if (!at) {
      differ(run, "missing:", key);
      continue;
    }
    const struct package *p = at->view;
    if (whole)
      map_remove(found, key);
    compare_package(run, key, p, whole ? entry : VALUE_NONE);
  }
}

static void compare_packages(struct run *run, const struct analysis *a, struct value report)
{
  struct value results = get(report, "Results");
  struct map found;
  bool whole = false;
  map_init(&found, NULL);
  for (size_t i = 0; i < a->packages.count; i++) {
    const struct package *p = &a->packages.items[i];
    bool added;
    struct str key = package_key(run, p->path, p->name, p->version.text);
    map_put(&found, key, &added)->view = p;
    if (!added)
      differ(run, "twice:", key);
  }
  for (uint32_t i = 0; value_is(results, VALUE_ARRAY) && i < results.len; i++) {
    whole |= value_is(get(results.items[i], "Packages"), VALUE_ARRAY);
    compare_result(run, &found, results.items[i]);
  }
  size_t at = 0;
  for (struct map_entry *e; whole && (e = map_next(&found, &at));)
    differ(run, "too many:", e->key);
  map_free(&found);
}

/* All package URLs that stand anywhere in a report. */
static void find_purls(struct value v, struct map *purls)
{
  if (value_is(v, VALUE_OBJECT) || value_is(v, VALUE_ARRAY))
    for (uint32_t i = 0; i < v.len; i++)
      find_purls(v.type == VALUE_OBJECT ? v.members[i].value : v.items[i], purls);
  struct str text = value_str_or_empty(v);
  if (str_starts(text, STR("pkg:")))
    map_put(purls, text, NULL);
}

static void compare_purls(struct run *run, const struct analysis *a, struct value report)
{
  struct map purls;
  map_init(&purls, NULL);
  find_purls(report, &purls);
  run->expected += (unsigned)purls.count;
  for (size_t i = 0; i < a->packages.count; i++) {
    if (map_remove(&purls, a->packages.items[i].purl))
      run->same++;
    else
      differ(run, "too many:", a->packages.items[i].purl);
  }
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&purls, &at));)
    differ(run, "missing:", e->key);
  map_free(&purls);
}

static bool test_fixture(struct run *run, const struct fixture *fixture)
{
  char folder[1024], golden[1024];
  struct buf bytes = {0};
  struct analysis a;
  struct value report;
  run->fixture = fixture;
  snprintf(folder, sizeof folder, "%s/conformance/images/trivy/fixtures/repo/%s", run->shared,
           fixture->folder);
  snprintf(golden, sizeof golden, "%s/conformance/images/trivy/golden/%s.json.golden", run->shared,
           fixture->golden);
  if (file_read(golden, FILE_MAX, &bytes, NULL) < 0 ||
      json_parse(&run->arena, buf_str(&bytes), NULL, &report, NULL) < 0) {
    printf("%s: skipped: %s is not there\n", fixture->name, golden);
    buf_free(&bytes);
    return false;
  }
  unsigned expected = run->expected, same = run->same, differences = run->differences;
  analysis_init(&a, &run->arena, fixture->flags);
  analyse_folder(&a, folder);
  if (fixture->how == PURLS)
    compare_purls(run, &a, report);
  else
    compare_packages(run, &a, report);
  printf("%s: %u expected, %u the same, %u differences\n", fixture->name, run->expected - expected,
         run->same - same, run->differences - differences);
  analysis_free(&a);
  buf_free(&bytes);
  return true;
}

/* ---- what is installed here, as the languages' own tools list it */

/* Each prints lines of "path, tab, name@version": the file that tells of a package, or its folder. */
static const struct tool {
  struct fixture as; /* for messages */
  const char *command;
} tools[] = {
    {{"Python here", "", "", PACKAGES, 0},
     "/usr/bin/python3 -I -c 'import importlib.metadata as m\n"
     "for d in m.distributions(): print(d._path, d.metadata[\"Name\"] + \"@\" + d.metadata[\"Version\"], sep=\"\\t\")'"},
    {{"gems here", "", "", PACKAGES, 0},
     "ruby -e 'Gem::Specification.each { |s| puts \"#{s.loaded_from}\\t#{s.name}@#{s.version}\" }'"},
    {{"npm here", "", "", PACKAGES, 0},
     "npm ls --global --all --parseable --long | sed -nE "
     "'s|^([^:]*/node_modules/[^:]*):(@?[^:@]+@[^:]+).*|\\1/package.json\\t\\2|p'"},
};

static bool run_tool(const char *command, struct buf *ret_output)
{
  struct buf line = {0};
  char room[65536];
  size_t got;
  buf_printf(&line, "{ %s; } 2>/dev/null", command);
  FILE *pipe = popen(buf_text(&line), "re");
  while (pipe && (got = fread(room, 1, sizeof room, pipe)) > 0)
    buf_add(ret_output, str_make(room, got));
  buf_free(&line);
  return pipe && pclose(pipe) == 0 && ret_output->len;
}

/* The package that a file tells of, as "name@version"; empty if it is not wanted. */
static struct str read_installed(struct run *run, struct str path)
{
  static const char *const below[] = {"", "/METADATA", "/PKG-INFO"};
  struct str found = STR_EMPTY;
  for (size_t i = 0; !found.len && i < sizeof below / sizeof below[0]; i++) {
    struct str full = arena_printf(&run->arena, "%.*s%s", STR_FMT(path), below[i]);
    struct buf bytes = {0};
    struct analysis a;
    analysis_init(&a, &run->arena, 0);
    if (file_read(full.data, FILE_MAX, &bytes, NULL) == 0)
      analyse_file(&a, str_sub(full, 1, SIZE_MAX), buf_str(&bytes));
    if (a.packages.count == 1)
      found = arena_printf(&run->arena, "%.*s@%.*s", STR_FMT(a.packages.items[0].name),
                           STR_FMT(a.packages.items[0].version.text));
    analysis_free(&a);
    buf_free(&bytes);
  }
  return found;
}

static bool test_tool(struct run *run, const struct tool *tool)
{
  struct buf output = {0};
  unsigned expected = run->expected, same = run->same, differences = run->differences;
  run->fixture = &tool->as;
  if (!run_tool(tool->command, &output)) {
    printf("%s: skipped: its tool is not installed, or lists nothing\n", tool->as.name);
    buf_free(&output);
    return false;
  }
  for (struct str rest = buf_str(&output); rest.data;) {
    struct str id, path = str_cut(str_cut(rest, '\n', &rest), '\t', &id);
    if (!path.len || !id.data)
      continue;
    run->expected++;
    if (str_eq(read_installed(run, path), id))
      run->same++;
    else
      differ(run, "missing:", id);
  }
  printf("%s: %u expected, %u the same, %u differences\n", tool->as.name, run->expected - expected,
         run->same - same, run->differences - differences);
  buf_free(&output);
  return true;
}

/* ---- languages.known: the line as it is printed, " # ", the reason */

static bool read_known(struct run *run, const char *root)
{
  char path[1024];
  struct buf text = {0};
  struct error err;
  snprintf(path, sizeof path, "%s/tests/conformance/languages.known", root);
  if (file_read(path, FILE_MAX, &text, &err) < 0) {
    printf("%s\n", err.message);
    return false;
  }
  for (struct str rest = arena_copy(&run->arena, buf_str(&text)); rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    ptrdiff_t reason = str_find(line, 0, STR(" # "));
    if (line.len && line.data[0] != '#')
      map_put(&run->known, str_sub(line, 0, reason < 0 ? line.len : (size_t)reason), NULL);
  }
  buf_free(&text);
  return true;
}

static unsigned count_mended(struct run *run)
{
  unsigned count = 0;
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&run->known, &at));) {
    if (e->value.number)
      continue;
    count++;
    printf("no longer so, take it out of languages.known: %.*s\n", STR_FMT(e->key));
  }
  return count;
}

static int print_folder(const char *folder)
{
  struct arena arena;
  struct analysis a;
  arena_init(&arena, 0);
  analysis_init(&a, &arena, PACKAGE_LIST_LOCK_FILES | PACKAGE_LIST_DEVELOPMENT);
  analyse_folder(&a, folder);
  for (size_t i = 0; i < a.packages.count; i++) {
    const struct package *p = &a.packages.items[i];
    printf("%.*s\t%.*s\t%s\t%s\t%.*s\t%.*s\n", STR_FMT(p->path), STR_FMT(p->purl),
           p->indirect ? "indirect" : "direct", p->development ? "development" : "production",
           STR_FMT(p->license), STR_FMT(p->name));
  }
  analysis_free(&a);
  arena_free(&arena);
  return 0;
}

int main(int argc, char **argv)
{
  const char *root = getenv("SEAWALL_SOURCE_ROOT");
  struct run run = {.shared = getenv("SEAWALL_SHARED")};
  unsigned done = 0, tested = 0, failed = 1;
  if (argc > 1)
    return print_folder(argv[1]);
  if (!root)
    root = ".";
  if (!run.shared)
    run.shared = "../shared";
  arena_init(&run.arena, 0);
  map_init(&run.known, NULL);
  if (read_known(&run, root)) {
    for (size_t i = 0; i < sizeof fixtures / sizeof fixtures[0]; i++)
      done += test_fixture(&run, &fixtures[i]);
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
      tested += test_tool(&run, &tools[i]);
    failed = run.unknown + (done ? count_mended(&run) : 0);
    printf(
        "%u of %zu fixtures: %u packages expected, %u the same, %u differences, %u of them not known\n",
        done, sizeof fixtures / sizeof fixtures[0], run.expected, run.same, run.differences,
        run.unknown);
  }
  map_free(&run.known);
  arena_free(&run.arena);
  return failed ? 1 : done || tested ? 0 : SKIPPED;
}
