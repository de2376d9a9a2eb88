# METADATA
# title: No network policy protects the pods
# description: >-
#   A pod that no policy selects accepts connections from every pod of the cluster, so that one
#   broken program leads to all others.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
# custom:
#   id: workload-without-network-policy
#   severity: low
#   remedy: >-
#     Add a NetworkPolicy whose podSelector matches the labels of the pods, with the sources
#     that may connect.
#   kinds: [workload]
#   scope: set
#   needs:
#     - workload
#     - networking.k8s.io/NetworkPolicy
#     - cilium.io/CiliumNetworkPolicy
#     - cilium.io/CiliumClusterwideNetworkPolicy
#     - projectcalico.org/NetworkPolicy
#     - projectcalico.org/GlobalNetworkPolicy
#     - crd.projectcalico.org/NetworkPolicy
#     - crd.projectcalico.org/GlobalNetworkPolicy
#     - policy.networking.k8s.io/AdminNetworkPolicy
#     - policy.networking.k8s.io/BaselineAdminNetworkPolicy
#     - policy.networking.k8s.io/ClusterNetworkPolicy
#   controls:
#     cis-kubernetes: ["5.3.2"]
#     nsa: ["2.0"]
#     mitre: ["T1046"]
#   aliases:
#     polaris: [missingNetworkPolicy]
#     kube-linter: [non-isolated-pod]
#     kubeaudit: [netpols]
#     kube-score: [pod-networkpolicy]
#     kubescape: ["C-0260"]
package seawall.rules.workload_without_network_policy

import data.seawall.lib.inventory
import data.seawall.lib.isolation

finding contains {
	"message": sprintf("no NetworkPolicy in what was scanned isolates the pods of %s %q from incoming traffic", [w.kind, w.name]),
	"about": w.id,
	"path": ["metadata", "name"],
	"severity": severity(w),
} if {
	some w in inventory.workloads
	w.host_network != true
	not w.namespace in {"kube-system"}
	isolation.judged(w.namespace)
	not isolation.selected(w, "Ingress")
}

severity(w) := "medium" if {
	w.namespace in isolation.namespaces
} else := "low"
