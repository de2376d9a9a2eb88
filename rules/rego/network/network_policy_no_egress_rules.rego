# METADATA
# title: NetworkPolicy for named pods allows them no egress at all
# description: >-
#   Egress is isolated and no rule allows any, not even looking up names. For a policy that is
#   written for one program, with rules for what may reach it, that usually was forgotten; the
#   pods work only as long as another policy opens egress.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic
# custom:
#   id: network-policy-no-egress-rules
#   severity: info
#   remedy: >-
#     Add egress rules, at least for DNS, or leave Egress to a policy that denies it for the
#     whole namespace.
#   kinds: [networking.k8s.io/NetworkPolicy]
#   controls:
#     nsa: ["2.0"]
#   aliases:
#     polaris: [missingNetworkPolicy]
package seawall.rules.network_policy_no_egress_rules

import data.seawall.lib.meta
import data.seawall.lib.network

finding contains {
	"message": sprintf("%s isolates egress and has ingress rules, but no egress rule, not even for DNS", [meta.title]),
	"path": ["spec", "egress"],
} if {
	"Egress" in input.object.spec.policyTypes
	meta.empty(input.object.spec, "egress")
	meta.filled(input.object.spec.ingress)
	not network.selects_all(input.object.spec)
}
