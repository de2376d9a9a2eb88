# METADATA
# title: Probe sends a credential that is written in the manifest
# description: >-
#   A header like Authorization in a probe holds a secret in plain text.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
#   - https://attack.mitre.org/techniques/T1552/
# custom:
#   id: probe-credentials
#   severity: medium
#   remedy: >-
#     Let the health endpoint need no credential, or use an exec probe that reads a file.
#   kinds: [workload]
#   controls:
#     nsa: ["6.3"]
#     mitre: ["T1552"]
package seawall.rules.probe_credentials

import data.seawall.lib.pod

finding contains {
	"message": sprintf("the %s of container %q sends the header %s", [probe, c.name, header.name]),
	"container": c.name,
	"path": pod.at(c, [probe, "httpGet", "httpHeaders", i]),
	"evidence": header.name,
	"key": header.name,
} if {
	some c in pod.planned
	some probe in ["livenessProbe", "readinessProbe", "startupProbe"]
	some i, header in c.value[probe].httpGet.httpHeaders
	lower(header.name) in {"authorization", "cookie", "x-api-key", "x-auth-token", "proxy-authorization"}
}
