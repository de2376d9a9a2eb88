# METADATA
# title: Webhook is asked about everything
# description: >-
#   A webhook for all groups and resources sees every object that is written, Secrets included,
#   slows down every request, and with failurePolicy Fail stops the cluster when it is down.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules
#   - https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
# custom:
#   id: webhook-broad-scope
#   severity: low
#   remedy: >-
#     Name the groups and resources that the webhook judges.
#   kinds:
#     - admissionregistration.k8s.io/ValidatingWebhookConfiguration
#     - admissionregistration.k8s.io/MutatingWebhookConfiguration
#   controls:
#     nsa: ["9.1"]
#     mitre: ["T1552"]
#   aliases:
#     kubescape: ["C-0036", "C-0039"]
package seawall.rules.webhook_broad_scope

import data.seawall.lib.meta

finding contains {
	"message": sprintf("webhook %v is asked about all resources of all API groups", [hook.name]),
	"path": ["webhooks", i, "rules", j],
	"key": sprintf("%v", [hook.name]),
	"severity": severity,
} if {
	some i, hook in input.object.webhooks
	some j, rule in hook.rules
	"*" in rule.apiGroups
	some resource in rule.resources
	resource in {"*", "*/*"}
	not narrowed(hook)
}

severity := "medium" if {
	input.object.kind == "MutatingWebhookConfiguration"
} else := "low"

narrowed(hook) if meta.filled(hook.matchConditions)

narrowed(hook) if meta.filled(hook.objectSelector)

narrowed(hook) if meta.filled(hook.namespaceSelector.matchLabels)
