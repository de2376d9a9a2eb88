# METADATA
# title: Object has a forbidden annotation
# description: >-
#   Annotations steer controllers: ingress, service meshes, provisioners. Your own rules say
#   which nobody may set.
# related_resources:
#   - https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
# custom:
#   id: forbidden-annotations
#   severity: low
#   remedy: >-
#     Remove the annotation. The parameter forbiddenAnnotations lists them (a key, key=value,
#     or key!~expression for a value that must match); without it this rule says nothing.
#   kinds: ["*"]
#   parameters: [forbiddenAnnotations]
#   aliases:
#     kube-linter: ["forbidden-annotation"]
package seawall.rules.forbidden_annotations

import data.seawall.lib.config

finding contains {
	"message": sprintf("annotation %v is forbidden", [key]),
	"path": ["metadata", "annotations", key],
	"evidence": value,
	"key": key,
} if {
	some forbidden in config.forbidden_annotations
	key := regex.replace(forbidden, `(=|!~).*$`, "")
	value := input.object.metadata.annotations[key]
	is_it(forbidden, key, value)
}

is_it(forbidden, key, _) if forbidden == key

is_it(forbidden, key, value) if forbidden == concat("=", [key, value])

is_it(forbidden, key, value) if {
	prefix := concat("", [key, "!~"])
	startswith(forbidden, prefix)
	not regex.match(substring(forbidden, count(prefix), -1), value)
}
