/*
 * tree_stamp.h - whether files and directories have changed since they were last looked at.
 *
 *     struct hash128 before = tree_stamp(paths, count), after;
 *     ... read everything ...
 *     after = tree_stamp(paths, count);
 *     if (!tree_stamp_eq(before, after))
 *         it was changed meanwhile: what was read may be half of each
 *
 * A stamp covers, for each file below the paths (as base/walk.h finds them, links and unreadable
 * directories included): its path, device, inode, size, and the times of its last change and
 * modification, in nanoseconds. Contents are not read. What is replaced by a file of the same size
 * within the granularity of the file system's clock has another inode or time of change.
 *
 * Cost: one walk and one stat a file. Thread safety: may be called from any thread.
 */
#ifndef SEAWALL_BASE_TREE_STAMP_H
#define SEAWALL_BASE_TREE_STAMP_H

#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>

/* ret_files (may be NULL): how many there are. */
struct hash128 tree_stamp(const char *const *paths, size_t count, size_t *ret_files);

bool tree_stamp_eq(struct hash128 a, struct hash128 b);

#endif
