# METADATA
# title: Disruption budget allows no disruption at all
# description: >-
#   With maxUnavailable 0 or minAvailable 100% no pod may be evicted: nodes cannot be drained,
#   and upgrades of the cluster stop.
# related_resources:
#   - https://kubernetes.io/docs/tasks/run-application/configure-pdb/
#   - https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
# custom:
#   id: pdb-blocks-everything
#   severity: medium
#   remedy: >-
#     Allow one at least: maxUnavailable: 1.
#   kinds: [policy/PodDisruptionBudget, PodDisruptionBudget]
#   aliases:
#     polaris: ["pdbDisruptionsIsZero"]
#     kube-linter: ["pdb-max-unavailable"]
package seawall.rules.pdb_blocks_everything

finding contains {
	"message": sprintf("%s is %v: no pod may be evicted", [field, value]),
	"path": ["spec", field],
	"evidence": value,
} if {
	some field, values in {"maxUnavailable": {0, "0", "0%"}, "minAvailable": {"100%"}}
	value := input.object.spec[field]
	value in values
}
