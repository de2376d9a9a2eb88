# METADATA
# title: Container has no limit on ephemeral storage
# description: >-
#   Logs and files of one container can fill the node's disk; then pods are evicted, others'
#   too.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: ephemeral-storage-limit
#   severity: info
#   remedy: >-
#     Set resources.limits.ephemeral-storage.
#   kinds: [workload]
#   controls:
#     nsa: ["4.1"]
#     mitre: ["T1499"]
#   example: |
#     resources:
#       limits:
#         ephemeral-storage: 1Gi
#   aliases:
#     kube-score: ["container-ephemeral-storage-request-and-limit"]
package seawall.rules.ephemeral_storage_limit

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q has no limit on ephemeral storage", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["resources", "limits", "ephemeral-storage"]),
} if {
	some c in pod.lasting
	not c.value.resources.limits["ephemeral-storage"]
}
