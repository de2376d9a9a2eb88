/*
 * purl.h - package URLs: one line that says which package is meant, whatever it belongs to.
 *
 *     pkg:deb/debian/curl@7.88.1-10%2Bdeb12u5?arch=amd64&distro=debian-12
 *
 *     struct purl purl = {.type = STR("deb"), .name_space = STR("debian"), .name = STR("curl")};
 *     purl_qualify(&purl, STR("arch"), STR("amd64"), NULL);
 *     if (purl_write(&out, &purl, err) < 0 || purl_parse(&arena, text, &purl, err) < 0)
 *
 * Package-URL specification (ECMA-427), and the rules of the types registered with it as far as they say
 * how a part is spelled: which parts are in lower case, which must be there, which must not. Both reading
 * and writing give the canonical form, so that two purls mean the same package exactly if their texts are
 * equal. A type that has no row in the table follows the general rules alone.
 *
 * Ownership: purl_parse puts decoded texts into the arena; a purl that is written is made of the caller's
 * views.
 *
 * Limits: PURL_LENGTH_MAX bytes, PURL_QUALIFIERS_MAX qualifiers. Thread safety: all functions may be called
 * from any thread.
 */
#ifndef SEAWALL_SCAN_PURL_H
#define SEAWALL_SCAN_PURL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { PURL_LENGTH_MAX = 8192, PURL_QUALIFIERS_MAX = 32 };

struct purl_qualifier {
  struct str key, value;
};

struct purl {
  struct str type;
  struct str name_space; /* segments with "/" between them, not encoded; empty: none */
  struct str name;
  struct str version; /* empty: none */
  struct str subpath; /* as name_space */
  struct purl_qualifier qualifiers[PURL_QUALIFIERS_MAX];
  size_t qualifier_count;
};

/* The whole of text. What is read is normalised, qualifiers are in the order of their keys. SW_EINVAL or
 * SW_ELIMIT with a message that says which part is wrong. */
int purl_parse(struct arena *arena, struct str text, struct purl *ret_purl, struct error *err);

/* Appends the canonical form. SW_EINVAL if a part is missing or wrong; nothing is appended then. */
int purl_write(struct buf *out, const struct purl *purl, struct error *err);

/* Adds a qualifier unless its value is empty; keys may come in any order. */
int purl_qualify(struct purl *purl, struct str key, struct str value, struct error *err);

/* The value of a qualifier; empty if there is none. */
struct str purl_qualifier(const struct purl *purl, struct str key);

/* The package URL of an image, "pkg:oci/web@sha256:...?repository_url=registry.example%2Fshop%2Fweb", in the arena:
 * of its reference, its manifest's digest and its architecture, of which the last two may be empty. Empty if the
 * reference is none. */
struct str purl_of_image(struct arena *arena, struct str reference, struct str digest,
                         struct str architecture);

/* A package URL to compare others with, kept small since there may be many. */
struct purl_pattern {
  struct str type, name_space, name, version, subpath;
  const struct purl_qualifier *qualifiers;
  size_t qualifier_count;
};

/* The pattern of a text, in the arena; errors as of purl_parse. */
int purl_pattern_make(struct arena *arena, struct str text, struct purl_pattern *ret,
                      struct error *err);

/* Whether `purl` is one that `pattern` means, which may say less: without a version it means all of them, without
 * a subpath likewise, and each qualifier that it has must be there with the same value. */
bool purl_pattern_means(const struct purl_pattern *pattern, const struct purl_pattern *purl);

#endif
