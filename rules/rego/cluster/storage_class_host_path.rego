# METADATA
# title: >-
#   StorageClass keeps data on the nodes' own disks
# description: >-
#   Volumes are directories of the node: they are shared with whatever else runs there, have no
#   limit on their size, and are gone with the node.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
# custom:
#   id: storage-class-host-path
#   severity: low
#   remedy: >-
#     Use a storage driver with volumes of their own (CSI), for local disks one that makes
#     logical volumes.
#   kinds: [storage.k8s.io/StorageClass]
#   controls:
#     cis-kubernetes: ["5.2.12"]
#     mitre: ["T1611"]
package seawall.rules.storage_class_host_path

import data.seawall.lib.meta

provisioners := {
	"rancher.io/local-path", "k8s.io/minikube-hostpath", "docker.io/hostpath", "microk8s.io/hostpath",
	"openebs.io/local", "kubernetes.io/host-path", "hostpath.csi.k8s.io", "kubevirt.io.hostpath-provisioner",
}

finding contains {
	"message": sprintf("%s keeps volumes in directories of the nodes (%s)", [meta.title, input.object.provisioner]),
	"path": ["provisioner"],
	"evidence": input.object.provisioner,
} if {
	input.object.provisioner in provisioners
}
