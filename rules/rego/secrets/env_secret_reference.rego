# METADATA
# title: Secret is handed over as an environment variable
# description: >-
#   Variables are inherited by every child process, written into crash reports and shown by
#   debugging pages; a file is read by whom it is meant for, and follows when the Secret
#   changes.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/secret/
#   - https://www.cisecurity.org/benchmark/kubernetes
# custom:
#   id: env-secret-reference
#   severity: info
#   remedy: >-
#     Mount the Secret as a volume and read the file.
#   kinds: [workload]
#   controls:
#     cis-kubernetes: ["5.4.1"]
#   aliases:
#     kube-linter: ["read-secret-from-env-var"]
#     kubescape: ["C-0207"]
package seawall.rules.env_secret_reference

import data.seawall.lib.pod

finding contains {
	"message": sprintf("variable %v of container %q comes from Secret %q", [e.name, c.name, e.valueFrom.secretKeyRef.name]),
	"container": c.name,
	"path": pod.at(c, ["env", i, "valueFrom", "secretKeyRef"]),
	"evidence": e.valueFrom.secretKeyRef.name,
	"key": sprintf("%v", [e.name]),
} if {
	some c in pod.containers
	some i, e in c.value.env
	is_object(e.valueFrom.secretKeyRef)
}

finding contains {
	"message": sprintf("all of Secret %v become variables of container %q", [source.secretRef.name, c.name]),
	"container": c.name,
	"path": pod.at(c, ["envFrom", i, "secretRef"]),
	"evidence": source.secretRef.name,
	"key": source.secretRef.name,
} if {
	some c in pod.containers
	some i, source in c.value.envFrom
	is_object(source.secretRef)
}
