# METADATA
# title: Role gives read access to Secrets
# description: >-
#   Whoever reads Secrets holds the passwords, keys and service account tokens of the namespace,
#   or of all namespaces. The verbs list and watch return the contents just as get does.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/secret/#information-security-for-secrets
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets
# custom:
#   id: role-secrets-read
#   severity: high
#   remedy: >-
#     Mount the Secret into the pod that needs it instead. If a program must ask the API, allow
#     get alone, in a Role, and name the Secrets in resourceNames.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     cis-kubernetes: ["5.1.2"]
#     nsa: ["7.2"]
#     mitre: ["T1552"]
#   example: |
#     rules:
#       - apiGroups: [""]
#         resources: [secrets]
#         resourceNames: [web-tls]
#         verbs: [get]
#   aliases:
#     kube-linter: [access-to-secrets]
#     kubescape: ["C-0015", "C-0186"]
package seawall.rules.role_secrets_read

import data.seawall.lib.rbac

finding contains rbac.told(r, "secrets", verbs, rbac.by_reach("high", "medium")) if {
	some r in rbac.rules
	not r.limited
	verbs := rbac.gives_even_by_wildcard(r, "", "secrets", rbac.reading)
}
