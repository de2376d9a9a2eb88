# METADATA
# title: >-
#   Pods run in the node's default runtime
# description: >-
#   All containers of a node share its kernel. For code that is not trusted (of users, of plugins,
#   of builds) a RuntimeClass with a sandbox such as gVisor or Kata Containers puts another wall
#   between it and the node.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/runtime-class/
#   - https://kubernetes.io/docs/concepts/security/multi-tenancy/#sandboxing-containers
# custom:
#   id: runtime-class
#   severity: info
#   remedy: >-
#     Set runtimeClassName to a sandbox where code runs that you did not write.
#   kinds: [workload]
#   controls:
#     mitre: ["T1611"]
package seawall.rules.runtime_class

import data.seawall.lib.meta
import data.seawall.lib.pod

finding contains {
	"message": "no runtimeClassName: the containers share the node's kernel",
	"path": pod.in_spec(["runtimeClassName"]),
} if {
	meta.lacks(input.pod.spec, "runtimeClassName")
	not pod.windows
	not input.pod.spec.hostNetwork == true
}
