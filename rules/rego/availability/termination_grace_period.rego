# METADATA
# title: Pod is ended without time to finish
# description: >-
#   With terminationGracePeriodSeconds 0 processes are killed at once: requests are cut off,
#   files left half written.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/pods/
# custom:
#   id: termination-grace-period
#   severity: low
#   remedy: >-
#     Remove it, or give the seconds that the program needs.
#   kinds: [workload]
package seawall.rules.termination_grace_period

import data.seawall.lib.pod

finding contains {
	"message": "terminationGracePeriodSeconds is 0: processes are killed at once",
	"path": pod.in_spec(["terminationGracePeriodSeconds"]),
	"evidence": 0,
} if {
	input.pod.spec.terminationGracePeriodSeconds == 0
}
