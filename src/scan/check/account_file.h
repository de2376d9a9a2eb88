/*
 * account_file.h - users and groups of an image: accounts without a password, second roots, doubles.
 *
 *     struct account_facts facts;                           in the reader of a layer
 *     account_facts_init(&facts, &arena);
 *     if (account_file_wants(path) && account_file_read(&facts, path, layer, bytes, &err) < 0)
 *         ... the file was not read whole, and err says where
 *
 *     fact->hidden = !visible(fact->path, fact->layer);     when layers have been put together
 *     account_facts_judge(&facts, &target, &findings);
 *
 * Formats: passwd(5), group(5), shadow(5) and master.passwd of the BSDs; entries of NIS ("+", "-") and comments are
 * passed over. A line that is none of that does not hide the others: the rest is read, and the first such line is the
 * result. No password or hash is kept.
 *
 * Limits: ACCOUNT_FILE_MAX bytes, ACCOUNT_LINES_MAX lines, ACCOUNT_FACTS_MAX facts a file (SW_ELIMIT).
 * Ownership: facts live in the arena; texts are copied. Thread safety: a struct account_facts belongs to one thread.
 */
#ifndef SEAWALL_SCAN_CHECK_ACCOUNT_FILE_H
#define SEAWALL_SCAN_CHECK_ACCOUNT_FILE_H

#include "base/buf.h"
#include "finding/finding.h"
#include "scan/check/target.h"

enum {
  ACCOUNT_FILE_MAX = 1 << 20,
  ACCOUNT_LINES_MAX = 20000,
  ACCOUNT_FACTS_MAX = 100,
  ACCOUNT_NAME_MAX = 64, /* bytes of a name that is told; a longer one is cut */
};

enum account_fact_kind {
  ACCOUNT_EMPTY_PASSWORD, /* anybody may log in */
  ACCOUNT_PASSWORD,       /* there is the hash of one */
  ACCOUNT_SECOND_ROOT,    /* user ID 0, and not called root */
  ACCOUNT_SAME_UID,
  ACCOUNT_SAME_GID,
  ACCOUNT_SAME_NAME,
  ACCOUNT_FACT_KINDS,
};

struct account_fact {
  enum account_fact_kind kind;
  uint32_t line;    /* from 1 */
  struct str name;  /* of the user or group */
  struct str other; /* the one it is the double of; else empty */
  struct str path;
  uint32_t layer;
  bool hidden; /* a later layer replaced the file; the caller's */
};

struct account_facts {
  struct arena *arena;
  struct account_fact *items;
  size_t count, room;
};

/* Whether it is one of the files (a path without the leading "/"). */
bool account_file_wants(struct str path);

void account_facts_init(struct account_facts *facts, struct arena *arena);

/* Reads one of them, and adds what is to be said. Errors: SW_EINVAL (line), SW_ELIMIT; begin with the path. */
int account_file_read(struct account_facts *facts, struct str path, uint32_t layer,
                      struct str bytes, struct error *err);

/* A fact without path and layer as one line of text ("second-root 12 toor", "same-uid 9 mail news"), and back, where it
 * is added. SW_EINVAL: it is no such text. */
void account_fact_write(const struct account_fact *fact, struct buf *to);
int account_fact_read(struct account_facts *facts, struct str path, uint32_t layer, struct str text,
                      struct error *err);

/* Whether a user of this name, as files that are not hidden have it, has the rights of root without being called so. */
bool account_facts_is_root(const struct account_facts *facts, struct str name);

/* Adds sealed findings, with path and line; hidden facts are passed over. */
void account_facts_judge(const struct account_facts *facts, const struct check_target *target,
                         struct finding_list *findings);

extern const struct rule account_rules[];
extern const size_t account_rule_count;

#endif
