# METADATA
# title: Container may send raw packets
# description: >-
#   With NET_RAW the container can forge packets: ARP and DNS spoofing of other pods on the
#   node.
# related_resources:
#   - https://man7.org/linux/man-pages/man7/capabilities.7.html
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
# custom:
#   id: capability-net-raw
#   severity: medium
#   remedy: >-
#     Remove NET_RAW from capabilities.add; drop ALL.
#   kinds: [workload]
#   pod_security: [capabilities_baseline]
#   controls:
#     pss-baseline: ["Capabilities"]
#     pss-restricted: ["Capabilities"]
#     cis-kubernetes: ["5.2.8"]
#     mitre: ["T1557", "T1040"]
#   aliases:
#     kube-linter: ["drop-net-raw-capability"]
package seawall.rules.capability_net_raw

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q has capability NET_RAW", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "capabilities", "add"]),
	"evidence": added,
} if {
	some c in pod.containers
	some added in c.value.securityContext.capabilities.add
	trim_prefix(upper(added), "CAP_") == "NET_RAW"
}
