# METADATA
# title: Container's root file system is writable
# description: >-
#   Who gets into the container can put programs and scripts beside those of the image, or
#   change them.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: read-only-root-filesystem
#   severity: low
#   remedy: >-
#     Set securityContext.readOnlyRootFilesystem: true and mount an emptyDir where the program
#     writes.
#   kinds: [workload]
#   controls:
#     nsa: ["1.1"]
#   example: |
#     securityContext:
#       readOnlyRootFilesystem: true
#     volumeMounts:
#       - {name: tmp, mountPath: /tmp}
#   aliases:
#     polaris: ["notReadOnlyRootFilesystem"]
#     kube-linter: ["no-read-only-root-fs"]
#     kubeaudit: ["rootfs"]
#     kube-score: ["container-security-context-readonlyrootfilesystem"]
#     kubescape: ["C-0017"]
package seawall.rules.read_only_root_filesystem

import data.seawall.lib.pod

finding contains {
	"message": sprintf("the root file system of container %q is writable", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "readOnlyRootFilesystem"]),
} if {
	some c in pod.containers
	not c.value.securityContext.readOnlyRootFilesystem == true
	not pod.windows
}
