# METADATA
# title: Service stands for a name outside of its namespace
# description: >-
#   Programs and ingress controllers follow an ExternalName without asking. A name like localhost,
#   an address, or a Service of another namespace leads them past network policies and into what
#   was not published.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/#externalname
# custom:
#   id: service-external-name
#   severity: info
#   remedy: >-
#     Use the outside name in the program's configuration, and allow it in a network policy.
#   kinds: [Service]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1557"]
package seawall.rules.service_external_name

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s stands for %q%s", [meta.title, target, note(target)]),
	"path": ["spec", "externalName"],
	"evidence": target,
	"severity": severity(target),
} if {
	input.object.spec.type == "ExternalName"
	target := input.object.spec.externalName
	is_string(target)
}

note(target) := ": inside of the cluster or the node" if {
	inward(target)
} else := ""

severity(target) := "medium" if {
	inward(target)
} else := "info"

inward("localhost")

inward("metadata.google.internal")

inward(target) if contains(target, ".svc.cluster.local")

inward(target) if endswith(target, ".svc")

inward(target) if regex.match(`^(127\.|169\.254\.|\[?::1)`, target)
