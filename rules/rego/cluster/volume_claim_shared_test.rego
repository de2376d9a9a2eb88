package seawall.rules.volume_claim_shared_test

import data.seawall.lib.testing
import data.seawall.rules.volume_claim_shared.finding

claim(modes) := testing.object_input({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "files"}, "spec": {"accessModes": modes}})

test_shared if {
	some f in finding with input as claim(["ReadWriteMany"])
	f.message == `PersistentVolumeClaim "files" can be written from many nodes at once (ReadWriteMany)`
}

test_among_others if {
	count(finding) == 1 with input as claim(["ReadWriteOnce", "ReadWriteMany"])
}

test_one_writer if {
	count(finding) == 0 with input as claim(["ReadWriteOncePod"])
	count(finding) == 0 with input as claim(["ReadOnlyMany"])
}

test_odd_shapes if {
	count(finding) == 0 with input as claim(null)
	count(finding) == 0 with input as claim("ReadWriteMany")
}
