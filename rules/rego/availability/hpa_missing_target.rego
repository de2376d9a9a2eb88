# METADATA
# title: Autoscaler scales what is not there
# description: >-
#   Its target does not exist: nothing is scaled.
# related_resources:
#   - https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
# custom:
#   id: hpa-missing-target
#   severity: low
#   remedy: >-
#     Correct kind and name in scaleTargetRef, or remove the autoscaler.
#   kinds: [autoscaling/HorizontalPodAutoscaler]
#   scope: set
#   needs: [workload, autoscaling/HorizontalPodAutoscaler]
#   aliases:
#     kube-linter: ["dangling-horizontalpodautoscaler"]
#     kube-score: ["horizontalpodautoscaler-has-target"]
package seawall.rules.hpa_missing_target

import data.seawall.lib.inventory

finding contains {
	"message": sprintf("HorizontalPodAutoscaler %q scales %v %q, which is not in what was scanned", [h.name, ref.kind, ref.name]),
	"about": h.id,
	"path": ["spec", "scaleTargetRef"],
	"evidence": ref.name,
} if {
	some h in inventory.objects("autoscaling/HorizontalPodAutoscaler")
	ref := h.object.spec.scaleTargetRef
	not there(h, ref)
}

there(h, ref) if {
	some w in inventory.workloads_in(h.namespace)
	w.kind == ref.kind
	w.name == ref.name
}

# Kinds that hold no pod template may be scaled too; whether they are there cannot be seen.
there(_, ref) if not ref.kind in {"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "DeploymentConfig", "Rollout"}
