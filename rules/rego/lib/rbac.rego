# Rules of the Role or ClusterRole under judgement, taken apart once.
package seawall.lib.rbac

import data.seawall.lib.meta

# Roles and bindings that Kubernetes itself, kubeadm and the providers of managed clusters bring along.
builtin_prefixes := ["system:", "kubeadm:", "gce:", "eks:"]

builtin_cluster_roles := {"cluster-admin", "admin", "edit", "view"}

builtin_name(name) if strings.any_prefix_match(name, builtin_prefixes)

builtin_role(_, name) if builtin_name(name)

builtin_role("ClusterRole", name) if name in builtin_cluster_roles

# In kube-system: what aggregated API servers read.
builtin_role("Role", "extension-apiserver-authentication-reader")

# ---- roles

# {"index", "verbs", "resources", "groups", "urls", "limited", "full"}: sets of what the rule names;
# limited: to objects by name; full: everything. Of roles that are not built in.
rules := [rule |
	not builtin_role(input.object.kind, meta.name)
	some i, value in input.object.rules
	rule := object.union({"index": i}, parts(value))
]

parts(value) := {
	"verbs": verbs,
	"resources": resources,
	"groups": groups,
	"urls": {u | some u in value.nonResourceURLs},
	"limited": limited(value),
	"full": is_full(groups, resources, verbs),
} if {
	verbs := {v | some v in value.verbs}
	resources := {r | some r in value.resources}
	groups := {g | some g in value.apiGroups}
}

limited(value) if {
	meta.filled(value.resourceNames)
} else := false

usual_verbs := {"get", "list", "watch", "create", "update", "patch", "delete"}

all_verbs(verbs) if "*" in verbs

all_verbs(verbs) if count(usual_verbs - verbs) == 0

is_full(groups, resources, verbs) if {
	"*" in groups
	"*" in resources
	all_verbs(verbs)
} else := false

in_group(rule, group) if group in rule.groups

in_group(rule, _) if "*" in rule.groups

# The rule names the resource (secrets, pods/exec), or all of that subresource (*/exec).
names(rule, group, resource) if {
	resource in rule.resources
	in_group(rule, group)
}

names(rule, group, resource) if {
	some wildcard in rule.resources
	startswith(wildcard, "*/")
	endswith(resource, trim_prefix(wildcard, "*"))
	in_group(rule, group)
}

# Those of the wanted verbs that the rule gives; "*" stands for all of them. Undefined if none. A rule
# that gives everything is told by role-full-access alone.
gives(rule, group, resource, wanted) := verbs if {
	names(rule, group, resource)
	verbs := verbs_among(rule, wanted)
}

# The same, and for rules that name all resources too.
gives_even_by_wildcard(rule, group, resource, wanted) := verbs if {
	reaches(rule, group, resource)
	verbs := verbs_among(rule, wanted)
}

reaches(rule, group, resource) if names(rule, group, resource)

reaches(rule, group, _) if {
	"*" in rule.resources
	in_group(rule, group)
}

verbs_among(rule, wanted) := {"*"} if {
	not rule.full
	"*" in rule.verbs
} else := verbs if {
	not rule.full
	verbs := rule.verbs & wanted
	count(verbs) > 0
}

reading := {"get", "list", "watch"}

writing := {"create", "update", "patch", "delete", "deletecollection"}

changing := {"create", "update", "patch"}

# "create, get"; "do anything with" for the wildcard.
words(verbs) := "do anything with" if {
	"*" in verbs
} else := concat(", ", sort([v | some v in verbs]))

# Up to three of them, for messages: "pods, secrets, services and 4 more".
some_of(names_) := concat(", ", sorted) if {
	count(names_) <= 4
	sorted := sort([n | some n in names_])
} else := sprintf("%s and %d more", [concat(", ", array.slice(sorted, 0, 3)), count(sorted) - 3]) if {
	sorted := sort([n | some n in names_])
}

# All groups of the rule belong to custom resources.
custom_groups(rule) if {
	count(rule.groups) > 0
	every group in rule.groups {
		contains(group, ".")
		not endswith(group, ".k8s.io")
	}
}

# A ClusterRole's rights, and those in kube-system, reach the whole cluster.
clusterwide if input.object.kind == "ClusterRole"

clusterwide if meta.namespace == "kube-system"

by_reach(cluster, _) := cluster if clusterwide

by_reach(_, namespace) := namespace if not clusterwide

# The finding of a rule that lets its holders do something to a resource.
told(rule, resource, verbs, severity) := {
	"message": sprintf("%s lets its holders %s %s", [meta.title, words(verbs), resource]),
	"path": ["rules", rule.index, "resources"],
	"key": resource,
	"severity": severity,
}

# ---- bindings

# {"index", "kind", "name", "namespace"} of bindings that are not built in.
subjects := [subject |
	not builtin_binding
	some i, value in input.object.subjects
	is_object(value)
	subject := {
		"index": i,
		"kind": value.kind,
		"name": value.name,
		"namespace": object.get(value, "namespace", meta.namespace),
	}
]

builtin_binding if builtin_name(meta.name)

# The one that every cluster has: for the group system:masters.
builtin_binding if {
	meta.name == "cluster-admin"
	every subject in input.object.subjects { subject.name == "system:masters" }
}

role := input.object.roleRef.name

group_named(subject, name) if {
	subject.kind == "Group"
	subject.name == name
}
