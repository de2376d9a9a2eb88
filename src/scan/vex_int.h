/*
 * vex_int.h - what the readers of VEX formats share.
 */
#ifndef SEAWALL_SCAN_VEX_INT_H
#define SEAWALL_SCAN_VEX_INT_H

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "data/value.h"
#include "scan/faults_int.h"
#include "scan/purl.h"
#include "scan/vex.h"

/* A name of something, taken apart if it is a package URL. */
struct vex_name {
  struct str text;
  bool is_purl;
  struct purl_pattern purl;
};

/* A product or subcomponent: any of its names means it. */
struct vex_thing {
  const struct vex_name *names;
  size_t count;
};

struct vex_product {
  struct vex_thing thing;
  const struct vex_thing *parts; /* subcomponents */
  size_t part_count;
};

struct vex_statement {
  enum vex_status status;
  const struct vex_product *products;
  size_t product_count;
  struct str serial; /* of the bill of materials it is about alone; empty: whichever */
  struct str justification, text, author, source;
  int64_t time;
};

/* One of the statements about a vulnerability. */
struct vex_link {
  uint32_t statement, next; /* next: number + 1 */
};

struct vex_set {
  struct arena arena;
  struct vex_statements VEC_BODY(struct vex_statement) statements;
  struct map vulnerabilities; /* id → number of its latest statement + 1 */
  struct vex_links VEC_BODY(struct vex_link) links;
  size_t products;
};

/* A document on its way in. */
struct vex_document {
  struct vex_set *set;
  struct arena *scratch; /* of this document alone */
  struct value json;
  struct str source, author;
  int64_t time;
  struct faults faults;
};

/* Copies in the set's arena. An empty text stays empty. */
struct str vex_keep(struct vex_set *set, struct str text);

/* A name whose text lives as long as the arena; a package URL that cannot be read stays a text. */
struct vex_name vex_name_read(struct arena *arena, struct str text);

/* The same of a copy. */
struct vex_name vex_name_make(struct vex_set *set, struct str text);

/* The package itself and its source, each with the distribution's number and with its codename. */
enum { VEX_PACKAGE_NAMES = 4 };

/* All names of the package that is asked about; how many. */
size_t vex_package_names(struct arena *arena, const struct vex_question *question,
                         struct vex_name ret[static VEX_PACKAGE_NAMES]);

/* Whether a CPE is the distribution that a package is of: "cpe:/o:redhat:enterprise_linux:9::baseos". */
bool vex_cpe_is_distro(struct str cpe, const struct vex_name *package);

/* An array of products, of which the limit still allows so many; NULL with SW_ELIMIT in err. */
struct vex_product *vex_products(struct vex_set *set, size_t count, struct error *err);
struct vex_thing *vex_things(struct vex_set *set, size_t count, struct error *err);

/* Adds a statement about a vulnerability of these ids (at least one). */
int vex_add(struct vex_set *set, const struct str *ids, size_t id_count,
            const struct vex_statement *statement, struct error *err);

/* RFC 3339 into seconds; 0 if it is none. */
int64_t vex_time(struct str text);

static inline struct value vex_get(struct value object, const char *name)
{
  return value_get(object, value_from(name));
}

static inline struct str vex_text(struct value object, const char *name)
{
  return value_str_or_empty(vex_get(object, name));
}

/* Elements of an array; 0 if it is none. */
static inline uint32_t vex_len(struct value array)
{
  return array.type == VALUE_ARRAY ? array.len : 0;
}

/* The formats; faults of single statements go to doc->faults. */
int vex_openvex_read(struct vex_document *doc, struct error *err);
int vex_csaf_read(struct vex_document *doc, struct error *err);
int vex_cyclonedx_read(struct vex_document *doc, struct error *err);

#endif
