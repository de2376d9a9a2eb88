# METADATA
# title: Pod names a service account that is not there
# description: >-
#   The API server refuses the pods: nothing is started. Whoever may create an account of that
#   name decides what the pods may do.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
# custom:
#   id: service-account-missing
#   severity: low
#   remedy: >-
#     Add the ServiceAccount, or correct the name.
#   kinds: [workload]
#   scope: set
#   needs: [workload, ServiceAccount]
#   aliases:
#     kube-linter: ["non-existent-service-account"]
package seawall.rules.service_account_missing

import data.seawall.lib.inventory

finding contains {
	"message": sprintf("%s %q names service account %q, which is not in what was scanned", [w.kind, w.name, w.service_account]),
	"about": w.id,
	"path": array.concat(w.path, ["spec", "serviceAccountName"]),
	"evidence": w.service_account,
} if {
	count(inventory.objects("ServiceAccount")) > 0
	some w in inventory.workloads
	w.service_account != "default"
	not there(w)
}

there(w) if {
	some account in inventory.objects_in("ServiceAccount", w.namespace)
	account.name == w.service_account
}
