/*
 * rule_inventory.h - what set rules know of all objects that were read: data.inventory.
 *
 *     struct rule_inventory *inventory = rule_inventory_new(needs);
 *     rule_inventory_add(inventory, &object, &file, &err);     for each object, in order
 *     struct value data = rule_inventory_value(inventory);     {"inventory": {...}}
 *
 * Only what a rule asks for is kept (docs/internals/rules.md has the form): whole objects of the kinds
 * that are named, workloads as a summary. Of Secrets and ConfigMaps the values of their data are left out.
 * The text and the tree that an object came from may be gone afterwards.
 *
 * Limits: RULE_INVENTORY_MAX bytes; SW_ELIMIT beyond, told once for the scan by whoever fills it, since
 * rules over a part would say what is not so.
 *
 * Ownership: the inventory owns what it keeps. Thread safety: one thread; rule_needs_object may be called
 * from any.
 */
#ifndef SEAWALL_POLICY_RULE_INVENTORY_H
#define SEAWALL_POLICY_RULE_INVENTORY_H

#include "base/mem.h"
#include "base/symbols.h"
#include "finding/finding.h"
#include "kube/object.h"
#include "policy/rule_metadata.h"

enum { RULE_INVENTORY_MAX = 1 << 30 }; /* bytes */

/* What is kept. */
struct rule_needs {
  bool everything; /* every object is kept whole: Gatekeeper's constraints that look at others */
  bool workloads;
  const struct rule_kind *kinds; /* each once */
  size_t kind_count;
};

/* Is something of the object needed? */
bool rule_needs_object(const struct rule_needs *needs, const struct kube_object *object);

struct rule_inventory;

/* The kinds must outlive the inventory. */
struct rule_inventory *rule_inventory_new(struct rule_needs needs, const struct symbols *symbols);
void rule_inventory_free(struct rule_inventory *inventory);
MEM_DEFINE_CLEANUP(struct rule_inventory, rule_inventory_free)

/* Keeps an object, if something of it is needed. SW_ELIMIT. */
int rule_inventory_add(struct rule_inventory *inventory, const struct kube_object *object,
                       const struct location *place, struct error *err);

/* Is there an object of such a kind (or, with `workloads`, a workload)? */
bool rule_inventory_has(const struct rule_inventory *inventory, const struct rule_kind *kinds,
                        size_t count, bool workloads);

/* The base document for evaluation; made at the first call, after which nothing may be added. */
struct value rule_inventory_value(struct rule_inventory *inventory);

/* How many objects are kept: their ids are 0, 1, ... */
size_t rule_inventory_count(const struct rule_inventory *inventory);

/* The object that an id stands for, as far as it was kept, and where it is. False if there is none. */
bool rule_inventory_object(const struct rule_inventory *inventory, int64_t id,
                           struct kube_object *ret_object, struct location *ret_place);

#endif
