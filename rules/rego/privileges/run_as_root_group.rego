# METADATA
# title: Container is in root's group
# description: >-
#   Files of group 0 are open to the container, among them device nodes and what images make
#   writable for that group.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: run-as-root-group
#   severity: low
#   remedy: >-
#     Set runAsGroup and fsGroup to numbers above 0, and leave 0 out of supplementalGroups.
#   kinds: [workload]
#   controls:
#     nsa: ["1.6"]
#   aliases:
#     kube-linter: ["run-as-non-root"]
#     kubescape: ["C-0013"]
package seawall.rules.run_as_root_group

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q runs with group 0", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "runAsGroup"]),
	"evidence": 0,
} if {
	some c in pod.containers
	pod.effective(c, "runAsGroup") == 0
}

finding contains {
	"message": sprintf("%s of the pod is group 0", [field]),
	"path": pod.in_spec(["securityContext", field]),
	"evidence": input.pod.spec.securityContext[field],
} if {
	input.pod.spec.securityContext.fsGroup == 0
	field := "fsGroup"
}

finding contains {
	"message": "the pod's supplemental groups have group 0 among them",
	"path": pod.in_spec(["securityContext", "supplementalGroups"]),
	"evidence": input.pod.spec.securityContext.supplementalGroups,
} if {
	0 in input.pod.spec.securityContext.supplementalGroups
}
