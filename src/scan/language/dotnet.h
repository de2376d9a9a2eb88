/*
 * dotnet.h - the NuGet packages of .NET programs and projects.
 *
 *     if (dotnet_wants(path, flags))
 *       rc = dotnet_read(path, layer, bytes, &list, &err);
 *
 *   *.deps.json            beside a published program: what it loads. Libraries that its target only needs to be
 *                          compiled are left out; the runtime of a self-contained program is a package, too
 *
 * and if PACKAGE_LIST_LOCK_FILES asks for what projects will install:
 *   packages.lock.json     all but the project's own parts
 *   project.assets.json    what a restore found, likewise
 *   packages.config        of old projects; developmentDependency marks what is for development
 *   *Packages.props        versions managed centrally; those that a variable gives are left out
 *
 * Errors: SW_EINVAL for a file that is not of its format, or for the first entry that is wrong while the rest is
 * read; SW_ELIMIT. Thread safety: any number of threads, each with its own list.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_DOTNET_H
#define SEAWALL_SCAN_LANGUAGE_DOTNET_H

#include "scan/package.h"

enum { DOTNET_SIZE_MAX = 64 << 20 };

bool dotnet_wants(struct str path, unsigned flags);

int dotnet_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
                struct error *err);

#endif
