# METADATA
# title: Role lets its holders create PersistentVolumes
# description: >-
#   A PersistentVolume of type hostPath is a door to the file system of the nodes, past Pod
#   Security: the pod that uses it names only its claim.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#persistent-volume-creation
# custom:
#   id: role-create-persistent-volumes
#   severity: medium
#   remedy: >-
#     Let people ask for storage with PersistentVolumeClaims; leave creating volumes to the
#     storage driver.
#   kinds: [rbac.authorization.k8s.io/ClusterRole]
#   controls:
#     cis-kubernetes: ["5.1.9"]
#     nsa: ["7.2"]
#     mitre: ["T1611"]
package seawall.rules.role_create_persistent_volumes

import data.seawall.lib.rbac

finding contains rbac.told(r, "persistentvolumes", verbs, "medium") if {
	some r in rbac.rules
	verbs := rbac.gives(r, "", "persistentvolumes", {"create"})
}
