# METADATA
# title: Role lets its holders make tokens of service accounts
# description: >-
#   Who may create serviceaccounts/token gets a valid token of any service account in reach, and
#   with it all its rights.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request
# custom:
#   id: role-token-request
#   severity: high
#   remedy: >-
#     Remove serviceaccounts/token, or limit it with resourceNames to the service accounts that
#     are meant.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     cis-kubernetes: ["5.1.13"]
#     nsa: ["7.2"]
#     mitre: ["T1528"]
package seawall.rules.role_token_request

import data.seawall.lib.rbac

finding contains rbac.told(r, "serviceaccounts/token", verbs, rbac.by_reach("high", "medium")) if {
	some r in rbac.rules
	not r.limited
	verbs := rbac.gives(r, "", "serviceaccounts/token", {"create"})
}
