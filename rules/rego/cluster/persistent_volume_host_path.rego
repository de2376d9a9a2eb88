# METADATA
# title: PersistentVolume is a directory of a node
# description: >-
#   Whoever claims it reads and writes that directory of whichever node the pod lands on, past
#   any check of hostPath volumes.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/
#   - https://kubernetes.io/docs/concepts/storage/persistent-volumes/
# custom:
#   id: persistent-volume-host-path
#   severity: medium
#   remedy: >-
#     Use a storage class, or a local volume with node affinity.
#   kinds: [PersistentVolume]
#   controls:
#     cis-kubernetes: ["5.2.12"]
#     mitre: ["T1611"]
package seawall.rules.persistent_volume_host_path

finding contains {
	"message": sprintf("the volume is the directory %v of a node", [input.object.spec.hostPath.path]),
	"path": ["spec", "hostPath"],
	"evidence": input.object.spec.hostPath.path,
} if {
	is_object(input.object.spec.hostPath)
}
