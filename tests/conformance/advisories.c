/*
 * Packages held against the advisories of the shared folder, beside what others say of them.
 *
 *     conformance_advisories [KNOWN [KNOWN OF TRIVY]]
 *
 * 1. Versions of source packages of Debian and Ubuntu, made up and those of this machine: the vulnerabilities are those
 *    that a separate reading of the same files gives with `dpkg --compare-versions`. A sample, since dpkg is started for
 *    each comparison.
 * 2. Verdicts of people about findings in 88 images (advisories_labels.c): precision and recall over those whose
 *    ecosystem the data covers, and each class of miss.
 * 3. Trivy's fixtures: the vulnerabilities they assume, and the findings of its reports (advisories_trivy.c), those of
 *    images from root file systems that are scanned as images are.
 *
 * A part whose data or tool is absent is skipped, and says so.
 */
#include "advisories.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/vec.h"
#include "data/json.h"
#include "scan/advisory/import.h"
#include "scan/analyser.h"
#include "scan/image/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SKIPPED = 77, SAMPLE = 2500 };

const char *shared_folder(void)
{
  const char *folder = getenv("SEAWALL_SHARED");
  return folder ? folder : "../shared";
}

_Noreturn void die(const char *what)
{
  printf("%s\n", what);
  exit(1);
}

static bool run(const char *command, struct buf *ret_output)
{
  FILE *pipe = popen(command, "re");
  char room[65536];
  size_t got;
  if (!pipe)
    return false;
  while ((got = fread(room, 1, sizeof room, pipe)) > 0)
    buf_add(ret_output, str_make(room, got));
  return pclose(pipe) == 0;
}

static int read_fd(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  ssize_t got = read(*(const int *)ctx, to, room);
  if (got < 0)
    return error_set(err, SW_EIO, "reading failed");
  *ret_got = (size_t)got;
  return 0;
}

static int open_shared(const char *name)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/conformance/%s", shared_folder(), name);
  return open(path, O_RDONLY | O_CLOEXEC);
}

bool shared_read(const char *name, struct buf *ret)
{
  struct oci_unpack *unpack = NULL;
  struct oci_unpack_options options = {.packed = NULL};
  struct str piece;
  struct error err;
  int rc, fd = open_shared(name);
  if (fd < 0)
    return false;
  if (oci_unpack_new((struct oci_input){read_fd, &fd}, &options, &unpack, &err) < 0)
    die(err.message);
  while ((rc = oci_unpack_next(unpack, &piece, &err)) > 0)
    buf_add(ret, piece);
  if (rc < 0)
    die(err.message);
  oci_unpack_free(unpack);
  close(fd);
  return true;
}

struct value member(struct value object, const char *name)
{
  return value_get(object, value_from(name));
}

struct str member_text(struct value object, const char *name)
{
  return value_str_or_empty(member(object, name));
}

struct os_release os_of(struct arena *arena, const char *id, const char *version)
{
  struct os_release os;
  struct error err;
  struct str text = arena_printf(arena, "ID=%s\nVERSION_ID=%s\n", id, version);
  if (os_release_read(arena, STR("etc/os-release"), text, &os, &err) < 0)
    die(err.message);
  return os;
}

/* ---- what is known */

void known_read(struct known *known, const char *path)
{
  struct buf text = {0};
  arena_init(&known->arena, 0);
  map_init(&known->lines, &known->arena);
  map_init(&known->seen, &known->arena);
  if (path && file_read(path, 1 << 20, &text, NULL) < 0)
    die(path);
  for (struct str rest = buf_str(&text); rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    ptrdiff_t reason = str_find(line, 0, STR("   # "));
    if (line.len && line.data[0] != '#')
      map_put(&known->lines, reason < 0 ? line : str_sub(line, 0, (size_t)reason), NULL);
  }
  buf_free(&text);
}

bool known_has(struct known *known, struct str line)
{
  if (!map_get(&known->lines, line))
    return false;
  map_put(&known->seen, line, NULL);
  return true;
}

unsigned known_seen(const struct known *known)
{
  return (unsigned)known->seen.count;
}

unsigned known_stale(const struct known *known, const char *what)
{
  unsigned stale = 0;
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&known->lines, &at));)
    if (!map_get(&known->seen, e->key)) {
      stale++;
      printf("%s: in the list, and right: %.*s\n", what, STR_FMT(e->key));
    }
  return stale;
}

void known_free(struct known *known)
{
  map_free(&known->lines);
  map_free(&known->seen);
  arena_free(&known->arena);
}

/* ---- the database */

static void nobody_told(void *ctx, struct str id, const struct error *why)
{
  (void)ctx, (void)id, (void)why;
}

struct seeing {
  struct advisory_sink sink;
  int (*seen)(void *ctx, const struct advisory *advisory);
  void *ctx;
};

static int see(void *ctx, const struct advisory *advisory, struct error *err)
{
  struct seeing *seeing = ctx;
  if (seeing->seen && !advisory->withdrawn.len)
    seeing->seen(seeing->ctx, advisory);
  return seeing->sink.add(seeing->sink.ctx, advisory, err);
}

static int see_exploited(void *ctx, struct str cve, struct str date, bool ransomware,
                         struct error *err)
{
  struct seeing *seeing = ctx;
  return seeing->sink.exploited(seeing->sink.ctx, cve, date, ransomware, err);
}

static int see_epss(void *ctx, struct str cve, uint32_t score, uint32_t percentile,
                    struct error *err)
{
  struct seeing *seeing = ctx;
  return seeing->sink.epss(seeing->sink.ctx, cve, score, percentile, err);
}

void import_shared(struct advisory_writer *w, const char *name,
                   int (*seen)(void *ctx, const struct advisory *advisory), void *ctx)
{
  char path[256];
  struct arena arena;
  struct error err;
  snprintf(path, sizeof path, "advisories/%s.zst", name);
  int fd = open_shared(path);
  if (fd < 0)
    return;
  arena_init(&arena, 0);
  struct seeing seeing = {advisory_writer_sink(w), seen, ctx};
  const struct advisory_sink sink = {see, see_exploited, see_epss, &seeing};
  struct advisory_import import = {
      .name = str_from(name), .sink = &sink, .unreadable = nobody_told, .arena = &arena};
  advisory_writer_source(w, &(struct advisory_source_info){.name = str_from(name)}, &err);
  if (advisory_import_read(&import, NULL, (struct oci_input){read_fd, &fd}, &err) < 0)
    die(err.message);
  arena_free(&arena);
  close(fd);
}

/* ---- 1: what dpkg says */

/* A source package of a release: the version that is supposed to be installed, and what ought to be found. */
struct installation {
  const char *family, *release;
  struct str source, installed;
  VEC(struct str) cves;
  VEC(struct str) fixed;
};

struct installations {
  struct arena arena;
  struct map by_name; /* "debian 12 openssl": index */
  VEC(struct installation) items;
  unsigned pairs, same, missing, more;
};

static struct installation *subject_of(struct installations *all, const char *family,
                                       const char *release, struct str source)
{
  bool added;
  struct str key = arena_printf(&all->arena, "%s %s %.*s", family, release, STR_FMT(source));
  union map_value *value = map_put(&all->by_name, key, &added);
  if (added) {
    value->number = all->items.count;
    struct installation *subject = vec_add(&all->items);
    subject->family = family;
    subject->release = release;
    subject->source = source;
  }
  return &all->items.items[value->number];
}

static void expect(struct installation *subject, struct str cve, struct str fixed)
{
  vec_push(&subject->cves, cve);
  vec_push(&subject->fixed, fixed);
}

static const struct {
  struct str codename;
  const char *release;
} debian_releases[] = {
    {STR_INIT("bullseye"), "11"}, {STR_INIT("bookworm"), "12"}, {STR_INIT("trixie"), "13"}};

static void read_tracker_entry(struct installations *all, struct str source, struct str cve,
                               struct value entry)
{
  struct value releases = member(entry, "releases");
  for (uint32_t i = 0; i < releases.len; i++)
    for (size_t r = 0; r < sizeof debian_releases / sizeof debian_releases[0]; r++) {
      struct str fixed = member_text(releases.members[i].value, "fixed_version");
      if (str_eq(value_str(releases.members[i].key), debian_releases[r].codename) && fixed.len)
        expect(subject_of(all, "debian", debian_releases[r].release, source), cve, fixed);
    }
}

static void read_tracker(struct installations *all, struct str text)
{
  struct value root;
  struct error err;
  if (json_parse(&all->arena, text, NULL, &root, &err) < 0)
    die(err.message);
  for (uint32_t s = 0; s < root.len; s++) {
    struct value cves = root.members[s].value;
    for (uint32_t c = 0; c < cves.len; c++)
      read_tracker_entry(all, value_str(root.members[s].key), value_str(cves.members[c].key),
                         cves.members[c].value);
  }
}

static void read_ubuntu_package(struct installations *all, struct str cve, struct value affected)
{
  struct value package = member(affected, "package");
  struct str ecosystem = member_text(package, "ecosystem");
  const char *release = str_eq(ecosystem, STR("Ubuntu:22.04:LTS"))   ? "22.04"
                        : str_eq(ecosystem, STR("Ubuntu:24.04:LTS")) ? "24.04"
                                                                     : NULL;
  struct value events = member(member(affected, "ranges").items[0], "events");
  for (uint32_t i = 0; release && i < events.len; i++) {
    struct str fixed = member_text(events.items[i], "fixed");
    if (fixed.len)
      expect(subject_of(all, "ubuntu", release, member_text(package, "name")), cve, fixed);
  }
}

static void read_ubuntu(struct installations *all, struct str text)
{
  for (struct str rest = text; rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    struct value root;
    struct error err;
    if (line.len == 0)
      continue;
    if (json_parse(&all->arena, line, NULL, &root, &err) < 0)
      die(err.message);
    struct str cve = value_str_or_empty(member(root, "upstream").items[0]);
    for (uint32_t i = 0; i < member(root, "affected").len; i++)
      read_ubuntu_package(all, cve, member(root, "affected").items[i]);
  }
}

/* Made up: one of the versions that fix something, or one just below or above it. */
static void choose_versions(struct installations *all)
{
  uint32_t seed = 20261121;
  for (size_t i = 0; i < all->items.count; i++) {
    struct installation *s = &all->items.items[i];
    static const char *const endings[] = {"", "", "~", "+b1", ".1", "~rc1", "+deb99u1"};
    seed = seed * 1664525 + 1013904223;
    struct str fixed = s->fixed.items[(seed >> 8) % s->fixed.count];
    s->installed = arena_printf(&all->arena, "%.*s%s", STR_FMT(fixed), endings[(seed >> 4) % 7]);
  }
}

/* Those of this machine, if it is a Debian that the data is about. */
static void install_this_machine(struct installations *all, const char *release)
{
  struct buf text = {0};
  run("dpkg-query -W -f '${source:Package} ${source:Version}\n' 2>/dev/null", &text);
  for (struct str rest = buf_str(&text); rest.data;) {
    struct str version, source = str_cut(str_cut(rest, '\n', &rest), ' ', &version);
    union map_value *value = map_get(
        &all->by_name, arena_printf(&all->arena, "debian %s %.*s", release, STR_FMT(source)));
    if (value && version.len)
      all->items.items[value->number].installed = arena_copy(&all->arena, version);
  }
  buf_free(&text);
}

/* One line a comparison: 1 if the first version is the lower one. */
static void ask_dpkg(const struct installation *const *subjects, size_t count, struct buf *ret)
{
  char path[] = "/tmp/seawall-versions-XXXXXX", command[256];
  int fd = mkstemp(path);
  FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
  if (!file)
    die("there is no room in /tmp");
  for (size_t i = 0; i < count; i++)
    for (size_t c = 0; c < subjects[i]->cves.count; c++)
      fprintf(file, "%.*s %.*s\n", STR_FMT(subjects[i]->installed),
              STR_FMT(subjects[i]->fixed.items[c]));
  fclose(file);
  snprintf(
      command, sizeof command,
      "while read -r a b; do if dpkg --compare-versions \"$a\" lt \"$b\"; then echo 1; else echo 0; fi; "
      "done <%s",
      path);
  run(command, ret);
  unlink(path);
}

static void compare_subject(struct installations *all, struct advisory_database *db,
                            const struct installation *s, struct str *rest)
{
  struct package p = {
      .type = PACKAGE_DEB,
      .name = STR("libsomething1"),
      .version = package_version_split(PACKAGE_DEB, s->installed),
      .source = s->source,
      .source_version = package_version_split(PACKAGE_DEB, s->installed),
  };
  struct os_release os = os_of(&all->arena, s->family, s->release);
  struct vulnerability_list found;
  struct map ids;
  struct error err;
  map_init(&ids, NULL);
  if (advisory_match(db, &os, &p, 1, &all->arena, &found, &err) < 0)
    die(err.message);
  for (size_t i = 0; i < found.count; i++)
    map_put(&ids, found.items[i].id, NULL);
  size_t expected = 0;
  for (size_t c = 0; c < s->cves.count; c++) {
    bool lower = str_eq(str_cut(*rest, '\n', rest), STR("1"));
    bool has = map_get(&ids, s->cves.items[c]);
    expected += lower;
    all->pairs++;
    all->same += has == lower;
    if (has != lower && all->missing++ < TOLD_MAX)
      printf("%s %s %.*s %.*s: %.*s is fixed in %.*s, seawall %s it\n", s->family, s->release,
             STR_FMT(s->source), STR_FMT(s->installed), STR_FMT(s->cves.items[c]),
             STR_FMT(s->fixed.items[c]), has ? "reports" : "lacks");
  }
  if (found.count > expected) {
    all->more += (unsigned)(found.count - expected);
    printf("%s %s %.*s: %zu more than expected\n", s->family, s->release, STR_FMT(s->source),
           found.count - expected);
  }
  map_free(&ids);
}

static void compare_with_dpkg(struct installations *all, struct advisory_database *db,
                              const char *what)
{
  VEC(const struct installation *) chosen = {0};
  struct buf answers = {0};
  size_t pairs = 0;
  uint32_t seed = 7;
  all->pairs = all->same = all->missing = all->more = 0;
  for (size_t tries = 0; tries < 4 * all->items.count && pairs < SAMPLE; tries++) {
    seed = seed * 1664525 + 1013904223;
    struct installation *s = &all->items.items[(seed >> 8) % all->items.count];
    if (!s->installed.len || s->cves.count + pairs > SAMPLE)
      continue;
    pairs += s->cves.count;
    vec_push(&chosen, s);
  }
  ask_dpkg(chosen.items, chosen.count, &answers);
  struct str rest = buf_str(&answers);
  for (size_t i = 0; i < chosen.count; i++)
    compare_subject(all, db, chosen.items[i], &rest);
  printf("dpkg, %s: %zu source packages, %u pairs with a CVE, %u the same, %u different, %u more\n",
         what, chosen.count, all->pairs, all->same, all->missing, all->more);
  vec_free(&chosen);
  buf_free(&answers);
}

static unsigned test_dpkg(const char *database)
{
  struct installations all = {.pairs = 0};
  struct buf tracker = {0}, ubuntu = {0};
  struct advisory_database *db = NULL;
  struct error err;
  unsigned bad = 0;
  if (system("command -v dpkg >/dev/null") != 0) {
    printf("dpkg: skipped: this machine has no dpkg\n");
    return 0;
  }
  arena_init(&all.arena, 0);
  map_init(&all.by_name, &all.arena);
  if (!shared_read("advisories/debian-tracker-subset.json.zst", &tracker) ||
      !shared_read("advisories/ubuntu.osv.jsonl.zst", &ubuntu) ||
      advisory_database_open(database, &db, &err) < 0)
    die("the data cannot be read");
  read_tracker(&all, buf_str(&tracker));
  read_ubuntu(&all, buf_str(&ubuntu));
  choose_versions(&all);
  compare_with_dpkg(&all, db, "made up");
  bad += all.missing + all.more + (all.pairs == 0);
  for (size_t i = 0; i < all.items.count; i++)
    all.items.items[i].installed = STR_EMPTY;
  install_this_machine(&all, "12");
  compare_with_dpkg(&all, db, "this machine's packages as if on Debian 12");
  bad += all.missing + all.more;
  for (size_t i = 0; i < all.items.count; i++) {
    vec_free(&all.items.items[i].cves);
    vec_free(&all.items.items[i].fixed);
  }
  vec_free(&all.items);
  map_free(&all.by_name);
  advisory_database_free(db);
  buf_free(&tracker);
  buf_free(&ubuntu);
  arena_free(&all.arena);
  return bad;
}

static void make_database(const char *path)
{
  static const char *const files[] = {"debian-tracker-subset.json", "ubuntu.osv.jsonl"};
  struct advisory_writer *w = NULL;
  struct error err;
  if (advisory_writer_new(path, NULL, &w, &err) < 0)
    die(err.message);
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    import_shared(w, files[i], NULL, NULL);
  if (advisory_writer_finish(w, &err) < 0)
    die(err.message);
  advisory_writer_free(w);
}

int main(int argc, char **argv)
{
  static const struct sandbox_program *const programs[] = {&image_reader, NULL};
  int status = sandbox_main(argc, argv, programs);
  if (status >= 0)
    return status;
  char folder[] = "/tmp/seawall-advisories-XXXXXX", path[96];
  int fd = open_shared("advisories/debian-tracker-subset.json.zst");
  if (fd < 0) {
    printf(
        "skipped: %s has no conformance/advisories; set SEAWALL_SHARED to the folder that does\n",
        shared_folder());
    return SKIPPED;
  }
  close(fd);
  if (!mkdtemp(folder))
    die("there is no room in /tmp");
  snprintf(path, sizeof path, "%s/advisories.db", folder);
  make_database(path);
  unsigned bad = test_dpkg(path);
  bad += test_labels(path, argc > 1 ? argv[1] : NULL);
  bad += test_trivy(path, argc > 2 ? argv[2] : NULL);
  unlink(path);
  rmdir(folder);
  return bad ? 1 : 0;
}
