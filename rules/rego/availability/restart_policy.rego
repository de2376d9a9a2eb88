# METADATA
# title: Containers that end are not started again
# description: >-
#   With restartPolicy Never a container that ended for a passing reason stays ended.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/pods/
# custom:
#   id: restart-policy
#   severity: info
#   remedy: >-
#     Use OnFailure for jobs, Always for services.
#   kinds: [workload]
#   aliases:
#     kube-linter: ["restart-policy"]
package seawall.rules.restart_policy

import data.seawall.lib.pod

finding contains {
	"message": sprintf("restartPolicy is %v", [policy]),
	"path": pod.in_spec(["restartPolicy"]),
	"evidence": policy,
} if {
	policy := input.pod.spec.restartPolicy
	not policy in {"Always", "OnFailure", "", null}
}
