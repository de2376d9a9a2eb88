# METADATA
# title: NetworkPolicy does not say which directions it isolates
# description: >-
#   Without policyTypes the directions follow from the rules: deleting the last egress rule does
#   not deny egress, but allows all of it.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
# custom:
#   id: network-policy-policy-types
#   severity: info
#   remedy: >-
#     Set spec.policyTypes to the directions that the policy is about.
#   kinds: [networking.k8s.io/NetworkPolicy]
#   controls:
#     nsa: ["2.0"]
package seawall.rules.network_policy_policy_types

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s has no policyTypes", [meta.title]),
	"path": ["spec", "policyTypes"],
	"severity": severity,
} if {
	is_object(input.object.spec)
	meta.empty(input.object.spec, "policyTypes")
}

severity := "low" if {
	meta.filled(input.object.spec.egress)
} else := "info"
