/*
 * advisories.h - what the parts of the program advisories share.
 */
#ifndef SEAWALL_TESTS_CONFORMANCE_ADVISORIES_H
#define SEAWALL_TESTS_CONFORMANCE_ADVISORIES_H

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "data/value.h"
#include "scan/advisory/database_writer.h"
#include "scan/advisory/match.h"
#include "scan/image/image_scan.h"

enum { TOLD_MAX = 30 };

/* The folder with other projects' data. */
const char *shared_folder(void);

/* Reads a file of it, unpacked; false: it is not there. */
bool shared_read(const char *name, struct buf *ret);

_Noreturn void die(const char *what);

/* Imports a file of advisories into a database. */
void import_shared(struct advisory_writer *w, const char *name,
                   int (*seen)(void *ctx, const struct advisory *advisory), void *ctx);

struct str member_text(struct value object, const char *name);
struct value member(struct value object, const char *name);

/* The distribution of an os-release id and version. */
struct os_release os_of(struct arena *arena, const char *id, const char *version);

/* Calls take for each file of a folder of the shared data whose name ends so, in the order of names. */
void each_file(const char *folder, const char *ending, void (*take)(void *ctx, const char *name),
               void *ctx);

/* What is not as expected, and known by name: the lines of a file up to "   # " and the reason. */
struct known {
  struct arena arena;
  struct map lines, seen;
};

void known_read(struct known *known, const char *path); /* NULL: an empty list */
bool known_has(struct known *known, struct str line);   /* which occurred */
unsigned known_seen(const struct known *known);
unsigned known_stale(const struct known *known, const char *what); /* told: those that did not */
void known_free(struct known *known);

/* What the fixtures say is mended in a release of a distribution. */
struct trivy_entry {
  const char *os; /* os-release's id */
  struct str release, name, id, fixed;
  enum package_type type;
};

struct trivy_entries VEC_BODY(struct trivy_entry);

/* Trivy's fixtures, into a database. */
void trivy_load(struct advisory_writer *w, struct arena *arena, struct trivy_entries *ret);

/* A root file system with the packages that a report of Trivy's about an image names, read by a scan of it. Returns how
 * many packages those are. */
unsigned image_of_report(struct value root, const char *report, struct image_facts *facts);

/* The distribution that a report is about, as os-release's id and version; NULL: none. */
const char *system_of_report(struct value root, struct arena *arena, struct str *ret_version);

/* The source that a binary package of the reports is built of. */
struct str source_of_report(struct str binary);

/* Each returns how many answers were not as expected. */
unsigned test_labels(const char *database, const char *known);
unsigned test_trivy(const char *database, const char *known);

#endif
