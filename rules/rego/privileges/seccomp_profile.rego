# METADATA
# title: Container names no seccomp profile
# description: >-
#   Without a seccomp profile the container may use every system call of the kernel, those with
#   known faults too. The profile RuntimeDefault forbids some 50 that programs hardly need.
# related_resources:
#   - https://kubernetes.io/docs/tutorials/security/seccomp/
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: seccomp-profile
#   severity: low
#   remedy: >-
#     Set securityContext.seccompProfile.type: RuntimeDefault for the pod.
#   kinds: [workload]
#   pod_security: [seccompProfile_restricted]
#   controls:
#     pss-restricted: ["Seccomp"]
#     cis-kubernetes: ["5.7.2"]
#     nsa: ["1.10"]
#   example: |
#     securityContext:
#       seccompProfile:
#         type: RuntimeDefault
#   aliases:
#     polaris: ["linuxHardening"]
#     kubeaudit: ["seccomp"]
#     kube-score: ["container-seccomp-profile"]
#     kubescape: ["C-0055"]
package seawall.rules.seccomp_profile

import data.seawall.lib.pod

finding contains object.union(said, fix) if {
	some c in pod.containers
	not has_profile(c)
	not pod.windows
	said := {
		"message": sprintf("container %q runs without a seccomp profile", [c.name]),
		"container": c.name,
		"path": pod.at(c, ["securityContext", "seccompProfile", "type"]),
	}
}

has_profile(c) if pod.effective(c, "seccompProfile").type

# For the whole pod, where it says nothing of seccomp: the profile lets through what containers are built for.
default fix := {}

fix := {"fix": [{"op": "add", "path": pod.in_spec(["securityContext"]), "value": {"seccompProfile": {"type": "RuntimeDefault"}}}]} if {
	object.get(input.pod.spec, "securityContext", null) == null
}

fix := {"fix": [{"op": "add", "path": pod.in_spec(["securityContext", "seccompProfile"]), "value": {"type": "RuntimeDefault"}}]} if {
	is_object(input.pod.spec.securityContext)
	object.get(input.pod.spec.securityContext, "seccompProfile", null) == null
}
