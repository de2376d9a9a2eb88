# METADATA
# title: Container requests more than its limit
# description: >-
#   The API server refuses such a pod; of a Deployment nothing starts, and only the ReplicaSet's
#   events say why.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: request-above-limit
#   severity: medium
#   remedy: >-
#     Lower the request or raise the limit.
#   kinds: [workload]
package seawall.rules.request_above_limit

import data.seawall.lib.pod
import data.seawall.lib.quantity

finding contains {
	"message": sprintf("container %q requests %v of %s, above its limit of %v", [c.name, wanted, name, most]),
	"container": c.name,
	"path": pod.at(c, ["resources", "requests", name]),
	"evidence": wanted,
} if {
	some c in pod.planned
	some name, wanted in c.value.resources.requests
	most := c.value.resources.limits[name]
	quantity.number(wanted) > quantity.number(most)
}
