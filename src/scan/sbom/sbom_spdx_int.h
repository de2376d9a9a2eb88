/*
 * sbom_spdx_int.h - what the readers of SPDX's two forms share. A document is read in this order: files, places
 * (what is described, which files a package is in), packages, needs.
 */
#ifndef SEAWALL_SCAN_SBOM_SBOM_SPDX_INT_H
#define SEAWALL_SCAN_SBOM_SBOM_SPDX_INT_H

#include "scan/sbom/sbom_int.h"

struct spdx_reader {
  struct sbom_reader reader;
  struct str root;          /* identifier of what the document describes */
  struct map file_names;    /* identifier of a file → its name */
  struct map package_files; /* identifier of a package → name of a file */
};

struct spdx_package {
  struct sbom_component component; /* ref, name, version, purl, and what notes say */
  struct str purpose, declared, concluded, supplier, source_info;
  struct str checksum_algorithm, checksum;
};

void spdx_init(struct spdx_reader *s, struct arena *arena, struct sbom *sbom);
void spdx_free(struct spdx_reader *s);
int spdx_check_version(struct str version, struct error *err);

/* Both texts outlive the reading. */
void spdx_take_file(struct spdx_reader *s, const struct str *id, const struct str *name);
void spdx_take_place(struct spdx_reader *s, struct str from, struct str how, struct str to);
int spdx_take_package(struct spdx_reader *s, struct spdx_package *p, struct error *err);
int spdx_take_need(struct spdx_reader *s, struct str from, struct str how, struct str to,
                   struct error *err);
void spdx_take_creator(struct spdx_reader *s, struct str creator);
bool spdx_split_note(struct str note, struct str *ret_name, struct str *ret_value);
void spdx_finish(struct spdx_reader *s, struct str version, struct str name_space, struct str name);

#endif
