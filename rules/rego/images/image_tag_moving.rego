# METADATA
# title: Image has a tag that moves
# description: >-
#   Tags like stable or main are set anew with every build: what runs depends on when the node
#   pulled.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/
# custom:
#   id: image-tag-moving
#   severity: low
#   remedy: >-
#     Name a version, best with its digest.
#   kinds: [workload]
#   controls:
#     mitre: ["T1525"]
package seawall.rules.image_tag_moving

import data.seawall.lib.image
import data.seawall.lib.pod

moving := {
	"stable", "main", "master", "dev", "develop", "development", "edge", "nightly", "head", "HEAD", "snapshot", "prod",
	"production", "staging", "test", "testing", "canary", "beta", "alpha", "rc", "release", "current", "newest",
	"mainline", "lts", "rolling", "unstable",
}

finding contains {
	"message": sprintf("image %q of container %q has a tag that moves", [i.image, i.container.name]),
	"container": i.container.name,
	"path": pod.at(i.container, ["image"]),
	"evidence": i.image,
} if {
	some i in image.all
	i.digest == ""
	i.tag in moving
}
