# METADATA
# title: No earlier version is kept to go back to
# description: >-
#   With revisionHistoryLimit 0 a roll-out that fails cannot be undone with kubectl rollout
#   undo.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
# custom:
#   id: revision-history
#   severity: info
#   remedy: >-
#     Remove revisionHistoryLimit, or keep one at least.
#   kinds: [apps/Deployment, apps/DaemonSet, apps/StatefulSet]
package seawall.rules.revision_history

finding contains {
	"message": "revisionHistoryLimit is 0: no version to go back to",
	"path": ["spec", "revisionHistoryLimit"],
	"evidence": 0,
} if {
	input.object.spec.revisionHistoryLimit == 0
}
