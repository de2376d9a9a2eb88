# METADATA
# title: Credentials of a registry are written into the manifest
# description: >-
#   Whoever reads them pulls all images that they open, and, if they may push, puts other ones in
#   their place.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/
# custom:
#   id: secret-registry-credentials
#   severity: medium
#   remedy: >-
#     Let nodes or pods authenticate to the registry with their own identity, or fetch the
#     Secret from a secret store. Change the password that was committed.
#   kinds: [Secret]
#   controls:
#     cis-kubernetes: ["5.4.2"]
#     nsa: ["6.3", "9.0"]
#     mitre: ["T1552", "T1525"]
package seawall.rules.secret_registry_credentials

import data.seawall.lib.meta
import data.seawall.lib.secret

keys := {"kubernetes.io/dockerconfigjson": ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg"}

finding contains {
	"message": sprintf("%s holds credentials for %s", [meta.title, concat(", ", sort([r | some r in registries(field)]))]),
	"path": [field, key],
} if {
	key := keys[input.object.type]
	some field in ["data", "stringData"]
	count(registries(field)) > 0
}

registries(field) := {host |
	text := plain(field, input.object[field][keys[input.object.type]])
	json.is_valid(text)
	some host, entry in entries(json.unmarshal(text))
	some name in ["auth", "password", "identitytoken", "registrytoken"]
	secret.is_literal(entry[name])
}

plain("stringData", value) := value if is_string(value)

plain("data", value) := base64.decode(clean) if {
	is_string(value)
	clean := regex.replace(value, `\s`, "")
	base64.is_valid(clean)
}

entries(config) := config.auths if {
	is_object(config.auths)
} else := config if is_object(config)
