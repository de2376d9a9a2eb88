# METADATA
# title: Bootstrap token is written into the manifest
# description: >-
#   With a bootstrap token a machine joins the cluster and gets a node's identity. One without
#   expiration can be used by whoever finds it, at any time.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
# custom:
#   id: bootstrap-token
#   severity: high
#   remedy: >-
#     Let kubeadm or the cluster's autoscaler make tokens when they are needed, with an
#     expiration of hours.
#   kinds: [Secret]
#   controls:
#     nsa: ["6.3"]
#     mitre: ["T1552", "T1078"]
package seawall.rules.bootstrap_token

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s is a bootstrap token%s", [meta.title, note]),
	"path": ["type"],
	"severity": severity,
} if {
	input.object.type == "bootstrap.kubernetes.io/token"
	some field in ["data", "stringData"]
	meta.filled(input.object[field])
}

expires if {
	some field in ["data", "stringData"]
	input.object[field].expiration
}

note := "" if {
	expires
} else := " that never expires"

severity := "medium" if {
	expires
} else := "high"
