# METADATA
# title: Namespace has no Pod Security level
# description: >-
#   Without the label pod-security.kubernetes.io/enforce the cluster's default holds, which is
#   privileged unless somebody changed it: any pod is let in.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-namespace-labels/
# custom:
#   id: namespace-pod-security
#   severity: medium
#   remedy: >-
#     Set the labels enforce, warn and audit of pod-security.kubernetes.io/ to restricted, or
#     baseline.
#   kinds: [Namespace]
#   controls:
#     cis-kubernetes: ["5.2.1"]
#     nsa: ["9.1"]
#   example: |
#     metadata:
#       labels:
#         pod-security.kubernetes.io/enforce: restricted
#   aliases:
#     kubescape: ["C-0192"]
package seawall.rules.namespace_pod_security

label := "pod-security.kubernetes.io/enforce"

finding contains {
	"message": sprintf("namespace %v enforces no Pod Security level", [input.object.metadata.name]),
	"path": ["metadata", "labels", label],
} if {
	not input.object.metadata.labels[label]
	not system
}

finding contains {
	"message": sprintf("namespace %v lets privileged pods in", [input.object.metadata.name]),
	"path": ["metadata", "labels", label],
	"evidence": "privileged",
} if {
	input.object.metadata.labels[label] == "privileged"
	not system
}

system if input.object.metadata.name in {"kube-system", "kube-public", "kube-node-lease"}
