/*
 * file_facts.h - files of an image that matter by what they are, whatever they contain.
 *
 * While a layer is read, each entry is held against a table of paths and against its mode; the few that matter
 * are remembered. When it is known what of them is still to be seen, they are judged:
 *
 *     struct file_facts facts;                              in the reader of a layer
 *     file_facts_init(&facts, &arena);
 *     for each entry:
 *         struct file_fact fact;
 *         if (file_fact_of(entry, &fact))
 *             file_facts_add(&facts, &fact);
 *
 *     fact->layer = ..., fact->hidden = !visible(...);      when layers have been put together
 *     file_facts_judge(&facts, &target, &findings);
 *
 * A fact is one entry with all that is to be said about it as a set of kinds, so it can be stored as five
 * numbers and a path. Nothing but path, type, mode and size is looked at.
 *
 * Bounded: of each kind FILE_FACTS_KEEP entries are kept and the rest is counted, so a layer of a million setuid
 * files costs some hundreds of facts. What was counted only is told.
 *
 * Ownership: file_fact_of gives a view of the entry's path; file_facts_add copies it into the arena.
 * Thread safety: a struct file_facts belongs to one thread; tables and rules are constant.
 */
#ifndef SEAWALL_SCAN_CHECK_FILE_FACTS_H
#define SEAWALL_SCAN_CHECK_FILE_FACTS_H

#include "finding/finding.h"
#include "oci/layer.h"
#include "scan/check/target.h"

enum file_fact_kind {
  FILE_FACT_SETUID,
  FILE_FACT_SETGID,
  FILE_FACT_WRITABLE_FILE,      /* by everybody */
  FILE_FACT_WRITABLE_DIRECTORY, /* by everybody, and without the sticky bit */
  FILE_FACT_DEVICE,
  FILE_FACT_ESCAPE, /* the path, or a hard link's target, had ".." */
  FILE_FACT_SHELL,
  FILE_FACT_PACKAGE_MANAGER,
  FILE_FACT_TOOL,       /* sudo, compilers, network tools: what a running service does not need */
  FILE_FACT_CREDENTIAL, /* by its name */
  FILE_FACT_CACHE,      /* of a package manager */
  FILE_FACT_REPOSITORY, /* .git, .svn, .hg */
  FILE_FACT_UNNEEDED,   /* Dockerfile, core dumps, editors' backups, histories of shells */
  FILE_FACT_KINDS,
};

enum {
  FILE_FACTS_KEEP = 256,  /* kept of each kind in a layer, and told of each rule in an image */
  FILE_FACTS_MAX = 65536, /* kept of an image */
};

struct file_fact {
  uint32_t kinds; /* 1 << enum file_fact_kind, at least one */
  uint32_t mode;  /* 07777 */
  uint64_t size;  /* bytes */
  struct str path;
  uint32_t layer; /* from 0 at the base; the caller's */
  bool hidden;    /* a later layer replaced it or took it away; the caller's */
};

struct file_facts {
  struct arena *arena;
  struct file_fact *items;
  size_t count, room;
  uint64_t found[FILE_FACT_KINDS]; /* all that were added, kept or not */
  uint64_t bytes[FILE_FACT_KINDS]; /* of those */
};

/* "setuid", "package-manager", ...: for texts and for stored records. */
struct str file_fact_kind_name(enum file_fact_kind kind);

/* What is to be remembered of an entry; false: nothing. Looks at the entry only; layer and hidden are 0. */
bool file_fact_of(const struct oci_entry *entry, struct file_fact *ret);

/* Empty; allocates nothing yet. */
void file_facts_init(struct file_facts *facts, struct arena *arena);

/* Counts a fact, and keeps a copy if one of its kinds has fewer than FILE_FACTS_KEEP of its layer so far. Facts of
 * one layer are added together. */
void file_facts_add(struct file_facts *facts, const struct file_fact *fact);

/* Puts the facts of a layer, which were stored with their counts, behind those of other layers: copies into the
 * arena, as far as FILE_FACTS_MAX. */
void file_facts_join(struct file_facts *facts, const struct file_facts *layer);

/*
 * Adds sealed findings: subject is the image (kind "Image"), location.file the path in it.
 * Of hidden facts only those are judged that stay in the image nevertheless: credentials, and caches that are
 * only in the way.
 */
void file_facts_judge(const struct file_facts *facts, const struct check_target *target,
                      struct finding_list *findings);

/* All rules that file_facts_judge may name, for listings. */
extern const struct rule file_fact_rules[];
extern const size_t file_fact_rule_count;

#endif
