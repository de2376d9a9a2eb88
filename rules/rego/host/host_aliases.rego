# METADATA
# title: Pod has entries of its own in /etc/hosts
# description: >-
#   Names that are set in the pod win over DNS: they hide where traffic really goes, and keep
#   addresses that have changed.
# related_resources:
#   - https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/
# custom:
#   id: host-aliases
#   severity: info
#   remedy: >-
#     Use DNS: a Service of type ExternalName, or an entry in your zone.
#   kinds: [workload]
#   controls:
#     mitre: ["T1557"]
package seawall.rules.host_aliases

import data.seawall.lib.pod

finding contains {
	"message": "the pod sets names in /etc/hosts (hostAliases)",
	"path": pod.in_spec(["hostAliases"]),
} if {
	count(input.pod.spec.hostAliases) > 0
}
