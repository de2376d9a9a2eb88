# METADATA
# title: Container has no liveness probe
# description: >-
#   Kubernetes restarts a container that ends, but not one that hangs, unless a probe tells.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
# custom:
#   id: liveness-probe
#   severity: low
#   remedy: >-
#     Add a livenessProbe that fails only if a restart would help.
#   kinds: [workload]
#   example: |
#     livenessProbe:
#       httpGet: {path: /healthz, port: http}
#   aliases:
#     polaris: ["livenessProbeMissing"]
#     kube-linter: ["no-liveness-probe"]
#     kube-score: ["pod-probes"]
#     kubescape: ["C-0056"]
package seawall.rules.liveness_probe

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q has no liveness probe", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["livenessProbe"]),
} if {
	not pod.runs_to_end
	some c in pod.lasting
	not is_object_at(c)
}

is_object_at(c) if is_object(c.value.livenessProbe)
