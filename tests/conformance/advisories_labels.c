/*
 * Verdicts of people about findings (anchore/vulnerability-match-labels): a package of an image, a vulnerability, and whether
 * it is one there (TP) or not (FP). What they say is held against what seawall finds in the same packages with the
 * advisories of the shared folder.
 *
 * A verdict does not say of which ecosystem its package is. Of systems it is known by the image; of languages by the
 * name, if the data has an advisory about a package of that name. All others are not covered by the data.
 *
 * People disagree, too: what one calls a true positive and another a false one, in the same image, is left out.
 *
 * Misses are classed: the data has nothing about that vulnerability in that package (it is older than the verdict, or
 * only a part), or has something that says otherwise about the version. Those of the second class, and false positives
 * that seawall reports, stand in advisories.known by name with their reason; that list may only shrink.
 */
#include "advisories.h"

#include "base/mem.h"
#include "base/vec.h"
#include "data/json.h"
#include "scan/advisory/ecosystem.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const sources[] = {
    "debian-tracker-subset.json",
    "ubuntu.osv.jsonl",
    "almalinux.osv.jsonl",
    "go.osv.jsonl",
    "crates.osv.jsonl",
    "pypi.osv.jsonl",
    "rubygems.native.jsonl",
    "alpine-secdb.native.jsonl",
    "npm-nodejs-security-wg.native.jsonl",
};

/* Images whose distribution and release the data is about; the digest's beginning. */
static const struct {
  struct str image;
  const char *family, *version;
  const char *release; /* in source-to-binary.json, or NULL */
} systems[] = {
    {STR_INIT("cd49d7250ed7"), "almalinux", "8", NULL},
    {STR_INIT("267d5a634563"), "debian", "11", "bullseye"},
    {STR_INIT("42137b9bd1fa"), "debian", "11", "bullseye"},
    {STR_INIT("6fd5699ab182"), "debian", "11", "bullseye"},
    {STR_INIT("69ae7f133d33"), "debian", "11", "bullseye"},
    {STR_INIT("fcfcbb026e0e"), "debian", "11", "bullseye"},
    {STR_INIT("a287a0ff98ac"), "alpine", "3.8", NULL},
    {STR_INIT("58637f273108"), "alpine", "3.6", NULL},
    {STR_INIT("01c78cee3fe3"), "alpine", "3.11", NULL},
};

static const struct {
  const char *family;
  enum package_type type;
  const char *ecosystem; /* of what is looked up in the index */
} families[] = {
    {"almalinux", PACKAGE_RPM, "AlmaLinux:"},
    {"debian", PACKAGE_DEB, "Debian:"},
    {"alpine", PACKAGE_APK, "Alpine:v"},
};

/* Packages of Alpine and AlmaLinux that are built from a source of another name. */
static const struct {
  struct str binary, origin;
} origins[] = {
    {STR_INIT("libcurl"), STR_INIT("curl")},
    {STR_INIT("ssl_client"), STR_INIT("busybox")},
    {STR_INIT("musl-utils"), STR_INIT("musl")},
    {STR_INIT("libcrypto1.1"), STR_INIT("openssl")},
    {STR_INIT("libssl1.1"), STR_INIT("openssl")},
    {STR_INIT("libcrypto1.0"), STR_INIT("openssl")},
    {STR_INIT("libssl1.0"), STR_INIT("openssl")},
    {STR_INIT("libssl43"), STR_INIT("libressl")},
    {STR_INIT("libcrypto42"), STR_INIT("libressl")},
    {STR_INIT("libcrypto43"), STR_INIT("libressl")},
    {STR_INIT("libssl44"), STR_INIT("libressl")},
    {STR_INIT("libtls17"), STR_INIT("libressl")},
    {STR_INIT("dbus-common"), STR_INIT("dbus")},
    {STR_INIT("dbus-daemon"), STR_INIT("dbus")},
    {STR_INIT("dbus-libs"), STR_INIT("dbus")},
    {STR_INIT("dbus-tools"), STR_INIT("dbus")},
    {STR_INIT("elfutils-default-yama-scope"), STR_INIT("elfutils")},
    {STR_INIT("elfutils-libelf"), STR_INIT("elfutils")},
    {STR_INIT("elfutils-libs"), STR_INIT("elfutils")},
    {STR_INIT("file-libs"), STR_INIT("file")},
    {STR_INIT("glibc-common"), STR_INIT("glibc")},
    {STR_INIT("glibc-minimal-langpack"), STR_INIT("glibc")},
    {STR_INIT("krb5-libs"), STR_INIT("krb5")},
    {STR_INIT("libcom_err"), STR_INIT("e2fsprogs")},
    {STR_INIT("libcurl-minimal"), STR_INIT("curl")},
    {STR_INIT("libgcc"), STR_INIT("gcc")},
    {STR_INIT("libstdc++"), STR_INIT("gcc")},
    {STR_INIT("libzstd"), STR_INIT("zstd")},
    {STR_INIT("ncurses-base"), STR_INIT("ncurses")},
    {STR_INIT("ncurses-libs"), STR_INIT("ncurses")},
    {STR_INIT("openssl-libs"), STR_INIT("openssl")},
    {STR_INIT("platform-python"), STR_INIT("python3")},
    {STR_INIT("python3-libs"), STR_INIT("python3")},
    {STR_INIT("python3-pip-wheel"), STR_INIT("python-pip")},
    {STR_INIT("python3-rpm"), STR_INIT("rpm")},
    {STR_INIT("rpm-build-libs"), STR_INIT("rpm")},
    {STR_INIT("rpm-libs"), STR_INIT("rpm")},
    {STR_INIT("sqlite-libs"), STR_INIT("sqlite")},
    {STR_INIT("systemd-libs"), STR_INIT("systemd")},
    {STR_INIT("systemd-pam"), STR_INIT("systemd")},
    {STR_INIT("vim-minimal"), STR_INIT("vim")},
    {STR_INIT("xz-libs"), STR_INIT("xz")},
};

/* Marks of versions of distributions' packages, which are no languages'. */
static const struct str distribution_marks[] = {
    STR_INIT(".el"),       STR_INIT("ubuntu"),    STR_INIT("deb"),  STR_INIT("amzn"),
    STR_INIT("module_el"), STR_INIT("module+el"), STR_INIT(".cm2"),
};

static const struct {
  enum package_type type;
  struct str ecosystem;
} languages[] = {
    {PACKAGE_PYPI, STR_INIT("PyPI")},    {PACKAGE_GOLANG, STR_INIT("Go")},
    {PACKAGE_GEM, STR_INIT("RubyGems")}, {PACKAGE_CARGO, STR_INIT("crates.io")},
    {PACKAGE_NPM, STR_INIT("npm")},
};

struct label {
  struct str verdict, name, version, image, cve, id;
};

/* What was asked under each ecosystem. */
struct share {
  unsigned found, missed, nothing;
};

struct labels {
  struct arena arena;
  struct map shares; /* by ecosystem */
  struct buf text, binaries;
  struct value builds; /* source-to-binary.json */
  VEC(struct label) items;
  struct map verdicts; /* image, package, version and vulnerability: TP (1), FP (2), or both */
  struct map names;    /* of packages that labels are about */
  struct map index;    /* "PyPI name", "PyPI name CVE-..." of the data */
  struct known known;
  struct advisory_database *db;
  unsigned found_tp, missed_tp, found_fp, quiet_fp;
  unsigned uncovered, contested, no_verdict, nothing_in_data, unexplained;
};

/* ---- what the data has */

static void index_id(struct labels *l, struct str key, struct str id)
{
  char room[1024];
  int len = snprintf(room, sizeof room, "%.*s %.*s", STR_FMT(key), STR_FMT(id));
  if (len > 0 && (size_t)len < sizeof room)
    map_put(&l->index, str_make(room, (size_t)len), NULL);
}

static int note_advisory(void *ctx, const struct advisory *advisory)
{
  struct labels *l = ctx;
  char room[1024];
  for (size_t i = 0; i < advisory->affected_count; i++) {
    const struct advisory_affected *a = &advisory->affected[i];
    struct str name = advisory_package_name(a->ecosystem, a->name, &l->arena);
    if (!map_get(&l->names, name))
      continue;
    int len = snprintf(room, sizeof room, "%.*s %.*s", STR_FMT(a->ecosystem), STR_FMT(name));
    struct str key = str_make(room, (size_t)len);
    map_put(&l->index, key, NULL);
    index_id(l, key, advisory->id);
    for (size_t a_ = 0; a_ < advisory->alias_count; a_++)
      index_id(l, key, advisory->aliases[a_]);
  }
  return 0;
}

static bool data_has(struct labels *l, const char *ecosystem, const char *release, struct str name,
                     struct str id)
{
  name = advisory_package_name(str_from(ecosystem), name, &l->arena);
  struct str key = arena_printf(&l->arena, "%s%s %.*s%s%.*s", ecosystem, release, STR_FMT(name),
                                id.len ? " " : "", STR_FMT(id));
  return map_get(&l->index, key) != NULL;
}

/* ---- verdicts */

static struct str subject_of(struct labels *l, const struct label *label)
{
  return arena_printf(&l->arena, "%.*s %.*s %.*s %.*s", STR_FMT(label->image), STR_FMT(label->name),
                      STR_FMT(label->version), STR_FMT(label->cve.len ? label->cve : label->id));
}

static void read_labels(struct labels *l)
{
  struct error err;
  for (struct str rest = buf_str(&l->text); rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    struct value root;
    if (line.len == 0)
      continue;
    if (json_parse(&l->arena, line, NULL, &root, &err) < 0)
      die(err.message);
    struct value package = member(root, "package");
    struct str image = member_text(member(root, "image"), "exact");
    ptrdiff_t digest = str_find(image, 0, STR("@sha256:"));
    struct label label = {
        .verdict = member_text(root, "label"),
        .name = member_text(package, "name"),
        .version = member_text(package, "version"),
        .image = digest < 0 ? STR_EMPTY : str_sub(image, (size_t)digest + 8, 12),
        .cve = member_text(root, "effective_cve"),
        .id = member_text(root, "vulnerability_id"),
    };
    if (!label.name.len || !label.version.len || str_eq(label.verdict, STR("??"))) {
      l->no_verdict++;
      continue;
    }
    vec_push(&l->items, label);
    map_put(&l->verdicts, subject_of(l, &label), NULL)->number |=
        str_eq(label.verdict, STR("TP")) ? 1 : 2;
    map_put(&l->names, label.name, NULL);
    map_put(&l->names, advisory_package_name(STR("PyPI"), label.name, &l->arena), NULL);
  }
}

/* The source package of a binary one of Debian. */
static struct str source_of(const struct labels *l, const char *release, struct str binary)
{
  struct value sources_of = member(l->builds, release);
  for (uint32_t s = 0; s < sources_of.len; s++)
    for (uint32_t b = 0; b < sources_of.members[s].value.len; b++)
      if (str_eq(value_str_or_empty(sources_of.members[s].value.items[b]), binary))
        return value_str(sources_of.members[s].key);
  return binary;
}

static struct str origin_of(struct str binary)
{
  for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++)
    if (str_eq(origins[i].binary, binary))
      return origins[i].origin;
  return binary;
}

/* ---- one verdict */

static bool is_id(const struct vulnerability *v, struct str id)
{
  if (str_eq(v->id, id))
    return true;
  for (size_t i = 0; i < v->alias_count; i++)
    if (str_eq(v->aliases[i], id))
      return true;
  return false;
}

static bool finds(struct labels *l, const struct package *p, const struct os_release *os,
                  const struct label *label)
{
  struct arena arena;
  struct vulnerability_list list;
  struct error err;
  bool found = false;
  arena_init(&arena, 0);
  if (advisory_match(l->db, os, p, 1, &arena, &list, &err) < 0)
    die(err.message);
  for (size_t i = 0; i < list.count && !found; i++)
    found = is_id(&list.items[i], label->cve) || is_id(&list.items[i], label->id);
  arena_free(&arena);
  return found;
}

struct answer {
  bool covered, in_data, found;
  struct str ecosystem; /* the first that it was asked under */
};

static bool says_something(struct labels *l, const char *ecosystem, const char *release,
                           struct str name, const struct label *label)
{
  return (label->cve.len && data_has(l, ecosystem, release, name, label->cve)) ||
         (label->id.len && data_has(l, ecosystem, release, name, label->id));
}

/* Whether a version looks like one of a distribution's package manager. */
static bool is_of_type(enum package_type type, struct str version)
{
  if (type == PACKAGE_APK)
    return str_find(version, 0, STR("-r")) > 0;
  return type == PACKAGE_RPM
             ? str_find(version, 0, STR("el8")) > 0
             : str_find_byte(version, 0, '-') > 0 || str_find(version, 0, STR("deb")) > 0;
}

static bool is_of_distribution(struct str version)
{
  ptrdiff_t release = str_find(version, 0, STR("-r"));
  for (size_t i = 0; i < sizeof distribution_marks / sizeof distribution_marks[0]; i++)
    if (str_find(version, 0, distribution_marks[i]) >= 0)
      return true;
  return release > 0 && (size_t)release + 2 < version.len && version.data[release + 2] >= '0' &&
         version.data[release + 2] <= '9';
}

static void ask_system(struct labels *l, const struct label *label, size_t s, struct answer *answer)
{
  size_t f = 0;
  while (strcmp(families[f].family, systems[s].family) != 0)
    f++;
  if (!is_of_type(families[f].type, label->version))
    return;
  struct os_release os = os_of(&l->arena, systems[s].family, systems[s].version);
  struct package p = {.type = families[f].type, .name = label->name, .source = label->name};
  p.version = p.source_version = package_version_split(p.type, label->version);
  if (p.type == PACKAGE_DEB)
    p.source = source_of(l, systems[s].release, label->name);
  else
    p.source = origin_of(label->name);
  answer->covered = true;
  answer->ecosystem = arena_printf(&l->arena, "%s%s", families[f].ecosystem, systems[s].version);
  answer->in_data =
      says_something(l, families[f].ecosystem, systems[s].version, p.source, label) ||
      says_something(l, families[f].ecosystem, systems[s].version, label->name, label);
  answer->found = finds(l, &p, &os, label);
}

static void ask_languages(struct labels *l, const struct label *label, struct answer *answer)
{
  for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
    if (!data_has(l, languages[i].ecosystem.data, "", label->name, STR_EMPTY))
      continue;
    struct package p = {.type = languages[i].type, .name = label->name, .source = label->name};
    p.version = p.source_version = package_version_split(p.type, label->version);
    answer->ecosystem = answer->covered ? answer->ecosystem : languages[i].ecosystem;
    answer->covered = true;
    answer->in_data = answer->in_data ||
                      says_something(l, languages[i].ecosystem.data, "", label->name, label);
    answer->found = answer->found || finds(l, &p, NULL, label);
  }
}

static void share(struct labels *l, const struct answer *answer)
{
  bool added;
  union map_value *value = map_put(&l->shares, answer->ecosystem, &added);
  if (added)
    value->pointer = arena_new(&l->arena, struct share);
  struct share *share = value->pointer;
  share->found += answer->found;
  share->missed += !answer->found && answer->in_data;
  share->nothing += !answer->found && !answer->in_data;
}

/* Known by name, or told. */
static void explain(struct labels *l, const struct label *label, const char *what)
{
  struct str line = arena_printf(&l->arena, "%s %.*s %.*s %.*s", what, STR_FMT(label->name),
                                 STR_FMT(label->version),
                                 STR_FMT(label->cve.len ? label->cve : label->id));
  if (known_has(&l->known, line))
    return;
  if (l->unexplained++ < 4000)
    printf("labels: not known: %.*s   # image %.*s\n", STR_FMT(line), STR_FMT(label->image));
}

static void judge(struct labels *l, const struct label *label)
{
  struct answer answer = {false, false, false};
  size_t s = 0;
  while (s < sizeof systems / sizeof systems[0] && !str_eq(systems[s].image, label->image))
    s++;
  if (s < sizeof systems / sizeof systems[0])
    ask_system(l, label, s, &answer);
  if (!answer.covered && !is_of_distribution(label->version))
    ask_languages(l, label, &answer);
  bool real = str_eq(label->verdict, STR("TP"));
  if (!answer.covered) {
    l->uncovered++;
  } else if (map_get(&l->verdicts, subject_of(l, label))->number == 3) {
    l->contested++;
  } else if (real) {
    share(l, &answer);
    l->found_tp += answer.found;
    l->missed_tp += !answer.found;
    l->nothing_in_data += !answer.found && !answer.in_data;
    if (!answer.found && answer.in_data)
      explain(l, label, "missed");
  } else {
    l->found_fp += answer.found;
    l->quiet_fp += !answer.found;
    if (answer.found)
      explain(l, label, "reported");
  }
}

/* Why the data has nothing: it is older than the verdicts, or a part. */
static const struct {
  struct str ecosystem;
  const char *reason;
} limits_of_data[] = {
    {STR_INIT("Debian:11"),
     "the data is fixes alone, of the sources in it; most of these have none"},
    {STR_INIT("AlmaLinux:8"),
     "the data is errata; most of these have none, and come from Red Hat's statements"},
    {STR_INIT("Alpine:v3.6"), "the data ends in June 2020"},
    {STR_INIT("Alpine:v3.8"), "the data ends in June 2020"},
    {STR_INIT("Alpine:v3.11"), "the data ends in June 2020"},
    {STR_INIT("npm"), "the data ends in 2020"},
    {STR_INIT("PyPI"), "the advisory database of PyPA lacks what only GitHub's has"},
    {STR_INIT("RubyGems"), "the advisory database of Ruby lacks what only GitHub's has"},
    {STR_INIT("Go"), "Go's vulnerability database lacks what only GitHub's has"},
    {STR_INIT("crates.io"), "RustSec lacks what only GitHub's database has"},
};

static const char *limit_of(struct str ecosystem)
{
  for (size_t i = 0; i < sizeof limits_of_data / sizeof limits_of_data[0]; i++)
    if (str_eq(limits_of_data[i].ecosystem, ecosystem))
      return limits_of_data[i].reason;
  return "";
}

static double percent(unsigned part, unsigned whole)
{
  return whole ? 100.0 * part / whole : 0;
}

static void make_database(struct labels *l, const char *path)
{
  struct advisory_writer *w = NULL;
  struct error err;
  if (advisory_writer_new(path, NULL, &w, &err) < 0)
    die(err.message);
  for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
    import_shared(w, sources[i], note_advisory, l);
  if (advisory_writer_finish(w, &err) < 0)
    die(err.message);
  advisory_writer_free(w);
  if (advisory_database_open(path, &l->db, &err) < 0)
    die(err.message);
}

static void report(const struct labels *l)
{
  printf(
      "labels: %zu verdicts, %u without one or without a package, %u of ecosystems or packages that the data is "
      "not about, %u that other people deny of the same image\n",
      l->items.count, l->no_verdict, l->uncovered, l->contested);
  printf(
      "labels: true positives: %u found, %u missed; of those, %u of vulnerabilities that the data does not have for "
      "the package, %u otherwise\n",
      l->found_tp, l->missed_tp, l->nothing_in_data, l->missed_tp - l->nothing_in_data);
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&l->shares, &at));) {
    const struct share *share = e->value.pointer;
    printf("labels:   %.*s: %u found, %u missed, %u that the data has nothing about%s%s\n",
           STR_FMT(e->key), share->found, share->missed, share->nothing, share->nothing ? ": " : "",
           share->nothing ? limit_of(e->key) : "");
  }
  printf("labels: false positives: %u not reported, %u reported\n", l->quiet_fp, l->found_fp);
  printf(
      "labels: precision %.1f%%, recall %.1f%% of all that are covered, %.1f%% of those that the data has\n",
      percent(l->found_tp, l->found_tp + l->found_fp),
      percent(l->found_tp, l->found_tp + l->missed_tp),
      percent(l->found_tp, l->found_tp + l->missed_tp - l->nothing_in_data));
}

unsigned test_labels(const char *database, const char *known)
{
  struct labels l = {.found_tp = 0};
  struct error err;
  arena_init(&l.arena, 0);
  map_init(&l.shares, &l.arena);
  map_init(&l.names, &l.arena);
  map_init(&l.index, &l.arena);
  map_init(&l.verdicts, &l.arena);
  if (!shared_read("advisories/anchore-match-labels.jsonl.zst", &l.text) ||
      !shared_read("advisories/source-to-binary.json.zst", &l.binaries)) {
    printf("labels: skipped: %s has no conformance/advisories/anchore-match-labels.jsonl.zst\n",
           shared_folder());
    return 0;
  }
  if (json_parse(&l.arena, buf_str(&l.binaries), NULL, &l.builds, &err) < 0)
    die(err.message);
  known_read(&l.known, known);
  read_labels(&l);
  make_database(&l, database);
  for (size_t i = 0; i < l.items.count; i++)
    judge(&l, &l.items.items[i]);
  report(&l);
  unsigned bad = l.unexplained + known_stale(&l.known, "labels") + (l.found_tp == 0);
  advisory_database_free(l.db);
  vec_free(&l.items);
  map_free(&l.shares);
  map_free(&l.names);
  map_free(&l.index);
  map_free(&l.verdicts);
  known_free(&l.known);
  buf_free(&l.text);
  buf_free(&l.binaries);
  arena_free(&l.arena);
  return bad;
}
