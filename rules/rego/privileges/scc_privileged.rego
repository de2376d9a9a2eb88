# METADATA
# title: SecurityContextConstraints admit privileged containers
# description: >-
#   On OpenShift everybody who may use this SCC can run privileged containers, and so take over
#   the nodes.
# related_resources:
#   - https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html
# custom:
#   id: scc-privileged
#   severity: high
#   remedy: >-
#     Set allowPrivilegedContainer: false, and bind the built-in privileged SCC to the
#     accounts that need it.
#   kinds: [security.openshift.io/SecurityContextConstraints]
#   controls:
#     cis-kubernetes: ["5.2.2"]
#     mitre: ["T1611"]
#   aliases:
#     kube-linter: ["scc-deny-privileged-container"]
package seawall.rules.scc_privileged

finding contains {
	"message": "the SCC admits privileged containers",
	"path": ["allowPrivilegedContainer"],
	"evidence": true,
} if {
	input.object.allowPrivilegedContainer == true
}
