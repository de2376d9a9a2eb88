# METADATA
# title: Container may gain privileges
# description: >-
#   Unless allowPrivilegeEscalation is false, a program in the container can gain more
#   privileges than it was started with, through setuid files or file capabilities: the usual
#   step from a fault to root.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: privilege-escalation
#   severity: medium
#   remedy: >-
#     Set securityContext.allowPrivilegeEscalation: false in every container.
#   kinds: [workload]
#   pod_security: [allowPrivilegeEscalation]
#   controls:
#     pss-restricted: ["Privilege Escalation"]
#     cis-kubernetes: ["5.2.6"]
#     nsa: ["1.7"]
#     mitre: ["T1068"]
#   example: |
#     securityContext:
#       allowPrivilegeEscalation: false
#   aliases:
#     polaris: ["privilegeEscalationAllowed"]
#     kube-linter: ["privilege-escalation-container"]
#     kubeaudit: ["privesc"]
#     kubescape: ["C-0016"]
package seawall.rules.privilege_escalation

import data.seawall.lib.pod

finding contains object.union(said, fix(c)) if {
	some c in pod.containers
	not c.value.securityContext.allowPrivilegeEscalation == false
	not pod.windows
	said := {
		"message": sprintf("container %q may gain privileges: allowPrivilegeEscalation is not false", [c.name]),
		"container": c.name,
		"path": pod.at(c, ["securityContext", "allowPrivilegeEscalation"]),
	}
}

# The API server refuses the combination with privileged and with CAP_SYS_ADMIN.
needs(c) if c.value.securityContext.privileged == true

needs(c) if {
	some added in c.value.securityContext.capabilities.add
	upper(added) in {"SYS_ADMIN", "CAP_SYS_ADMIN", "ALL"}
}

fix(c) := {"fix": patch} if {
	not needs(c)
	patch := pod.fix_security(c, "allowPrivilegeEscalation", false)
} else := {}
