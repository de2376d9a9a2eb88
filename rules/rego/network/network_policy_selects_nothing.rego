# METADATA
# title: NetworkPolicy selects no pods
# description: >-
#   The policy protects nothing. Most often a label was changed in the workload and not in the
#   policy, and the pods have been open since.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/
# custom:
#   id: network-policy-selects-nothing
#   severity: low
#   remedy: >-
#     Make spec.podSelector match the labels in the pod template, or delete the policy.
#   kinds: [networking.k8s.io/NetworkPolicy]
#   scope: set
#   needs: [workload, networking.k8s.io/NetworkPolicy]
#   controls:
#     nsa: ["2.0"]
#   aliases:
#     kube-linter: [dangling-networkpolicy]
#     kube-score: [networkpolicy-targets-pod]
package seawall.rules.network_policy_selects_nothing

import data.seawall.lib.inventory
import data.seawall.lib.network

finding contains {
	"message": sprintf("NetworkPolicy %q selects no pods in what was scanned", [p.name]),
	"about": p.id,
	"path": ["spec", "podSelector"],
	"evidence": p.object.spec.podSelector,
} if {
	some p in inventory.objects("networking.k8s.io/NetworkPolicy")
	is_object(p.object.spec.podSelector)
	not network.selects_all(p.object.spec)
	count(inventory.pods_selected(p.namespace, p.object.spec.podSelector)) == 0
}
