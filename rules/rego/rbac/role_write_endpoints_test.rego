package seawall.rules.role_write_endpoints_test

import data.seawall.lib.testing
import data.seawall.rules.role_write_endpoints.finding

role(rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
	"metadata": {"name": "tool"}, "rules": [rule],
})

test_endpoints if {
	some f in finding with input as role({"apiGroups": [""], "resources": ["endpoints"], "verbs": ["update"]})
	f.message == `Role "tool" lets its holders update endpoints`
}

test_slices if {
	count(finding) == 1 with input as role({"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["create", "patch"]})
}

test_reading if {
	count(finding) == 0 with input as role({"apiGroups": [""], "resources": ["endpoints"], "verbs": ["get", "list", "watch"]})
}

test_one_by_name if {
	count(finding) == 0 with input as role({"apiGroups": [""], "resources": ["endpoints"], "verbs": ["update"], "resourceNames": ["leader"]})
}
