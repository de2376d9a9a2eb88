# METADATA
# title: Disruption budget asks for more pods than the autoscaler keeps
# description: >-
#   When the autoscaler is at its minimum, the budget can never be met: no pod may be evicted.
# related_resources:
#   - https://kubernetes.io/docs/tasks/run-application/configure-pdb/
#   - https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
# custom:
#   id: pdb-above-autoscaler
#   severity: medium
#   remedy: >-
#     Raise the autoscaler's minReplicas above the budget's minAvailable.
#   kinds: [policy/PodDisruptionBudget]
#   scope: set
#   needs: [workload, autoscaling/HorizontalPodAutoscaler, policy/PodDisruptionBudget, keda.sh/ScaledObject]
#   aliases:
#     polaris: ["pdbMinAvailableGreaterThanHPAMinReplicas"]
package seawall.rules.pdb_above_autoscaler

import data.seawall.lib.disruption
import data.seawall.lib.inventory

finding contains {
	"message": sprintf("PodDisruptionBudget %q asks for %v pods of %s %q, its autoscaler keeps %v", [p.name, p.object.spec.minAvailable, w.kind, w.name, least]),
	"about": p.id,
	"path": ["spec", "minAvailable"],
	"evidence": p.object.spec.minAvailable,
	"key": w.name,
} if {
	some p in inventory.objects("policy/PodDisruptionBudget")
	some w in disruption.covered(p)
	least := disruption.autoscaled(w)
	disruption.amount(p.object.spec.minAvailable, least) > least
}
