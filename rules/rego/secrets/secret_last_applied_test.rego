package seawall.rules.secret_last_applied_test

import data.seawall.lib.testing
import data.seawall.rules.secret_last_applied.finding

secret(annotations) := testing.object_input({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "annotations": annotations}})

last_applied(object) := {"kubectl.kubernetes.io/last-applied-configuration": json.marshal(object)}

test_data if {
	some f in finding with input as secret(last_applied({"kind": "Secret", "data": {"password": "aHVudGVyMjI="}}))
	f.path == ["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"]
	not "evidence" in object.keys(f)
}

test_string_data if {
	count(finding) == 1 with input as secret(last_applied({"stringData": {"password": "hunter22"}}))
}

test_no_values if {
	count(finding) == 0 with input as secret(last_applied({"kind": "Secret", "data": {}}))
}

test_no_json if {
	count(finding) == 0 with input as secret({"kubectl.kubernetes.io/last-applied-configuration": "data"})
	count(finding) == 0 with input as secret({"kubectl.kubernetes.io/last-applied-configuration": 5})
	count(finding) == 0 with input as secret(null)
}
