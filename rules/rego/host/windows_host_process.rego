# METADATA
# title: Windows container runs as a process of the host
# description: >-
#   A HostProcess container is a process of the node with its file system, network and
#   privileges.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
# custom:
#   id: windows-host-process
#   severity: critical
#   remedy: >-
#     Remove hostProcess: true. Only node agents need it.
#   kinds: [workload]
#   pod_security: [windowsHostProcess]
#   controls:
#     pss-baseline: ["HostProcess"]
#     pss-restricted: ["HostProcess"]
#     cis-kubernetes: ["5.2.11"]
#     mitre: ["T1611"]
#   aliases:
#     polaris: ["hostProcess"]
package seawall.rules.windows_host_process

import data.seawall.lib.pod

finding contains {
	"message": "the pod's containers run as processes of the Windows host",
	"path": pod.in_spec(["securityContext", "windowsOptions", "hostProcess"]),
	"evidence": true,
} if {
	input.pod.spec.securityContext.windowsOptions.hostProcess == true
}

finding contains {
	"message": sprintf("container %q runs as a process of the Windows host", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "windowsOptions", "hostProcess"]),
	"evidence": true,
} if {
	some c in pod.containers
	c.value.securityContext.windowsOptions.hostProcess == true
}
