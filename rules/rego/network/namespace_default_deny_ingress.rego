# METADATA
# title: Namespace accepts traffic from everywhere
# description: >-
#   Without a policy that selects all pods, whatever is added to the namespace can be reached by
#   every pod of the cluster. With one, what should be reached has to be said.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-ingress-traffic
# custom:
#   id: namespace-default-deny-ingress
#   severity: low
#   remedy: >-
#     Add a NetworkPolicy with an empty podSelector and policyTypes [Ingress], and policies for
#     the traffic that is wanted.
#   kinds: [Namespace]
#   scope: set
#   needs:
#     - Namespace
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
#     nsa: ["2.1"]
#     mitre: ["T1046"]
#   example: |
#     apiVersion: networking.k8s.io/v1
#     kind: NetworkPolicy
#     metadata:
#       name: default-deny
#       namespace: shop
#     spec:
#       podSelector: {}
#       policyTypes: [Ingress, Egress]
#   aliases:
#     kubescape: ["C-0049", "C-0260"]
package seawall.rules.namespace_default_deny_ingress

import data.seawall.lib.inventory
import data.seawall.lib.isolation

finding contains {
	"message": sprintf("no NetworkPolicy in what was scanned denies ingress to all pods of namespace %q", [n.name]),
	"about": n.id,
	"path": ["metadata", "name"],
	"severity": severity(n.name),
} if {
	some n in inventory.objects("Namespace")
	not n.name in {"kube-system", "kube-public", "kube-node-lease"}
	isolation.judged(n.name)
	not n.name in isolation.closed.Ingress
}

# Where policies are in use, one that is missing was forgotten.
severity(namespace) := "medium" if {
	namespace in isolation.namespaces
} else := "low"
