# METADATA
# title: Container adds capabilities
# description: >-
#   Each capability is a part of root's power. Few programs need any beyond NET_BIND_SERVICE.
# related_resources:
#   - https://man7.org/linux/man-pages/man7/capabilities.7.html
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
# custom:
#   id: capability-added
#   severity: low
#   remedy: >-
#     Remove what the program does not need from securityContext.capabilities.add.
#   kinds: [workload]
#   pod_security: [capabilities_restricted]
#   controls:
#     pss-restricted: ["Capabilities"]
#     cis-kubernetes: ["5.2.9"]
#   aliases:
#     polaris: ["insecureCapabilities"]
#     kubeaudit: ["capabilities"]
package seawall.rules.capability_added

import data.seawall.lib.pod

# What other rules tell: NET_RAW, and what leads to the node.
usual := {
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "SETFCAP", "SETGID", "SETPCAP",
	"SETUID", "SYS_CHROOT",
}

finding contains {
	"message": sprintf("container %q adds capability %v", [c.name, name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "capabilities", "add"]),
	"evidence": added,
	"key": name,
} if {
	some c in pod.containers
	some added in c.value.securityContext.capabilities.add
	name := trim_prefix(upper(added), "CAP_")
	name in usual
}
