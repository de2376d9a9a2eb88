# METADATA
# title: Container may run as root
# description: >-
#   Root in a container is root for the kernel: a fault in the runtime or the kernel, a writable
#   mount or a leaked socket then gives the node away. Images run as root unless they or the
#   manifest say otherwise.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: run-as-root
#   severity: medium
#   remedy: >-
#     Set runAsNonRoot: true and a runAsUser above 0, for the pod or for each container, with
#     an image that can run so.
#   kinds: [workload]
#   pod_security: [runAsNonRoot, runAsUser]
#   controls:
#     pss-restricted: ["Running as Non-root", "Running as Non-root user"]
#     cis-kubernetes: ["5.2.7"]
#     nsa: ["1.0", "1.6"]
#   example: |
#     securityContext:
#       runAsNonRoot: true
#       runAsUser: 10001
#   aliases:
#     polaris: ["runAsRootAllowed"]
#     kube-linter: ["run-as-non-root"]
#     kubeaudit: ["nonroot"]
#     kube-score: ["container-security-context-user-group-id"]
#     kubescape: ["C-0013"]
package seawall.rules.run_as_root

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q runs as root (runAsUser: 0)", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "runAsUser"]),
	"evidence": 0,
	"severity": "high",
} if {
	some c in pod.containers
	pod.effective(c, "runAsUser") == 0
}

finding contains {
	"message": sprintf("container %q may run as root: neither runAsNonRoot: true nor a runAsUser", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "runAsNonRoot"]),
} if {
	some c in pod.containers
	not non_root(c)
	not has_user(c)
	not pod.windows
}

non_root(c) if pod.effective(c, "runAsNonRoot") == true

has_user(c) if is_number(pod.effective(c, "runAsUser"))
