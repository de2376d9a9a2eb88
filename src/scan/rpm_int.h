/*
 * rpm_int.h - the databases of rpm: each finds the blobs and hands them to rpm_blob.
 */
#ifndef SEAWALL_SCAN_RPM_INT_H
#define SEAWALL_SCAN_RPM_INT_H

#include "scan/faults_int.h"
#include "scan/package.h"

struct rpm_reading {
  struct str path;
  uint32_t layer;
  struct str bytes; /* of the database */
  struct package_list *list;
  size_t blob_bytes; /* of all blobs so far */
  struct faults faults;
};

/* One header. What is wrong with it is kept; SW_ELIMIT ends the reading, also if all blobs together are
 * larger than the database, which only happens where they overlap. */
int rpm_blob(struct rpm_reading *reading, struct str blob);

/* A fault of the database itself; the same. */
int rpm_fault(struct rpm_reading *reading, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct rpm_database {
  const char *name;
  bool (*is)(struct str bytes);
  void (*read)(struct rpm_reading *reading); /* what goes wrong is among the faults */
};

extern const struct rpm_database rpm_bdb, rpm_ndb, rpm_sqlite;

#endif
