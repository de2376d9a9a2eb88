# METADATA
# title: Image is not pulled at every start
# description: >-
#   With IfNotPresent a node uses whatever bears that name on it: another image of the same tag,
#   or a private one that the pod has no right to.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/
# custom:
#   id: image-pull-policy
#   severity: info
#   remedy: >-
#     Set imagePullPolicy: Always, or name the image by digest.
#   kinds: [workload]
#   aliases:
#     polaris: ["pullPolicyNotAlways"]
#     kube-score: ["container-image-pull-policy"]
package seawall.rules.image_pull_policy

import data.seawall.lib.pod

finding contains {
	"message": sprintf("imagePullPolicy of container %q is not Always", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["imagePullPolicy"]),
} if {
	some c in pod.containers
	not c.value.imagePullPolicy == "Always"
	not contains(object.get(c.value, "image", ""), "@")
}
