# METADATA
# title: Rolling update may take all copies away at once
# description: >-
#   With maxUnavailable 100% nothing is left to serve while the update runs.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
# custom:
#   id: rolling-update-all-at-once
#   severity: medium
#   remedy: >-
#     Lower maxUnavailable; 25% is the default.
#   kinds: [apps/Deployment, apps/DaemonSet, apps/StatefulSet]
package seawall.rules.rolling_update_all_at_once

finding contains {
	"message": sprintf("maxUnavailable is %v: an update may take all copies away at once", [most]),
	"path": ["spec", field, "rollingUpdate", "maxUnavailable"],
	"evidence": most,
} if {
	some field in ["strategy", "updateStrategy"]
	most := input.object.spec[field].rollingUpdate.maxUnavailable
	takes_all(most)
}

takes_all("100%")

takes_all(most) if {
	is_number(most)
	most >= input.object.spec.replicas
	input.object.spec.replicas > 1
}
