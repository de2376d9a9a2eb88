package images

import rego.v1

deny contains msg if {
	some c in input.spec.containers
	not startswith(c.image, data.registry)
	msg := sprintf("container %s: image %s does not come from %s", [c.name, c.image, data.registry])
}

warn contains "the pod has no team label" if not input.metadata.labels.team
