# METADATA
# title: Binding gives rights to the service account default
# description: >-
#   Every pod that names no service account runs as default. What is bound to it is given to all
#   of them, also those that somebody adds later.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: binding-default-service-account
#   severity: medium
#   remedy: >-
#     Make a ServiceAccount for the program that needs the rights, name it in the pod's
#     serviceAccountName, and bind that.
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding, rbac.authorization.k8s.io/RoleBinding]
#   controls:
#     cis-kubernetes: ["5.1.5"]
#     nsa: ["1.11", "7.2"]
#     mitre: ["T1078"]
#   aliases:
#     kubescape: ["C-0189"]
package seawall.rules.binding_default_service_account

import data.seawall.lib.meta
import data.seawall.lib.rbac

finding contains {
	"message": sprintf("%s gives the role %s to the service account default of namespace %q", [meta.title, rbac.role, s.namespace]),
	"path": ["subjects", s.index],
	"key": s.namespace,
	"evidence": s.name,
} if {
	some s in rbac.subjects
	s.kind == "ServiceAccount"
	s.name == "default"
}
