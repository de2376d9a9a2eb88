# METADATA
# title: Update stops all copies first
# description: >-
#   With another strategy than RollingUpdate the old pods are ended before new ones run: every
#   update is an outage.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
# custom:
#   id: update-strategy
#   severity: low
#   remedy: >-
#     Set strategy.type: RollingUpdate, unless two versions must never run at once.
#   kinds: [apps/Deployment, extensions/Deployment, Deployment, apps.openshift.io/DeploymentConfig]
#   aliases:
#     kube-linter: ["no-rolling-update-strategy"]
#     kube-score: ["deployment-strategy"]
package seawall.rules.update_strategy

finding contains {
	"message": sprintf("the update strategy is %v", [type]),
	"path": ["spec", "strategy", "type"],
	"evidence": type,
} if {
	type := input.object.spec.strategy.type
	not type in {"RollingUpdate", "Rolling", "", null}
}
