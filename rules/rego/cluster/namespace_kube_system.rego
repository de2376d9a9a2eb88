# METADATA
# title: Application runs in the cluster's own namespace
# description: >-
#   kube-system holds what keeps the cluster alive, with rights to match: whoever can change a
#   pod there can usually take its account.
# related_resources:
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: namespace-kube-system
#   severity: low
#   remedy: >-
#     Give the application a namespace of its own.
#   kinds: [workload]
#   controls:
#     nsa: ["1.12"]
#     mitre: ["T1036"]
package seawall.rules.namespace_kube_system

finding contains {
	"message": sprintf("the workload is in namespace %s", [namespace]),
	"path": ["metadata", "namespace"],
	"evidence": namespace,
} if {
	namespace := input.object.metadata.namespace
	namespace in {"kube-system", "kube-public", "kube-node-lease"}
}
