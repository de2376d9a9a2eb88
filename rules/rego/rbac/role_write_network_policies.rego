# METADATA
# title: Role lets its holders change network policies
# description: >-
#   Who may write network policies can open the way between applications, or cut them off.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/
# custom:
#   id: role-write-network-policies
#   severity: low
#   remedy: >-
#     Leave network policies to those who are responsible for the namespace's isolation.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     nsa: ["7.2", "2.0"]
#     mitre: ["T1562"]
package seawall.rules.role_write_network_policies

import data.seawall.lib.rbac

targets := {
	["networking.k8s.io", "networkpolicies"], ["policy.networking.k8s.io", "adminnetworkpolicies"],
	["policy.networking.k8s.io", "baselineadminnetworkpolicies"],
	["cilium.io", "ciliumnetworkpolicies"], ["cilium.io", "ciliumclusterwidenetworkpolicies"],
	["projectcalico.org", "networkpolicies"], ["projectcalico.org", "globalnetworkpolicies"],
	["crd.projectcalico.org", "networkpolicies"], ["crd.projectcalico.org", "globalnetworkpolicies"],
}

finding contains rbac.told(r, target[1], verbs, "low") if {
	some r in rbac.rules
	not r.limited
	some target in targets
	verbs := rbac.gives(r, target[0], target[1], rbac.writing)
}
