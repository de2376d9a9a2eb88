# METADATA
# title: Container has none of the kernel's protections
# description: >-
#   Neither seccomp, AppArmor nor SELinux is set for the container, and it drops no capability:
#   nothing stands between a fault in it and the kernel's whole surface.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: linux-hardening
#   severity: medium
#   remedy: >-
#     Set one at least, best all: seccompProfile RuntimeDefault for the pod,
#     capabilities.drop: [ALL] for each container.
#   kinds: [workload]
#   pod_security: [seccompProfile_restricted, capabilities_restricted]
#   controls:
#     nsa: ["1.8", "1.9", "1.10"]
#     cis-kubernetes: ["5.7.3"]
#   aliases:
#     polaris: ["linuxHardening"]
#     kubescape: ["C-0055"]
package seawall.rules.linux_hardening

import data.seawall.lib.pod

prefix := "container.apparmor.security.beta.kubernetes.io/"

finding contains {
	"message": sprintf("container %q has neither seccomp, AppArmor nor SELinux set and drops no capability", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext"]),
} if {
	some c in pod.containers
	not protected(c)
	not pod.windows
}

protected(c) if {
	pod.effective(c, "seccompProfile").type != "Unconfined"
}

protected(c) if {
	count(c.value.securityContext.capabilities.drop) > 0
	not adds_all(c)
}

protected(c) if pod.effective(c, "appArmorProfile").type != "Unconfined"

protected(c) if pod.annotations[concat("", [prefix, c.name])] != "unconfined"

protected(c) if count(pod.effective(c, "seLinuxOptions")) > 0

adds_all(c) if {
	some added in c.value.securityContext.capabilities.add
	upper(added) == "ALL"
}
