# METADATA
# title: Secret is written into the manifest
# description: >-
#   Base64 is no encryption: whoever can read the repository, its backups or the pipeline's logs
#   has the value, and history keeps it after it was removed.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/secrets-good-practices/
#   - https://kubernetes.io/docs/concepts/configuration/secret/#alternatives-to-secrets
# custom:
#   id: secret-in-manifest
#   severity: low
#   remedy: >-
#     Keep the value in a secret store and let the External Secrets Operator or the Secrets
#     Store CSI driver fetch it, or commit it encrypted (Sealed Secrets, SOPS). Change the value
#     that was committed.
#   kinds: [Secret]
#   controls:
#     cis-kubernetes: ["5.4.2"]
#     nsa: ["6.3"]
#     mitre: ["T1552"]
#   aliases:
#     kubescape: ["C-0012"]
package seawall.rules.secret_in_manifest

import data.seawall.lib.meta
import data.seawall.lib.secret

# Those have rules of their own, or hold nothing that a person wrote.
other_types := {
	"kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg", "kubernetes.io/service-account-token",
	"bootstrap.kubernetes.io/token", "helm.sh/release.v1",
}

finding contains {
	"message": message,
	"path": [field],
	"severity": severity,
} if {
	not meta.field(input.object, "type", "Opaque") in other_types
	not input.object.sops
	some field in ["data", "stringData"]
	count(written[field]) > 0
	message := sprintf("%s holds values of %s%s", [meta.title, concat(", ", sort([k | some k in written[field]])), note(field)])
	severity := severity_of(field)
}

written[field] contains key if {
	some field in ["data", "stringData"]
	some key, value in input.object[field]
	not key in {"ca.crt", "tls.crt", "ca-bundle.crt", "username", "user", "namespace"}
	text := plain(field, value)
	text != ""
	not secret.placeholder(text)
}

plain("stringData", value) := trim_space(value) if is_string(value)

plain("data", value) := trim_space(base64.decode(clean)) if {
	is_string(value)
	clean := regex.replace(value, `\s`, "")
	base64.is_valid(clean)
} else := trim_space(value) if is_string(value)

# What a service gave out is worth something to whoever finds it.
formats(field) := {kind |
	some key in written[field]
	kind := secret.kind(plain(field, input.object[field][key]))
}

note(field) := sprintf(", among them %s", [concat(" and ", sort([n | some n in formats(field)]))]) if {
	count(formats(field)) > 0
} else := ""

severity_of(field) := "high" if {
	count(formats(field)) > 0
} else := "low"
