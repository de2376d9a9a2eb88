/*
 * sbom_int.h - what the parts of sbom share: a component as any format has it, what a reader gathers, and how
 * both are named in documents.
 */
#ifndef SEAWALL_SCAN_SBOM_SBOM_INT_H
#define SEAWALL_SCAN_SBOM_SBOM_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "data/json_write.h"
#include "data/value.h"
#include "scan/purl.h"
#include "scan/sbom/sbom.h"

/* What properties and annotations say of a component. */
enum sbom_fact {
  SBOM_NAME,
  SBOM_VERSION,
  SBOM_TYPE, /* of the package, where there is no purl to say it */
  SBOM_SOURCE,
  SBOM_SOURCE_VERSION,
  SBOM_SOURCE_RELEASE,
  SBOM_SOURCE_EPOCH,
  SBOM_SOURCE_RPM, /* "openssl-1.0.2k-16.el7.src.rpm" */
  SBOM_ARCHITECTURE,
  SBOM_MODULE,
  SBOM_PATH,
  SBOM_LAYER, /* diff id */
  SBOM_LAYER_DIGEST,
  SBOM_LICENSE,
  SBOM_MAINTAINER,
  SBOM_VENDOR,
  SBOM_INDIRECT,
  SBOM_DEVELOPMENT,
  SBOM_CODENAME,
  SBOM_PRETTY,
  SBOM_OS_ID,
  SBOM_OS_VERSION,
  SBOM_FACTS,
};

struct sbom_component {
  struct str ref;
  struct str kind; /* CycloneDX's types: "library", "operating-system", "container" */
  struct str group, name, version, purl;
  struct str license;
  struct str digest; /* "sha1:..." */
  struct str facts[SBOM_FACTS];
  bool own[SBOM_FACTS]; /* seawall said so, which counts more than what others say */
  bool excluded;        /* it is not there when the thing runs */
};

/* "seawall:source" and so on; empty: seawall does not write it. */
struct str sbom_fact_name(enum sbom_fact fact);

/* Takes a property if it is one that means something; value lives as long as the component. */
void sbom_component_property(struct sbom_component *c, struct str name, struct str value);

struct sbom_reader {
  struct arena *arena;
  struct sbom *sbom;
  struct package_list packages;
  struct sbom_layers VEC_BODY(struct sbom_layer) layers;
  struct sbom_texts VEC_BODY(struct str) tags;
  struct sbom_texts digests;
  struct sbom_unmatched_list VEC_BODY(struct sbom_unmatched) unmatched;
  struct sbom_dependencies VEC_BODY(struct sbom_dependency) dependencies;
  struct map layer_numbers; /* diff id or digest → number + 1 */
  struct map refs;          /* of packages: ref → number + 1 */
  struct map distros;       /* "debian-12" → packages that say so */
  bool has_os;
  size_t components;
};

void sbom_reader_init(struct sbom_reader *r, struct arena *arena, struct sbom *sbom);
void sbom_reader_free(struct sbom_reader *r);

/* SW_ELIMIT only; a component that cannot be read becomes an unmatched one. */
int sbom_take_component(struct sbom_reader *r, const struct sbom_component *c, struct error *err);

/* The subject's own name, kind and purl, and one of its properties. */
void sbom_take_subject(struct sbom_reader *r, const struct sbom_component *c);
void sbom_take_subject_property(struct sbom_reader *r, struct str name, struct str value);

/* When all components are known: the package `from` needs `to`. Other refs are passed over. */
int sbom_take_dependency(struct sbom_reader *r, struct str from, struct str to, struct error *err);

/* "2024-01-02T03:04:05Z" into created, 0 if it is none. */
void sbom_take_time(struct sbom_reader *r, struct str time);

/* Puts all into the sbom, packages sorted. */
void sbom_reader_finish(struct sbom_reader *r);

/* Member of an object by a constant name; the text of one, or "". */
static inline struct value sbom_get(struct value object, const char *name)
{
  return value_get(object, value_from(name));
}

static inline struct str sbom_text(struct value object, const char *name)
{
  return value_str_or_empty(sbom_get(object, name));
}

/* Name and version as a package URL has them, by the rules of its type. */
struct str sbom_purl_name(struct arena *arena, enum package_type type, const struct purl *purl);
struct str sbom_purl_version(struct arena *arena, enum package_type type, const struct purl *purl);

/* ---- writing */

/* What of a package has to be said beside its purl, by fact; empty: nothing. */
void sbom_package_facts(struct arena *arena, const struct sbom *sbom, const struct package *p,
                        struct str ret_facts[static SBOM_FACTS]);

/* A name for each package that no other has: its purl, or, where several have the same, a hash of
 * purl, place and number. Array of package_count in the arena. */
struct str *sbom_package_refs(struct arena *arena, const struct sbom *sbom);

/* "8-4-4-4-12" hexadecimal digits (a UUID of version 8, RFC 9562) that the contents give. */
struct str sbom_uuid(struct arena *arena, const struct sbom *sbom, struct str format);

/* "pkg:oci/web@sha256:...?repository_url=..."; empty if the subject is no image or has no digest. */
struct str sbom_image_purl(struct arena *arena, const struct sbom_subject *subject);

/* Takes "sha256:..." apart; false unless algorithm and length are those of a known one. */
bool sbom_digest_split(struct str digest, struct str *ret_algorithm, struct str *ret_hex);

/* Where packages begin that need nothing's mention: those no other package needs. Array of flags. */
bool *sbom_needed(struct arena *arena, const struct sbom *sbom);

/* Properties of the subject, one call each. */
void sbom_subject_facts(struct arena *arena, const struct sbom *sbom, void *ctx,
                        void (*property)(void *ctx, struct str name, struct str value));

extern const struct sbom_format sbom_cyclonedx, sbom_spdx_json, sbom_spdx_tags;

/* Reads one document of each format into the reader (sbom_cyclonedx_read.c, sbom_spdx_read.c,
 * sbom_spdx_tags.c). */
int sbom_cyclonedx_read(struct value json, struct str text, struct arena *arena,
                        struct sbom *io_sbom, struct error *err);
int sbom_spdx_read(struct value json, struct str text, struct arena *arena, struct sbom *io_sbom,
                   struct error *err);
int sbom_spdx_tags_read(struct value json, struct str text, struct arena *arena,
                        struct sbom *io_sbom, struct error *err);

#endif
