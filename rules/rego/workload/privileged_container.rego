# METADATA
# title: Container runs privileged
# description: >-
#   A privileged container has all capabilities, all devices of the node and no seccomp or AppArmor
#   profile. Whoever gets into it owns the node, and from there usually the cluster.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   id: privileged-container
#   severity: critical
#   remedy: >-
#     Remove securityContext.privileged. If the program needs a single privilege, add that capability
#     alone, or use a device plugin for the device.
#   kinds: [workload]
#   pod_security: [privileged]
#   controls:
#     pss-baseline: ["Privileged Containers"]
#     pss-restricted: ["Privileged Containers"]
#     cis-kubernetes: ["5.2.2"]
#     nsa: ["1.2"]
#     mitre: ["T1611"]
#   example: |
#     securityContext:
#       privileged: false
#       allowPrivilegeEscalation: false
#       capabilities:
#         drop: [ALL]
#   aliases:
#     polaris: [runAsPrivileged]
#     kube-linter: [privileged-container]
#     kubeaudit: [privileged]
#     kube-score: [container-security-context-privileged]
#     kubescape: ["C-0057"]
package seawall.rules.privileged_container

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q is privileged", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "privileged"]),
	"evidence": true,
} if {
	some c in pod.containers
	c.value.securityContext.privileged == true
}
