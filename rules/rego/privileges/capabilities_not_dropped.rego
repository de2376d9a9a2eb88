# METADATA
# title: Container keeps the default capabilities
# description: >-
#   Container runtimes give fourteen capabilities to every container, among them to send raw
#   packets, to change owners and to become any user. Most programs need none.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
# custom:
#   id: capabilities-not-dropped
#   severity: low
#   remedy: >-
#     Set securityContext.capabilities.drop: [ALL], and add back what the program needs.
#   kinds: [workload]
#   pod_security: [capabilities_restricted]
#   controls:
#     pss-restricted: ["Capabilities"]
#     cis-kubernetes: ["5.2.8", "5.2.10"]
#   example: |
#     securityContext:
#       capabilities:
#         drop: [ALL]
#   aliases:
#     polaris: ["insecureCapabilities"]
#     kube-linter: ["drop-net-raw-capability"]
#     kubeaudit: ["capabilities"]
#     kubescape: ["C-0046"]
package seawall.rules.capabilities_not_dropped

import data.seawall.lib.pod

# What runtimes give; a list that drops each of them is as good as ALL.
defaults := {
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW",
	"SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

finding contains {
	"message": sprintf("container %q does not drop all capabilities", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "capabilities", "drop"]),
} if {
	some c in pod.containers
	not drops_all(c)
	not pod.windows
}

drops_all(c) if "ALL" in c.value.securityContext.capabilities.drop

drops_all(c) if {
	drop := c.value.securityContext.capabilities.drop
	count(drop) > 0
	dropped := {name | some d in drop; is_string(d); name := trim_prefix(upper(d), "CAP_")}
	holds_all(dropped)
}

holds_all(dropped) if "ALL" in dropped

holds_all(dropped) if count(defaults - dropped) == 0
