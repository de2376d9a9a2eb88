/*
 * python_int.h - the readers of one kind of file each. They fill the lock; lock_finish is their caller's.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_PYTHON_INT_H
#define SEAWALL_SCAN_LANGUAGE_PYTHON_INT_H

#include "scan/language/lock.h"

int python_read_metadata(struct lock *lock, struct str bytes, struct error *err);
int python_read_requirements(struct lock *lock, struct str bytes, struct error *err);
int python_read_pipfile_lock(struct lock *lock, struct str bytes, struct error *err);
int python_read_poetry_lock(struct lock *lock, struct str bytes, struct error *err);
int python_read_pdm_lock(struct lock *lock, struct str bytes, struct error *err);
int python_read_uv_lock(struct lock *lock, struct str bytes, struct error *err);
int python_read_pylock(struct lock *lock, struct str bytes, struct error *err);
int python_read_pyproject(struct lock *lock, struct str bytes, struct error *err);

/* PEP 503: small letters, and one "-" for each run of "-", "_" and ".". In the arena unless it is so already. */
struct str python_name(struct arena *arena, struct str name);

/* The name that a requirement begins with (PEP 508); *ret_rest is what follows. */
struct str python_requirement(struct str text, struct str *ret_rest);

#endif
