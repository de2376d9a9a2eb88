# METADATA
# title: Admission webhook is outside of the cluster
# description: >-
#   Every object that it is asked about, Secrets too if its rules say so, leaves the cluster;
#   whoever runs that address decides what is let in, or changes it.
# related_resources:
#   - https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
# custom:
#   id: webhook-external
#   severity: medium
#   remedy: >-
#     Serve the webhook from inside of the cluster (clientConfig.service), or narrow its
#     rules.
#   kinds: [admissionregistration.k8s.io/ValidatingWebhookConfiguration, admissionregistration.k8s.io/MutatingWebhookConfiguration]
#   controls:
#     mitre: ["T1557"]
#   aliases:
#     kubescape: ["C-0039"]
package seawall.rules.webhook_external

finding contains {
	"message": sprintf("webhook %v is asked at %v", [hook.name, hook.clientConfig.url]),
	"path": ["webhooks", i, "clientConfig", "url"],
	"evidence": hook.clientConfig.url,
	"key": sprintf("%v", [hook.name]),
} if {
	some i, hook in input.object.webhooks
	is_string(hook.clientConfig.url)
	not startswith(hook.clientConfig.url, "https://127.0.0.1")
	not startswith(hook.clientConfig.url, "https://localhost")
}
