/* Verb "db build": a database of advisories from files that somebody has fetched. */
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/db_import.h"
#include "cmd/verb.h"
#include "scan/advisory/database_place.h"

#include <unistd.h>

static const struct option options[] = {
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .help = "the database (default: where scans look for it)",
     .complete = COMPLETE_FILES},
    {0},
};

static int import_all(struct db_import *import, const struct arguments *args, struct error *err)
{
  const struct db_source source = {.name = STR_EMPTY};
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < args->operands.count; i++) {
    const struct advisory_format *format;
    const char *path;
    rc = db_import_operand(args->operands.items[i], &format, &path, err);
    if (rc == 0)
      rc = db_import_path(import, path, format, &source, err);
  }
  return rc;
}

static int tell(const char *path, struct error *err)
{
  _cleanup_(advisory_database_freep) struct advisory_database *db = NULL;
  _cleanup_(buf_free) struct buf out = {0};
  struct advisory_database_info info;
  struct arena arena;
  arena_init(&arena, 0);
  int rc = advisory_database_open(path, &db, err);
  if (rc == 0)
    rc = advisory_database_info(db, &arena, &info, err);
  if (rc == 0) {
    char size[FILE_SIZE_TEXT];
    buf_printf(&out, "%s: %llu advisories about %llu packages from %zu sources, %s\n", path,
               (unsigned long long)info.advisories, (unsigned long long)info.packages,
               info.source_count, file_size_text(info.bytes, size));
    rc = fd_write_all(STDOUT_FILENO, out.data, out.len, err);
  }
  arena_free(&arena);
  return rc;
}

/* Who sees a file refused wants to know what became of the others. */
static int not_made(const char *path, struct error *err)
{
  const struct error why = *err;
  if (why.code == SW_EUSAGE)
    return why.code;
  if (access(path, F_OK) == 0)
    error_set(err, why.code, "%s; %s stays as it was", why.message, path);
  else
    error_set(err, why.code, "%s; no database was made", why.message);
  err->line = why.line;
  err->column = why.column;
  return why.code;
}

static int build(const struct arguments *args, const char *path, struct error *err)
{
  struct db_import import;
  int rc = db_import_open(&import, path, err);
  if (rc == 0)
    rc = import_all(&import, args, err);
  if (rc == 0)
    rc = db_import_finish(&import, err);
  db_import_close(&import);
  return rc < 0 ? not_made(path, err) : tell(path, err);
}

static int run(const struct arguments *args)
{
  _cleanup_(buf_free) struct buf place = {0};
  const char *output = arguments_value(args, "output");
  struct error err;
  int rc = 0;
  if (args->operands.count == 0)
    rc = error_set(&err, SW_EUSAGE,
                   "no advisories are named; give files or folders, or let \"seawall db update\" "
                   "fetch them");
  if (rc == 0 && !output) {
    rc = advisory_database_place(&place, &err);
    output = buf_text(&place);
  }
  if (rc == 0)
    rc = build(args, output, &err);
  if (rc < 0)
    console_error(&err);
  return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

const struct verb verb_db_build = {
    .name = "db build",
    .operand = "[FORMAT=]PATH...",
    .summary = "make a database of advisories from files",
    .details =
        "Reads advisories from files, or from all files below folders, and writes the database that\n"
        "scans look vulnerabilities up in. The database appears when it is complete, in one step;\n"
        "scans that have the old one open keep it. gzip and zstd are unpacked.\n"
        "\n"
        "Formats are found out by names and first bytes, or named:\n"
        "  osv             OSV records: JSON, JSON lines, zip or tar (osv.dev, GHSA, Ubuntu, Go, ...)\n"
        "  debian-tracker  Debian's security tracker, data/json\n"
        "  debian-list     Debian's lists of announcements, DSA and DLA\n"
        "  alpine-secdb    secdb of Alpine, Wolfi, Chainguard\n"
        "  csaf            CSAF advisories and VEX of Red Hat and SUSE\n"
        "  kev, epss       what is exploited, and how likely it is to be\n"
        "  rubysec, nodejs, retirejs, victims, project-kb\n"
        "                  databases in fields of their own\n"
        "\n"
        "Records that cannot be read are counted and told; the others go in.",
    .example =
        "  seawall db build --output advisories.db all.zip known_exploited_vulnerabilities.json\n"
        "  seawall db build osv=ubuntu/ debian-tracker=json.gz epss_scores-current.csv.gz\n",
    .options = options,
    .complete = COMPLETE_FILES,
    .run = run,
};
