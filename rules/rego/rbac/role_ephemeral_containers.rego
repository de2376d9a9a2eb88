# METADATA
# title: Role lets its holders add containers to running pods
# description: >-
#   An ephemeral container runs an image of the holder's choice inside of a pod that was admitted
#   long ago, and can share its processes and volumes.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
# custom:
#   id: role-ephemeral-containers
#   severity: medium
#   remedy: >-
#     Remove pods/ephemeralcontainers from the role.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     nsa: ["7.2"]
#     mitre: ["T1609", "T1610"]
package seawall.rules.role_ephemeral_containers

import data.seawall.lib.rbac

finding contains rbac.told(r, "pods/ephemeralcontainers", verbs, rbac.by_reach("high", "medium")) if {
	some r in rbac.rules
	verbs := rbac.gives(r, "", "pods/ephemeralcontainers", {"update", "patch"})
}
