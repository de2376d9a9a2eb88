/*
 * install_write.h - where the objects of `seawall install` go. What holds private keys is overwritten in
 * memory behind itself, and its files are for their owner alone.
 *
 * Errors: SW_EUNSUPPORTED (a value that YAML cannot hold), those of writing, with the file's name.
 */
#ifndef SEAWALL_CMD_INSTALL_WRITE_H
#define SEAWALL_CMD_INSTALL_WRITE_H

#include "base/arena.h"
#include "base/error.h"
#include "data/value.h"

/* All on standard output: documents of YAML, or a List in JSON. */
int install_write_list(struct value objects, bool json, struct error *err);

/* A file for each in a directory, which is made if need be; names in the order of creation. */
int install_write_files(struct arena *a, struct value objects, bool json, const char *directory,
                        struct error *err);

/* A file that only its owner reads. */
int install_write_private(const char *path, struct str text, struct error *err);

#endif
