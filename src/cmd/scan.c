#include "cmd/console.h"
#include "cmd/scan_manifests.h"
#include "cmd/verb.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What PATH is, by its first bytes; NULL: text, as far as can be seen. */
static const char *archive_kind(const char *path)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return NULL;
  unsigned char head[512] = {0};
  ssize_t got = read(fd, head, sizeof head);
  close(fd);
  if (got >= 2 && head[0] == 0x1f && head[1] == 0x8b)
    return "a gzip archive";
  if (got >= 4 && memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0)
    return "a zstd archive";
  if (got >= 262 && memcmp(head + 257, "ustar", 5) == 0)
    return "a tar archive";
  if (got >= 4 && memcmp(head,
                         "\x7f"
                         "ELF",
                         4) == 0)
    return "an ELF binary";
  if (got >= 4 && memcmp(head, "PK\x03\x04", 4) == 0)
    return "a zip archive";
  return NULL;
}

/* "seawall scan manifets": a path that does not exist and looks like a kind of scan. */
static const char *meant_verb(const char *path)
{
  struct suggestion s = {.word = str_from(path)};
  for (const struct verb *const *v = verbs; *v; v++)
    if (str_starts(str_from((*v)->name), STR("scan ")))
      suggestion_consider(&s, (*v)->name + strlen("scan "));
  return s.best;
}

/*
 * Manifests are the only thing this version can scan, so finding out means saying
 * no to what cannot be manifests instead of listing its bytes as broken YAML.
 */
static int run(const struct arguments *args)
{
  for (size_t i = 0; i < args->operands.count; i++) {
    const char *path = args->operands.items[i];
    struct stat st;
    if (strcmp(path, "-") == 0)
      continue;
    if (stat(path, &st) < 0) {
      const char *meant = meant_verb(path);
      if (!meant)
        continue;
      console_note("there is no file \"%s\"; did you mean \"seawall scan %s\"?", path, meant);
      return STATUS_FAILED;
    }
    if (!S_ISREG(st.st_mode))
      continue;
    const char *kind = archive_kind(path);
    if (kind) {
      console_note("%s is %s; this version scans Kubernetes manifests (YAML, JSON, directories "
                   "of them, \"-\" for standard input)",
                   path, kind);
      return STATUS_FAILED;
    }
  }
  return scan_manifests_run(args);
}

const struct verb verb_scan = {
    .name = "scan",
    .operand = "PATH...|-",
    .summary = "find out what PATH is, and scan it",
    .details =
        "Manifests (YAML or JSON files, directories of them, standard input) are scanned as\n"
        "\"seawall scan manifests\" does.\n",
    .example = "  seawall scan deploy/\n",
    .options = scan_manifests_options,
    .complete = COMPLETE_FILES,
    .run = run,
};
