# METADATA
# title: NetworkPolicy has rules for a direction that it does not isolate
# description: >-
#   Rules count only if policyTypes names their direction. Here they have no effect, and traffic
#   in that direction is not limited, which is the opposite of what was written.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
# custom:
#   id: network-policy-ignored-rules
#   severity: medium
#   remedy: >-
#     Add the direction to spec.policyTypes, or remove the rules.
#   kinds: [networking.k8s.io/NetworkPolicy]
#   controls:
#     cis-kubernetes: ["5.3.2"]
#     nsa: ["2.0"]
#   aliases:
#     polaris: [missingNetworkPolicy]
package seawall.rules.network_policy_ignored_rules

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s has %s rules that do not count: policyTypes lacks %s", [meta.title, field, type]),
	"path": ["spec", "policyTypes"],
	"key": field,
	"evidence": input.object.spec.policyTypes,
} if {
	meta.filled(input.object.spec.policyTypes)
	some field, type in {"ingress": "Ingress", "egress": "Egress"}
	meta.filled(input.object.spec[field])
	not type in input.object.spec.policyTypes
}
