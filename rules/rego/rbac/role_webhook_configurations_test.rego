package seawall.rules.role_webhook_configurations_test

import data.seawall.lib.testing
import data.seawall.rules.role_webhook_configurations.finding

role(rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
	"metadata": {"name": "injector"}, "rules": [rule],
})

group := "admissionregistration.k8s.io"

test_two_kinds if {
	count(finding) == 2 with input as role({"apiGroups": [group], "resources": ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"], "verbs": ["patch"]})
}

test_policies if {
	some f in finding with input as role({"apiGroups": [group], "resources": ["validatingadmissionpolicybindings"], "verbs": ["delete", "get"]})
	f.message == `ClusterRole "injector" lets its holders delete validatingadmissionpolicybindings`
}

test_its_own if {
	count(finding) == 0 with input as role({"apiGroups": [group], "resources": ["mutatingwebhookconfigurations"], "verbs": ["patch"], "resourceNames": ["injector"]})
}

test_reading if {
	count(finding) == 0 with input as role({"apiGroups": [group], "resources": ["mutatingwebhookconfigurations"], "verbs": ["get", "list", "watch"]})
}
