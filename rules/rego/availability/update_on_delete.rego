# METADATA
# title: Updates wait for somebody to delete pods
# description: >-
#   With OnDelete a new version, and a repaired one too, runs only where somebody deletes the
#   pod.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
#   - https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
# custom:
#   id: update-on-delete
#   severity: info
#   remedy: >-
#     Set updateStrategy.type: RollingUpdate.
#   kinds: [apps/DaemonSet, apps/StatefulSet]
package seawall.rules.update_on_delete

finding contains {
	"message": "the update strategy is OnDelete",
	"path": ["spec", "updateStrategy", "type"],
	"evidence": "OnDelete",
} if {
	input.object.spec.updateStrategy.type == "OnDelete"
}
