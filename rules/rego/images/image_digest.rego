# METADATA
# title: Image is not named by digest
# description: >-
#   A tag can be set anew; a digest is the content itself. Only with it what was tested and
#   scanned is what runs.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/
# custom:
#   id: image-digest
#   severity: info
#   remedy: >-
#     Append the digest: web:1.4.2@sha256:...
#   kinds: [workload]
#   controls:
#     nsa: ["9.0"]
#     cis-kubernetes: ["5.5.1"]
#     mitre: ["T1525"]
package seawall.rules.image_digest

import data.seawall.lib.image
import data.seawall.lib.pod

finding contains {
	"message": sprintf("image %q of container %q is not named by digest", [i.image, i.container.name]),
	"container": i.container.name,
	"path": pod.at(i.container, ["image"]),
	"evidence": i.image,
} if {
	some i in image.all
	i.digest == ""
}
