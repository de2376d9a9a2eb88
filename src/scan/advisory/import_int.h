/*
 * import_int.h - what the readers of the formats share: records out of a stream, and the parts that an
 * advisory is put together from.
 */
#ifndef SEAWALL_SCAN_ADVISORY_IMPORT_INT_H
#define SEAWALL_SCAN_ADVISORY_IMPORT_INT_H

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "data/value.h"
#include "scan/advisory/import.h"

enum {
  IMPORT_HEAD = 64 << 10,        /* bytes that a format is told by */
  IMPORT_RECORD_MAX = 192 << 20, /* bytes of one JSON document */
  IMPORT_ARENA_MAX = 1 << 30,    /* bytes of what is made of one */
  IMPORT_LINE_MAX = 1 << 20,     /* bytes of a line of text */
  IMPORT_FILES_MAX = 10000000,   /* in an archive */
  IMPORT_LIST_MAX = 4096,        /* references, weaknesses, vectors of a record */
};

/* ---- records of a stream */

/* Takes one document, or one member of a document. Its own faults it tells to import_unreadable; what it returns
 * below 0 ends the import. The arena is reset afterwards. */
typedef int import_take(struct advisory_import *import, struct arena *arena, struct str name,
                        struct value value, struct error *err);

/* Every JSON document of the input: one after another or a line each, in an array, or as files of a zip or
 * tar archive whose names end in ".json" (`name` is the file's, else empty). */
int import_documents(struct advisory_import *import, const struct oci_input *input,
                     import_take *take, struct error *err);

/* Every member of the one object that the input is; `name` is its key. */
int import_members(struct advisory_import *import, const struct oci_input *input, import_take *take,
                   struct error *err);

/* Every line, without its end. */
int import_lines(struct advisory_import *import, const struct oci_input *input,
                 int (*take)(struct advisory_import *import, struct arena *arena, uint64_t number,
                             struct str line, void *ctx, struct error *err),
                 void *ctx, struct error *err);

/* Files of a zip archive (import_zip.c), in the order they stand in; content as oci/layer.h gives it. */
int import_zip(const struct oci_input *input,
               int (*file)(void *ctx, struct str name, const struct oci_input *content,
                           struct error *err),
               void *ctx, struct error *err);

/* A record that cannot be read: told, and the import goes on. */
int import_unreadable(struct advisory_import *import, struct str id, const struct error *why);

__attribute__((format(printf, 3, 4))) int import_unreadable_because(struct advisory_import *import,
                                                                    struct str id,
                                                                    const char *format, ...);

/* ---- parts of an advisory */

struct import_strings VEC_BODY(struct str);

/* The texts of an array, at most max; what is no text or empty is left out. */
size_t import_texts(struct arena *arena, struct value array, size_t max, const struct str **ret);

/* The one text; an array of texts gives its first. */
struct str import_text(struct value v);

/* "high", "Important", "MODERATE", "negligible": what distributions and databases say. Words nobody knows, and
 * those that say that nobody has looked, are SEVERITY_UNKNOWN. */
enum severity import_severity(struct str word);

bool import_is_cve(struct str id);

/* The first CVE in a text, and where it ends; false if there is none. */
bool import_find_cve(struct str text, size_t from, struct str *ret_cve, size_t *ret_end);

/* Whether an ecosystem ("Debian:12") is that of a distribution, and whether its advisories go by the names of
 * binary packages. */
bool import_is_distribution(struct str ecosystem, bool *ret_binary);

/* "bookworm" is "12"; empty: no release of that name has a number. */
struct str import_debian_release(struct str codename);

/* A range of `introduced` (empty: from the beginning) to `fixed`, both in the arena; fixed empty: without an end. */
const struct advisory_range *import_range(struct arena *arena, struct str introduced,
                                          struct str fixed);

/* Hands an advisory over. A distribution's that is about several vulnerabilities (`cves`) is handed over once for
 * each of them, under its name, so that each is a finding; with one, that is its alias. */
int import_add(struct advisory_import *import, struct arena *arena, const struct advisory *advisory,
               const struct str *cves, size_t cve_count, struct error *err);

/* ---- sets of versions, for sources that say what is mended rather than what is not (import_intervals.c) */

enum import_syntax {
  IMPORT_SYNTAX_GEM, /* ">= 1.2.3, < 2" */
  IMPORT_SYNTAX_NPM, /* ">=1.2.3 <2 || 3.x || ^4.1.0" */
};

struct import_bound {
  bool unbounded;
  bool inclusive; /* the version itself belongs to the interval */
  struct version version;
  struct str text;
};

struct import_interval {
  struct import_bound low, high;
};

struct import_intervals {
  const struct version_ops *ops;
  struct arena *arena;
  enum import_syntax syntax;
  VEC(struct import_interval) list;
};

/* Adds what a requirement allows. SW_EINVAL: it is of another grammar, or excludes a single version. */
int import_intervals_add(struct import_intervals *set, struct str requirement, struct error *err);

/* Sorted, none touching another. */
void import_intervals_join(struct import_intervals *set);

/* What `affected` (joined; NULL: every version) has and `mended` (joined) lacks, as one range. *ret is NULL if that is
 * nothing. An interval is fixed by what is mended and begins with the version behind its end. */
void import_intervals_range(const struct import_intervals *affected,
                            const struct import_intervals *mended,
                            const struct advisory_range **ret);
void import_intervals_free(struct import_intervals *set);

/* The rows of import.c. */
extern const struct advisory_format advisory_format_osv, advisory_format_debian_tracker,
    advisory_format_debian_list, advisory_format_alpine_secdb, advisory_format_csaf,
    advisory_format_kev, advisory_format_epss, advisory_format_rubysec, advisory_format_nodejs,
    advisory_format_retirejs, advisory_format_victims, advisory_format_project_kb;

/* The first bytes are those of a JSON object that has all these members near its beginning. */
bool import_head_has(struct str head, const char *const *members, size_t count);

#endif
