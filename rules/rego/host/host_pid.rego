# METADATA
# title: Pod shares the host's process namespace
# description: >-
#   Processes in the pod see those of the node and of all other pods, with their command lines
#   and environment, and with enough privilege can trace or kill them.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: host-pid
#   severity: high
#   remedy: >-
#     Remove hostPID, or set it to false. Where a node agent really needs it, run it in a
#     namespace of its own with an exception.
#   kinds: [workload]
#   pod_security: [hostNamespaces]
#   controls:
#     pss-baseline: ["Host Namespaces"]
#     pss-restricted: ["Host Namespaces"]
#     cis-kubernetes: ["5.2.3"]
#     nsa: ["1.3"]
#     mitre: ["T1611"]
#   example: |
#     spec:
#       hostPID: false
#   aliases:
#     polaris: ["hostPIDSet"]
#     kube-linter: ["host-pid"]
#     kubeaudit: ["namespaces"]
#     kubescape: ["C-0038"]
package seawall.rules.host_pid

import data.seawall.lib.pod

finding contains {
	"message": "the pod shares the host's process namespace (hostPID: true)",
	"path": pod.in_spec(["hostPID"]),
	"evidence": true,
} if {
	input.pod.spec.hostPID == true
}
