# METADATA
# title: Pod shares the host's IPC namespace
# description: >-
#   Processes in the pod reach the shared memory and semaphores of processes on the node, and
#   can read or change what these exchange.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: host-ipc
#   severity: high
#   remedy: >-
#     Remove hostIPC, or set it to false. Where a node agent really needs it, run it in a
#     namespace of its own with an exception.
#   kinds: [workload]
#   pod_security: [hostNamespaces]
#   controls:
#     pss-baseline: ["Host Namespaces"]
#     pss-restricted: ["Host Namespaces"]
#     cis-kubernetes: ["5.2.4"]
#     nsa: ["1.4"]
#     mitre: ["T1611"]
#   example: |
#     spec:
#       hostIPC: false
#   aliases:
#     polaris: ["hostIPCSet"]
#     kube-linter: ["host-ipc"]
#     kubeaudit: ["namespaces"]
#     kubescape: ["C-0038"]
package seawall.rules.host_ipc

import data.seawall.lib.pod

finding contains {
	"message": "the pod shares the host's IPC namespace (hostIPC: true)",
	"path": pod.in_spec(["hostIPC"]),
	"evidence": true,
} if {
	input.pod.spec.hostIPC == true
}
