/*
 * Java archives of this machine, as scan/language/java reads them.
 *
 *     conformance_jars              compares: what pom.properties say, and SHA-1 digests, with what Python's zipfile
 *                                   finds in the same archives; and what Debian's Maven repository calls them
 *     conformance_jars FILE...      prints the packages of files, and how fast they were read
 *
 * A part whose data or tool is absent is skipped, and says so.
 */
#include "base/map.h"
#include "base/mem.h"
#include "scan/language/java.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SKIPPED = 77, TOLD_MAX = 20 };

static int read_file(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  ssize_t got = read(*(int *)ctx, to, room);
  if (got < 0)
    return error_set(err, SW_EIO, "reading failed");
  *ret_got = (size_t)got;
  return 0;
}

static void scan_file(const char *path, struct package_list *list)
{
  struct stat about;
  struct error err;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  const struct oci_input input = {read_file, &fd};
  if (fstat(fd, &about) == 0) {
    const struct analyser_file file = {.path = str_from(path), .size = (uint64_t)about.st_size};
    if (java_stream(&file, &input, list, &err) < 0)
      printf("%s: %s\n", path, err.message);
  }
  close(fd);
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

/* ---- what Python finds */

/* Paths on standard input; for each pom.properties a line: archive, name, version, digest. */
static const char reader_in_python[] =
    "import sys, io, re, zipfile, hashlib\n"
    "def look(path, data):\n"
    "    try: z = zipfile.ZipFile(io.BytesIO(data))\n"
    "    except zipfile.BadZipFile: return\n"
    "    digest = hashlib.sha1(data).hexdigest(); seen = set()\n"
    "    for n in z.namelist():\n"
    "        if n.rsplit('/', 1)[-1] == 'pom.properties':\n"
    "            t = z.read(n).decode('latin-1')\n"
    "            f = lambda k: (re.findall(r'(?m)^\\s*' + k + r'\\s*[=:]\\s*(\\S+)\\s*$', t) or [''])[-1]\n"
    "            g, a, v = f('groupId'), f('artifactId'), f('version')\n"
    "            if g and a and v and '${' not in g + a + v and (g, a, v) not in seen:\n"
    "                seen.add((g, a, v)); print(path, g + ':' + a, v, digest)\n"
    "        elif re.search(r'(?i)\\.(jar|war|ear|par|sar|kar|hpi|jpi|rar)$', n):\n"
    "            look(path + '!' + n, z.read(n))\n"
    "for line in sys.stdin:\n"
    "    p = line.rstrip('\\n')\n"
    "    look(p, open(p, 'rb').read())\n";

static const char find_jars[] =
    "find /usr/share/java /usr/lib /opt -xdev -type f -name '*.[jwe]ar' 2>/dev/null | sort";

static void line_of(struct buf *out, const struct package *p)
{
  buf_clear(out);
  buf_printf(out, "%.*s %.*s %.*s %.*s", STR_FMT(p->path), STR_FMT(p->name),
             STR_FMT(p->version.text), STR_FMT(str_sub(p->digest, 5, SIZE_MAX)));
}

static unsigned compare_properties(const struct package_list *list, struct str expected)
{
  struct map lines;
  struct buf line = {0};
  unsigned count = 0, missing = 0;
  map_init(&lines, NULL);
  struct arena arena;
  arena_init(&arena, 0);
  for (size_t i = 0; i < list->count; i++) {
    line_of(&line, &list->items[i]);
    map_put(&lines, arena_copy(&arena, buf_str(&line)), NULL);
  }
  for (struct str rest = expected; rest.data;) {
    struct str one = str_cut(rest, '\n', &rest);
    count += one.len > 0;
    if (!one.len || map_get(&lines, one))
      continue;
    if (missing++ < TOLD_MAX)
      printf("seawall lacks %.*s\n", STR_FMT(one));
  }
  printf("pom.properties: %u expected, %u the same, %u missing; %zu packages in all\n", count,
         count - missing, missing, list->count);
  map_free(&lines);
  buf_free(&line);
  arena_free(&arena);
  return missing;
}

/* ---- what Debian's repository calls them: group/as/path/artifact/version/artifact-version.jar */

static struct counts {
  unsigned jars, same, other_version, other_group, other, unknown;
} repository;

static const char repository_root[] = "/usr/share/maven-repo/";

static bool has(const struct package_list *list, struct str name, struct str version)
{
  for (size_t i = 0; i < list->count; i++)
    if (str_eq(list->items[i].name, name) &&
        (!version.data || str_eq(list->items[i].version.text, version)))
      return true;
  return false;
}

static bool has_artifact(const struct package_list *list, struct str artifact)
{
  for (size_t i = 0; i < list->count; i++) {
    struct str rest, name = list->items[i].name;
    str_cut(name, ':', &rest);
    if (str_eq(rest, artifact))
      return true;
  }
  return false;
}

static int on_jar(const char *path, const struct stat *about, int type, struct FTW *ftw)
{
  struct arena arena;
  struct package_list list;
  struct str parts[3], rest = str_sub(str_from(path), sizeof repository_root - 1, SIZE_MAX);
  char group[1024], name[2048];
  (void)about, (void)ftw;
  if (type != FTW_F || !str_ends(rest, STR(".jar")))
    return 0;
  for (int i = 0; i < 3; i++) {
    ptrdiff_t slash = str_find_last_byte(rest, '/');
    if (slash < 0)
      return 0;
    parts[i] = str_sub(rest, (size_t)slash + 1, SIZE_MAX);
    rest = str_sub(rest, 0, (size_t)slash);
  }
  struct str version = parts[1], artifact = parts[2];
  if (str_eq(version, STR("debian"))) /* a second name for the same archive */
    return 0;
  snprintf(group, sizeof group, "%.*s", STR_FMT(rest));
  for (char *c = group; *c; c++)
    *c = *c == '/' ? '.' : *c;
  snprintf(name, sizeof name, "%s:%.*s", group, STR_FMT(artifact));
  arena_init(&arena, 0);
  package_list_init(&list, &arena, 0);
  scan_file(path, &list);
  repository.jars++;
  unsigned *bin = has(&list, str_from(name), version)                 ? &repository.same
                  : has(&list, str_from(name), (struct str){NULL, 0}) ? &repository.other_version
                  : has_artifact(&list, artifact)                     ? &repository.other_group
                  : list.count                                        ? &repository.other
                                                                      : &repository.unknown;
  ++*bin;
  if (bin != &repository.same) {
    printf("%s %.*s:", name, STR_FMT(version));
    for (size_t i = 0; i < list.count; i++)
      printf(" %.*s %.*s", STR_FMT(list.items[i].name), STR_FMT(list.items[i].version.text));
    printf("\n");
  }
  package_list_free(&list);
  arena_free(&arena);
  return 0;
}

/* ---- */

static int compare_machine(void)
{
  struct arena arena;
  struct package_list list;
  struct buf jars = {0}, command = {0}, expected = {0};
  unsigned wrong = 0;
  arena_init(&arena, 0);
  package_list_init(&list, &arena, 0);
  run(find_jars, &jars);
  for (struct str rest = buf_str(&jars); rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    char path[4096];
    snprintf(path, sizeof path, "%.*s", STR_FMT(line));
    if (line.len)
      scan_file(path, &list);
  }
  bool has_python = run("command -v python3", &expected);
  buf_clear(&expected);
  if (!jars.len) {
    printf("skipped: this machine has no Java archives (Debian: libmaven3-core-java)\n");
  } else if (!has_python) {
    printf("skipped: python3 is not installed\n");
  } else {
    buf_printf(&command, "%s | python3 -c \"$(cat <<'END_OF_SCRIPT'\n%s\nEND_OF_SCRIPT\n)\"",
               find_jars, reader_in_python);
    run(buf_text(&command), &expected);
    wrong = compare_properties(&list, buf_str(&expected));
  }
  if (access(repository_root, R_OK) < 0) {
    printf("Maven repository: skipped: %s is not there\n", repository_root);
  } else {
    nftw(repository_root, on_jar, 32, 0);
    printf("Maven repository: %u archives, %u with the same name and version, %u with another "
           "version, %u with another group, %u otherwise, %u unknown\n",
           repository.jars, repository.same, repository.other_version, repository.other_group,
           repository.other, repository.unknown);
  }
  bool any = jars.len > 0;
  package_list_free(&list);
  arena_free(&arena);
  buf_free(&jars);
  buf_free(&command);
  buf_free(&expected);
  return wrong ? 1 : any ? 0 : SKIPPED;
}

static int print_files(int count, char **paths)
{
  for (int i = 0; i < count; i++) {
    struct arena arena;
    struct package_list list;
    struct timespec from, to;
    arena_init(&arena, 0);
    package_list_init(&list, &arena, 0);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    scan_file(paths[i], &list);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    for (size_t p = 0; p < list.count; p++)
      printf("%.*s\t%.*s\t%.*s\t%.*s\n", STR_FMT(list.items[p].name),
             STR_FMT(list.items[p].version.text), STR_FMT(list.items[p].path),
             STR_FMT(list.items[p].digest));
    printf("%s: %.3f s of CPU\n", paths[i],
           (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
    package_list_free(&list);
    arena_free(&arena);
  }
  return 0;
}

int main(int argc, char **argv)
{
  return argc > 1 ? print_files(argc - 1, argv + 1) : compare_machine();
}
