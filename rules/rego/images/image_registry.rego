# METADATA
# title: Image comes from a registry that is not allowed
# description: >-
#   What is not from your registries has not been through what you check there.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: image-registry
#   severity: high
#   remedy: >-
#     Push the image to an allowed registry and name it there. The parameter allowedRegistries
#     lists them; without it this rule says nothing.
#   kinds: [workload]
#   parameters: [allowedRegistries]
#   controls:
#     nsa: ["9.0"]
#     cis-kubernetes: ["5.5.1"]
#     mitre: ["T1525", "T1610"]
#   aliases:
#     kubescape: ["C-0001", "C-0078"]
package seawall.rules.image_registry

import data.seawall.lib.config
import data.seawall.lib.image
import data.seawall.lib.pod

finding contains {
	"message": sprintf("image %q of container %q is not from an allowed registry", [i.image, i.container.name]),
	"container": i.container.name,
	"path": pod.at(i.container, ["image"]),
	"evidence": i.image,
} if {
	count(config.allowed_registries) > 0
	some i in image.all
	name := concat("/", [i.registry, i.repository])
	not allowed(name)
}

# A host, or a host with the beginning of a path: whole parts count.
allowed(name) if {
	some registry in config.allowed_registries
	prefix := trim_suffix(registry, "/")
	startswith(name, concat("", [prefix, "/"]))
}

allowed(name) if name in config.allowed_registries
