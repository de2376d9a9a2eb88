# METADATA
# title: Pod runs as the namespace's default service account
# description: >-
#   Whatever is granted to the default account is granted to every pod that names none; rights
#   cannot be told apart, nor taken away from one.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
#   - https://www.cisecurity.org/benchmark/kubernetes
# custom:
#   id: service-account-default
#   severity: low
#   remedy: >-
#     Make a ServiceAccount for the workload and name it in serviceAccountName.
#   kinds: [workload]
#   controls:
#     cis-kubernetes: ["5.1.5"]
#     nsa: ["1.11"]
#     mitre: ["T1528"]
#   aliases:
#     kube-linter: ["default-service-account"]
#     kubeaudit: ["asat"]
package seawall.rules.service_account_default

import data.seawall.lib.pod

finding contains {
	"message": "the pod runs as the service account \"default\"",
	"path": pod.in_spec(["serviceAccountName"]),
} if {
	account in {"", "default"}
	not input.pod.spec.automountServiceAccountToken == false
}

account := input.pod.spec.serviceAccountName if {
	is_string(input.pod.spec.serviceAccountName)
	input.pod.spec.serviceAccountName != ""
} else := object.get(input.pod.spec, "serviceAccount", "")
