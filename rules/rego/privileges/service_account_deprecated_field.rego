# METADATA
# title: Service account is named in a deprecated field
# description: >-
#   serviceAccount is an old name of serviceAccountName; if both are there and differ, what
#   holds is not what one reads.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
# custom:
#   id: service-account-deprecated-field
#   severity: low
#   remedy: >-
#     Use serviceAccountName.
#   kinds: [workload]
#   aliases:
#     kube-linter: ["deprecated-service-account-field"]
#     kubeaudit: ["asat"]
package seawall.rules.service_account_deprecated_field

import data.seawall.lib.pod

finding contains object.union(said, fix) if {
	is_string(input.pod.spec.serviceAccount)
	input.pod.spec.serviceAccount != ""
	object.get(input.pod.spec, "serviceAccountName", "") != input.pod.spec.serviceAccount
	said := {
		"message": sprintf("serviceAccount (%v) is deprecated", [input.pod.spec.serviceAccount]),
		"path": pod.in_spec(["serviceAccount"]),
		"evidence": input.pod.spec.serviceAccount,
	}
}

# Only the name changes: the API server copies one field to the other.
fix := {"fix": [
	{"op": "add", "path": pod.in_spec(["serviceAccountName"]), "value": input.pod.spec.serviceAccount},
	{"op": "remove", "path": pod.in_spec(["serviceAccount"])},
]} if {
	object.get(input.pod.spec, "serviceAccountName", null) == null
} else := {}
