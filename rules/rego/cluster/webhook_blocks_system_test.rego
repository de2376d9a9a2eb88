package seawall.rules.webhook_blocks_system_test

import data.seawall.lib.testing
import data.seawall.rules.webhook_blocks_system.finding

webhook(fields) := testing.object_input({
	"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "w"},
	"webhooks": [object.union({"name": "w.example.com", "rules": pods}, fields)],
})

pods := [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]

test_pods if {
	some f in finding with input as webhook({})
	f.message == "webhook w.example.com must answer for pods of all namespaces, kube-system included"
}

test_empty_selector if {
	count(finding) == 1 with input as webhook({"failurePolicy": "Fail", "namespaceSelector": {}})
}

test_excluded if {
	count(finding) == 0 with input as webhook({"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}})
}

test_fails_open if {
	count(finding) == 0 with input as webhook({"failurePolicy": "Ignore"})
}

test_other_resources if {
	count(finding) == 0 with input as webhook({"rules": [{"apiGroups": ["example.com"], "resources": ["widgets"], "operations": ["*"]}]})
	count(finding) == 0 with input as webhook({"rules": null})
}
