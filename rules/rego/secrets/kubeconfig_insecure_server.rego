# METADATA
# title: kubeconfig does not verify the API server
# description: >-
#   With verification switched off, or over plain HTTP, whoever gets between sends answers of
#   their own and reads the credentials.
# related_resources:
#   - https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
# custom:
#   id: kubeconfig-insecure-server
#   severity: medium
#   remedy: >-
#     Remove insecure-skip-tls-verify and set certificate-authority-data to the cluster's
#     certificate authority.
#   kinds: [Config]
#   controls:
#     nsa: ["2.2"]
#     mitre: ["T1557"]
package seawall.rules.kubeconfig_insecure_server

import data.seawall.lib.meta

finding contains {
	"message": sprintf("the kubeconfig does not verify the certificate of the cluster %q", [meta.field(entry, "name", "")]),
	"path": ["clusters", i, "cluster", "insecure-skip-tls-verify"],
	"key": sprintf("%v", [meta.field(entry, "name", "")]),
	"evidence": true,
} if {
	some i, entry in input.object.clusters
	entry.cluster["insecure-skip-tls-verify"] == true
}

finding contains {
	"message": sprintf("the kubeconfig reaches the cluster %q without TLS", [meta.field(entry, "name", "")]),
	"path": ["clusters", i, "cluster", "server"],
	"key": sprintf("%v", [meta.field(entry, "name", "")]),
	"evidence": entry.cluster.server,
} if {
	some i, entry in input.object.clusters
	is_string(entry.cluster.server)
	startswith(entry.cluster.server, "http://")
	not regex.match(`^http://(localhost|127\.|\[::1\])`, entry.cluster.server)
}
