# METADATA
# title: Container's mounts reach the node
# description: >-
#   With mountPropagation Bidirectional, what the container mounts appears on the node and in
#   other pods, and stays after the container has ended.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/
# custom:
#   id: mount-propagation
#   severity: high
#   remedy: >-
#     Remove mountPropagation, or use HostToContainer where the container only has to see the
#     node's mounts.
#   kinds: [workload]
#   controls:
#     mitre: ["T1611"]
package seawall.rules.mount_propagation

import data.seawall.lib.pod

finding contains {
	"message": sprintf("mounts of container %q below %v reach the node", [c.name, mount.mountPath]),
	"container": c.name,
	"path": pod.at(c, ["volumeMounts", i, "mountPropagation"]),
	"evidence": "Bidirectional",
	"key": mount.name,
} if {
	some c in pod.containers
	some i, mount in c.value.volumeMounts
	mount.mountPropagation == "Bidirectional"
}
