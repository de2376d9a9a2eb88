# METADATA
# title: Admission webhook lets everything in when it cannot answer
# description: >-
#   With failurePolicy Ignore whoever can stop the webhook, or load it until it is slow, gets
#   past what it checks.
# related_resources:
#   - https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
# custom:
#   id: webhook-fails-open
#   severity: medium
#   remedy: >-
#     Set failurePolicy: Fail, with more than one replica and a namespaceSelector that leaves
#     the webhook's own namespace out.
#   kinds: [admissionregistration.k8s.io/ValidatingWebhookConfiguration, admissionregistration.k8s.io/MutatingWebhookConfiguration]
#   controls:
#     nsa: ["9.1"]
#     mitre: ["T1562"]
#   aliases:
#     kubescape: ["C-0036"]
package seawall.rules.webhook_fails_open

finding contains {
	"message": sprintf("webhook %v lets requests in that it cannot judge (failurePolicy Ignore)", [hook.name]),
	"path": ["webhooks", i, "failurePolicy"],
	"evidence": "Ignore",
	"key": sprintf("%v", [hook.name]),
} if {
	some i, hook in input.object.webhooks
	hook.failurePolicy == "Ignore"
}
