# METADATA
# title: >-
#   Webhook can stop the system's own namespaces
# description: >-
#   The webhook must answer before pods may be written, in kube-system too. If it is down together
#   with its node, nothing that would bring it back can start: neither DNS, nor the network
#   plugin, nor the webhook itself.
# related_resources:
#   - https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
#   - https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#avoiding-operating-on-the-kube-system-namespace
# custom:
#   id: webhook-blocks-system
#   severity: low
#   remedy: >-
#     Exclude kube-system and the webhook's own namespace with a namespaceSelector.
#   kinds:
#     - admissionregistration.k8s.io/ValidatingWebhookConfiguration
#     - admissionregistration.k8s.io/MutatingWebhookConfiguration
#   controls:
#     nsa: ["9.1"]
#     mitre: ["T1499"]
#   example: |
#     namespaceSelector:
#       matchExpressions:
#         - key: kubernetes.io/metadata.name
#           operator: NotIn
#           values: [kube-system, my-webhook]
package seawall.rules.webhook_blocks_system

import data.seawall.lib.meta

finding contains {
	"message": sprintf("webhook %v must answer for pods of all namespaces, kube-system included", [hook.name]),
	"path": ["webhooks", i, "namespaceSelector"],
	"key": sprintf("%v", [hook.name]),
} if {
	some i, hook in input.object.webhooks
	meta.field(hook, "failurePolicy", "Fail") == "Fail"
	some rule in hook.rules
	on_pods(rule)
	writes(rule)
	meta.empty(hook, "namespaceSelector")
	meta.empty(hook, "objectSelector")
	meta.empty(hook, "matchConditions")
}

on_pods(rule) if {
	some group in rule.apiGroups
	group in {"", "*"}
	some resource in rule.resources
	resource in {"pods", "*", "*/*", "pods/*"}
}

writes(rule) if {
	some operation in rule.operations
	operation in {"CREATE", "UPDATE", "*"}
}
