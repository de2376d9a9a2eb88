# METADATA
# title: Pod Security enforces nothing by default
# description: >-
#   The API server's defaults hold for all namespaces without labels of their own. With privileged
#   there, or with exemptions for many, new namespaces admit everything.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-admission-controller/
# custom:
#   id: admission-config-pod-security
#   severity: medium
#   remedy: >-
#     Set defaults.enforce to baseline, and exempt single namespaces such as kube-system alone.
#   kinds:
#     - apiserver.config.k8s.io/AdmissionConfiguration
#     - pod-security.admission.config.k8s.io/PodSecurityConfiguration
#   controls:
#     cis-kubernetes: ["5.2.1"]
#     nsa: ["9.1"]
#     mitre: ["T1562"]
package seawall.rules.admission_config_pod_security

import data.seawall.lib.meta

# The configuration stands alone, or within that of all admission plugins.
configurations := [{"path": [], "value": input.object} | input.object.kind == "PodSecurityConfiguration"]

inner := [{"path": ["plugins", i, "configuration"], "value": plugin.configuration} |
	some i, plugin in input.object.plugins
	plugin.name == "PodSecurity"
	is_object(plugin.configuration)
]

all := array.concat(configurations, inner)

finding contains {
	"message": sprintf("Pod Security enforces %s by default", [level]),
	"path": array.concat(c.path, ["defaults", "enforce"]),
	"evidence": level,
} if {
	some c in all
	level := meta.field(meta.field(c.value, "defaults", {}), "enforce", "privileged")
	level == "privileged"
}

finding contains {
	"message": sprintf("Pod Security exempts %s %q", [what[field], name]),
	"path": array.concat(c.path, ["exemptions", field, i]),
	"key": sprintf("%s %v", [field, name]),
	"evidence": name,
} if {
	some c in all
	some field in ["usernames", "runtimeClasses", "namespaces"]
	some i, name in c.value.exemptions[field]
	not name in expected[field]
}

what := {"usernames": "the user", "runtimeClasses": "the runtime class", "namespaces": "the namespace"}

expected := {
	"usernames": set(),
	"runtimeClasses": set(),
	"namespaces": {"kube-system", "kube-public", "kube-node-lease"},
}
