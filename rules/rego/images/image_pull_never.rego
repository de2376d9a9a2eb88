# METADATA
# title: Image is never pulled
# description: >-
#   The pod runs only on nodes where somebody has put the image by hand, and runs whatever bears
#   that name there.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/
# custom:
#   id: image-pull-never
#   severity: low
#   remedy: >-
#     Set imagePullPolicy: IfNotPresent or Always, with an image in a registry.
#   kinds: [workload]
#   controls:
#     mitre: ["T1525"]
package seawall.rules.image_pull_never

import data.seawall.lib.pod

finding contains {
	"message": sprintf("imagePullPolicy of container %q is Never", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["imagePullPolicy"]),
	"evidence": "Never",
} if {
	some c in pod.containers
	c.value.imagePullPolicy == "Never"
}
