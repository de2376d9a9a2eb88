# METADATA
# title: Admission webhook may hold requests up for long
# description: >-
#   Every request that it is asked about waits that long when it does not answer; controllers
#   and nodes with them.
# related_resources:
#   - https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
# custom:
#   id: webhook-timeout
#   severity: info
#   remedy: >-
#     Set timeoutSeconds to 10 or less.
#   kinds: [admissionregistration.k8s.io/ValidatingWebhookConfiguration, admissionregistration.k8s.io/MutatingWebhookConfiguration]
#   controls:
#     mitre: ["T1499"]
package seawall.rules.webhook_timeout

finding contains {
	"message": sprintf("webhook %v may take %v seconds", [hook.name, hook.timeoutSeconds]),
	"path": ["webhooks", i, "timeoutSeconds"],
	"evidence": hook.timeoutSeconds,
	"key": sprintf("%v", [hook.name]),
} if {
	some i, hook in input.object.webhooks
	hook.timeoutSeconds > 10
}
