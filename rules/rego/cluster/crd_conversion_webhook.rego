# METADATA
# title: Conversion webhook is outside of the cluster or unverified
# description: >-
#   Every read and write of these objects goes through the conversion webhook; who stands in for
#   it reads and changes all of them.
# related_resources:
#   - https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion
# custom:
#   id: crd-conversion-webhook
#   severity: low
#   remedy: >-
#     Name a Service in clientConfig, with a caBundle or the annotation
#     cert-manager.io/inject-ca-from.
#   kinds: [apiextensions.k8s.io/CustomResourceDefinition]
#   controls:
#     nsa: ["2.2"]
#     mitre: ["T1557"]
package seawall.rules.crd_conversion_webhook

import data.seawall.lib.meta

injected if {
	some annotation in {"cert-manager.io/inject-ca-from", "cert-manager.io/inject-ca-from-secret", "service.beta.openshift.io/inject-cabundle"}
	meta.annotations[annotation]
}

client := input.object.spec.conversion.webhook.clientConfig if input.object.spec.conversion.strategy == "Webhook"

finding contains {
	"message": sprintf("%s is converted by a webhook outside of the cluster: %s", [meta.title, client.url]),
	"path": ["spec", "conversion", "webhook", "clientConfig", "url"],
	"evidence": client.url,
	"severity": "medium",
} if {
	is_string(client.url)
}

finding contains {
	"message": sprintf("%s is converted by a webhook without caBundle", [meta.title]),
	"path": ["spec", "conversion", "webhook", "clientConfig", "caBundle"],
} if {
	is_object(client.service)
	meta.field(client, "caBundle", "") == ""
	not injected
}
