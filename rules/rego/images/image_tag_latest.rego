# METADATA
# title: "Image is not fixed: tag latest, or none"
# description: >-
#   What runs then depends on when the node pulled: pods of one Deployment differ, a roll-back
#   brings back nothing, and who can push to the registry decides.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/
# custom:
#   id: image-tag-latest
#   severity: medium
#   remedy: >-
#     Name a version, best with its digest: registry.example.com/web:1.4.2@sha256:...
#   kinds: [workload]
#   controls:
#     nsa: ["9.0"]
#     mitre: ["T1525"]
#   example: |
#     image: registry.example.com/web:1.4.2
#   aliases:
#     polaris: ["tagNotSpecified"]
#     kube-linter: ["latest-tag"]
#     kubeaudit: ["image"]
#     kube-score: ["container-image-tag"]
#     kubescape: ["C-0075"]
package seawall.rules.image_tag_latest

import data.seawall.lib.image
import data.seawall.lib.pod

finding contains {
	"message": sprintf("image %q of container %q %s", [i.image, i.container.name, how(i)]),
	"container": i.container.name,
	"path": pod.at(i.container, ["image"]),
	"evidence": i.image,
} if {
	some i in image.all
	i.digest == ""
	i.tag in {"", "latest"}
}

how(i) := "has no tag" if {
	i.tag == ""
} else := "has the tag latest"
