# METADATA
# title: Container has no readiness probe
# description: >-
#   Without one a pod gets traffic as soon as its processes run, ready or not: requests fail at
#   every roll-out.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
# custom:
#   id: readiness-probe
#   severity: low
#   remedy: >-
#     Add a readinessProbe that says whether the container can serve now.
#   kinds: [workload]
#   example: |
#     readinessProbe:
#       httpGet: {path: /healthz, port: http}
#   aliases:
#     polaris: ["readinessProbeMissing"]
#     kube-linter: ["no-readiness-probe"]
#     kube-score: ["pod-probes"]
#     kubescape: ["C-0018"]
package seawall.rules.readiness_probe

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q has no readiness probe", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["readinessProbe"]),
} if {
	not pod.runs_to_end
	some c in pod.lasting
	not is_object_at(c)
}

is_object_at(c) if is_object(c.value.readinessProbe)
