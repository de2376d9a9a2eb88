# METADATA
# title: Nothing bounds how many copies may be evicted at once
# description: >-
#   Without a PodDisruptionBudget the draining of nodes may take all copies away together.
# related_resources:
#   - https://kubernetes.io/docs/tasks/run-application/configure-pdb/
#   - https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
# custom:
#   id: pdb-missing
#   severity: info
#   remedy: >-
#     Add a PodDisruptionBudget with maxUnavailable: 1 whose selector matches the pods.
#   kinds: [workload]
#   scope: set
#   needs: [workload, policy/PodDisruptionBudget]
#   aliases:
#     polaris: ["missingPodDisruptionBudget"]
#     kube-score: ["deployment-has-poddisruptionbudget", "statefulset-has-poddisruptionbudget"]
package seawall.rules.pdb_missing

import data.seawall.lib.disruption
import data.seawall.lib.inventory

finding contains {
	"message": sprintf("no PodDisruptionBudget in what was scanned covers the pods of %s %q", [w.kind, w.name]),
	"about": w.id,
	"path": w.path,
} if {
	some w in inventory.workloads
	w.kind in {"Deployment", "StatefulSet"}
	not object.get(w, "replicas", 2) < 2
	not bounded(w)
}

bounded(w) if {
	some p in inventory.objects_in("policy/PodDisruptionBudget", w.namespace)
	disruption.selects(p, w)
}
