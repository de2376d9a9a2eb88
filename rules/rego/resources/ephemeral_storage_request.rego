# METADATA
# title: Container requests no ephemeral storage
# description: >-
#   Without a request the scheduler does not know how much of the node's disk logs, the writable
#   layer and emptyDirs need.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: ephemeral-storage-request
#   severity: info
#   remedy: >-
#     Set resources.requests.ephemeral-storage.
#   kinds: [workload]
#   example: |
#     resources:
#       requests:
#         ephemeral-storage: 1Gi
#   aliases:
#     kube-score: ["container-ephemeral-storage-request-and-limit"]
package seawall.rules.ephemeral_storage_request

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q requests no ephemeral storage", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["resources", "requests", "ephemeral-storage"]),
} if {
	some c in pod.lasting
	not c.value.resources.requests["ephemeral-storage"]
	not c.value.resources.limits["ephemeral-storage"]
}
