/*
 * workloads.h - manifests of workloads as people write them, by number: one in ten breaks level
 * restricted, and they differ in kind, labels and the number of containers.
 */
#ifndef SEAWALL_BENCHMARKS_WORKLOADS_H
#define SEAWALL_BENCHMARKS_WORKLOADS_H

#include "base/buf.h"

void workload_make(struct buf *out, unsigned seed);

#endif
