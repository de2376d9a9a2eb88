/*
 * advisories.h - what the parts of the program advisories share.
 */
#ifndef SEAWALL_TESTS_CONFORMANCE_ADVISORIES_H
#define SEAWALL_TESTS_CONFORMANCE_ADVISORIES_H

#include "base/buf.h"
#include "base/map.h"
#include "data/value.h"
#include "scan/advisory/database_writer.h"
#include "scan/advisory/match.h"

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

/* Each returns how many answers were not as expected. */
unsigned test_labels(const char *database, const char *known);
unsigned test_trivy(const char *database);

#endif
