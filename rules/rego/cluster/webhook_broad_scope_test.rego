package seawall.rules.webhook_broad_scope_test

import data.seawall.lib.testing
import data.seawall.rules.webhook_broad_scope.finding

webhook(kind, fields) := testing.object_input({
	"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": "w"},
	"webhooks": [object.union({"name": "w.example.com"}, fields)],
})

everything := [{"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"], "operations": ["*"]}]

test_everything if {
	some f in finding with input as webhook("ValidatingWebhookConfiguration", {"rules": everything})
	f.message == "webhook w.example.com is asked about all resources of all API groups"
	f.path == ["webhooks", 0, "rules", 0]
	f.severity == "low"
}

test_changing_everything if {
	some f in finding with input as webhook("MutatingWebhookConfiguration", {"rules": everything})
	f.severity == "medium"
}

test_pods if {
	count(finding) == 0 with input as webhook("ValidatingWebhookConfiguration", {"rules": [{"apiGroups": [""], "resources": ["pods"]}]})
	count(finding) == 0 with input as webhook("ValidatingWebhookConfiguration", {"rules": [{"apiGroups": ["apps"], "resources": ["*"]}]})
}

test_narrowed if {
	count(finding) == 0 with input as webhook("ValidatingWebhookConfiguration", {"rules": everything, "objectSelector": {"matchLabels": {"a": "b"}}})
}

test_odd_shapes if {
	count(finding) == 0 with input as webhook("ValidatingWebhookConfiguration", {"rules": null})
	count(finding) == 0 with input as webhook("ValidatingWebhookConfiguration", {"rules": [null, {"apiGroups": "*", "resources": "*"}]})
}
