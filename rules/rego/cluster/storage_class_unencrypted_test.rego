package seawall.rules.storage_class_unencrypted_test

import data.seawall.lib.testing
import data.seawall.rules.storage_class_unencrypted.finding

class(provisioner, parameters) := testing.object_input({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "gp3"}, "provisioner": provisioner, "parameters": parameters})

test_unsaid if {
	some f in finding with input as class("ebs.csi.aws.com", {"type": "gp3"})
	f.message == `StorageClass "gp3" makes volumes that are not encrypted`
}

test_off if {
	count(finding) == 1 with input as class("kubernetes.io/aws-ebs", {"encrypted": "false"})
	count(finding) == 1 with input as class("ebs.csi.aws.com", null)
}

test_on if {
	count(finding) == 0 with input as class("ebs.csi.aws.com", {"encrypted": "true"})
}

test_others if {
	count(finding) == 0 with input as class("pd.csi.storage.gke.io", {})
	count(finding) == 0 with input as class(null, {})
}
