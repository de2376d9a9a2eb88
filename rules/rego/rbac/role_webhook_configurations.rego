# METADATA
# title: Role lets its holders change admission control
# description: >-
#   Who may write webhook configurations or admission policies can switch off the checks of the
#   cluster, read every object that is written, Secrets included, or change them on their way in.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#control-admission-webhooks
# custom:
#   id: role-webhook-configurations
#   severity: medium
#   remedy: >-
#     Leave admission configuration to the cluster's administrators; limit controllers that keep
#     their own webhook up to date with resourceNames.
#   kinds: [rbac.authorization.k8s.io/ClusterRole]
#   controls:
#     cis-kubernetes: ["5.1.12"]
#     nsa: ["7.2", "9.1"]
#     mitre: ["T1562"]
package seawall.rules.role_webhook_configurations

import data.seawall.lib.rbac

resources := {
	"mutatingwebhookconfigurations", "validatingwebhookconfigurations",
	"mutatingadmissionpolicies", "validatingadmissionpolicies",
	"mutatingadmissionpolicybindings", "validatingadmissionpolicybindings",
}

finding contains rbac.told(r, resource, verbs, "medium") if {
	some r in rbac.rules
	not r.limited
	some resource in resources
	verbs := rbac.gives(r, "admissionregistration.k8s.io", resource, rbac.writing)
}
