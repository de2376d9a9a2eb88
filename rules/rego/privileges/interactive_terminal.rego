# METADATA
# title: Container keeps a terminal open
# description: >-
#   stdin and tty together are what somebody leaves behind who looked for a fault; a service
#   needs neither.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/pods/
# custom:
#   id: interactive-terminal
#   severity: info
#   remedy: >-
#     Remove stdin and tty.
#   kinds: [workload]
package seawall.rules.interactive_terminal

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q keeps standard input and a terminal open", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["tty"]),
	"evidence": true,
} if {
	some c in pod.planned
	c.value.tty == true
	c.value.stdin == true
}
