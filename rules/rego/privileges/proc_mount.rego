# METADATA
# title: Container sees all of /proc
# description: >-
#   Runtimes hide and protect parts of /proc, because they reach the kernel's memory and
#   settings. procMount other than Default undoes that.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   id: proc-mount
#   severity: medium
#   remedy: >-
#     Remove procMount.
#   kinds: [workload]
#   pod_security: [procMount]
#   controls:
#     pss-baseline: ["/proc Mount Type"]
#     pss-restricted: ["/proc Mount Type"]
#   aliases:
#     polaris: ["procMount"]
#     kube-linter: ["unsafe-proc-mount"]
package seawall.rules.proc_mount

import data.seawall.lib.pod

finding contains {
	"message": sprintf("procMount of container %q is %v", [c.name, value]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "procMount"]),
	"evidence": value,
} if {
	some c in pod.containers
	value := c.value.securityContext.procMount
	not value in {"Default", "", null}
}
