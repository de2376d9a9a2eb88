# METADATA
# title: Container names no AppArmor profile
# description: >-
#   Where nodes have AppArmor, a profile that is named is in force, or the pod does not start;
#   one that is not named depends on the node.
# related_resources:
#   - https://kubernetes.io/docs/tutorials/security/apparmor/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: apparmor-missing
#   severity: info
#   remedy: >-
#     Set securityContext.appArmorProfile.type: RuntimeDefault.
#   kinds: [workload]
#   controls:
#     nsa: ["1.9"]
#   aliases:
#     kubeaudit: ["apparmor"]
package seawall.rules.apparmor_missing

import data.seawall.lib.pod

prefix := "container.apparmor.security.beta.kubernetes.io/"

finding contains {
	"message": sprintf("container %q names no AppArmor profile", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "appArmorProfile"]),
} if {
	some c in pod.containers
	not has_profile(c)
	not pod.windows
}

has_profile(c) if pod.effective(c, "appArmorProfile").type

has_profile(c) if pod.annotations[concat("", [prefix, c.name])]
