# METADATA
# title: Binding gives rights to callers without an identity
# description: >-
#   system:anonymous and system:unauthenticated are everybody who can reach the API server, on
#   many clusters the whole internet. Clusters have been taken over through such a binding within
#   hours.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: binding-anonymous
#   severity: critical
#   remedy: >-
#     Delete the binding, and look in the audit log whether it was used.
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding, rbac.authorization.k8s.io/RoleBinding]
#   controls:
#     nsa: ["7.0"]
#     mitre: ["T1078", "T1133"]
#   aliases:
#     kubescape: ["C-0262"]
package seawall.rules.binding_anonymous

import data.seawall.lib.meta
import data.seawall.lib.rbac

# Health and version, which every cluster shows, and what joining nodes need to find the cluster.
public_roles := {"system:public-info-viewer", "system:discovery", "kubeadm:bootstrap-signer-clusterinfo"}

finding contains {
	"message": sprintf("%s gives the role %s to %s: everybody who reaches the API server", [meta.title, rbac.role, s.name]),
	"path": ["subjects", i],
	"key": s.name,
	"evidence": s.name,
} if {
	some i, s in input.object.subjects
	s.name in {"system:anonymous", "system:unauthenticated"}
	s.kind in {"User", "Group"}
	not rbac.role in public_roles
}
