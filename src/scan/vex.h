/*
 * vex.h - what a vendor says about vulnerabilities in his products: Vulnerability Exploitability eXchange.
 *
 *     struct vex_set *set = vex_set_new();
 *     for each file:
 *         if (vex_set_add(set, text, path, &err) < 0) ...
 *     struct vex_question q = {.ids = ids, .id_count = 2, .package = package->purl,
 *                              .products = (struct str[]){image_purl, digest, reference}, .product_count = 3};
 *     if (vex_ask(set, &q, &answer) && vex_dismisses(answer.status))
 *         except(finding, answer.text);
 *     vex_set_free(set);
 *
 * Read are OpenVEX (0.2.0, and 0.0.1 with its plain strings), CSAF 2.0 (any document with a product tree and
 * product statuses, profile "csaf_vex" or not) and CycloneDX (1.4 and later, with "analysis"); all as JSON,
 * also inside an in-toto statement, whose signature is not verified.
 *
 * Which statement is about a vulnerability in a package:
 *
 * one that names an id or alias of it, and whose product is the package itself or one of `products`, what the
 * package is part of; if the product has subcomponents, the package must be one of them.
 *
 * Products are compared as OpenVEX has it: equal texts, equal digests, or package URLs, of which that of the
 * statement may say less: without a version it means all of them, and each qualifier that it has must be
 * there. CSAF's relationships are product and subcomponent. CycloneDX's references are names of components in
 * the same document, package URLs, or BOM-Links, which hold only for the bill of materials of that serial
 * number (its version is not compared).
 *
 * Distributions speak of source packages: a product of type deb, rpm or apk that names the source, with the
 * architecture "source", "src" or none, means the packages built from it; its version is the source's. What the
 * source is says the package's own URL (qualifier "upstream") or the question. A distribution goes by its
 * codename as well: "distro=jammy" is "distro=ubuntu-22.04". A product that is Red Hat Enterprise Linux by its CPE
 * has the packages of that release as its parts.
 *
 * Of several statements the latest counts, by its own time or its document's; at the same time the one that
 * was added last.
 *
 * Ownership: a set owns all it keeps; texts of answers live as long as the set.
 *
 * Limits: VEX_SIZE_MAX bytes a document, VEX_STATEMENTS_MAX statements and VEX_PRODUCTS_MAX products in all,
 * VEX_MEMORY_MAX bytes: SW_ELIMIT.
 *
 * Thread safety: a set may be asked by any number of threads once nothing is added any more.
 */
#ifndef SEAWALL_SCAN_VEX_H
#define SEAWALL_SCAN_VEX_H

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  VEX_SIZE_MAX = 64 << 20,
  VEX_STATEMENTS_MAX = 500000,
  VEX_PRODUCTS_MAX = 4000000, /* subcomponents count as well */
  VEX_MEMORY_MAX = 1 << 30,
};

enum vex_status {
  VEX_NOT_AFFECTED,
  VEX_AFFECTED,
  VEX_FIXED,
  VEX_UNDER_INVESTIGATION,
};

/* OpenVEX's words: "not_affected", "affected", "fixed", "under_investigation". */
struct str vex_status_name(enum vex_status status);

/* Whether a finding need not be held against anybody: not affected, or fixed. */
static inline bool vex_dismisses(enum vex_status status)
{
  return status == VEX_NOT_AFFECTED || status == VEX_FIXED;
}

struct vex_set;

struct vex_set *vex_set_new(void);
void vex_set_free(struct vex_set *set);
MEM_DEFINE_CLEANUP(struct vex_set, vex_set_free)

/*
 * Adds the statements of a document; source (a path, a URL) is kept for answers and messages. SW_EINVAL: it is
 * no JSON (with line and column) or none of the formats; then nothing was added. SW_EINVAL as well, with
 * the first of them, if statements could not be read; the others were added then.
 */
int vex_set_add(struct vex_set *set, struct str text, struct str source, struct error *err);

/* How many statements there are. NULL: 0. */
size_t vex_set_count(const struct vex_set *set);

struct vex_question {
  const struct str *ids; /* of the vulnerability: its name and aliases */
  size_t id_count;
  struct str package; /* package URL of the package that has it */
  struct str source;  /* the source package's name, where the URL has no "upstream"; may be empty */
  /* What the package is part of: package URL, digest ("sha256:...") and reference of the image, package
   * URLs of what needs it. */
  const struct str *products;
  size_t product_count;
  struct str serial; /* serial number of the bill of materials that is looked at; empty: none */
};

struct vex_answer {
  enum vex_status status;
  struct str justification; /* "vulnerable_code_not_present", "code_not_reachable"; empty: none */
  struct str text;          /* what the author says for people; empty: nothing */
  struct str author;        /* empty: not said */
  struct str source;        /* as given to vex_set_add */
  int64_t time;             /* seconds since the epoch; 0: not said */
};

/* The statement that counts; false: there is none. NULL set: none. */
bool vex_ask(const struct vex_set *set, const struct vex_question *question,
             struct vex_answer *ret);

#endif
