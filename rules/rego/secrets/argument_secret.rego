# METADATA
# title: Command line holds a secret
# description: >-
#   Arguments are seen by everybody who may list processes or read the manifest, and end up in
#   logs.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/secret/
#   - https://attack.mitre.org/techniques/T1552/
# custom:
#   id: argument-secret
#   severity: high
#   remedy: >-
#     Pass the secret as a file from a Secret and name the file on the command line.
#   kinds: [workload]
#   controls:
#     nsa: ["6.3"]
#     mitre: ["T1552"]
package seawall.rules.argument_secret

import data.seawall.lib.pod
import data.seawall.lib.secret

finding contains {
	"message": sprintf("an argument of container %q holds a secret: %s", [c.name, option]),
	"container": c.name,
	"path": pod.at(c, [field, i]),
	"evidence": option,
	"key": option,
} if {
	some c in pod.containers
	some field in ["command", "args"]
	some i, argument in c.value[field]
	startswith(argument, "-")
	parts := split(argument, "=")
	count(parts) > 1
	option := trim_left(parts[0], "-")
	secret.is_name(option)
	secret.is_literal(concat("=", array.slice(parts, 1, count(parts))))
}

finding contains {
	"message": sprintf("an argument of container %q holds %s", [c.name, kind]),
	"container": c.name,
	"path": pod.at(c, [field, i]),
	"evidence": kind,
	"severity": "critical",
} if {
	some c in pod.containers
	some field in ["command", "args"]
	some i, argument in c.value[field]
	count(argument) > 15
	kind := secret.kind(argument)
}
