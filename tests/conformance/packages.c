/*
 * Packages as the systems' own tools list them, beside what scan/ reads from the same databases: dpkg's of this
 * machine, one that Debian's rpm makes here, and images and databases of other projects.
 *
 *     conformance_packages                compares all that is there, and prints counts
 *     conformance_packages PATH FILE...   prints the packages of files, read as if they stood at PATH
 *
 * A part whose tool or data is absent is skipped, and says so.
 */
#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "scan/analyser.h"

#include <errno.h>
#include <unistd.h>

enum { SKIPPED = 77, FILE_MAX = 256 << 20, TOLD_MAX = 20 };

struct part {
  const char *name;
  unsigned expected, same, missing, more;
  bool skipped;
};

/* ---- tools */

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

static bool has_tool(const char *name)
{
  char command[256];
  struct buf output = {0};
  snprintf(command, sizeof command, "command -v %s", name);
  bool found = run(command, &output);
  buf_free(&output);
  return found;
}

static void skip(struct part *part, const char *reason)
{
  part->skipped = true;
  printf("%s: skipped: %s\n", part->name, reason);
}

/* ---- lists beside each other: a line a package */

static void compare(struct part *part, struct str expected, struct str found)
{
  struct arena arena;
  struct map lines;
  unsigned told = 0;
  arena_init(&arena, 0);
  map_init(&lines, &arena);
  for (struct str rest = expected; rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    if (line.len) {
      map_put(&lines, line, NULL)->number += 1;
      part->expected++;
    }
  }
  for (struct str rest = found; rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    union map_value *value = line.len ? map_get(&lines, line) : NULL;
    if (!line.len)
      continue;
    if (value && value->number) {
      value->number--;
      part->same++;
      continue;
    }
    part->more++;
    if (told++ < TOLD_MAX)
      printf("%s: only seawall has %.*s\n", part->name, STR_FMT(line));
  }
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&lines, &at));) {
    part->missing += (unsigned)e->value.number;
    if (e->value.number && told++ < TOLD_MAX)
      printf("%s: seawall lacks %.*s\n", part->name, STR_FMT(e->key));
  }
  map_free(&lines);
  arena_free(&arena);
}

static bool analyse(struct analysis *a, const char *path, struct str bytes)
{
  struct error err;
  const struct analyser *analyser = analyser_find(str_from(path), a->packages.flags);
  if (!analyser) {
    printf("%s: nobody wants it\n", path);
    return false;
  }
  if (analysis_read(a, analyser, str_from(path), 0, bytes, &err) < 0) {
    printf("%s\n", err.message);
    return false;
  }
  return true;
}

/* ---- dpkg of this machine */

static void test_dpkg(struct part *part)
{
  struct buf expected = {0}, status = {0}, found = {0};
  struct arena arena;
  struct analysis a;
  if (access("/var/lib/dpkg/status", R_OK) < 0 || !has_tool("dpkg-query")) {
    skip(part, "this machine has no dpkg");
    return;
  }
  arena_init(&arena, 0);
  analysis_init(&a, &arena, 0);
  run("dpkg-query -W -f '${db:Status-Status} ${Package} ${Version} ${Architecture} ${source:Package} "
      "${source:Version} ${Maintainer}\n' | grep -Ev '^(config-files|not-installed) ' | sed 's/^[^ ]* //'",
      &expected);
  if (file_read("/var/lib/dpkg/status", FILE_MAX, &status, NULL) < 0 ||
      !analyse(&a, "var/lib/dpkg/status", buf_str(&status)))
    part->missing++;
  for (size_t i = 0; i < a.packages.count; i++) {
    const struct package *p = &a.packages.items[i];
    buf_printf(&found, "%.*s %.*s %.*s %.*s %.*s %.*s\n", STR_FMT(p->name),
               STR_FMT(p->version.text), STR_FMT(p->architecture), STR_FMT(p->source),
               STR_FMT(p->source_version.text), STR_FMT(p->maintainer));
  }
  compare(part, buf_str(&expected), buf_str(&found));
  analysis_free(&a);
  arena_free(&arena);
  buf_free(&expected);
  buf_free(&status);
  buf_free(&found);
}

/* Adds the line of a path unless that is a directory here, or a link to one. */
static void add_file(struct buf *lines, struct str path)
{
  char folder[4096];
  snprintf(folder, sizeof folder, "/%.*s/.", STR_FMT(path));
  if (path.len && access(folder, F_OK) < 0)
    buf_printf(lines, "%.*s\n", STR_FMT(path));
}

static void read_file_list(struct analysis *a, struct str name, struct part *part,
                           struct buf *expected)
{
  char path[512];
  struct buf list = {0};
  snprintf(path, sizeof path, "/var/lib/dpkg/info/%.*s", STR_FMT(name));
  if (file_read(path, FILE_MAX, &list, NULL) < 0 || !analyse(a, path + 1, buf_str(&list)))
    part->missing++;
  for (struct str rest = buf_str(&list); rest.data;)
    add_file(expected, str_sub(str_cut(rest, '\n', &rest), 1, SIZE_MAX));
  buf_free(&list);
}

/* The files of packages of this machine; the file system says what is a directory. */
static void test_dpkg_files(struct part *part)
{
  struct buf names = {0}, found = {0}, expected = {0};
  struct arena arena;
  struct analysis a;
  if (access("/var/lib/dpkg/info", R_OK) < 0 || !has_tool("dpkg-query")) {
    skip(part, "this machine has no dpkg");
    return;
  }
  arena_init(&arena, 0);
  analysis_init(&a, &arena, PACKAGE_LIST_FILES);
  run("ls /var/lib/dpkg/info | grep '\\.list$' | head -200", &names);
  for (struct str rest = buf_str(&names); rest.data;) {
    struct str name = str_cut(rest, '\n', &rest);
    if (name.len)
      read_file_list(&a, name, part, &expected);
  }
  for (size_t i = 0; i < a.packages.notes.count; i++)
    for (uint32_t f = 0; f < a.packages.notes.items[i].file_count; f++)
      add_file(&found, a.packages.notes.items[i].files[f]);
  compare(part, buf_str(&expected), buf_str(&found));
  analysis_free(&a);
  arena_free(&arena);
  buf_free(&names);
  buf_free(&found);
  buf_free(&expected);
}

/* ---- rpm */

static void print_rpm(struct buf *out, const struct package_list *list)
{
  for (size_t i = 0; i < list->count; i++) {
    const struct package *p = &list->items[i];
    buf_printf(out, "%.*s %.*s %.*s %.*s %.*s", STR_FMT(p->name), STR_FMT(p->version.text),
               STR_FMT(p->architecture), STR_FMT(p->license), STR_FMT(p->vendor));
    for (uint32_t f = 0; f < p->file_count; f++)
      buf_printf(out, " /%.*s", STR_FMT(p->files[f]));
    buf_add_byte(out, '\n');
  }
}

/* Three packages, one of them with an epoch, built and installed (in the database only) by rpm. */
static const char make_rpms[] =
    "set -e; cd \"$1\"; mkdir -p db build\n"
    "for n in one two three; do cat >$n.spec <<END\n"
    "Name: seawall-$n\nVersion: 1.2~rc1\nRelease: 3.$n\nSummary: A package\nLicense: MIT and GPLv2+\n"
    "Vendor: Nobody\nBuildArch: noarch\n$(test $n != two || echo Epoch: 4)\n"
    "%description\nText.\n"
    "%install\nmkdir -p %{buildroot}/opt/$n/d; touch %{buildroot}/opt/$n/a %{buildroot}/opt/$n/d/b\n"
    "%files\n%dir /opt/$n\n/opt/$n/a\n/opt/$n/d/b\n%ghost /opt/$n/log\n"
    "END\n"
    "rpmbuild -bb --define \"_topdir $1/build\" $n.spec >log 2>&1\n"
    "done\n"
    "rpm --dbpath \"$1/db\" --nodeps --justdb --noscripts -i build/RPMS/noarch/*.rpm >>log 2>&1\n";

static void test_rpm_at(struct part *part, const char *folder)
{
  char command[8192], path[512];
  struct buf expected = {0}, found = {0}, bytes = {0}, output = {0};
  struct arena arena;
  struct analysis a;
  arena_init(&arena, 0);
  analysis_init(&a, &arena, PACKAGE_LIST_FILES);
  snprintf(command, sizeof command, "sh -s %s <<'END_OF_SCRIPT'\n%s\nEND_OF_SCRIPT\n", folder,
           make_rpms);
  snprintf(path, sizeof path, "%s/db/rpmdb.sqlite", folder);
  if (!run(command, &output) || file_read(path, FILE_MAX, &bytes, NULL) < 0) {
    skip(part, "rpm could not make a database here");
  } else {
    snprintf(
        command, sizeof command,
        "rpm --dbpath %s/db -qa --qf '%%{NAME} %%|EPOCH?{%%{EPOCH}:}|%%{VERSION}-%%{RELEASE} %%{ARCH} "
        "%%{LICENSE} %%{VENDOR}[|%%{FILEFLAGS} %%{FILEMODES:octal} %%{FILENAMES}]\\n' | "
        "sed -E 's/\\|[0-9]+ 0?40[0-7]{3} [^|]*//g; s/\\|64 [0-7]+ [^|]*//g; s/\\|[0-9]+ [0-7]+ / /g'",
        folder);
    run(command, &expected);
    if (!analyse(&a, "var/lib/rpm/rpmdb.sqlite", buf_str(&bytes)))
      part->missing++;
    print_rpm(&found, &a.packages);
    compare(part, buf_str(&expected), buf_str(&found));
  }
  analysis_free(&a);
  arena_free(&arena);
  buf_free(&expected);
  buf_free(&found);
  buf_free(&bytes);
  buf_free(&output);
}

static void test_rpm(struct part *part)
{
  char folder[] = "/tmp/seawall-rpm.XXXXXX", command[128];
  struct buf output = {0};
  if (!has_tool("rpm") || !has_tool("rpmbuild")) {
    skip(part, "rpm and rpmbuild are not installed (Debian: rpm)");
    return;
  }
  if (!mkdtemp(folder)) {
    skip(part, strerror(errno));
    return;
  }
  test_rpm_at(part, folder);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  run(command, &output);
  buf_free(&output);
}

/* ---- databases and images of others */

static const char *shared(char room[static 512], const char *below)
{
  const char *root = getenv("SEAWALL_SHARED");
  snprintf(room, 512, "%s/conformance/images/%s", root ? root : "../shared", below);
  return room;
}

static void test_bdb(struct part *part)
{
  char path[512];
  struct buf bytes = {0}, found = {0};
  struct arena arena;
  struct analysis a;
  if (file_read(shared(path, "rpmdb/bdb/Packages"), FILE_MAX, &bytes, NULL) < 0) {
    skip(part, "conformance/images/rpmdb is not there (SEAWALL_SHARED names its root)");
    return;
  }
  arena_init(&arena, 0);
  analysis_init(&a, &arena, 0);
  if (!analyse(&a, "var/lib/rpm/Packages", buf_str(&bytes)))
    part->missing++;
  print_rpm(&found, &a.packages);
  compare(part, STR("dive 0.9.2-1 x86_64 MIT \n"), buf_str(&found));
  analysis_free(&a);
  arena_free(&arena);
  buf_free(&bytes);
  buf_free(&found);
}

/* A file of an archive's only layer, through a filter. */
static void pull(const char *archive, const char *file, const char *filter, struct buf *ret_bytes)
{
  char command[2048];
  snprintf(command, sizeof command,
           "tar xzOf %s --wildcards '*layer.tar' 2>/dev/null | tar xOf - %s 2>/dev/null %s",
           archive, file, filter);
  run(command, ret_bytes);
}

static void test_alpine(struct part *part, const char *image, const char *version)
{
  char archive[512];
  struct buf bytes = {0}, expected = {0}, found = {0}, os = {0};
  struct arena arena;
  struct analysis a;
  if (access(shared(archive, image), R_OK) < 0) {
    skip(part, "conformance/images/archives is not there (SEAWALL_SHARED names its root)");
    return;
  }
  arena_init(&arena, 0);
  analysis_init(&a, &arena, PACKAGE_LIST_FILES);
  pull(archive, "lib/apk/db/installed", "", &bytes);
  pull(archive, "lib/apk/db/installed",
       "| awk -F: '/^P:/{p=$2} /^V:/{v=$2} /^A:/{a=$2} /^o:/{o=$2} /^R:/{n++} "
       "/^$/{if(p)print p,v,a,o,n+0; p=\"\"; n=0}'",
       &expected);
  pull(archive, "etc/os-release", "", &os);
  if (!analyse(&a, "lib/apk/db/installed", buf_str(&bytes)) ||
      !analyse(&a, "etc/os-release", buf_str(&os)))
    part->missing++;
  analysis_finish(&a);
  for (size_t i = 0; i < a.packages.count; i++) {
    const struct package *p = &a.packages.items[i];
    buf_printf(&found, "%.*s %.*s %.*s %.*s %u\n", STR_FMT(p->name), STR_FMT(p->version.text),
               STR_FMT(p->architecture), STR_FMT(p->source), p->file_count);
  }
  compare(part, buf_str(&expected), buf_str(&found));
  if (!str_eq(a.os.version, str_from(version)))
    part->missing++;
  analysis_free(&a);
  arena_free(&arena);
  buf_free(&bytes);
  buf_free(&expected);
  buf_free(&found);
  buf_free(&os);
}

static void test_alpine_310(struct part *part)
{
  test_alpine(part, "archives/alpine-310.tar.gz", "3.10.4");
}

static void test_alpine_311(struct part *part)
{
  test_alpine(part, "archives/alpine-311.tar.gz", "3.11.5");
}

/* ---- */

static int print_files(int count, char **names)
{
  struct arena arena;
  struct buf bytes = {0}, out = {0};
  int failed = 0;
  arena_init(&arena, 0);
  for (int i = 1; i < count; i++) {
    struct error err;
    struct analysis a;
    analysis_init(&a, &arena, getenv("FILES") ? PACKAGE_LIST_FILES : 0);
    buf_clear(&bytes);
    if (file_read(names[i], FILE_MAX, &bytes, &err) < 0)
      printf("%s\n", err.message);
    else
      failed |= !analyse(&a, names[0], buf_str(&bytes));
    buf_clear(&out);
    for (size_t j = 0; j < a.packages.count; j++) {
      const struct package *p = &a.packages.items[j];
      buf_printf(&out, "%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%u\n", STR_FMT(p->name),
                 STR_FMT(p->version.text), STR_FMT(p->architecture), STR_FMT(p->source),
                 STR_FMT(p->source_version.text), STR_FMT(p->license), STR_FMT(p->vendor),
                 STR_FMT(p->module), p->file_count);
    }
    fwrite(out.data, 1, out.len, stdout);
    analysis_free(&a);
  }
  buf_free(&bytes);
  buf_free(&out);
  arena_free(&arena);
  return failed;
}

int main(int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*test)(struct part *part);
  } tests[] = {
      {"dpkg", test_dpkg},   {"dpkg files", test_dpkg_files},  {"rpm sqlite", test_rpm},
      {"rpm bdb", test_bdb}, {"alpine 3.10", test_alpine_310}, {"alpine 3.11", test_alpine_311},
  };
  unsigned wrong = 0, done = 0;
  if (argc > 2)
    return print_files(argc - 1, argv + 1);
  for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
    struct part part = {.name = tests[i].name};
    tests[i].test(&part);
    if (part.skipped)
      continue;
    done++;
    wrong += part.missing + part.more;
    printf("%s: %u expected, %u the same, %u missing, %u too many\n", part.name, part.expected,
           part.same, part.missing, part.more);
  }
  return wrong ? 1 : done ? 0 : SKIPPED;
}
