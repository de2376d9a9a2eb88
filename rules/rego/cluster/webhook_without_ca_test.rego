package seawall.rules.webhook_without_ca_test

import data.seawall.lib.testing
import data.seawall.rules.webhook_without_ca.finding

webhook(annotations, config) := testing.object_input({
	"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
	"metadata": {"name": "w", "annotations": annotations},
	"webhooks": [{"name": "w.example.com", "clientConfig": config}],
})

service := {"service": {"name": "w", "namespace": "w"}}

test_none if {
	some f in finding with input as webhook({}, service)
	f.message == "webhook w.example.com has no caBundle, and no annotation that fills it in"
}

test_empty if {
	count(finding) == 1 with input as webhook({}, object.union(service, {"caBundle": ""}))
}

test_given if {
	count(finding) == 0 with input as webhook({}, object.union(service, {"caBundle": "LS0t"}))
}

test_filled_in if {
	count(finding) == 0 with input as webhook({"cert-manager.io/inject-ca-from": "w/w"}, service)
}

test_odd_shapes if {
	count(finding) == 0 with input as webhook(null, null)
	count(finding) == 0 with input as webhook({}, {"url": "https://a"})
}
