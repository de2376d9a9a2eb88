# METADATA
# title: Pod Security label has no valid value
# description: >-
#   A level that does not exist is no level: with a warning at most, the namespace falls back to
#   the strictest or to none, depending on the label and the version of the cluster, and never to
#   what was meant.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-namespace-labels/
# custom:
#   id: namespace-pod-security-invalid
#   severity: medium
#   remedy: >-
#     Write privileged, baseline or restricted; versions are latest or v1.N.
#   kinds: [Namespace]
#   controls:
#     cis-kubernetes: ["5.2.1"]
#     nsa: ["9.1"]
#     mitre: ["T1562"]
package seawall.rules.namespace_pod_security_invalid

import data.seawall.lib.meta

prefix := "pod-security.kubernetes.io/"

levels := {"privileged", "baseline", "restricted"}

finding contains {
	"message": sprintf("%s: %s%s is %q, which is no Pod Security level", [meta.title, prefix, mode, level]),
	"path": ["metadata", "labels", concat("", [prefix, mode])],
	"evidence": level,
} if {
	some mode in ["enforce", "audit", "warn"]
	level := meta.labels[concat("", [prefix, mode])]
	not level in levels
	not templated(level)
}

finding contains {
	"message": sprintf("%s: %s%s-version is %q, which is no version", [meta.title, prefix, mode, version]),
	"path": ["metadata", "labels", concat("", [prefix, mode, "-version"])],
	"evidence": version,
} if {
	some mode in ["enforce", "audit", "warn"]
	version := meta.labels[concat("", [prefix, mode, "-version"])]
	is_string(version)
	version != "latest"
	not regex.match(`^v1\.(0|[1-9][0-9]*)$`, version)
	not templated(version)
}

templated(text) if {
	is_string(text)
	contains(text, "{")
}
