/*
 * npm_int.h - the readers of one kind of lock file each. They fill the lock; lock_finish is their caller's.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_NPM_INT_H
#define SEAWALL_SCAN_LANGUAGE_NPM_INT_H

#include "scan/language/lock.h"

int npm_read_package_lock(struct lock *lock, struct str bytes, struct error *err);
int npm_read_yarn(struct lock *lock, struct str bytes, struct error *err);
int npm_read_pnpm(struct lock *lock, struct str bytes, struct error *err);
int npm_read_bun(struct lock *lock, struct str bytes, struct error *err);

/* "npm:real@1.2.3" for what stands for another package: its name and what is behind it. False: it is no alias. */
bool npm_alias(struct str range, struct str *ret_name, struct str *ret_range);

/* Cuts at the first "@" that is not that of a scope: "@a/b@^1" is "@a/b" and "^1". No such: rest is empty. */
struct str npm_cut_name(struct str text, struct str *ret_rest);

#endif
