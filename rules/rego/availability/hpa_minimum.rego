# METADATA
# title: Autoscaler may leave too few replicas
# description: >-
#   With a single copy every restart, eviction and update is an outage.
# related_resources:
#   - https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
# custom:
#   id: hpa-minimum
#   severity: low
#   remedy: >-
#     Raise minReplicas. The parameter minimumReplicas says how many are asked for.
#   kinds: [autoscaling/HorizontalPodAutoscaler]
#   parameters: [minimumReplicas]
#   aliases:
#     polaris: ["hpaMinAvailability"]
#     kube-linter: ["hpa-minimum-three-replicas"]
package seawall.rules.hpa_minimum

import data.seawall.lib.config

finding contains {
	"message": sprintf("minReplicas is %v, fewer than %v", [least, config.minimum_replicas]),
	"path": ["spec", "minReplicas"],
	"evidence": least,
} if {
	least := input.object.spec.minReplicas
	is_number(least)
	least < config.minimum_replicas
}
