# METADATA
# title: StatefulSet names no Service
# description: >-
#   Its pods get their names in DNS from the headless Service that serviceName names; without it
#   they have none.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
# custom:
#   id: stateful-set-service
#   severity: low
#   remedy: >-
#     Make a headless Service (clusterIP: None) and name it in serviceName.
#   kinds: [apps/StatefulSet]
#   aliases:
#     kube-score: ["statefulset-has-servicename"]
package seawall.rules.stateful_set_service

finding contains {
	"message": "no serviceName: the pods have no names in DNS",
	"path": ["spec", "serviceName"],
} if {
	is_object(input.object.spec)
	object.get(input.object.spec, "serviceName", "") in {"", null}
}
