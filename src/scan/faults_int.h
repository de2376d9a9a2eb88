/*
 * faults_int.h - what was wrong in a database of which the rest is read all the same.
 *
 * A scan that did not see everything must not look like one that did, and a single broken record must not
 * hide all others: readers go on, and end with the first fault and the number of them.
 */
#ifndef SEAWALL_SCAN_FAULTS_INT_H
#define SEAWALL_SCAN_FAULTS_INT_H

#include "base/error.h"

struct faults {
  struct error first;
  unsigned count;
};

/* Keeps a fault; SW_ELIMIT, which would come again with every record, is given back to end the reading. */
static inline int faults_add(struct faults *faults, const struct error *fault)
{
  if (faults->count++ == 0)
    faults->first = *fault;
  return fault->code == SW_ELIMIT ? SW_ELIMIT : 0;
}

/* 0, or the first fault, as the result of the reading. */
static inline int faults_end(const struct faults *faults, struct error *err)
{
  if (faults->count == 0)
    return 0;
  if (err) {
    *err = faults->first;
    if (faults->count > 1)
      error_wrap(err, "%u records are wrong, the first", faults->count);
  }
  return faults->first.code;
}

#endif
