# METADATA
# title: Webhook has no certificate authority
# description: >-
#   Without caBundle the API server trusts every authority of its operating system, or cannot
#   reach the webhook at all.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#authenticate-apiservers
# custom:
#   id: webhook-without-ca
#   severity: info
#   remedy: >-
#     Set clientConfig.caBundle, or let cert-manager fill it in with the annotation
#     cert-manager.io/inject-ca-from.
#   kinds:
#     - admissionregistration.k8s.io/ValidatingWebhookConfiguration
#     - admissionregistration.k8s.io/MutatingWebhookConfiguration
#   controls:
#     nsa: ["2.2", "9.1"]
#     mitre: ["T1557"]
package seawall.rules.webhook_without_ca

import data.seawall.lib.meta

injectors := {
	"cert-manager.io/inject-ca-from", "cert-manager.io/inject-ca-from-secret", "cert-manager.io/inject-apiserver-ca",
	"service.beta.openshift.io/inject-cabundle", "certmanager.k8s.io/inject-ca-from",
}

finding contains {
	"message": sprintf("webhook %v has no caBundle, and no annotation that fills it in", [hook.name]),
	"path": ["webhooks", i, "clientConfig", "caBundle"],
	"key": sprintf("%v", [hook.name]),
} if {
	count(injectors & object.keys(meta.annotations)) == 0
	some i, hook in input.object.webhooks
	meta.field(hook.clientConfig, "caBundle", "") == ""
	is_object(hook.clientConfig.service)
}
