# METADATA
# title: Pod gets a token for the API server
# description: >-
#   Unless it is told not to, Kubernetes puts a token of its service account into every
#   container. Who gets into the container has it, and with it whatever the account may do.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
#   - https://www.cisecurity.org/benchmark/kubernetes
#   - https://attack.mitre.org/techniques/T1528/
# custom:
#   id: service-account-token
#   severity: medium
#   remedy: >-
#     Set automountServiceAccountToken: false on the pod or on its ServiceAccount; where the
#     token is needed, on that pod alone.
#   kinds: [workload]
#   scope: set
#   needs: [workload, ServiceAccount]
#   controls:
#     cis-kubernetes: ["5.1.6"]
#     nsa: ["1.11"]
#     mitre: ["T1528"]
#   example: |
#     spec:
#       automountServiceAccountToken: false
#   aliases:
#     polaris: ["automountServiceAccountToken"]
#     kubeaudit: ["asat"]
#     kubescape: ["C-0034"]
package seawall.rules.service_account_token

import data.seawall.lib.inventory

finding contains {
	"message": sprintf("%s %q gets a token for the API server (automountServiceAccountToken is not false)", [w.kind, w.name]),
	"about": w.id,
	"path": array.concat(w.path, ["spec", "automountServiceAccountToken"]),
	"severity": severity(w),
} if {
	some w in inventory.workloads
	not w.automount == false
	not account_says_no(w)
}

# Said at the pod it holds whatever the account says; else the account is asked.
account_says_no(w) if {
	not w.automount
	some account in inventory.objects_in("ServiceAccount", w.namespace)
	account.name == w.service_account
	account.object.automountServiceAccountToken == false
}

# A pod that asks for it will need it; one that names an account of its own may.
severity(w) := "low" if {
	w.service_account != "default"
} else := "medium"
