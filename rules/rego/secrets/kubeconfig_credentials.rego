# METADATA
# title: kubeconfig holds credentials
# description: >-
#   A file of this kind is a login to the cluster for whoever reads it. A client certificate
#   cannot be revoked: it opens the cluster until it expires.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
#   - https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
# custom:
#   id: kubeconfig-credentials
#   severity: high
#   remedy: >-
#     Log in with an exec plugin (OIDC, or the cloud's own), and remove tokens, passwords and
#     keys from the file. Take away the rights of the identity that was published.
#   kinds: [Config]
#   controls:
#     nsa: ["6.0", "6.3"]
#     mitre: ["T1552", "T1078"]
package seawall.rules.kubeconfig_credentials

import data.seawall.lib.meta
import data.seawall.lib.secret

kept := {"token": "a token", "password": "a password", "client-key-data": "a client key"}

finding contains {
	"message": sprintf("the kubeconfig holds %s of the user %q", [what, meta.field(entry, "name", "")]),
	"path": ["users", i, "user", field],
	"key": sprintf("%v %s", [meta.field(entry, "name", ""), field]),
} if {
	some i, entry in input.object.users
	some field, what in kept
	secret.is_literal(entry.user[field])
}
