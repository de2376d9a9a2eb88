# METADATA
# title: NetworkPolicy accepts traffic from all namespaces
# description: >-
#   An empty namespaceSelector matches every namespace, so that a pod anywhere in the cluster may
#   connect.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-multiple-namespaces-by-label
# custom:
#   id: network-policy-all-namespaces
#   severity: low
#   remedy: >-
#     Select namespaces by label, for one of them by kubernetes.io/metadata.name, and pods by a
#     podSelector beside it.
#   kinds: [networking.k8s.io/NetworkPolicy]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1046"]
#   example: |
#     from:
#       - namespaceSelector:
#           matchLabels:
#             kubernetes.io/metadata.name: ingress-nginx
#         podSelector:
#           matchLabels:
#             app.kubernetes.io/name: ingress-nginx
package seawall.rules.network_policy_all_namespaces

import data.seawall.lib.meta
import data.seawall.lib.network

finding contains {
	"message": sprintf("%s accepts traffic from all pods of all namespaces", [meta.title]),
	"path": ["spec", "ingress", i, "from", j, "namespaceSelector"],
} if {
	"Ingress" in network.directions(input.object.spec)
	some i, rule in input.object.spec.ingress
	some j, peer in rule.from
	network.all_pods(peer)
}
