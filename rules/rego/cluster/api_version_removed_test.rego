package seawall.rules.api_version_removed_test

import data.seawall.lib.testing
import data.seawall.rules.api_version_removed.finding

test_gone if {
	count(finding) == 1 with input as testing.object_input({"apiVersion": "extensions/v1beta1", "kind": "NetworkPolicy"})
}

test_only_the_version_changes if {
	count(finding) == 1 with input as testing.object_input({"apiVersion": "batch/v1beta1", "kind": "CronJob"})
}

test_not_yet if {
	count(finding) == 0 with input as object.union(testing.object_input({"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget"}), {"config": {"targetVersion": "v1.24"}})
}

test_current if {
	count(finding) == 0 with input as testing.object_input({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"})
}

test_the_fix_writes_the_version if {
	some f in finding with input as testing.object_input({"apiVersion": "batch/v1beta1", "kind": "CronJob"})
	f.fix == [{"op": "replace", "path": ["apiVersion"], "value": "batch/v1"}]
}

test_no_fix_where_fields_change if {
	some f in finding with input as testing.object_input({"apiVersion": "extensions/v1beta1", "kind": "Ingress"})
	not "fix" in object.keys(f)
}
