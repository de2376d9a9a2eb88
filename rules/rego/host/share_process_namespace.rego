# METADATA
# title: Containers of the pod see each other's processes
# description: >-
#   With shareProcessNamespace every container sees the processes of the others with their
#   environment, and can reach their files through /proc.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/
# custom:
#   id: share-process-namespace
#   severity: low
#   remedy: >-
#     Remove shareProcessNamespace; for looking into a running pod use kubectl debug.
#   kinds: [workload]
#   controls:
#     nsa: ["1.3"]
#     mitre: ["T1552"]
package seawall.rules.share_process_namespace

import data.seawall.lib.pod

finding contains {
	"message": "the pod's containers share one process namespace",
	"path": pod.in_spec(["shareProcessNamespace"]),
	"evidence": true,
} if {
	input.pod.spec.shareProcessNamespace == true
}
