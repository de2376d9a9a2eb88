# METADATA
# title: Volume in memory has no limit
# description: >-
#   Files of an emptyDir in memory count as memory. Without sizeLimit it grows to half of the
#   node's, and is then charged to the container that wrote last.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/
# custom:
#   id: empty-dir-memory
#   severity: medium
#   remedy: >-
#     Set sizeLimit on the emptyDir.
#   kinds: [workload]
#   controls:
#     nsa: ["4.1"]
#     mitre: ["T1499"]
package seawall.rules.empty_dir_memory

import data.seawall.lib.pod

finding contains {
	"message": sprintf("volume %q is in memory and has no sizeLimit", [v.name]),
	"path": pod.in_spec(["volumes", v.index, "emptyDir", "sizeLimit"]),
	"key": v.name,
} if {
	some v in pod.volumes
	v.value.emptyDir.medium == "Memory"
	object.get(v.value.emptyDir, "sizeLimit", null) == null
	unlimited
}

# Where every container has a memory limit, these bound the volume too.
unlimited if {
	some c in pod.planned
	not c.value.resources.limits.memory
}
