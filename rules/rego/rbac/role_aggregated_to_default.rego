# METADATA
# title: ClusterRole adds rights to view, edit or admin
# description: >-
#   Labels rbac.authorization.k8s.io/aggregate-to-… add a role's rules to the roles that ordinary
#   users of all namespaces are given. view is meant to be read without secrets; whatever changes
#   things or reads credentials does not belong there.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
# custom:
#   id: role-aggregated-to-default
#   severity: low
#   remedy: >-
#     Add reading of custom resources to view, writing to edit or admin, and nothing that gives
#     further rights to any of them.
#   kinds: [rbac.authorization.k8s.io/ClusterRole]
#   controls:
#     nsa: ["7.2"]
#     mitre: ["T1098"]
package seawall.rules.role_aggregated_to_default

import data.seawall.lib.meta
import data.seawall.lib.rbac

prefix := "rbac.authorization.k8s.io/aggregate-to-"

aggregated contains target if {
	some target in {"view", "edit", "admin"}
	meta.labels[concat("", [prefix, target])] in {"true", true}
}

# Reading, and nothing that is secret.
finding contains {
	"message": sprintf("%s lets everybody with the role view %s %s", [meta.title, rbac.words(changes), what(r)]),
	"path": ["rules", r.index, "verbs"],
	"key": "view",
	"severity": "medium",
} if {
	"view" in aggregated
	some r in rbac.rules
	changes := r.verbs - rbac.reading
	count(changes) > 0
}

finding contains {
	"message": sprintf("%s lets everybody with the role view read secrets", [meta.title]),
	"path": ["rules", r.index, "resources"],
	"key": "view secrets",
	"severity": "high",
} if {
	"view" in aggregated
	some r in rbac.rules
	rbac.reaches(r, "", "secrets")
	count(r.verbs & rbac.reading) > 0
}

# What the default roles would not contain for good reason.
finding contains {
	"message": sprintf("%s adds %s on %s to the role %s", [meta.title, rights(r), what(r), target]),
	"path": ["rules", r.index],
	"key": target,
	"severity": "medium",
} if {
	some target in aggregated & {"edit", "admin"}
	some r in rbac.rules
	dangerous(r)
}

dangerous(r) if "*" in r.resources

dangerous(r) if count(r.verbs & {"escalate", "bind", "impersonate"}) > 0

dangerous(r) if {
	some resource in {"nodes", "nodes/proxy", "persistentvolumes", "namespaces"}
	rbac.names(r, "", resource)
	count(r.verbs - rbac.reading) > 0
}

dangerous(r) if {
	rbac.in_group(r, "rbac.authorization.k8s.io")
	some resource in r.resources
	resource in {"clusterroles", "clusterrolebindings"}
	count(r.verbs - rbac.reading) > 0
}

rights(r) := "all rights" if {
	"*" in r.verbs
} else := concat(", ", sort([v | some v in r.verbs]))

what(r) := "everything" if {
	"*" in r.resources
} else := concat(", ", sort([x | some x in r.resources]))
