# METADATA
# title: Slow start is covered by a delay, not by a startup probe
# description: >-
#   A long initialDelaySeconds is a guess: too short and the container is killed while it
#   starts, too long and a hang is found late.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
# custom:
#   id: startup-probe
#   severity: info
#   remedy: >-
#     Use a startupProbe; the other probes begin when it has succeeded.
#   kinds: [workload]
package seawall.rules.startup_probe

import data.seawall.lib.pod

finding contains {
	"message": sprintf("the liveness probe of container %q waits %v seconds", [c.name, delay]),
	"container": c.name,
	"path": pod.at(c, ["startupProbe"]),
	"evidence": delay,
} if {
	some c in pod.lasting
	delay := c.value.livenessProbe.initialDelaySeconds
	delay > 60
	not c.value.startupProbe
}
