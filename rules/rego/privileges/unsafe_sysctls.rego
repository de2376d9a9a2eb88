# METADATA
# title: Pod changes kernel settings that are not its own
# description: >-
#   Sysctls outside of the safe set are shared with the node or can exhaust it.
# related_resources:
#   - https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
# custom:
#   id: unsafe-sysctls
#   severity: medium
#   remedy: >-
#     Remove the sysctl, or keep to those that Kubernetes calls safe.
#   kinds: [workload]
#   pod_security: [sysctls]
#   controls:
#     pss-baseline: ["Sysctls"]
#     pss-restricted: ["Sysctls"]
#   aliases:
#     kube-linter: ["unsafe-sysctls"]
package seawall.rules.unsafe_sysctls

import data.seawall.lib.pod

safe := {
	"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
	"net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
	"net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
}

finding contains {
	"message": sprintf("the pod sets the unsafe sysctl %v", [sysctl.name]),
	"path": pod.in_spec(["securityContext", "sysctls", i]),
	"evidence": sysctl.name,
	"key": sysctl.name,
} if {
	some i, sysctl in input.pod.spec.securityContext.sysctls
	not replace(sysctl.name, "/", ".") in safe
}
