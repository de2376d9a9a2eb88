# METADATA
# title: Label app.kubernetes.io/instance does not name the object
# description: >-
#   Tools that group objects by the recommended labels look for the instance's name there.
# related_resources:
#   - https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
# custom:
#   id: label-instance
#   severity: info
#   remedy: >-
#     Set app.kubernetes.io/instance to the name of the release or object.
#   kinds: [workload]
#   aliases:
#     polaris: ["metadataAndInstanceMismatched"]
package seawall.rules.label_instance

finding contains {
	"message": sprintf("label app.kubernetes.io/instance is not the object's name, %v", [input.object.metadata.name]),
	"path": ["metadata", "labels", "app.kubernetes.io/instance"],
} if {
	not input.object.metadata.labels["app.kubernetes.io/instance"] == input.object.metadata.name
}
