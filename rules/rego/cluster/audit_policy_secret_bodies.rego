# METADATA
# title: Audit log contains the contents of Secrets
# description: >-
#   At level Request or RequestResponse the log holds what was written and read: Secrets,
#   ConfigMaps and tokens, in plain text, in a place that many may read and that is kept for long.
# related_resources:
#   - https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy
# custom:
#   id: audit-policy-secret-bodies
#   severity: medium
#   remedy: >-
#     Put a rule of level Metadata for secrets, configmaps, serviceaccounts/token and
#     tokenreviews in front of it.
#   kinds: [audit.k8s.io/Policy]
#   controls:
#     nsa: ["8.0"]
#     mitre: ["T1552"]
package seawall.rules.audit_policy_secret_bodies

import data.seawall.lib.meta

bodies := {"Request", "RequestResponse"}

secret_resources := {"": {"secrets", "serviceaccounts/token"}, "authentication.k8s.io": {"tokenreviews"}}

# The first rule that matches decides; only those that hold for everybody are looked at.
first(group, resource) := min([i |
	some i, rule in input.object.rules
	for_everybody(rule)
	matches(rule, group, resource)
])

for_everybody(rule) if {
	is_object(rule)
	every field in ["users", "userGroups", "verbs", "namespaces"] { meta.empty(rule, field) }
}

matches(rule, _, _) if {
	meta.empty(rule, "resources")
	meta.empty(rule, "nonResourceURLs")
}

matches(rule, group, resource) if {
	some entry in rule.resources
	meta.field(entry, "group", "") == group
	named(entry, resource)
}

named(entry, _) if meta.empty(entry, "resources")

named(entry, resource) if {
	some r in entry.resources
	r in {resource, "*"}
}

finding contains {
	"message": sprintf("the audit policy logs %s with their contents (level %s)", [resource, level]),
	"path": ["rules", i, "level"],
	"key": resource,
	"evidence": level,
} if {
	some group, resources in secret_resources
	some resource in resources
	i := first(group, resource)
	level := input.object.rules[i].level
	level in bodies
}
