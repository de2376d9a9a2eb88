# METADATA
# title: Pod mounts a directory of the node
# description: >-
#   A hostPath volume ties the pod to a node and is a way out of the container: what is written
#   there is seen by the node, and what lies there can be read.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://attack.mitre.org/techniques/T1611/
# custom:
#   id: host-path-volume
#   severity: medium
#   remedy: >-
#     Use a persistentVolumeClaim, an emptyDir, a configMap or a secret instead. Node agents
#     that need it: read-only, and the narrowest path.
#   kinds: [workload]
#   pod_security: [hostPathVolumes, restrictedVolumes]
#   controls:
#     pss-baseline: ["HostPath Volumes"]
#     pss-restricted: ["HostPath Volumes", "Volume Types"]
#     cis-kubernetes: ["5.2.12"]
#     mitre: ["T1611"]
#   aliases:
#     polaris: ["hostPathSet"]
#     kubeaudit: ["mounts"]
#     kubescape: ["C-0048"]
package seawall.rules.host_path_volume

import data.seawall.lib.pod

finding contains {
	"message": sprintf("volume %q mounts %v of the node", [v.name, v.value.hostPath.path]),
	"path": pod.in_spec(["volumes", v.index, "hostPath"]),
	"evidence": v.value.hostPath.path,
	"key": v.name,
} if {
	some v in pod.host_paths
}
