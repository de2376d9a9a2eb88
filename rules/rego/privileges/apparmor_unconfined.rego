# METADATA
# title: AppArmor is turned off for a container
# description: >-
#   On nodes with AppArmor the runtime confines every container with a default profile;
#   Unconfined takes it away.
# related_resources:
#   - https://kubernetes.io/docs/tutorials/security/apparmor/
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: apparmor-unconfined
#   severity: medium
#   remedy: >-
#     Remove the annotation or the appArmorProfile, or set the type RuntimeDefault.
#   kinds: [workload]
#   pod_security: [appArmorProfile]
#   controls:
#     pss-baseline: ["AppArmor"]
#     pss-restricted: ["AppArmor"]
#     nsa: ["1.9"]
#   aliases:
#     kubeaudit: ["apparmor"]
#     kubescape: ["C-0055"]
package seawall.rules.apparmor_unconfined

import data.seawall.lib.pod

prefix := "container.apparmor.security.beta.kubernetes.io/"

finding contains {
	"message": sprintf("AppArmor is turned off for container %q", [substring(key, count(prefix), -1)]),
	"container": substring(key, count(prefix), -1),
	"path": pod.in_metadata(["annotations", key]),
	"evidence": value,
} if {
	some key, value in pod.annotations
	value == "unconfined"
	startswith(key, prefix)
}

finding contains {
	"message": sprintf("AppArmor is turned off for container %q", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "appArmorProfile", "type"]),
	"evidence": "Unconfined",
} if {
	some c in pod.containers
	pod.effective(c, "appArmorProfile").type == "Unconfined"
}
