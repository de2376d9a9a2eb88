# METADATA
# title: Workload names no owner
# description: When it fails at night, nobody knows whom to call.
# related_resources:
#   - https://wiki.example.com/owners
# custom:
#   id: owner-missing
#   severity: medium
#   remedy: Add the label example.com/owner.
#   kinds: [workload]
package seawall.rules.owner_missing

import data.seawall.lib.pod

finding contains {
	"message": sprintf("no owner for %d container", [count(pod.containers)]),
	"path": ["metadata", "labels"],
} if {
	not input.object.metadata.labels["example.com/owner"]
}
