# METADATA
# title: Volume on the node's disk has no limit
# description: >-
#   An emptyDir without sizeLimit can fill the node's disk; then pods are evicted, others' too.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/
# custom:
#   id: empty-dir-size
#   severity: info
#   remedy: >-
#     Set sizeLimit on the emptyDir.
#   kinds: [workload]
#   controls:
#     mitre: ["T1499"]
package seawall.rules.empty_dir_size

import data.seawall.lib.pod

finding contains {
	"message": sprintf("volume %q has no sizeLimit", [v.name]),
	"path": pod.in_spec(["volumes", v.index, "emptyDir", "sizeLimit"]),
	"key": v.name,
} if {
	some v in pod.volumes
	is_object(v.value.emptyDir)
	object.get(v.value.emptyDir, "medium", "") != "Memory"
	object.get(v.value.emptyDir, "sizeLimit", null) == null
}
