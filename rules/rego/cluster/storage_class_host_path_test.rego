package seawall.rules.storage_class_host_path_test

import data.seawall.lib.testing
import data.seawall.rules.storage_class_host_path.finding

class(provisioner) := testing.object_input({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "local"}, "provisioner": provisioner})

test_local_path if {
	some f in finding with input as class("rancher.io/local-path")
	f.message == `StorageClass "local" keeps volumes in directories of the nodes (rancher.io/local-path)`
}

test_minikube if {
	count(finding) == 1 with input as class("k8s.io/minikube-hostpath")
}

test_drivers if {
	count(finding) == 0 with input as class("ebs.csi.aws.com")
	count(finding) == 0 with input as class("kubernetes.io/no-provisioner")
}

test_odd_shapes if {
	count(finding) == 0 with input as class(null)
	count(finding) == 0 with input as class(["rancher.io/local-path"])
}
