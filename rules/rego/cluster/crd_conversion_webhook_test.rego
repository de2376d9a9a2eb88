package seawall.rules.crd_conversion_webhook_test

import data.seawall.lib.testing
import data.seawall.rules.crd_conversion_webhook.finding

crd(annotations, config) := testing.object_input({
	"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
	"metadata": {"name": "widgets.example.com", "annotations": annotations},
	"spec": {"conversion": {"strategy": "Webhook", "webhook": {"clientConfig": config}}},
})

test_outside if {
	some f in finding with input as crd({}, {"url": "https://convert.example.org/"})
	f.severity == "medium"
}

test_no_authority if {
	some f in finding with input as crd({}, {"service": {"name": "w"}})
	f.message == `CustomResourceDefinition "widgets.example.com" is converted by a webhook without caBundle`
}

test_sound if {
	count(finding) == 0 with input as crd({}, {"service": {"name": "w"}, "caBundle": "LS0t"})
	count(finding) == 0 with input as crd({"cert-manager.io/inject-ca-from": "a/b"}, {"service": {"name": "w"}})
}

test_no_webhook if {
	count(finding) == 0 with input as testing.object_input({"kind": "CustomResourceDefinition", "metadata": {"name": "a"}, "spec": {"conversion": {"strategy": "None"}}})
	count(finding) == 0 with input as testing.object_input({"kind": "CustomResourceDefinition", "metadata": {"name": "a"}, "spec": null})
}
