# METADATA
# title: Custom resource accepts any field
# description: >-
#   With x-kubernetes-preserve-unknown-fields at the root, or without a structural schema,
#   misspelled and harmful fields are stored and handed to the controller.
# related_resources:
#   - https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
# custom:
#   id: crd-without-schema
#   severity: info
#   remedy: >-
#     Describe the fields in openAPIV3Schema.
#   kinds: [apiextensions.k8s.io/CustomResourceDefinition]
package seawall.rules.crd_without_schema

finding contains {
	"message": sprintf("version %v keeps fields that its schema does not know", [v.name]),
	"path": ["spec", "versions", i, "schema"],
	"key": sprintf("%v", [v.name]),
} if {
	some i, v in input.object.spec.versions
	v.schema.openAPIV3Schema["x-kubernetes-preserve-unknown-fields"] == true
}
