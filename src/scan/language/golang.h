/*
 * golang.h - what Go projects ask for: go.mod, and go.sum where that alone knows.
 *
 *     if (golang_wants(path, flags))
 *       rc = golang_read(path, layer, bytes, &list, &err);
 *     golang_settle(&list);             when all files have been read; analysis_finish does it
 *
 * go.mod gives the modules that are required, direct and indirect, with those in their place that "replace" puts
 * there; a module that a local directory replaces is left out, since nobody can say what is in it. The module itself
 * has no version, and is not listed. A "toolchain" line gives the module "stdlib"; the "go" line does not, it is only
 * the oldest release that would do.
 *
 * Before Go 1.17, go.mod did not list indirect modules (those it lists all the same are not trusted to be all), and
 * go.sum has them: where no module of a go.mod is indirect, the modules of the go.sum beside it that it lacks are
 * added, as indirect ones of that go.mod. A go.sum lists several versions of a module at times; the last is taken.
 *
 * Read if PACKAGE_LIST_LOCK_FILES asks for them. Errors: SW_EINVAL with the line of the first that is wrong, the rest
 * is read; SW_ELIMIT. Specification: go.dev/ref/mod.
 *
 * Thread safety: any number of threads, each with its own list.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_GOLANG_H
#define SEAWALL_SCAN_LANGUAGE_GOLANG_H

#include "scan/package.h"

enum { GOLANG_SIZE_MAX = 64 << 20 };

bool golang_wants(struct str path, unsigned flags);

int golang_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
                struct error *err);

/* Adds what the notes of go.sum files say. */
void golang_settle(struct package_list *list);

#endif
