# METADATA
# title: Image's registry is not named
# description: >-
#   Where no registry is named, the node's configuration decides: Docker Hub as a rule, with its
#   limits and its look-alikes.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/
# custom:
#   id: image-unqualified
#   severity: info
#   remedy: >-
#     Write the registry out: docker.io/library/nginx:1.25, or better your own.
#   kinds: [workload]
#   controls:
#     mitre: ["T1036"]
package seawall.rules.image_unqualified

import data.seawall.lib.image
import data.seawall.lib.pod

finding contains {
	"message": sprintf("image %q of container %q names no registry", [i.image, i.container.name]),
	"container": i.container.name,
	"path": pod.at(i.container, ["image"]),
	"evidence": i.image,
} if {
	some i in image.all
	i.registry == "docker.io"
	not startswith(i.image, "docker.io/")
}
