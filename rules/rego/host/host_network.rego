# METADATA
# title: Pod shares the host's network namespace
# description: >-
#   The pod sees all traffic of the node, reaches services that listen on its loopback address
#   (the kubelet, cloud metadata, daemons without authentication), and no NetworkPolicy applies
#   to it.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: host-network
#   severity: high
#   remedy: >-
#     Remove hostNetwork, or set it to false. Where a node agent really needs it, run it in a
#     namespace of its own with an exception.
#   kinds: [workload]
#   pod_security: [hostNamespaces]
#   controls:
#     pss-baseline: ["Host Namespaces"]
#     pss-restricted: ["Host Namespaces"]
#     cis-kubernetes: ["5.2.5"]
#     nsa: ["1.5"]
#     mitre: ["T1611"]
#   example: |
#     spec:
#       hostNetwork: false
#   aliases:
#     polaris: ["hostNetworkSet"]
#     kube-linter: ["host-network"]
#     kubeaudit: ["namespaces"]
#     kubescape: ["C-0041"]
package seawall.rules.host_network

import data.seawall.lib.pod

finding contains {
	"message": "the pod shares the host's network namespace (hostNetwork: true)",
	"path": pod.in_spec(["hostNetwork"]),
	"evidence": true,
} if {
	input.pod.spec.hostNetwork == true
}
