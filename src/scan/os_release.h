/*
 * os_release.h - which distribution an image or a machine is made of, and until when it gets fixes.
 *
 *     struct os_release os;
 *     if (os_release_read(&arena, STR("etc/os-release"), bytes, &os, err) == 0 && os.family)
 *         printf("%s %.*s\n", os.family->name, STR_FMT(os.version));
 *
 * os-release(5): lines of KEY=value, values quoted as a shell would. Where a distribution has none (CentOS 6,
 * old Alpine), or one that says less (Debian's point releases), files of one line serve: os_release_wants
 * says which files tell anything, and os_release_prefer which of two to believe.
 *
 * End of life: the last day on which there are fixes, of the distribution itself and of the longer support
 * that it offers to everybody or for money. A release that is not in the table has no date, which is not
 * the same as being supported. Dates of Debian and Ubuntu are those of distro-info-data, of Alpine to 3.16
 * they were compared with another table; the other rows have yet to be held against their vendors' pages,
 * before a finding depends on them.
 *
 * Ownership: texts live in the arena, families and dates in the program. Limits: OS_RELEASE_SIZE_MAX bytes a
 * file. Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_SCAN_OS_RELEASE_H
#define SEAWALL_SCAN_OS_RELEASE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

enum { OS_RELEASE_SIZE_MAX = 64 * 1024 };

/* How a distribution names the releases that advisories are about. */
enum os_release_part {
  OS_RELEASE_MAJOR,       /* 12.5 is 12: Debian, Red Hat and its kin */
  OS_RELEASE_MAJOR_MINOR, /* 3.19.1 is 3.19: Alpine, Ubuntu, SUSE */
  OS_RELEASE_ROLLING,     /* there is one: Wolfi */
};

struct os_family {
  const char *id;   /* what os-release's ID says */
  const char *name; /* for people */
  const char *purl; /* the namespace of package URLs */
  enum os_release_part part;
};

struct os_release {
  const struct os_family *family; /* NULL: unknown */
  struct str id;                  /* "debian"; empty: none stated */
  struct str version;             /* "12", "3.19.1", "2023.4.20240416"; empty: none stated */
  struct str release;             /* the part of the version that advisories go by: "12", "3.19" */
  struct str codename;            /* "bookworm"; empty: unknown */
  struct str pretty;              /* PRETTY_NAME, or what else the file says */
  struct str path;                /* the file it is from */
};

/* Whether a path (without the leading "/") is a file that tells of the distribution. */
bool os_release_wants(struct str path);

/* Reads one of those files. One that names no distribution is SW_EINVAL. */
int os_release_read(struct arena *arena, struct str path, struct str bytes,
                    struct os_release *ret_os, struct error *err);

/* Whether b says more than a, which may be all zero: os-release before the files of one line, unless only
 * those have a version. */
bool os_release_prefer(const struct os_release *a, const struct os_release *b);

/* The row of an id ("debian", "rhel", also names in use for it: "redhat", "ol"); NULL if there is none. */
const struct os_family *os_family_find(struct str id);

struct os_end_of_life {
  const char *id, *release;
  const char *codename; /* "" if the distribution gives none */
  const char *standard; /* "2028-06-30": the last day of fixes for everybody. "": none announced */
  const char *extended; /* the same for long-term or paid support; "": there is none */
};

/* The row of a distribution's release; NULL if the table has none. */
const struct os_end_of_life *os_release_end_of_life(const struct os_release *os);

/* Whether the release gets no fixes any more on a day (seconds since the epoch), by its standard support,
 * or by the extended one. False for releases without a date. */
bool os_release_is_over(const struct os_release *os, bool extended, int64_t seconds);

#endif
