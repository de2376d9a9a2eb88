# METADATA
# title: Autoscaler has no room to scale
# description: >-
#   With minReplicas not below maxReplicas the number of copies never changes, whatever the
#   load.
# related_resources:
#   - https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
# custom:
#   id: hpa-cannot-scale
#   severity: low
#   remedy: >-
#     Raise maxReplicas above minReplicas, or remove the autoscaler.
#   kinds: [autoscaling/HorizontalPodAutoscaler]
#   aliases:
#     polaris: ["hpaMaxAvailability"]
package seawall.rules.hpa_cannot_scale

finding contains {
	"message": sprintf("maxReplicas is %v, not above minReplicas, %v", [most, least]),
	"path": ["spec", "maxReplicas"],
	"evidence": most,
} if {
	most := input.object.spec.maxReplicas
	least := input.object.spec.minReplicas
	is_number(most)
	is_number(least)
	most <= least
}
