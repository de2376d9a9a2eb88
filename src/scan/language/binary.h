/*
 * binary.h - executables and shared libraries that say what they were built of.
 *
 *     if (binary_wants_head(&file, head, flags))
 *       rc = binary_stream(&file, content, &list, &err);
 *
 * ELF, PE and Mach-O files (thin and fat) are read from front to back, once, and kept in part only:
 *
 *   Go     the build information of the linker (runtime/debug.BuildInfo): the main module, the modules it was
 *          built of, with what replaces them, and the Go release as the module "stdlib". Since Go 1.18 it is one
 *          piece; the pointers that Go 1.13 to 1.17 wrote are followed forwards.
 *   Rust   the section .dep-v0 of cargo-auditable: crates that are linked in; those that only ran while building
 *          are development packages, listed if PACKAGE_LIST_DEVELOPMENT asks for them.
 *
 * A main module that Go calls "(devel)" gets the version that -ldflags "-X ...version=" set, if there is one and no
 * other contradicts it; otherwise "(devel)" stays, and the purl carries no version. So does a module that a local
 * directory replaced: what is in it nobody can say. The revision of the working copy, where Go recorded one, is the
 * qualifier "vcs_revision" of the main module's purl.
 *
 * A file that says nothing of this kind gives no packages and no error. What is found in another program that is
 * embedded in the data of this one counts only if this one says nothing itself.
 *
 * Limits: BINARY_WINDOW_MAX bytes of a file in memory, BINARY_INFO_MAX of build information, unpacked;
 * beyond, SW_ELIMIT. SW_EINVAL: build information that contradicts itself, SW_EUNSUPPORTED: pointers of an old Go
 * that lead to where the file was not kept. Packages that could be read are in the list nevertheless.
 *
 * Specifications: Go's debug/buildinfo and cmd/link (data.go: buildinfo), cargo-auditable's PARSING.md.
 *
 * Thread safety: any number of threads, each with its own list.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_BINARY_H
#define SEAWALL_SCAN_LANGUAGE_BINARY_H

#include "scan/analyser.h"

enum {
  BINARY_WINDOW_MAX = 32 << 20,
  BINARY_INFO_MAX = 8 << 20,
};

/* Bytes of a file that are read at all: 64 GiB. */
#define BINARY_SIZE_MAX (UINT64_C(64) << 30)

/* An executable by its mode or name, and by its first bytes. Object files (ELF's ET_REL) are not. */
bool binary_wants_head(const struct analyser_file *file, struct str head, unsigned flags);

int binary_stream(const struct analyser_file *file, const struct oci_input *content,
                  struct package_list *list, struct error *err);

#endif
