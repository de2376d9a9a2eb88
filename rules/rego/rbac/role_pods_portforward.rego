# METADATA
# title: Role lets its holders forward ports of pods
# description: >-
#   A forwarded port goes past network policies, ingress and its authentication, straight to
#   databases and admin interfaces that listen inside the pod only.
# related_resources:
#   - https://kubernetes.io/docs/tasks/access-application-cluster/port-forward-access-application-cluster/
# custom:
#   id: role-pods-portforward
#   severity: low
#   remedy: >-
#     Remove pods/portforward from the role, or give it in a Role of the one namespace where it
#     is needed.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     nsa: ["7.2"]
#     mitre: ["T1609", "T1133"]
#   aliases:
#     kubescape: ["C-0063"]
package seawall.rules.role_pods_portforward

import data.seawall.lib.rbac

finding contains rbac.told(r, "pods/portforward", verbs, rbac.by_reach("medium", "low")) if {
	some r in rbac.rules
	verbs := rbac.gives(r, "", "pods/portforward", {"create", "get"})
}
