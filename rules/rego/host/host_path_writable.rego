# METADATA
# title: Container may write to a directory of the node
# description: >-
#   What the container writes there the node reads: files that are run, loaded or trusted by
#   others turn a fault in the container into one of the node.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/
#   - https://attack.mitre.org/techniques/T1611/
# custom:
#   id: host-path-writable
#   severity: high
#   remedy: >-
#     Set readOnly: true on the volumeMount, or use a volume that is not the node's.
#   kinds: [workload]
#   controls:
#     mitre: ["T1611", "T1543"]
#   aliases:
#     kube-linter: ["writable-host-mount"]
#     kubescape: ["C-0045"]
package seawall.rules.host_path_writable

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q may write to %v of the node", [c.name, v.value.hostPath.path]),
	"container": c.name,
	"path": pod.at(c, ["volumeMounts", i, "readOnly"]),
	"evidence": mount.mountPath,
	"key": v.name,
} if {
	count(pod.host_paths) > 0
	some c in pod.containers
	some i, mount in c.value.volumeMounts
	not mount.readOnly == true
	some v in pod.host_paths
	v.name == mount.name
}
