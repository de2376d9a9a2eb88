# METADATA
# title: SELinux context is set to a type that confines less
# description: >-
#   On nodes with SELinux the type of a process decides what it may touch. Types other than
#   those for containers, and users and roles, can take that confinement away.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
# custom:
#   id: selinux-options
#   severity: medium
#   remedy: >-
#     Remove seLinuxOptions, or keep to the types container_t, container_init_t,
#     container_kvm_t and container_engine_t.
#   kinds: [workload]
#   pod_security: [seLinuxOptions]
#   controls:
#     pss-baseline: ["SELinux"]
#     pss-restricted: ["SELinux"]
#     nsa: ["1.8"]
#   aliases:
#     kubescape: ["C-0055"]
package seawall.rules.selinux_options

import data.seawall.lib.pod

allowed := {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}

finding contains {
	"message": sprintf("the pod's SELinux %v is %v", [field, value]),
	"path": pod.in_spec(["securityContext", "seLinuxOptions", field]),
	"evidence": value,
} if {
	some field, value in input.pod.spec.securityContext.seLinuxOptions
	loosens(field, value)
}

finding contains {
	"message": sprintf("the SELinux %v of container %q is %v", [field, c.name, value]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "seLinuxOptions", field]),
	"evidence": value,
} if {
	some c in pod.containers
	some field, value in c.value.securityContext.seLinuxOptions
	loosens(field, value)
}

loosens("type", value) if not value in allowed

loosens(field, value) if {
	field in {"user", "role"}
	value != ""
}
