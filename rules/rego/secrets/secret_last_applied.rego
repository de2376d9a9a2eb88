# METADATA
# title: Annotation of a Secret repeats its contents
# description: >-
#   kubectl apply keeps the whole object in an annotation. Tools that hide the data of Secrets
#   show annotations, and logs, events and backups copy them.
# related_resources:
#   - https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/
#   - https://kubernetes.io/docs/reference/using-api/server-side-apply/
# custom:
#   id: secret-last-applied
#   severity: medium
#   remedy: >-
#     Remove the annotation from the manifest, and apply Secrets with kubectl apply
#     --server-side.
#   kinds: [Secret]
#   controls:
#     cis-kubernetes: ["5.4.2"]
#     nsa: ["6.3"]
#     mitre: ["T1552"]
package seawall.rules.secret_last_applied

import data.seawall.lib.meta

annotation := "kubectl.kubernetes.io/last-applied-configuration"

finding contains {
	"message": sprintf("%s repeats its values in the annotation %s", [meta.title, annotation]),
	"path": ["metadata", "annotations", annotation],
} if {
	text := meta.annotations[annotation]
	is_string(text)
	json.is_valid(text)
	applied := json.unmarshal(text)
	some field in {"data", "stringData"}
	meta.filled(applied[field])
}
