# METADATA
# title: Admission policy does not deny anything
# description: >-
#   A policy whose binding only warns or audits, or that lets requests in when its expression
#   fails, stops nobody.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-actions
# custom:
#   id: admission-policy-not-enforced
#   severity: low
#   remedy: >-
#     Set validationActions to [Deny] (with Audit if you like) when the policy is rolled out,
#     and failurePolicy to Fail.
#   kinds:
#     - admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding
#     - admissionregistration.k8s.io/ValidatingAdmissionPolicy
#   controls:
#     cis-kubernetes: ["5.2.1"]
#     nsa: ["9.1"]
#     mitre: ["T1562"]
package seawall.rules.admission_policy_not_enforced

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s does not deny: its actions are %s", [meta.title, concat(", ", input.object.spec.validationActions)]),
	"path": ["spec", "validationActions"],
	"evidence": input.object.spec.validationActions,
} if {
	input.object.kind == "ValidatingAdmissionPolicyBinding"
	meta.filled(input.object.spec.validationActions)
	every action in input.object.spec.validationActions { is_string(action) }
	not "Deny" in input.object.spec.validationActions
}

finding contains {
	"message": sprintf("%s lets requests in that it cannot judge (failurePolicy Ignore)", [meta.title]),
	"path": ["spec", "failurePolicy"],
	"evidence": "Ignore",
} if {
	input.object.kind == "ValidatingAdmissionPolicy"
	input.object.spec.failurePolicy == "Ignore"
}
