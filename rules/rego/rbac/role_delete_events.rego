# METADATA
# title: Role lets its holders delete events
# description: >-
#   Events show what happened in the cluster. Nothing needs to delete them, as they expire by
#   themselves; an attacker does, to hide.
# related_resources:
#   - https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
# custom:
#   id: role-delete-events
#   severity: medium
#   remedy: >-
#     Remove delete and deletecollection for events; create and patch are what programs need to
#     report theirs.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     nsa: ["7.2"]
#     mitre: ["T1070"]
#   aliases:
#     kubescape: ["C-0031"]
package seawall.rules.role_delete_events

import data.seawall.lib.rbac

finding contains rbac.told(r, "events", verbs, rbac.by_reach("medium", "low")) if {
	some r in rbac.rules
	some group in {"", "events.k8s.io"}
	verbs := rbac.gives(r, group, "events", {"delete", "deletecollection"})
}
