# METADATA
# title: Container has a capability that leads to the node
# description: >-
#   These capabilities undo what keeps a container apart: with some the kernel, devices, other
#   processes or the network of the node can be taken over.
# related_resources:
#   - https://man7.org/linux/man-pages/man7/capabilities.7.html
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: capability-dangerous
#   severity: high
#   remedy: >-
#     Remove the capability from securityContext.capabilities.add.
#   kinds: [workload]
#   pod_security: [capabilities_baseline]
#   controls:
#     pss-baseline: ["Capabilities"]
#     pss-restricted: ["Capabilities"]
#     cis-kubernetes: ["5.2.9"]
#     mitre: ["T1611"]
#   aliases:
#     polaris: ["dangerousCapabilities"]
#     kubeaudit: ["capabilities"]
#     kubescape: ["C-0046"]
package seawall.rules.capability_dangerous

import data.seawall.lib.pod

critical := {"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "BPF", "DAC_READ_SEARCH"}

dangerous := critical | {
	"NET_ADMIN", "SYS_BOOT", "SYS_TIME", "SYSLOG", "MAC_ADMIN", "MAC_OVERRIDE", "PERFMON", "AUDIT_CONTROL",
	"CHECKPOINT_RESTORE", "LINUX_IMMUTABLE", "SYS_PACCT", "WAKE_ALARM", "SYS_TTY_CONFIG", "LEASE",
	"BLOCK_SUSPEND", "SYS_NICE", "SYS_RESOURCE", "IPC_LOCK", "IPC_OWNER", "NET_BROADCAST",
}

finding contains {
	"message": sprintf("container %q has capability %v", [c.name, name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "capabilities", "add"]),
	"evidence": added,
	"key": name,
	"severity": severity(name),
} if {
	some c in pod.containers
	some added in c.value.securityContext.capabilities.add
	name := trim_prefix(upper(added), "CAP_")
	name in dangerous
}

severity(name) := "critical" if {
	name in critical
} else := "high"
