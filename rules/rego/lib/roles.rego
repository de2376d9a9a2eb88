# Roles and bindings among the objects that were scanned together.
package seawall.lib.roles

import data.seawall.lib.inventory
import data.seawall.lib.rbac

cluster_roles[entry.name] contains entry if {
	some entry in inventory.objects("rbac.authorization.k8s.io/ClusterRole")
}

roles[entry.namespace][entry.name] contains entry if {
	some entry in inventory.objects("rbac.authorization.k8s.io/Role")
}

# {"entry", "kind"}: bindings of both kinds, without those that every cluster has.
bindings := array.concat(
	[entry |
		some entry in inventory.objects("rbac.authorization.k8s.io/ClusterRoleBinding")
		not rbac.builtin_name(entry.name)
		entry.name != "cluster-admin"
	],
	[entry |
		some entry in inventory.objects("rbac.authorization.k8s.io/RoleBinding")
		not rbac.builtin_name(entry.name)
	],
)

# The roles that a binding may mean: several if the name was scanned more than once.
bound(entry) := cluster_roles[entry.object.roleRef.name] if {
	entry.object.roleRef.kind == "ClusterRole"
}

bound(entry) := roles[entry.namespace][entry.object.roleRef.name] if {
	entry.object.roleRef.kind == "Role"
}

# The numbers of rules that give everything.
full_rules(role) := [i |
	some i, value in role.object.rules
	rbac.parts(value).full
]

title(entry) := sprintf("%s %q", [entry.object.kind, entry.name])

# 1, 2, ... subjects for messages: User "a", ServiceAccount "b".
subjects(entry) := concat(", ", [text |
	some s in entry.object.subjects
	text := sprintf("%s %q", [s.kind, s.name])
])
