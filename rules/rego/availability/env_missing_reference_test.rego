package seawall.rules.env_missing_reference_test

import data.seawall.rules.env_missing_reference.finding

test_key_is_not_there if {
	count(finding) == 1 with data.inventory as {"objects": {"Secret": [{"id": 1, "name": "s", "namespace": "", "object": {"data": {"a": null}}}], "ConfigMap": []}, "workloads": [{"id": 0, "namespace": "", "path": [], "references": [{"kind": "Secret", "name": "s", "key": "b", "optional": false, "container": "c", "containers": "containers", "container_index": 0, "list": "env", "index": 0}]}]}
}

test_key_is_there if {
	count(finding) == 0 with data.inventory as {"objects": {"Secret": [{"id": 1, "name": "s", "namespace": "", "object": {"stringData": {"b": null}}}], "ConfigMap": []}, "workloads": [{"id": 0, "namespace": "", "path": [], "references": [{"kind": "Secret", "name": "s", "key": "b", "optional": false, "container": "c", "containers": "containers", "container_index": 0, "list": "env", "index": 0}]}]}
}

test_none_of_the_kind if {
	count(finding) == 0 with data.inventory as {"objects": {"Secret": [], "ConfigMap": []}, "workloads": [{"id": 0, "namespace": "", "path": [], "references": [{"kind": "Secret", "name": "s", "key": "b", "optional": false, "container": "c", "containers": "containers", "container_index": 0, "list": "env", "index": 0}]}]}
}
