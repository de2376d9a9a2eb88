# METADATA
# title: Liveness and readiness are the same probe
# description: >-
#   A container that is only too busy is then restarted instead of being left out for a while:
#   under load all copies go down one after another.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
# custom:
#   id: probes-identical
#   severity: low
#   remedy: >-
#     Let liveness ask for less than readiness, or give it a higher failureThreshold.
#   kinds: [workload]
#   aliases:
#     kube-score: ["pod-probes"]
package seawall.rules.probes_identical

import data.seawall.lib.pod

finding contains {
	"message": sprintf("liveness and readiness probe of container %q are the same", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["livenessProbe"]),
} if {
	some c in pod.lasting
	is_object(c.value.livenessProbe)
	c.value.livenessProbe == c.value.readinessProbe
}
