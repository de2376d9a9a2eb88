package seawall.rules.service_account_deprecated_field_test

import data.seawall.lib.testing
import data.seawall.rules.service_account_deprecated_field.finding

test_old if {
	count(finding) == 1 with input as testing.pod_input({"serviceAccount": "web"})
}

test_both_alike if {
	count(finding) == 0 with input as testing.pod_input({"serviceAccount": "web", "serviceAccountName": "web"})
}

test_new if {
	count(finding) == 0 with input as testing.pod_input({"serviceAccountName": "web"})
}

test_the_fix_renames if {
	some f in finding with input as testing.pod_input({"serviceAccount": "web"})
	[op.op | some op in f.fix] == ["add", "remove"]
}
