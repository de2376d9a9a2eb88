# METADATA
# title: Pod is managed by nobody
# description: >-
#   When its node goes, so does the pod: nothing starts it anew elsewhere.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/pods/
# custom:
#   id: naked-pod
#   severity: low
#   remedy: >-
#     Make it a Deployment, StatefulSet, DaemonSet or Job.
#   kinds: [Pod]
#   aliases:
#     kube-score: ["pod-without-controller"]
#     kubescape: ["C-0073"]
package seawall.rules.naked_pod

finding contains {
	"message": "the pod is not managed by a Deployment, StatefulSet, DaemonSet or Job",
	"path": ["kind"],
} if {
	not owned
	not mirrored
}

owned if count(input.object.metadata.ownerReferences) > 0

# A static pod's image in the API server.
mirrored if input.object.metadata.annotations["kubernetes.io/config.mirror"]
