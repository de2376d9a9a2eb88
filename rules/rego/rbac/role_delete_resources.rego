# METADATA
# title: Role lets its holders delete what holds data or many objects
# description: >-
#   Deleting a namespace, a volume, its claim or a CustomResourceDefinition deletes everything in
#   it. Whole collections go with one request.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: role-delete-resources
#   severity: low
#   remedy: >-
#     Remove delete and deletecollection for these resources, or give them in a Role instead of
#     a ClusterRole.
#   kinds: [rbac.authorization.k8s.io/ClusterRole]
#   controls:
#     nsa: ["7.2"]
#     mitre: ["T1485"]
#   aliases:
#     kubescape: ["C-0007"]
package seawall.rules.role_delete_resources

import data.seawall.lib.rbac

holders := {
	["", "namespaces"], ["", "nodes"], ["", "persistentvolumes"], ["", "persistentvolumeclaims"],
	["apiextensions.k8s.io", "customresourcedefinitions"], ["snapshot.storage.k8s.io", "volumesnapshots"],
}

finding contains rbac.told(r, holder[1], verbs, "low") if {
	some r in rbac.rules
	not r.limited
	some holder in holders
	verbs := rbac.gives(r, holder[0], holder[1], {"delete", "deletecollection"})
}
