# METADATA
# title: Environment is taken from what is not there
# description: >-
#   A container whose environment names a Secret, a ConfigMap or a key that does not exist is
#   not started.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/configmap/
#   - https://kubernetes.io/docs/concepts/configuration/secret/
# custom:
#   id: env-missing-reference
#   severity: low
#   remedy: >-
#     Correct the name or the key, add the object, or mark the reference optional.
#   kinds: [workload]
#   scope: set
#   needs: [workload, Secret, ConfigMap]
#   aliases:
#     kube-linter: ["env-value-from"]
package seawall.rules.env_missing_reference

import data.seawall.lib.inventory

finding contains {
	"message": sprintf("container %q takes %s of %s %q, which is not in what was scanned", [r.container, wanted(r), r.kind, r.name]),
	"about": w.id,
	"container": r.container,
	"path": array.concat(w.path, ["spec", r.containers, r.container_index, r.list, r.index]),
	"key": sprintf("%s/%s/%s", [r.kind, r.name, object.get(r, "key", "")]),
	"evidence": r.name,
} if {
	some w in inventory.workloads
	some r in w.references
	r.optional == false
	speaks(r)
	not found(w, r)
}

# Secrets are rarely kept with manifests: only where some of the kind are there does a missing one say anything.
speaks(r) if count(inventory.objects(r.kind)) > 0

wanted(r) := sprintf("key %q", [r.key]) if {
	r.key
} else := "all"

found(w, r) if {
	some o in inventory.objects_in(r.kind, w.namespace)
	o.name == r.name
	has_key(o.object, r)
}

has_key(_, r) if not r.key

has_key(o, r) if {
	some field in ["data", "stringData", "binaryData"]
	some key, _ in o[field]
	key == r.key
}
