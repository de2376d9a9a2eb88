# METADATA
# title: Audit policy leaves out what matters
# description: >-
#   What is not logged cannot be found out after a break-in. Access to Secrets, tokens, bindings
#   and commands in pods are the first things that anybody will ask for.
# related_resources:
#   - https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
#   - https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
# custom:
#   id: audit-policy-none
#   severity: medium
#   remedy: >-
#     Log these resources at level Metadata at least, and end the policy with a rule of level
#     Metadata for everything else.
#   kinds: [audit.k8s.io/Policy]
#   controls:
#     nsa: ["8.0"]
#     mitre: ["T1562", "T1070"]
#   example: |
#     apiVersion: audit.k8s.io/v1
#     kind: Policy
#     omitStages: [RequestReceived]
#     rules:
#       - level: Metadata
package seawall.rules.audit_policy_none

import data.seawall.lib.meta

important := {
	"": {"secrets", "configmaps", "serviceaccounts/token", "pods/exec", "pods/attach", "pods/portforward"},
	"rbac.authorization.k8s.io": {"roles", "rolebindings", "clusterroles", "clusterrolebindings"},
}

finding contains {
	"message": sprintf("the audit policy leaves out %s", [concat(", ", sort([r | some r in left]))]),
	"path": ["rules", i, "level"],
	"evidence": "None",
} if {
	some i, rule in input.object.rules
	rule.level == "None"
	not narrow(rule)
	left := {r |
		some entry in rule.resources
		some r in entry.resources
		r in important[meta.field(entry, "group", "")]
	}
	count(left) > 0
}

finding contains {
	"message": "the audit policy leaves out everything that no earlier rule names",
	"path": ["rules", i, "level"],
	"evidence": "None",
} if {
	some i, rule in input.object.rules
	rule.level == "None"
	not narrow(rule)
	meta.empty(rule, "resources")
	meta.empty(rule, "nonResourceURLs")
}

finding contains {
	"message": "the audit policy has no rules: nothing is logged",
	"path": ["rules"],
} if {
	meta.empty(input.object, "rules")
}

# Of single users, like components that read all the time, or of single verbs.
narrow(rule) if meta.filled(rule.users)

narrow(rule) if {
	some verb in rule.verbs
	not writes(rule)
	verb in {"get", "list", "watch"}
}

narrow(rule) if {
	some group in rule.userGroups
	group in {"system:nodes", "system:serviceaccounts:kube-system"}
}

narrow(rule) if meta.filled(rule.namespaces)

writes(rule) if {
	some verb in rule.verbs
	not verb in {"get", "list", "watch"}
}
