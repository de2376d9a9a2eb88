# METADATA
# title: Namespace lets all traffic out
# description: >-
#   A program that was broken into fetches its tools from the internet, sends out what it found,
#   and looks for its neighbours and the cloud's metadata service. Denying egress by default stops
#   all of that.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic
# custom:
#   id: namespace-default-deny-egress
#   severity: low
#   remedy: >-
#     Add a NetworkPolicy with an empty podSelector and policyTypes [Egress], one that allows
#     DNS, and policies for the traffic that is wanted.
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
#       name: default-deny-egress
#       namespace: shop
#     spec:
#       podSelector: {}
#       policyTypes: [Egress]
#       egress:
#         - ports:
#             - {protocol: UDP, port: 53}
#             - {protocol: TCP, port: 53}
#           to:
#             - namespaceSelector:
#                 matchLabels:
#                   kubernetes.io/metadata.name: kube-system
#   aliases:
#     kubescape: ["C-0049", "C-0260"]
package seawall.rules.namespace_default_deny_egress

import data.seawall.lib.inventory
import data.seawall.lib.isolation

finding contains {
	"message": sprintf("no NetworkPolicy in what was scanned denies egress to all pods of namespace %q", [n.name]),
	"about": n.id,
	"path": ["metadata", "name"],
} if {
	some n in inventory.objects("Namespace")
	not n.name in {"kube-system", "kube-public", "kube-node-lease"}
	isolation.judged(n.name)
	not n.name in isolation.closed.Egress
}
