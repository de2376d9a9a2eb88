/*
 * platform.h - what an image runs on, and which of several images runs here best.
 *
 *     struct oci_platform wanted;
 *     if (oci_platform_read(STR("linux/arm/v7"), &wanted, &err) < 0) ...
 *     int rank = oci_platform_rank(&wanted, &offered);      -1: does not run; else the least is the best
 *
 * Names are read and compared as containerd does it: aliases (x86_64, aarch64, armhf, macos) become Go's
 * names; arm without a variant is v7, arm64's v8 and amd64's v1 are no variants; a processor runs what older
 * ones of its family run (arm64: arm v8 to v5 behind its own; amd64: its lower variants, then 386; arm: its
 * lower variants).
 *
 * Ownership: a platform holds its texts; it is a plain value. Thread safety: all functions may be called from
 * any thread.
 */
#ifndef SEAWALL_OCI_PLATFORM_H
#define SEAWALL_OCI_PLATFORM_H

#include "base/error.h"
#include "base/str.h"
#include "data/value.h"

enum {
  OCI_PLATFORM_PART_MAX = 31,    /* bytes of operating system, architecture, variant each */
  OCI_PLATFORM_VERSION_MAX = 63, /* bytes of os.version */
  OCI_PLATFORM_TEXT = 3 * OCI_PLATFORM_PART_MAX + 3,
};

/* Zero-terminated, normalised; "": not said. */
struct oci_platform {
  char os[OCI_PLATFORM_PART_MAX + 1];
  char architecture[OCI_PLATFORM_PART_MAX + 1];
  char variant[OCI_PLATFORM_PART_MAX + 1];
  char os_version[OCI_PLATFORM_VERSION_MAX + 1];
};

/* OS, OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT; one word may be an operating system (with the architecture
 * of this machine) or an architecture (with linux). SW_EINVAL with the reason. */
int oci_platform_read(struct str text, struct oci_platform *ret, struct error *err);

/* From an object with os, architecture, variant, os.version (image-index.md; config.md has the same members).
 * SW_EINVAL: a member of the wrong type, or too long. */
int oci_platform_from_value(struct value value, struct oci_platform *ret, struct error *err);

/* linux on the processor that this program was built for. */
void oci_platform_here(struct oci_platform *ret);

/* How well `offered` runs on `wanted`: 0 the best; -1 not at all. */
int oci_platform_rank(const struct oci_platform *wanted, const struct oci_platform *offered);

/* "linux/arm/v7", into ret_text, which it returns. */
const char *oci_platform_text(const struct oci_platform *platform,
                              char ret_text[static OCI_PLATFORM_TEXT]);

#endif
