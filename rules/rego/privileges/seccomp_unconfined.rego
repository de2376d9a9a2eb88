# METADATA
# title: Seccomp is turned off for a container
# description: >-
#   Unconfined takes away the filter of system calls that the runtime or the node would have
#   set.
# related_resources:
#   - https://kubernetes.io/docs/tutorials/security/seccomp/
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: seccomp-unconfined
#   severity: medium
#   remedy: >-
#     Set securityContext.seccompProfile.type: RuntimeDefault, or Localhost with a profile of
#     your own.
#   kinds: [workload]
#   pod_security: [seccompProfile_baseline]
#   controls:
#     pss-baseline: ["Seccomp"]
#     pss-restricted: ["Seccomp"]
#     cis-kubernetes: ["5.7.2"]
#     nsa: ["1.10"]
#   aliases:
#     kubeaudit: ["seccomp"]
#     kubescape: ["C-0055"]
package seawall.rules.seccomp_unconfined

import data.seawall.lib.pod

finding contains {
	"message": sprintf("seccomp is turned off for container %q (Unconfined)", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "seccompProfile", "type"]),
	"evidence": "Unconfined",
} if {
	some c in pod.containers
	pod.effective(c, "seccompProfile").type == "Unconfined"
}
