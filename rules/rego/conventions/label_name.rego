# METADATA
# title: Label app.kubernetes.io/name is another than the object's name
# description: >-
#   Where names and labels differ, people look for the wrong thing.
# related_resources:
#   - https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
# custom:
#   id: label-name
#   severity: info
#   remedy: >-
#     Make them the same, unless the object is one of several of an application.
#   kinds: [workload, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob, apps.openshift.io/DeploymentConfig, StatefulSet]
#   aliases:
#     polaris: ["oneController", "nakedPod"]
package seawall.rules.label_name

finding contains {
	"message": sprintf("label app.kubernetes.io/name is %v, the object's name %v", [label, input.object.metadata.name]),
	"path": ["metadata", "labels", "app.kubernetes.io/name"],
	"evidence": label,
} if {
	label := input.object.metadata.labels["app.kubernetes.io/name"]
	label != input.object.metadata.name
}
