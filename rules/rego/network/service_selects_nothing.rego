# METADATA
# title: Service selects no pods
# description: >-
#   Requests to the Service fail. Most often a label was changed in the workload and not in the
#   Service; whoever creates a pod with these labels gets the traffic.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
# custom:
#   id: service-selects-nothing
#   severity: low
#   remedy: >-
#     Make spec.selector match the labels in the pod template, or delete the Service.
#   kinds: [Service]
#   scope: set
#   needs: [workload, Service]
#   controls:
#     nsa: ["2.0"]
#   aliases:
#     kube-linter: [dangling-service]
#     kube-score: [service-targets-pod]
package seawall.rules.service_selects_nothing

import data.seawall.lib.inventory
import data.seawall.lib.meta

finding contains {
	"message": sprintf("Service %q selects no pods in what was scanned", [s.name]),
	"about": s.id,
	"path": ["spec", "selector"],
	"evidence": s.object.spec.selector,
} if {
	some s in inventory.objects("Service")
	meta.filled(s.object.spec.selector)
	is_object(s.object.spec.selector)
	meta.field(s.object.spec, "type", "ClusterIP") != "ExternalName"
	count(inventory.pods_paired(s.namespace, s.object.spec.selector)) == 0
}
