/*
 * Programs of this machine that Go's linker wrote: their build information as scan/language/binary reads it, beside
 * what another reader says, Go's own tool (go version -m) or a small one in Python.
 *
 *     conformance_binaries                compares the programs of /usr/bin, /usr/sbin and /usr/local/bin
 *     conformance_binaries FILE...        prints the packages of files, and how fast they were read
 */
#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "scan/language/binary.h"

#include <dirent.h>
#include <fcntl.h>
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

/* Adds what a file says; false if it is no program. */
static bool scan_file(const char *path, struct package_list *list)
{
  char head[ANALYSER_HEAD];
  struct stat about;
  struct error err;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  ssize_t got = fstat(fd, &about) < 0 || !S_ISREG(about.st_mode) ? 0
                                                                 : pread(fd, head, sizeof head, 0);
  const struct oci_input input = {read_file, &fd};
  const struct analyser_file file = {
      .path = str_from(path), .mode = about.st_mode & 07777, .size = (uint64_t)about.st_size};
  bool wanted = got > 0 && binary_wants_head(&file, str_make(head, (size_t)got), 0);
  if (wanted && binary_stream(&file, &input, list, &err) < 0)
    printf("%s: %s\n", path, err.message);
  close(fd);
  return wanted;
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

/* The lines of `go version -m`, from programs since Go 1.18. */
static const char reader_in_python[] =
    "import sys\n"
    "def string(d, at):\n"
    "    n = s = 0\n"
    "    while True:\n"
    "        b = d[at]; at += 1; n |= (b & 127) << s; s += 7\n"
    "        if b < 128: return d[at:at + n], at + n\n"
    "for path in sys.argv[1:]:\n"
    "    d = open(path, 'rb').read()\n"
    "    at = d.rfind(b'\\xff Go buildinf:\\x08\\x02')\n"
    "    if at < 0: continue\n"
    "    version, at = string(d, at + 32)\n"
    "    lines, at = string(d, at)\n"
    "    print(path + ': ' + version.decode())\n"
    "    for l in lines[16:-16].decode().splitlines(): print('\\t' + l)\n";

/* Of each file a line a package: file, name, version. A main module's version only if Go knew it: what flags of
 * the linker make of it is for the unit test to say. */
static const char as_lines[] =
    "awk -F'\\t' 'function flush() { if (n != \"\") print file, n, (v == \"\" || n ~ /^[.\\/]/) ? \"(devel)\" : v; "
    "n = \"\" } "
    "/^[^\\t]/ { flush(); i = index($0, \": \"); file = substr($0, 1, i - 1); v = substr($0, i + 2); "
    "sub(/ .*/, \"\", v); sub(/^go/, \"v\", v); print file, \"stdlib\", v; next } "
    "$2 == \"mod\" { print file, $3, ($4 ~ /^\\(devel\\)|^$|-[0-9]+-[0-9a-f]+/) ? \"?\" : $4 } "
    "$2 == \"dep\" { flush(); n = $3; v = $4 } "
    "$2 == \"=>\" { if ($3 ~ /^[.\\/]/) v = \"(devel)\"; else { n = $3; v = $4 } } "
    "END { flush() }'";

static void print_package(struct buf *out, const struct package *p, const struct map *unknown)
{
  char line[4096];
  snprintf(line, sizeof line, "%.*s %.*s ?", STR_FMT(p->path), STR_FMT(p->name));
  if (map_get(unknown, str_from(line)))
    buf_printf(out, "%s\n", line);
  else
    buf_printf(out, "%.*s %.*s %.*s\n", STR_FMT(p->path), STR_FMT(p->name),
               STR_FMT(p->version.text));
}

static unsigned compare(struct str expected, const struct package_list *found)
{
  struct map lines;
  unsigned wrong = 0, same = 0, count = 0;
  map_init(&lines, NULL);
  for (struct str rest = expected; rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    if (line.len) {
      map_put(&lines, line, NULL)->number++;
      count++;
    }
  }
  for (size_t i = 0; i < found->count; i++) {
    _cleanup_(buf_free) struct buf out = {0};
    if (found->items[i].type != PACKAGE_GOLANG)
      continue;
    print_package(&out, &found->items[i], &lines);
    union map_value *value = map_get(&lines, str_sub(buf_str(&out), 0, out.len - 1));
    if (value && value->number) {
      value->number--;
      same++;
    } else if (wrong++ < TOLD_MAX) {
      printf("only seawall has %.*s", STR_FMT(buf_str(&out)));
    }
  }
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&lines, &at));) {
    if (e->value.number && wrong < TOLD_MAX)
      printf("seawall lacks %.*s\n", STR_FMT(e->key));
    wrong += (unsigned)e->value.number;
  }
  printf("%u packages expected, %u the same, %u different\n", count, same, wrong);
  map_free(&lines);
  return wrong;
}

static void scan_folder(const char *folder, struct package_list *list, struct buf *paths,
                        unsigned *programs)
{
  DIR *directory = opendir(folder);
  for (struct dirent *entry; directory && (entry = readdir(directory));) {
    char path[4096];
    size_t before = list->count;
    struct stat about;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (lstat(path, &about) < 0 || !S_ISREG(about.st_mode) || !scan_file(path, list))
      continue;
    ++*programs;
    if (list->count > before && list->items[before].type == PACKAGE_GOLANG)
      buf_printf(paths, " '%s'", path);
  }
  if (directory)
    closedir(directory);
}

static int compare_machine(void)
{
  static const char *const folders[] = {"/usr/bin", "/usr/sbin", "/usr/local/bin"};
  struct arena arena;
  struct package_list list;
  struct buf paths = {0}, command = {0}, expected = {0};
  unsigned programs = 0, wrong = 0;
  arena_init(&arena, 0);
  package_list_init(&list, &arena, 0);
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
    scan_folder(folders[i], &list, &paths, &programs);
  bool has_go = run("command -v go", &expected);
  bool has_python = run("command -v python3", &expected);
  buf_clear(&expected);
  if (has_go)
    buf_printf(&command, "go version -m%s | %s", buf_text(&paths), as_lines);
  else
    buf_printf(&command, "python3 -c \"$(cat <<'END_OF_SCRIPT'\n%s\nEND_OF_SCRIPT\n)\"%s | %s",
               reader_in_python, buf_text(&paths), as_lines);
  int rc = SKIPPED;
  if (!paths.len || (!has_go && !has_python)) {
    printf("skipped: this machine has no programs written in Go, or neither go nor python3\n");
  } else {
    run(buf_text(&command), &expected);
    printf("%u programs were read; the other reader is %s\n", programs, has_go ? "go" : "Python");
    wrong = compare(buf_str(&expected), &list);
    rc = wrong ? 1 : 0;
  }
  package_list_free(&list);
  arena_free(&arena);
  buf_free(&paths);
  buf_free(&command);
  buf_free(&expected);
  return rc;
}

static int print_files(int count, char **paths)
{
  for (int i = 0; i < count; i++) {
    struct arena arena;
    struct package_list list;
    struct stat about;
    struct timespec from, to;
    arena_init(&arena, 0);
    package_list_init(&list, &arena, 0);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    scan_file(paths[i], &list);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    for (size_t p = 0; p < list.count; p++)
      printf("%.*s\t%.*s\t%.*s\n", STR_FMT(list.items[p].name), STR_FMT(list.items[p].version.text),
             STR_FMT(list.items[p].purl));
    double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    if (stat(paths[i], &about) == 0)
      printf("%s: %.1f MB, %.3f s of CPU\n", paths[i], (double)about.st_size / 1e6, seconds);
    package_list_free(&list);
    arena_free(&arena);
  }
  return 0;
}

int main(int argc, char **argv)
{
  return argc > 1 ? print_files(argc - 1, argv + 1) : compare_machine();
}
