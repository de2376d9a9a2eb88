/*
 * mirror.h - security fixes as the distribution's own mirror tells them: a source of advisories for machines
 * that reach nothing else. For Debian, Ubuntu and what is made of them.
 *
 *     if (mirror_pockets_of_host("/", &arena, &pockets, &count, &err) < 0) ...
 *     const struct mirror_options options = {.pockets = pockets, .pocket_count = count, .cache = cache, .now = now};
 *     rc = mirror_import(&options, client, &import, &err);
 *
 * A pocket is a suite that holds security fixes ("bookworm-security"). Its index (InRelease) is signed by the archive,
 * which gpgv checks against the system's keyrings; the index vouches for the list of source packages (Sources.xz), and
 * that one for each package's changelog, which stands in the package's Debian part (or its whole, if it has no such
 * part), or, where a mirror has no sources, in the smallest of its binary packages. The changelog's entries name the vulnerabilities that each version mends. So an advisory is: this source package
 * of this release, below that version, lacks the fix of that CVE. An upload for security that names no CVE is an
 * advisory of its own ("SECURITY-<source>-<version>").
 *
 * Fixes that did not go through the security suite are in the suites of releases ("bookworm", "bookworm-updates"): Debian
 * gathers them in point releases. Of those suites the packages count that came into the release after it was made, which their versions
 * tell ("+deb12u2", "~deb12u1"), and only where the security suite has no version as high. An upload there that names no CVE is no
 * advisory. Ubuntu has all its fixes in the security suite.
 *
 * What this cannot tell: vulnerabilities that are open, and what a changelog does not mention. Nor severities: that
 * the distribution found a fix worth an update out of its turn counts as "medium", where no other source says more.
 *
 * Where the mirror cannot be reached, apt's own copies of index and lists do, if it keeps them unpacked; the
 * signature is checked all the same, and what no changelog is kept of goes in by its version.
 *
 * Changelogs are kept in a cache folder by package and version, so that the next update asks for new versions only.
 * A package whose changelog cannot be had is told to `unreadable` and goes in by its version alone. A signature that is
 * not right, a digest that differs, or an index beyond its date ends the import: SW_EINVAL.
 *
 * Ownership: texts live in the arenas given. Limits: enum below. Thread safety: all functions may be called from any
 * thread, with a client and an import each.
 */
#ifndef SEAWALL_SCAN_ADVISORY_MIRROR_H
#define SEAWALL_SCAN_ADVISORY_MIRROR_H

#include "base/arena.h"
#include "base/map.h"
#include "net/http_client.h"
#include "scan/advisory/import.h"

#include <stdint.h>

enum {
  MIRROR_INDEX_MAX = 8 << 20,     /* bytes of InRelease */
  MIRROR_SOURCES_MAX = 512 << 20, /* bytes of a list of source packages, unpacked */
  MIRROR_PACKAGE_MAX =
      12
      << 20, /* bytes of a part of a source package; of larger ones the changelog is not looked at */
  MIRROR_UPDATE_MAX = 4 << 20,     /* the same of a package of a suite of releases */
  MIRROR_CHANGELOG_MAX = 16 << 20, /* bytes of a changelog */
  MIRROR_PACKAGES_MAX = 100000,    /* source packages of a pocket */
  MIRROR_POCKETS_MAX = 256,
  MIRROR_FIXES_MAX = 200000, /* vulnerabilities of a changelog */
};

/* ---- where */

struct mirror_pocket {
  struct str url;        /* "http://deb.example.org/debian-security" */
  struct str suite;      /* "bookworm-security" */
  struct str components; /* "main contrib", words; empty: all */
  struct str keyring;    /* a file that apt is told to check it with; empty: the system's */
  bool releases;         /* a suite of releases, rather than of security fixes alone */
};

bool mirror_is_security(struct str suite);

/* The security suites that the apt of a root folder is set up with, and then the suites of the same releases that apt
 * checks by the same key: sources.list and sources.list.d, of one line and deb822. SW_ENOENT: there is no security suite. */
int mirror_pockets_of_host(const char *root, struct arena *arena, struct mirror_pocket **ret,
                           size_t *ret_count, struct error *err);

/* The same of one file's text. deb822: a file of the form ".sources". At most `room`; what is switched off or
 * is not fetched over HTTP is left out. All suites that are none of security are said to be of releases. */
size_t mirror_pockets_parse(struct arena *arena, struct str text, bool deb822,
                            struct mirror_pocket *ret, size_t room);

/* ---- index */

struct mirror_file {
  struct str path;   /* "main/source/Sources.xz" */
  struct str sha256; /* 64 hexadecimal digits */
  uint64_t size;
};

struct mirror_index {
  struct str origin, codename, suite,
      version; /* "Debian", "bookworm-security", "oldstable-security", "" */
  struct str components;
  int64_t date, valid_until; /* seconds since the epoch; 0: not said */
  struct str date_text;      /* RFC 3339 */
  bool by_hash;
  const struct mirror_file *files;
  size_t file_count;
};

/* Reads an index whose signature has been checked. SW_EINVAL: it has no SHA256 part, or no origin and codename. */
int mirror_index_parse(struct arena *arena, struct str text, struct mirror_index *ret,
                       struct error *err);

/* "Debian:12", "Ubuntu:22.04:LTS" of an index; empty: of no release that is known. */
struct str mirror_ecosystem(struct arena *arena, const struct mirror_index *index);

/* A file of a package that has the changelog in it. */
struct mirror_part {
  struct str path; /* below the pocket's URL; empty: there is none */
  struct str sha256;
  uint64_t size;
};

/* Parts to look into, one after the other: not every mirror has sources, and not every binary package has a changelog
 * of its own. */
enum { MIRROR_PARTS_MAX = 7 };

struct mirror_package {
  struct str source, version;
  struct mirror_part
      parts[MIRROR_PARTS_MAX]; /* the first of the source package, then the smallest binary ones */
};

/* Source packages, the highest version of each. */
struct mirror_list {
  struct arena *arena;
  struct map map;
};

void mirror_list_init(struct mirror_list *list, struct arena *arena);
void mirror_list_free(struct mirror_list *list);

/* Adds what a "Sources" or a "Packages" file lists; paragraphs that are no packages are passed over. SW_ELIMIT: more
 * than MIRROR_PACKAGES_MAX. */
int mirror_list_add_sources(struct mirror_list *list, struct str text, struct error *err);
int mirror_list_add_binaries(struct mirror_list *list, struct str text, struct error *err);

/* Whether a version says that it came into a release of Debian's after that was made: "7.88.1-10+deb12u5". */
bool mirror_is_update(struct str version);

/* Appends of a "Sources" or "Packages" file what is told above of such versions. */
void mirror_list_keep_updates(struct str text, struct buf *ret);

/* All of them, by name. */
struct mirror_package *mirror_list_packages(struct mirror_list *list, size_t *ret_count);

/* ---- signature */

/* The text of an InRelease that a key of one of the keyrings signed. keyrings: paths of files, ended by NULL; scratch: a
 * folder to write into. SW_EINVAL: it is not signed, or by none of them; SW_ENOENT: there is no gpgv, or no keyring. */
int mirror_verify(struct str signed_text, const char *const *keyrings, const char *scratch,
                  struct buf *ret_text, struct error *err);

/* ---- changelogs */

struct mirror_fix {
  struct str version; /* of the upload that mends it */
  struct str cve;     /* empty: a security upload that names none */
  struct str title;   /* what the changelog says of it */
  bool security;      /* the upload went to a security suite */
};

/* The vulnerabilities that a changelog names, each with the earliest upload that does. */
int mirror_changelog_parse(struct arena *arena, struct str text, struct mirror_fix **ret,
                           size_t *ret_count, struct error *err);

/* The changelog in a package's part, appended: a tar (xz, gzip, zstd or plain) with debian/changelog, a .diff.gz that
 * makes one, or a binary package. SW_ENOENT: there is none in it. */
int mirror_changelog_find(struct str name, struct str bytes, struct buf *ret_text,
                          struct error *err);

/* ---- all of it */

struct mirror_options {
  const struct mirror_pocket *pockets;
  size_t pocket_count;
  const char *cache;           /* folder; made if it is not there */
  const char *const *keyrings; /* NULL: the system's */
  const char *lists; /* apt's own copies, for when the mirror cannot be reached; NULL: none */
  uint64_t *
      ret_left_out; /* packages of point releases whose changelogs cannot be had; NULL: nobody wants to know */
  bool *ret_copies;    /* set where apt's copies were read; NULL: nobody wants to know */
  int64_t now;         /* seconds since the epoch */
  bool accept_expired; /* an index beyond its date is taken all the same */
  void (*progress)(void *ctx, struct str what, size_t done, size_t all);
  /* Told of each pocket that was read, why being NULL, and of each suite of releases beside security suites that could
   * not be; NULL: nobody is told. */
  void (*told)(void *ctx, const struct mirror_pocket *pocket, const struct error *why);
  void *ctx;
};

/* Of each pocket; import->name is what messages call the source. A suite of releases beside
 * security suites that cannot be read does not end the import; one that is not Debian's own is passed over. */
int mirror_import(const struct mirror_options *options, struct http_client *client,
                  struct advisory_import *import, struct error *err);

#endif
