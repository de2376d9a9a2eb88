# METADATA
# title: Role lets its holders act as somebody else
# description: >-
#   Who may impersonate users, groups or service accounts has all rights of whomever they name; of
#   the group system:masters that is everything. The audit log shows it only to those who look for
#   the impersonated field.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#impersonate-verb
# custom:
#   id: role-impersonate
#   severity: high
#   remedy: >-
#     Remove the verb impersonate, or limit it with resourceNames to users and groups of low
#     rights.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     cis-kubernetes: ["5.1.8"]
#     nsa: ["7.2"]
#     mitre: ["T1078", "T1550"]
#   aliases:
#     kubescape: ["C-0065", "C-0191"]
package seawall.rules.role_impersonate

import data.seawall.lib.rbac

targets := {["", "users"], ["", "groups"], ["", "serviceaccounts"], ["authentication.k8s.io", "userextras"], ["authentication.k8s.io", "uids"]}

finding contains rbac.told(r, target[1], {"impersonate"}, rbac.by_reach("high", "medium")) if {
	some r in rbac.rules
	"impersonate" in r.verbs
	not r.limited
	some target in targets
	rbac.gives_even_by_wildcard(r, target[0], target[1], {"impersonate"})
}

# Users and groups are no objects: whoever gives all verbs on them gives this one.
finding contains rbac.told(r, resource, {"*"}, rbac.by_reach("high", "medium")) if {
	some r in rbac.rules
	"*" in r.verbs
	not r.limited
	some resource in {"users", "groups"}
	rbac.gives(r, "", resource, {"impersonate"})
}
