/*
 * Manifests of other projects: each file reads without an error, and each document survives being
 * written as JSON and read again. A file that is rightly refused stands in yaml_roundtrip.known,
 * with the reason.
 */
#include "base/file.h"
#include "base/map.h"
#include "base/walk.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"
#include "data/yaml.h"

#include <sys/stat.h>

enum { SKIPPED = 77, FILE_SIZE_MAX = 64 << 20, TOLD_MAX = 40 };

struct tally {
  struct map known; /* path below the folder: reason */
  struct arena arena;
  struct yaml_reader *reader;
  unsigned files, files_read;
  unsigned documents, documents_same;
  unsigned told; /* errors */
};

/* Lines of "path reason"; '#' begins a comment. */
static int load_known(struct tally *t, const char *path, struct buf *text)
{
  struct error err;
  if (file_read(path, FILE_SIZE_MAX, text, &err) < 0) {
    printf("%s: %s\n", path, err.message);
    return -1;
  }
  for (struct str rest = buf_str(text); rest.data;) {
    struct str reason, line = str_trim(str_cut(rest, '\n', &rest));
    if (line.len == 0 || line.data[0] == '#')
      continue;
    struct str name = str_cut(line, ' ', &reason);
    if (!reason.data) {
      printf("%s: \"%.*s\" lacks a reason\n", path, STR_FMT(name));
      return -1;
    }
    map_put(&t->known, name, NULL);
  }
  return 0;
}

static void test_document(struct tally *t, struct str path, const struct yaml_document *doc)
{
  struct buf text = {0};
  struct value again;
  struct error err;
  json_write(&text, doc->root, doc->number % 2 ? 2 : 0);
  t->documents++;
  if (json_parse(&t->arena, buf_str(&text), NULL, &again, &err) < 0)
    printf("%.*s: document %u: its JSON does not read: %s\n", STR_FMT(path), doc->number,
           err.message);
  else if (!value_equal(doc->root, again))
    printf("%.*s: document %u: its JSON is another value\n", STR_FMT(path), doc->number);
  else
    t->documents_same++;
  buf_free(&text);
}

static void test_file(struct tally *t, struct str path, struct str name, struct str text)
{
  unsigned errors = 0;
  int got;
  struct yaml_document doc;
  struct error err;
  yaml_reader_reset(t->reader, text);
  while ((got = yaml_reader_next(t->reader, &t->arena, &doc, &err)) != 0) {
    if (got > 0) {
      test_document(t, path, &doc);
      continue;
    }
    errors++;
    if (!map_get(&t->known, name) && t->told++ < TOLD_MAX)
      printf("%.*s:%u:%u: %s\n", STR_FMT(path), err.line, err.column, err.message);
  }
  bool is_known = map_remove(&t->known, name);
  if (is_known && !errors)
    printf("%.*s: is listed as refused, and reads\n", STR_FMT(path));
  t->files++;
  t->files_read += (errors > 0) == is_known;
  arena_reset(&t->arena);
}

static bool is_manifest(struct str name)
{
  return str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")) ||
         str_ends(name, STR(".json"));
}

static void test_folder(struct tally *t, const char *root)
{
  struct walk *walk = walk_new(&root, 1, NULL);
  struct walk_entry entry;
  struct buf text = {0};
  while (walk_next(walk, &entry)) {
    if (entry.kind != WALK_FILE || !is_manifest(entry.path))
      continue;
    struct error err;
    buf_clear(&text);
    if (walk_read(walk, FILE_SIZE_MAX, &text, &err) < 0) {
      t->files++;
      printf("%s\n", err.message);
      continue;
    }
    test_file(t, entry.path, walk_below(walk, entry.path), buf_str(&text));
  }
  buf_free(&text);
  walk_free(walk);
}

static bool is_folder(const char *path)
{
  struct stat found;
  return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

int main(void)
{
  const char *root = getenv("SEAWALL_SOURCE_ROOT"), *shared = getenv("SEAWALL_SHARED");
  if (!root) {
    printf("SEAWALL_SOURCE_ROOT is not set\n");
    return 1;
  }
  struct tally t = {0};
  arena_init(&t.arena, 1 << 30);
  struct str folder = shared ? arena_printf(&t.arena, "%s/conformance", shared)
                             : arena_printf(&t.arena, "%s/../shared/conformance", root);
  struct str known = arena_printf(&t.arena, "%s/tests/conformance/yaml_roundtrip.known", root);
  if (!is_folder(folder.data)) {
    printf("skipped: %s is not there\n", folder.data);
    arena_free(&t.arena);
    return SKIPPED;
  }
  static const char *const folders[] = {"manifests", "gatekeeper"};
  char paths[2][4096];
  for (size_t i = 0; i < 2; i++)
    snprintf(paths[i], sizeof paths[i], "%s/%s", folder.data, folders[i]);
  struct buf known_text = {0};
  map_init(&t.known, NULL);
  struct yaml_options options = {.positions = true};
  t.reader = yaml_reader_new(STR_EMPTY, &options);
  int rc = load_known(&t, known.data, &known_text);
  for (size_t i = 0; i < 2 && rc == 0; i++)
    test_folder(&t, paths[i]);
  size_t at = 0;
  for (struct map_entry *e; rc == 0 && (e = map_next(&t.known, &at));)
    printf("%.*s: is listed as refused, and is not there\n", STR_FMT(e->key));
  printf("manifests read %u of %u\n", t.files_read, t.files);
  printf("documents round-tripped %u of %u\n", t.documents_same, t.documents);
  bool passed = rc == 0 && t.files && t.files_read == t.files && t.known.count == 0 &&
                t.documents_same == t.documents;
  yaml_reader_free(t.reader);
  map_free(&t.known);
  arena_free(&t.arena);
  buf_free(&known_text);
  return passed ? 0 : 1;
}
