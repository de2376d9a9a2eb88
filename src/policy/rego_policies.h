/*
 * rego_policies.h - the Rego of directories in which policies of all kinds lie side by side.
 *
 *     _cleanup_(rego_policies_freep) struct rego_policies *policies =
 *         rego_policies_read(paths, count, REGO_V1);
 *     struct rego_set *set = rego_policies_set(policies);
 *     if (rego_set_finish(set, &err) < 0)
 *         ... rego_set_problem(set, i) ...
 *
 * Modules are the files *.rego without *_test.rego, and what bundles (*.tar.gz) hold; base documents
 * are the files data.json, data.yaml and data.yml, mounted as policy/rego_set.h has it. All other
 * documents, Gatekeeper's templates and constraints among them, are somebody else's and passed over,
 * also where they are named themselves. Annotations are read.
 *
 * Ownership: the set, which its reader finishes, lives as long as what it came from. Limits and problems:
 * those of policy/rego_set.h. Thread safety: filled by one thread; after rego_set_finish only read.
 */
#ifndef SEAWALL_POLICY_REGO_POLICIES_H
#define SEAWALL_POLICY_REGO_POLICIES_H

#include "base/buf.h"
#include "policy/rego_set.h"

struct rego_policies;

/* Whatever is wrong is told when the set is finished. The paths must outlive what is returned. */
struct rego_policies *rego_policies_read(const char *const *paths, size_t count,
                                         enum rego_version version);
void rego_policies_free(struct rego_policies *policies);
MEM_DEFINE_CLEANUP(struct rego_policies, rego_policies_free)

struct rego_set *rego_policies_set(struct rego_policies *policies);

/* Appends a problem of a set as people read it. */
void rego_policies_tell(struct buf *out, const struct rego_set_problem *problem);

#endif
