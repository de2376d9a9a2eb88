# METADATA
# title: Disruption budget asks for all replicas that there are
# description: >-
#   As many pods must be available as there are at least: none may be evicted, so nodes cannot
#   be drained.
# related_resources:
#   - https://kubernetes.io/docs/tasks/run-application/configure-pdb/
#   - https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
# custom:
#   id: pdb-blocks-eviction
#   severity: low
#   remedy: >-
#     Ask for fewer than there are replicas, or use maxUnavailable: 1.
#   kinds: [policy/PodDisruptionBudget]
#   scope: set
#   needs: [workload, autoscaling/HorizontalPodAutoscaler, policy/PodDisruptionBudget, keda.sh/ScaledObject]
#   aliases:
#     kube-linter: ["pdb-min-available"]
package seawall.rules.pdb_blocks_eviction

import data.seawall.lib.disruption
import data.seawall.lib.inventory

finding contains {
	"message": sprintf("PodDisruptionBudget %q asks for %v of the %v replicas of %s %q", [p.name, needed, replicas, w.kind, w.name]),
	"about": p.id,
	"path": ["spec", "minAvailable"],
	"evidence": p.object.spec.minAvailable,
	"key": w.name,
} if {
	some p in inventory.objects("policy/PodDisruptionBudget")
	needed := p.object.spec.minAvailable
	is_number(needed)
	some w in disruption.covered(p)
	replicas := disruption.replicas(w)
	needed >= replicas
}
