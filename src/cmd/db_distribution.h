/*
 * db_distribution.h - the security fixes of the distribution's own mirror, kept as a file of OSV records like what other
 * sources publish, so that they stay when the mirror cannot be reached.
 */
#ifndef SEAWALL_CMD_DB_DISTRIBUTION_H
#define SEAWALL_CMD_DB_DISTRIBUTION_H

#include "base/str.h"
#include "net/http_client.h"

struct db_distribution {
  const char *path;    /* of the file */
  struct str cache;    /* folder for changelogs */
  struct str url;      /* of the archive; empty: those that apt is set up with */
  struct str suites;   /* "bookworm-security,bookworm"; empty: those of this system */
  struct str now;      /* RFC 3339 */
  const char *keyring; /* that the index is signed with; NULL: the system's */
  const char *lists;   /* apt's copies of indexes */
  bool accept_expired;
};

struct db_distribution_result {
  uint64_t fixes, without_changelog;
  uint64_t left_out; /* packages of point releases whose changelogs cannot be had */
  bool incomplete;   /* point releases of a suite are left out, which has been told */
  bool copies;       /* the mirror could not be reached: of apt's copies */
  char suites[256];
  char date[32];
};

/* Whether this system's apt is set up with a suite of security fixes. */
bool db_distribution_is_here(void);

int db_distribution_fetch(struct http_client *client, const struct db_distribution *about,
                          struct db_distribution_result *ret, struct error *err);

#endif
