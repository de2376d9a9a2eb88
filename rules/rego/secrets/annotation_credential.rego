# METADATA
# title: Annotation holds a credential
# description: >-
#   Annotations are shown to everybody who may see the object, are copied to metrics and logs, and
#   are never encrypted.
# related_resources:
#   - https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
# custom:
#   id: annotation-credential
#   severity: high
#   remedy: >-
#     Move the value into a Secret, name the Secret in the annotation if its reader can do that,
#     and have the credential replaced.
#   kinds: ["*"]
#   controls:
#     nsa: ["6.3"]
#     mitre: ["T1552"]
package seawall.rules.annotation_credential

import data.seawall.lib.meta
import data.seawall.lib.secret

# The copy that kubectl keeps repeats what other rules see in the object itself.
copies := {"kubectl.kubernetes.io/last-applied-configuration"}

finding contains {
	"message": sprintf("%s holds %s in the annotation %s", [meta.title, kind, annotation]),
	"path": ["metadata", "annotations", annotation],
} if {
	some annotation, value in meta.annotations
	not annotation in copies
	kind := secret.kind(value)
}
