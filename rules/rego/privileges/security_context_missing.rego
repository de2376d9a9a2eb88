# METADATA
# title: Neither the pod nor a container of it has a security context
# description: >-
#   Without one everything is as the image and the node have it: root, all default capabilities,
#   a writable root file system.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - https://www.cisecurity.org/benchmark/kubernetes
# custom:
#   id: security-context-missing
#   severity: low
#   remedy: >-
#     Give the pod and each container a securityContext; the example is what most programs can
#     live with.
#   kinds: [workload]
#   controls:
#     cis-kubernetes: ["5.7.3"]
#   example: |
#     spec:
#       securityContext:
#         runAsNonRoot: true
#         seccompProfile: {type: RuntimeDefault}
#       containers:
#         - name: web
#           securityContext:
#             allowPrivilegeEscalation: false
#             readOnlyRootFilesystem: true
#             capabilities: {drop: [ALL]}
#   aliases:
#     kube-score: ["container-security-context"]
#     kubescape: ["C-0211"]
package seawall.rules.security_context_missing

import data.seawall.lib.pod

finding contains {
	"message": "neither the pod nor any of its containers has a securityContext",
	"path": pod.in_spec(["securityContext"]),
} if {
	count(pod.regular) > 0
	not said(input.pod.spec)
	every c in pod.regular {
		not said(c.value)
	}
}

said(what) if count(what.securityContext) > 0
