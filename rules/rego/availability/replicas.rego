# METADATA
# title: Too few replicas
# description: >-
#   With a single copy every restart, eviction and update is an outage.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
#   - https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
# custom:
#   id: replicas
#   severity: low
#   remedy: >-
#     Set spec.replicas to 2 or more, or let a HorizontalPodAutoscaler with minReplicas do it.
#     The parameter minimumReplicas says how many are asked for.
#   kinds: [apps/Deployment, extensions/Deployment, Deployment, apps.openshift.io/DeploymentConfig]
#   parameters: [minimumReplicas]
#   aliases:
#     polaris: ["deploymentMissingReplicas"]
#     kube-linter: ["minimum-three-replicas"]
#     kube-score: ["deployment-replicas"]
package seawall.rules.replicas

import data.seawall.lib.config

finding contains {
	"message": sprintf("replicas is %v, fewer than %v", [replicas, config.minimum_replicas]),
	"path": ["spec", "replicas"],
	"evidence": replicas,
} if {
	replicas := input.object.spec.replicas
	is_number(replicas)
	replicas > 0
	replicas < config.minimum_replicas
}
